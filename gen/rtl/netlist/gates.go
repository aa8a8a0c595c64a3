package netlist

import "fmaq/gen/rtl"

// The constants, as every netlist has them.
const (
	wireZero rtl.Wire = 0
	wireOne  rtl.Wire = 1
)

// gates is a netlist under construction. It folds constants and equal operands, and nothing else.
type gates struct {
	netlist *rtl.Netlist
}

func newGates(name string) *gates {
	g := &gates{&rtl.Netlist{Name: name, Blocks: []rtl.Block{{Name: name, Module: name}}, Clock: -1, Reset: -1}}
	g.add(rtl.GateZero)
	g.add(rtl.GateOne)
	return g
}

func (g *gates) add(kind rtl.GateKind, in ...rtl.Wire) rtl.Wire {
	gate := rtl.Gate{Kind: kind, In: [3]rtl.Wire{rtl.Floating, rtl.Floating, rtl.Floating}}
	copy(gate.In[:], in)
	g.netlist.Gates = append(g.netlist.Gates, gate)
	return rtl.Wire(len(g.netlist.Gates) - 1)
}

func (g *gates) not(x rtl.Wire) rtl.Wire {
	if x <= wireOne {
		return wireOne - x
	}
	return g.add(rtl.GateNot, x)
}

func (g *gates) and(x, y rtl.Wire) rtl.Wire {
	switch {
	case x == y || y == wireOne:
		return x
	case x == wireOne:
		return y
	case x == wireZero || y == wireZero:
		return wireZero
	}
	return g.add(rtl.GateAnd, x, y)
}

func (g *gates) or(x, y rtl.Wire) rtl.Wire {
	switch {
	case x == y || y == wireZero:
		return x
	case x == wireZero:
		return y
	case x == wireOne || y == wireOne:
		return wireOne
	}
	return g.add(rtl.GateOr, x, y)
}

func (g *gates) xor(x, y rtl.Wire) rtl.Wire {
	switch {
	case x == y:
		return wireZero
	case x <= wireOne:
		x, y = y, x
	}
	switch y {
	case wireZero:
		return x
	case wireOne:
		return g.not(x)
	}
	return g.add(rtl.GateXor, x, y)
}

// mux is x where sel is 1, else y.
func (g *gates) mux(sel, x, y rtl.Wire) rtl.Wire {
	switch {
	case sel == wireOne || x == y:
		return x
	case sel == wireZero:
		return y
	}
	return g.add(rtl.GateMux, sel, x, y)
}

// bare removes inverters two by two: a clock tree may have them.
func (g *gates) bare(w rtl.Wire) rtl.Wire {
	for {
		outer := g.netlist.Gates[w]
		if outer.Kind != rtl.GateNot || g.netlist.Gates[outer.In[0]].Kind != rtl.GateNot {
			return w
		}
		w = g.netlist.Gates[outer.In[0]].In[0]
	}
}
