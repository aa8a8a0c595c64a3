package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fmaq/verilog"
)

// Cache keeps results in a directory, a file each. A nil cache keeps nothing.
type Cache struct {
	Dir   string
	Fresh bool // write results, but read none
}

// UserCache is the cache in the user's own cache directory.
func UserCache() (*Cache, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return &Cache{Dir: filepath.Join(dir, "fmaq", "synth")}, nil
}

// cacheFormat changes with what is stored, or how it is made, where no script shows it.
const cacheFormat = 1

// entry is a cache file: a result with what it does not show as JSON.
type entry struct {
	Result   *Result           `json:"result"`
	Netlist  *Netlist          `json:"netlist"`
	Verilog  string            `json:"verilog"`
	Energies map[string]energy `json:"energies"`
}

// key is a hash of everything that a result depends on.
func (f *Flow) key(top string, files []verilog.File, t Target) string {
	h := sha256.New()
	put := func(parts ...any) {
		for _, p := range parts {
			s := fmt.Sprint(p)
			fmt.Fprintf(h, "%d %s\n", len(s), s)
		}
	}
	put(cacheFormat, mapping("", ""), f.Tools.Yosys, f.Tools.STA, f.Library.SHA256, top, t)
	for _, file := range files {
		put(file.Path, string(file.Data))
	}
	for _, name := range techmapNames {
		data, _ := techmaps.ReadFile("techmap/" + name) // embedded
		put(string(data))
	}
	for _, a := range attempts(t) {
		put(frontEnd(nil, top, a.adders, false, true, ""), a.script.abcScript("", len(a.script.rounds), a.size, true))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *Cache) path(key string) string { return filepath.Join(c.Dir, key+".json") }

// load returns nil where there is nothing, or nothing that can be read.
func (c *Cache) load(key string) *Result {
	if c == nil || c.Fresh {
		return nil
	}
	data, err := os.ReadFile(c.path(key))
	if err != nil {
		return nil
	}
	var e entry
	if json.Unmarshal(data, &e) != nil || e.Result == nil || e.Netlist == nil {
		return nil
	}
	r := e.Result
	r.Netlist, r.Verilog, r.energies = e.Netlist, e.Verilog, e.Energies
	return r
}

// store writes a result, whole or not at all. A cache that cannot be written to is an error: figures would be made again and
// again.
func (c *Cache) store(key string, r *Result) error {
	if c == nil {
		return nil
	}
	data, err := json.Marshal(entry{r, r.Netlist, r.Verilog, r.energies})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	file, err := os.CreateTemp(c.Dir, ".*.json")
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), c.path(key))
	}
	if err != nil {
		if gone := os.Remove(file.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}
