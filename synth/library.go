package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"fmaq/gen/rtl/netlist"
)

// Library is a Liberty file, and what synthesis counts of it. Delays and energies are the tools' to read.
type Library struct {
	*netlist.Library
	SHA256 string        // of the file, hexadecimal
	NAND2  *netlist.Cell // the smallest two-input NAND
}

// Technology is an installed library that has a name.
type Technology struct {
	Name    string // such as osu018
	About   string
	Path    string
	Package string // Debian package
}

// Technologies are the libraries of Debian's qflow packages. The first is what fmaq takes unless told.
var Technologies = []Technology{
	{"osu018", "OSU standard cells, TSMC 0.18 um", "/usr/share/qflow/tech/osu018/osu018_stdcells.lib", "qflow-tech-osu018"},
	{"osu035", "OSU standard cells, AMI 0.35 um", "/usr/share/qflow/tech/osu035/osu035_stdcells.lib", "qflow-tech-osu035"},
	{"osu050", "OSU standard cells, AMI 0.5 um", "/usr/share/qflow/tech/osu050/osu05_stdcells.lib", "qflow-tech-osu050"},
}

// MissingLibraryError says that the library of a technology is not installed.
type MissingLibraryError struct{ Technology }

func (e *MissingLibraryError) Error() string {
	return fmt.Sprintf("the library of %s is not installed: %s is not there (Debian package: %s); --liberty takes any other",
		e.Name, e.Path, e.Package)
}

// OpenTechnology reads the library of a technology by name. The error is a [MissingLibraryError], or names the
// technologies there are.
func OpenTechnology(name string) (*Library, error) {
	i := slices.IndexFunc(Technologies, func(t Technology) bool { return t.Name == name })
	if i < 0 {
		var names []string
		for _, t := range Technologies {
			names = append(names, t.Name)
		}
		return nil, fmt.Errorf("technology %q: want one of %s", name, strings.Join(names, ", "))
	}
	l, err := OpenLibrary(Technologies[i].Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingLibraryError{Technologies[i]}
	}
	return l, err
}

// OpenLibrary reads a Liberty file. The error names the file, and the line where there is one.
func OpenLibrary(path string) (*Library, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseLibrary(path, data)
}

// ParseLibrary reads the text of a Liberty file; cells that nothing here can simulate may be in it.
func ParseLibrary(file string, data []byte) (*Library, error) {
	cells, err := netlist.ReadLiberty(file, data)
	if err != nil {
		return nil, err
	}
	if err := cells.Check(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	l := &Library{Library: cells, SHA256: hex.EncodeToString(sum[:])}
	for _, c := range l.Cells {
		if isNAND2(c) && (l.NAND2 == nil || c.Area < l.NAND2.Area || c.Area == l.NAND2.Area && c.Name < l.NAND2.Name) {
			l.NAND2 = c
		}
	}
	if l.NAND2 == nil {
		return nil, fmt.Errorf("%s: no two-input NAND with an area: areas cannot be told in NAND2 equivalents", file)
	}
	return l, nil
}

// isNAND2 reports whether a cell is a NAND of two inputs.
func isNAND2(c *netlist.Cell) bool {
	if c.Refused != nil || c.Area <= 0 || len(c.Inputs) != 2 || len(c.Outputs) != 1 || c.Flop != nil {
		return false
	}
	out := c.Outputs[0].Function.Eval(func(pin string) uint64 {
		if pin == c.Inputs[0] {
			return 0b0011
		}
		return 0b0101
	})
	return out&15 == 0b1110
}
