package netlist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fmaq/gen/rtl"
)

// Mapped is a netlist that was read.
type Mapped struct {
	*rtl.Netlist
	Creator string         // who wrote the file, in its own words
	Cells   map[string]int // how many of each type
	Area    float64        // of all cells, in the library's units
}

// Total is the number of cells.
func (m *Mapped) Total() (n int) {
	for _, count := range m.Cells {
		n += count
	}
	return n
}

// The part of Yosys's JSON that is read; write_json's help describes the format.
type (
	// File is modules by name.
	File struct {
		Creator string             `json:"creator"`
		Modules map[string]*Module `json:"modules"`
	}
	// Module is its ports and cells by name.
	Module struct {
		Ports map[string]Port     `json:"ports"`
		Cells map[string]Instance `json:"cells"`
	}
	// Port is a port of a module, the least significant bit first.
	Port struct {
		Direction string `json:"direction"`
		Bits      []Bit  `json:"bits"`
	}
	// Instance is a cell of a module: of a library's or Yosys's type, or another module.
	Instance struct {
		Type        string           `json:"type"`
		Connections map[string][]Bit `json:"connections"`
	}
)

// Bit is the number of a net, which Yosys counts from 2, or a constant.
type Bit int

const (
	BitZero Bit = -1 - iota
	BitOne
	BitUndefined
)

func (b *Bit) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"0"`:
		*b = BitZero
	case `"1"`:
		*b = BitOne
	case `"x"`, `"z"`:
		*b = BitUndefined
	default:
		var n uint32
		if err := json.Unmarshal(text, &n); err != nil {
			return fmt.Errorf(`bit %s: want the number of a net, "0" or "1"`, text)
		}
		*b = Bit(n)
	}
	return nil
}

// ParseJSON reads all modules of a file as they stand there. The error names the file, and the line where it can.
func ParseJSON(file string, text []byte) (*File, error) {
	f := &File{}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("%s: not the JSON of a Yosys netlist: %w", file, located(err, text))
	}
	return f, nil
}

// Module returns the module of a name. The error names those there are.
func (f *File) Module(name string) (*Module, error) {
	if m := f.Modules[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("no module %s; it has %s", name, some(slices.Sorted(maps.Keys(f.Modules))))
}

// ReadJSON reads the module of a file that has the name of a description lowered to gates, and whose ports must be those of
// the description: the same names, directions and widths. Clock and reset are those of the description. The library may be
// nil: Yosys's own gates are known without.
//
// Errors name the file and the module, cell or port, and are gathered: no such module or port, cells of unknown type, pins
// that are missing, unknown or driven twice, nets without a driver, undefined bits ("x"), loops (through flip-flops, too),
// flip-flops that are not clocked by the rising edge of the clock, or whose asynchronous clear or preset is not tied
// inactive. What flip-flops hold at first is not read: no circuit here depends on it.
func ReadJSON(file string, text []byte, library *Library, like *rtl.Netlist) (*Mapped, error) {
	f, err := ParseJSON(file, text)
	if err != nil {
		return nil, err
	}
	module, err := f.Module(like.Name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	r := &reader{module: module, gates: newGates(like.Name), library: library, driver: map[Bit]driver{},
		wires: map[Bit]rtl.Wire{}, flops: map[string]rtl.Wire{}, visiting: map[string]bool{}, modules: f.Modules}
	m := &Mapped{Netlist: r.gates.netlist, Creator: f.Creator, Cells: map[string]int{}}
	r.ports(like)
	for name, c := range r.cells() {
		m.Cells[c.Name]++
		m.Area += c.Area
		r.pins(name, c)
	}
	if r.errs == nil {
		r.outputs(like)
	}
	if err := errors.Join(r.errs...); err != nil {
		return nil, fmt.Errorf("%s: module %s: %w", file, like.Name, err)
	}
	return m, nil
}

// located adds the line to an error of encoding/json.
func located(err error, text []byte) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:syntax.Offset], []byte("\n")), err)
	}
	return err
}

// some lists names, the first few of many.
func some(names []string) string {
	const most = 5
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
