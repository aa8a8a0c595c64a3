package verilog

import (
	"fmt"
	"strings"

	"fmaq/gen/rtl"
)

// inlineWeight is the most leaves that an expression written in place may have, inlineChain the most conditionals in a
// row, a ? b : c ? d : e.
const (
	inlineWeight = 8
	inlineChain  = 16
)

// roles name an unnamed net after what drives it.
var roles = map[rtl.Kind]string{
	rtl.Const: "const", rtl.Slice: "bits", rtl.Concat: "word", rtl.ZeroExtend: "wide", rtl.SignExtend: "wide",
	rtl.Not: "inverted", rtl.And: "and", rtl.Or: "or", rtl.Xor: "xor",
	rtl.ReduceAnd: "all", rtl.ReduceOr: "any", rtl.ReduceXor: "parity",
	rtl.Add: "sum", rtl.Sub: "difference", rtl.Mul: "product", rtl.Eq: "equal", rtl.Less: "less",
	rtl.Mux: "choice", rtl.ShiftLeft: "shifted", rtl.ShiftRight: "shifted", rtl.Register: "q",
}

// netNames returns the name of every net of a module that gets a declaration: its own, or, for an unnamed net that is
// not written in place, one made of its reader's name and its role. Nets that are written in place or that nothing
// reads have the empty name.
func netNames(m *rtl.Module) []string {
	names := make([]string, len(m.Nets))
	taken := map[string]bool{unusedName: true}
	for _, n := range m.Nets {
		names[n.Index] = n.Name
		taken[n.Name] = true
	}
	for _, o := range m.Outputs {
		taken[o.Name] = true
	}
	for _, c := range m.Cells {
		taken[c.Name] = true
	}
	declare := declared(m)
	base := make([]string, len(m.Nets)) // what the readers of each net are called
	for _, o := range m.Outputs {
		if base[o.Net.Index] == "" {
			base[o.Net.Index] = strings.TrimSuffix(o.Name, "_o")
		}
	}
	for i := len(m.Cells) - 1; i >= 0; i-- { // readers before what they read
		c := m.Cells[i]
		if c.Kind == rtl.Instance {
			for j, n := range c.In {
				if base[n.Index] == "" {
					base[n.Index] = c.Name + "_" + strings.TrimSuffix(c.Module.Inputs[j].Name, "_i")
				}
			}
			continue
		}
		out := c.Out[0].Index
		own := base[out]
		if names[out] != "" {
			own = names[out]
		} else if declare[out] {
			name := own + "_" + roles[c.Kind]
			for k := 2; taken[name]; k++ {
				name = fmt.Sprintf("%s_%s_%d", own, roles[c.Kind], k)
			}
			names[out], taken[name] = name, true
			// What this net is made of is still named after own: names do not grow with depth.
		}
		for _, n := range c.In {
			if base[n.Index] == "" {
				base[n.Index] = own
			}
		}
	}
	return names
}

// declared tells which unnamed nets are not written in place.
func declared(m *rtl.Module) []bool {
	live := liveCells(m)
	reads := make([]int, len(m.Nets))
	declare := make([]bool, len(m.Nets))
	for i, c := range m.Cells {
		for _, n := range c.In {
			if live[i] {
				reads[n.Index]++
			}
		}
	}
	for _, o := range m.Outputs {
		reads[o.Net.Index]++
	}
	weight := make([]int, len(m.Nets)) // leaves of each net's expression, less those of a chain's further branches
	chain := make([]int, len(m.Nets))  // conditionals in a row, from each net on
	for i := range weight {
		weight[i] = 1
	}
	for i, c := range m.Cells {
		if c.Kind == rtl.Instance || !live[i] {
			continue
		}
		out := c.Out[0]
		sum := 0
		for j, n := range c.In {
			if c.Kind == rtl.Concat && j > 0 && n == c.In[j-1] {
				continue // printed as a repetition
			}
			if c.Kind == rtl.Mux && j == 2 && chain[n.Index] > 0 {
				chain[out.Index] = chain[n.Index] + 1
				continue
			}
			sum += weight[n.Index]
		}
		weight[out.Index] = max(1, sum)
		if c.Kind == rtl.Mux {
			chain[out.Index] = max(1, chain[out.Index])
		}
		if out.Name != "" {
			weight[out.Index], chain[out.Index] = 1, 0
			continue
		}
		cheap := c.Kind == rtl.Const || c.Kind == rtl.Slice ||
			(c.Kind == rtl.Not || c.Kind == rtl.ZeroExtend || c.Kind == rtl.Concat) && sum <= 2
		if c.Kind == rtl.Register || reads[out.Index] > 1 && !cheap || sum > inlineWeight || chain[out.Index] > inlineChain {
			declare[out.Index] = reads[out.Index] > 0
			weight[out.Index], chain[out.Index] = 1, 0
		}
	}
	for i, c := range m.Cells {
		if !live[i] {
			continue
		}
		for _, n := range c.In {
			d := m.Driver(n)
			if n.Name != "" || d == nil {
				continue
			}
			switch {
			case c.Kind == rtl.SignExtend && d.Kind != rtl.Slice && d.Kind != rtl.Const:
				declare[n.Index] = true // its top bit is selected
			case c.Kind == rtl.Instance && !wiring(m, d):
				declare[n.Index] = true // ports connect to wires, not to logic
			}
		}
	}
	return declare
}

// wiring tells whether a cell only arranges bits of constants and named nets.
func wiring(m *rtl.Module, c *rtl.Cell) bool {
	switch c.Kind {
	case rtl.Const, rtl.Slice:
		return true
	case rtl.ZeroExtend, rtl.Concat:
		for _, n := range c.In {
			if d := m.Driver(n); n.Name == "" && d != nil && !wiring(m, d) {
				return false
			}
		}
		return true
	}
	return false
}

// liveCells tells which cells of a module are printed: all with a name and, of the others, those that one of these reads.
func liveCells(m *rtl.Module) []bool {
	live := make([]bool, len(m.Cells))
	read := make([]bool, len(m.Nets))
	for _, o := range m.Outputs {
		read[o.Net.Index] = true
	}
	for i := len(m.Cells) - 1; i >= 0; i-- {
		c := m.Cells[i]
		if c.Kind == rtl.Instance || c.Out[0].Name != "" || read[c.Out[0].Index] {
			live[i] = true
			for _, n := range c.In {
				read[n.Index] = true
			}
		}
	}
	return live
}
