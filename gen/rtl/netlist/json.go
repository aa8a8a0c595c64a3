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
	jsonFile struct {
		Creator string                 `json:"creator"`
		Modules map[string]*jsonModule `json:"modules"`
	}
	jsonModule struct {
		Ports map[string]jsonPort  `json:"ports"`
		Cells map[string]*jsonCell `json:"cells"`
	}
	jsonPort struct {
		Direction string `json:"direction"`
		Bits      []bit  `json:"bits"`
	}
	jsonCell struct {
		Type        string           `json:"type"`
		Connections map[string][]bit `json:"connections"`
	}
)

// bit is the number of a net, or a constant.
type bit int

const (
	bitZero bit = -1 - iota
	bitOne
	bitUndefined
)

func (b *bit) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"0"`:
		*b = bitZero
	case `"1"`:
		*b = bitOne
	case `"x"`, `"z"`:
		*b = bitUndefined
	default:
		var n uint32
		if err := json.Unmarshal(text, &n); err != nil {
			return fmt.Errorf(`bit %s: want the number of a net, "0" or "1"`, text)
		}
		*b = bit(n)
	}
	return nil
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
	var f jsonFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s: not the JSON of a Yosys netlist: %w", file, located(err, text))
	}
	module, ok := f.Modules[like.Name]
	if !ok || module == nil {
		return nil, fmt.Errorf("%s: no module %s; it has %s", file, like.Name, some(slices.Sorted(maps.Keys(f.Modules))))
	}
	r := &reader{module: module, gates: newGates(like.Name), library: library, driver: map[bit]driver{},
		wires: map[bit]rtl.Wire{}, flops: map[string]rtl.Wire{}, visiting: map[string]bool{}, modules: f.Modules}
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
