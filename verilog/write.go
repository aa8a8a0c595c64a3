package verilog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// WriteOptions are the liberties that [WriteDir] may take.
type WriteOptions struct {
	Force bool // overwrite generated files that were edited since
}

// WriteReport tells what [WriteDir] did. Paths are slash-separated and below the directory.
type WriteReport struct {
	Written []string // every file given, those that were there already with the same bytes included
	Removed []string // files of the generation before that are not part of this one
	Kept    []string // files of the generation before that are not part of this one but were edited, so they stay
}

// ConflictError says that files in the way of a generation are not this package's to overwrite.
type ConflictError struct {
	Dir     string
	Foreign []string // no manifest lists them
	Edited  []string // listed, but changed since they were generated: WriteOptions.Force overwrites these
}

func (e *ConflictError) Error() string {
	var parts []string
	if len(e.Foreign) > 0 {
		parts = append(parts, "not generated files: "+strings.Join(e.Foreign, ", "))
	}
	if len(e.Edited) > 0 {
		parts = append(parts, "edited since they were generated: "+strings.Join(e.Edited, ", "))
	}
	return fmt.Sprintf("%s: refuse to overwrite files: %s", e.Dir, strings.Join(parts, "; "))
}

// WriteDir puts generated files, the manifest among them, into a directory, all or none: on an error the directory is as it
// was before. It makes the directory if needed. Files that are not listed in the directory's manifest are never
// touched, and of those listed only the ones that still have the listed hash; where a new file would have to overwrite
// another, the error is a [ConflictError]. Every other error names the path.
func WriteDir(dir string, files []File, o WriteOptions) (*WriteReport, error) {
	old, err := generation(dir)
	if err != nil {
		return nil, err
	}
	report := &WriteReport{}
	conflict := &ConflictError{Dir: dir}
	isNew := map[string]bool{}
	var write []File
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			panic("verilog: file path " + f.Path + " leads out of the directory")
		}
		isNew[f.Path] = true
		report.Written = append(report.Written, f.Path)
		now, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		switch {
		case err == nil && bytes.Equal(now, f.Data):
			continue
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case old[f.Path] == "":
			conflict.Foreign = append(conflict.Foreign, f.Path)
		case old[f.Path] != anyHash && old[f.Path] != SHA256(now) && !o.Force:
			conflict.Edited = append(conflict.Edited, f.Path)
		}
		write = append(write, f)
	}
	if len(conflict.Foreign)+len(conflict.Edited) > 0 {
		return nil, conflict
	}
	for path, hash := range old {
		if isNew[path] || hash == anyHash {
			continue
		}
		now, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		switch {
		case err != nil: // gone already, or no longer a file
		case SHA256(now) == hash:
			report.Removed = append(report.Removed, path)
		default:
			report.Kept = append(report.Kept, path)
		}
	}
	slices.Sort(report.Removed)
	slices.Sort(report.Kept)
	if err := replace(dir, write, report.Removed); err != nil {
		return nil, err
	}
	return report, nil
}

// anyHash stands for the manifest's own hash, which it cannot list.
const anyHash = "any"

// generation returns the hashes of the files that the manifest of a directory lists, by path; none if there is no
// directory or no manifest of ours.
func generation(dir string) (map[string]string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: is a file: want a directory", dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, ManifestPath))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var m Manifest
	if json.Unmarshal(text, &m) != nil || m.Top == "" || len(m.Files) == 0 {
		return nil, nil // somebody else's manifest.json
	}
	hashes := map[string]string{ManifestPath: anyHash}
	for _, f := range m.Files {
		if filepath.IsLocal(filepath.FromSlash(f.Path)) {
			hashes[f.Path] = f.SHA256
		}
	}
	return hashes, nil
}

// replace writes some files and removes others. Everything is written beside its place first, into a folder of the same
// directory; what is replaced or removed is moved there, so that an error midway can be undone by renaming.
func replace(dir string, write []File, remove []string) (err error) {
	if len(write)+len(remove) == 0 {
		return nil
	}
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for i := len(undo) - 1; i >= 0; i-- {
			if failed := undo[i](); failed != nil {
				err = fmt.Errorf("%w; undoing it: %w", err, failed)
			}
		}
	}()
	makeDir := func(path string) error {
		made, err := mkdirAll(path)
		for _, path := range made {
			undo = append(undo, func() error { return os.Remove(path) })
		}
		return err
	}
	if err := makeDir(dir); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(dir, ".fmaq-*")
	if err != nil {
		return err
	}
	undo = append(undo, func() error { return os.RemoveAll(stage) })
	staged := func(i int) string { return filepath.Join(stage, fmt.Sprintf("new%d", i)) }
	for i, f := range write {
		if err := writeSynced(staged(i), f.Data); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, filepath.FromSlash(f.Path)), err)
		}
	}
	move := func(from, to string) error {
		if err := os.Rename(from, to); err != nil {
			return err
		}
		undo = append(undo, func() error { return os.Rename(to, from) })
		return nil
	}
	saved := 0
	save := func(path string) error {
		saved++
		return move(path, filepath.Join(stage, fmt.Sprintf("old%d", saved)))
	}
	for i, f := range write {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := makeDir(filepath.Dir(path)); err != nil {
			return err
		}
		if _, err := os.Lstat(path); err == nil {
			if err := save(path); err != nil {
				return err
			}
		}
		if err := move(staged(i), path); err != nil {
			return err
		}
	}
	for _, path := range remove {
		if err := save(filepath.Join(dir, filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	_ = os.RemoveAll(stage) // everything is in place: a folder left over is no reason to call it a failure
	return nil
}

// mkdirAll makes a directory and those above it, and returns what it made, outermost first.
func mkdirAll(path string) (made []string, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, nil
	}
	if parent := filepath.Dir(path); parent != path {
		if made, err = mkdirAll(parent); err != nil {
			return made, err
		}
	}
	if err := os.Mkdir(path, 0o777); err != nil {
		return made, err
	}
	return append(made, path), nil
}

// writeSynced writes a file through to the disk, where a full disk shows at last.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
