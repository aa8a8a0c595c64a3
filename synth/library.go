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
)

// Library is a Liberty file: what synthesis counts and simulates of it. Delays and energies are the tools' to read.
type Library struct {
	Name   string
	Path   string
	SHA256 string // of the file, hexadecimal
	Cells  map[string]*Cell
	NAND2  *Cell   // the smallest two-input NAND
	Volts  float64 // nominal; 0 where the file does not say

}

// Cell is a library cell.
type Cell struct {
	Name    string
	Area    float64 // library units
	Inputs  []string
	Outputs []Output
	Flop    *Flop
}

// Output is an output pin; Function is nil where the library gives none, or none that stands for a value (three-state).
type Output struct {
	Pin      string
	Function *Function
}

// Flop says what a flip-flop does: at the active edge of Clock, State becomes Next.
type Flop struct {
	State, Inverse string // names that the outputs' functions use
	Next           *Function
	Clock          string // pin
	Asynchronous   bool   // with clear or preset
}

// Technology is an installed library that has a name.
type Technology struct {
	Name    string // such as osu018
	About   string
	Path    string
	Package string // Debian package
}

// Technologies are the libraries of Debian's qflow packages.
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
	l, err := ParseLibrary(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l.Path = path
	return l, nil
}

// ParseLibrary reads the text of a Liberty file.
func ParseLibrary(data []byte) (*Library, error) {
	root, err := parseLiberty(string(data))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	l := &Library{Name: root.arg, SHA256: hex.EncodeToString(sum[:]), Cells: map[string]*Cell{}}
	l.Volts, _ = root.number("nom_voltage")
	for _, g := range root.groups {
		if g.kind != "cell" {
			continue
		}
		c, err := newCell(g)
		if err != nil {
			return nil, fmt.Errorf("line %d: cell %s: %w", g.line, g.arg, err)
		}
		l.Cells[c.Name] = c
		if c.isNAND2() && (l.NAND2 == nil || c.Area < l.NAND2.Area || c.Area == l.NAND2.Area && c.Name < l.NAND2.Name) {
			l.NAND2 = c
		}
	}
	if len(l.Cells) == 0 {
		return nil, errors.New("no cells: not a Liberty file of standard cells")
	}
	if l.NAND2 == nil {
		return nil, errors.New("no two-input NAND with an area: areas cannot be told in NAND2 equivalents")
	}
	return l, nil
}

func newCell(g *group) (*Cell, error) {
	c := &Cell{Name: g.arg}
	var ok bool
	if c.Area, ok = g.number("area"); !ok && g.has("area") {
		return nil, fmt.Errorf("area %q is not a number", g.attributes["area"])
	}
	for _, sub := range g.groups {
		switch sub.kind {
		case "ff":
			next, err := parseFunction(sub.attributes["next_state"])
			if err != nil {
				return nil, err
			}
			state, inverse, _ := strings.Cut(sub.arg, ",")
			c.Flop = &Flop{strings.TrimSpace(state), strings.TrimSpace(inverse), next, sub.attributes["clocked_on"],
				sub.has("clear") || sub.has("preset")}
		case "pin":
			for _, name := range strings.Split(sub.arg, ",") {
				name = strings.TrimSpace(name)
				switch sub.attributes["direction"] {
				case "input":
					c.Inputs = append(c.Inputs, name)
				case "output":
					o := Output{Pin: name}
					if text, ok := sub.attributes["function"]; ok && !sub.has("three_state") {
						f, err := parseFunction(text)
						if err != nil {
							return nil, fmt.Errorf("pin %s: %w", name, err)
						}
						o.Function = f
					}
					c.Outputs = append(c.Outputs, o)
				}
			}
		}
	}
	return c, nil
}

// isNAND2 reports whether a cell is a NAND of two inputs.
func (c *Cell) isNAND2() bool {
	if c.Area <= 0 || len(c.Inputs) != 2 || len(c.Outputs) != 1 || c.Outputs[0].Function == nil || c.Flop != nil {
		return false
	}
	out := c.Outputs[0].Function.eval(func(pin string) uint64 {
		if pin == c.Inputs[0] {
			return 0b0011
		}
		return 0b0101
	})
	return out&15 == 0b1110
}
