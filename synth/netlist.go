package synth

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fmaq/gen/rtl/netlist"
	"fmaq/sim/external"
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

// readModules reads modules as Yosys writes them, but for those that it made itself.
func readModules(dir, name string) (*netlist.File, error) {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	file, err := netlist.ParseJSON(name, data)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(file.Modules, func(name string, _ *netlist.Module) bool { return strings.HasPrefix(name, "$") })
	return file, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// newNetlist reads a flat module. The error names a cell that the library does not have.
func newNetlist(m *netlist.Module, l *Library) (*Netlist, error) {
	n := &Netlist{Nets: 2}
	count := func(bits []netlist.Bit) []Net {
		nets := make([]Net, len(bits))
		for i, b := range bits {
			switch b {
			case netlist.BitZero, netlist.BitUndefined:
			case netlist.BitOne:
				nets[i] = 1
			default:
				nets[i] = Net(b)
			}
			n.Nets = max(n.Nets, int(nets[i])+1)
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
func count(modules map[string]*netlist.Module, l *Library, name string, into map[string]int) error {
	for _, instance := range sortedKeys(modules[name].Cells) {
		kind := modules[name].Cells[instance].Type
		switch {
		case modules[kind] != nil:
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
func blocks(file *netlist.File, l *Library, top string, order []string) ([]Block, error) {
	inside, err := file.Module(top)
	if err != nil {
		return nil, external.Failed("yosys", nil, err.Error())
	}
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
	for _, name := range sortedKeys(inside.Cells) {
		if kind := inside.Cells[name].Type; l.Cells[kind] != nil {
			own[kind]++
		}
	}
	for _, name := range order {
		kind := inside.Cells[name].Type
		if file.Modules[kind] == nil {
			continue // nothing was left of it
		}
		cells := map[string]int{}
		if err := count(file.Modules, l, kind, cells); err != nil {
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
