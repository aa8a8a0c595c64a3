package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fmaq/verilog"
)

// recordName is the file that lists what "run" adds to the circuit's own files, as manifest.json lists those.
const recordName = "run.json"

// record is run.json: by it the next run knows which files are its to overwrite.
type record struct {
	Tool  string                 `json:"tool"`
	Hash  string                 `json:"hash"` // of the configuration
	Files []verilog.ManifestFile `json:"files"`
}

// recordFile returns the record of files.
func recordFile(hash string, files []verilog.File) (verilog.File, error) {
	r := record{Tool: "fmaq " + version, Hash: hash}
	for _, f := range files {
		r.Files = append(r.Files, verilog.ManifestFile{Path: f.Path, SHA256: verilog.SHA256(f.Data)})
	}
	var b bytes.Buffer
	err := printJSON(&b, r)
	return verilog.File{Path: recordName, Data: b.Bytes()}, err
}

// checkReport returns a [verilog.ConflictError] if the files that "run" adds would overwrite others in a directory: any
// that the record does not list, and, unless forced, listed ones that were edited since. A directory that is none is
// left to [verilog.WriteDir] to tell.
func checkReport(dir string, force bool) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	var listed map[string]string
	conflict := &verilog.ConflictError{Dir: dir}
	for _, name := range []string{recordName, chartName, resultsName, reportName} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		}
		if name == recordName {
			listed = parseRecord(data)
			if listed == nil {
				conflict.Foreign = append(conflict.Foreign, name)
			}
			continue
		}
		switch hash := listed[name]; {
		case hash == "":
			conflict.Foreign = append(conflict.Foreign, name)
		case hash != verilog.SHA256(data) && !force:
			conflict.Edited = append(conflict.Edited, name)
		}
	}
	if len(conflict.Foreign)+len(conflict.Edited) > 0 {
		return conflict
	}
	return nil
}

// parseRecord returns the hashes in a record by name, nil if it is somebody else's file.
func parseRecord(data []byte) map[string]string {
	var r record
	if json.Unmarshal(data, &r) != nil || r.Tool == "" || len(r.Files) == 0 {
		return nil
	}
	hashes := map[string]string{}
	for _, f := range r.Files {
		hashes[f.Path] = f.SHA256
	}
	return hashes
}

// advise adds to the error of files in the way what can be done about them.
func advise(err error) error {
	var conflict *verilog.ConflictError
	switch {
	case !errors.As(err, &conflict):
		return err
	case len(conflict.Foreign) == 0:
		return fmt.Errorf("%w (--force overwrites them, another --out leaves them alone)", err)
	case len(conflict.Edited) == 0:
		return fmt.Errorf("%w (move them away, or choose another --out)", err)
	}
	return fmt.Errorf("%w (--force overwrites the edited ones only: move the others away, or choose another --out)", err)
}
