package verilog

import (
	"slices"

	"fmaq/gen/rtl"
)

// Names of the ports that say which cycles carry a vector. A design with a clock may have both, one bit each.
const (
	ValidIn  = "valid_i"
	ValidOut = "valid_o"
)

// Interface sorts a design's ports by what a bench does with them.
type Interface struct {
	Clock, Reset *rtl.Net     // of the top module, or nil
	ValidIn      *rtl.Net     // input valid_i, or nil
	ValidOut     int          // position of valid_o in Top.Outputs, or -1
	Inputs       []*rtl.Net   // all other inputs, in port order: what a vector drives
	Results      []rtl.Output // all outputs but valid_o, in port order: what a vector is checked against
	Latency      int          // cycles from a vector to its result: the most registers on any path from input to output
}

// NewInterface reads a design's ports.
func NewInterface(d *rtl.Design) Interface {
	top := d.Top
	f := Interface{Clock: top.Clock, Reset: top.Reset, ValidOut: -1}
	for _, n := range top.Inputs {
		switch {
		case n == top.Clock || n == top.Reset:
		case n.Name == ValidIn && n.Width == 1 && top.Clock != nil:
			f.ValidIn = n
		default:
			f.Inputs = append(f.Inputs, n)
		}
	}
	for i, o := range top.Outputs {
		if o.Name == ValidOut && o.Net.Width == 1 && f.ValidIn != nil {
			f.ValidOut = i
		} else {
			f.Results = append(f.Results, o)
		}
	}
	for _, stage := range stages(top, make([]int, len(top.Inputs))) {
		f.Latency = max(f.Latency, stage)
	}
	return f
}

// stages returns the most registers on any path to each output of a module, given those before each of its inputs.
func stages(m *rtl.Module, inputs []int) []int {
	at := make([]int, len(m.Nets))
	for i, n := range m.Inputs {
		at[n.Index] = inputs[i]
	}
	for _, c := range m.Cells {
		in := make([]int, len(c.In))
		latest := 0
		for i, n := range c.In {
			in[i] = at[n.Index]
			latest = max(latest, in[i])
		}
		switch c.Kind {
		case rtl.Instance:
			for i, stage := range stages(c.Module, in) {
				at[c.Out[i].Index] = stage
			}
		case rtl.Register:
			at[c.Out[0].Index] = latest + 1
		default:
			at[c.Out[0].Index] = latest
		}
	}
	out := make([]int, len(m.Outputs))
	for i, o := range m.Outputs {
		out[i] = at[o.Net.Index]
	}
	return out
}

// inOrder returns the cells of a module as they are printed: those before any register, then the first row of registers,
// what follows them up to the next row, and so on; in the order of the module otherwise. Each still comes after what it
// reads.
func inOrder(m *rtl.Module) (cells []*rtl.Cell, row map[*rtl.Cell]int) {
	at := make([]int, len(m.Nets))
	row = map[*rtl.Cell]int{}
	for _, c := range m.Cells {
		for _, n := range c.In {
			row[c] = max(row[c], at[n.Index])
		}
		if c.Kind == rtl.Register {
			row[c]++
		}
		for _, n := range c.Out {
			at[n.Index] = row[c]
		}
		if c.Kind == rtl.Instance { // its outputs come after all of its inputs, whatever lies between
			for i, stage := range stages(c.Module, make([]int, len(c.In))) {
				at[c.Out[i].Index] += stage
			}
		}
	}
	cells = slices.Clone(m.Cells)
	slices.SortStableFunc(cells, func(a, b *rtl.Cell) int {
		if row[a] != row[b] {
			return row[a] - row[b]
		}
		return bit(a.Kind != rtl.Register) - bit(b.Kind != rtl.Register)
	})
	return cells, row
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
