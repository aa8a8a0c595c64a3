package synth

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Netlist is a flat netlist of library cells.
type Netlist struct {
	Inputs  []Port     `json:"inputs"`
	Outputs []Port     `json:"outputs"`
	Cells   []Instance `json:"cells"` // in no order of signals
	Nets    int        `json:"nets"`
}

// Port is a port of a netlist.
type Port struct {
	Name string `json:"name"`
	Bits []Net  `json:"bits"` // least significant first
}

// Net is a net by number; 0 and 1 are the constants.
type Net int

// Instance is a cell of a netlist.
type Instance struct {
	Name string         `json:"name"`
	Cell string         `json:"cell"`
	Pins map[string]Net `json:"pins"`
}

// module is a module as Yosys writes it to JSON.
type module struct {
	Ports map[string]struct {
		Direction string `json:"direction"`
		Bits      []bit  `json:"bits"`
	} `json:"ports"`
	Cells map[string]struct {
		Type        string           `json:"type"`
		Connections map[string][]bit `json:"connections"`
	} `json:"cells"`
}

// bit is a net's number, or a constant as text.
type bit int

func (b *bit) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"0"`, `"x"`, `"z"`:
		*b = 0
		return nil
	case `"1"`:
		*b = 1
		return nil
	}
	n, err := strconv.Atoi(string(text))
	*b = bit(n)
	return err
}

func readModules(data []byte) (map[string]module, error) {
	var file struct {
		Modules map[string]module `json:"modules"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("netlist from yosys: %w", err)
	}
	return file.Modules, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// newNetlist reads a flat module. The error names a cell that the library does not have.
func newNetlist(m module, l *Library) (*Netlist, error) {
	n := &Netlist{Nets: 2}
	count := func(bits []bit) []Net {
		nets := make([]Net, len(bits))
		for i, b := range bits {
			nets[i] = Net(b)
			n.Nets = max(n.Nets, int(b)+1)
		}
		return nets
	}
	for _, name := range sortedKeys(m.Ports) {
		p := m.Ports[name]
		port := Port{name, count(p.Bits)}
		if p.Direction == "input" {
			n.Inputs = append(n.Inputs, port)
		} else {
			n.Outputs = append(n.Outputs, port)
		}
	}
	for _, name := range sortedKeys(m.Cells) {
		c := m.Cells[name]
		if l.Cells[c.Type] == nil {
			return nil, fmt.Errorf("cell %s is a %s, which library %s does not have", name, c.Type, l.Name)
		}
		instance := Instance{name, c.Type, map[string]Net{}}
		for _, pin := range sortedKeys(c.Connections) {
			if bits := count(c.Connections[pin]); len(bits) == 1 {
				instance.Pins[pin] = bits[0]
			}
		}
		n.Cells = append(n.Cells, instance)
	}
	return n, nil
}

// CellCount is how often a cell of the library stands in a netlist.
type CellCount struct {
	Cell  string  `json:"cell"`
	Count int     `json:"count"`
	Area  float64 `json:"area"` // of all of them, library units
}

// Block is an instance below the top module, mapped by itself, with all that is in it.
type Block struct {
	Name   string  `json:"name"` // the instance's, or the top module's for what is in itself
	Module string  `json:"module"`
	Cells  int     `json:"cells"`
	Area   float64 `json:"area"`  // library units
	NAND2  float64 `json:"nand2"` // equivalents
}

// count is the cells of a module and everything below it, by kind.
func count(modules map[string]module, l *Library, name string, into map[string]int) error {
	for _, instance := range sortedKeys(modules[name].Cells) {
		kind := modules[name].Cells[instance].Type
		switch _, below := modules[kind]; {
		case below:
			if err := count(modules, l, kind, into); err != nil {
				return err
			}
		case l.Cells[kind] == nil:
			return fmt.Errorf("cell %s.%s is a %s, which library %s does not have", name, instance, kind, l.Name)
		default:
			into[kind]++
		}
	}
	return nil
}

// blocks are the instances of the top module in the given order, then what is in the top itself if it has any area.
func blocks(modules map[string]module, l *Library, top string, order []string) ([]Block, error) {
	var all []Block
	add := func(name, module string, cells map[string]int) {
		b := Block{Name: name, Module: module}
		for _, kind := range sortedKeys(cells) {
			b.Cells += cells[kind]
			b.Area += float64(cells[kind]) * l.Cells[kind].Area
		}
		b.NAND2 = b.Area / l.NAND2.Area
		all = append(all, b)
	}
	own := map[string]int{}
	for _, name := range sortedKeys(modules[top].Cells) {
		if kind := modules[top].Cells[name].Type; l.Cells[kind] != nil {
			own[kind]++
		}
	}
	for _, name := range order {
		kind := modules[top].Cells[name].Type
		if _, ok := modules[kind]; !ok {
			continue // nothing was left of it
		}
		cells := map[string]int{}
		if err := count(modules, l, kind, cells); err != nil {
			return nil, err
		}
		add(name, kind, cells)
	}
	if len(own) > 0 {
		add(top, top, own)
	}
	return all, nil
}

// cellCounts lists the cells by area, the largest share first.
func (n *Netlist) cellCounts(l *Library) (counts []CellCount, area float64) {
	number := map[string]int{}
	for _, c := range n.Cells {
		number[c.Cell]++
	}
	for _, kind := range sortedKeys(number) {
		a := float64(number[kind]) * l.Cells[kind].Area
		counts = append(counts, CellCount{kind, number[kind], a})
		area += a
	}
	slices.SortStableFunc(counts, func(a, b CellCount) int { return cmp.Compare(b.Area, a.Area) })
	return counts, area
}
