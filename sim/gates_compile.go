package sim

import (
	"slices"

	"fmaq/gen/rtl"
)

// A compiled operation is a function of up to three bits, given as a truth table: bit a + 2b + 4c of the table is the
// result for operands a, b, c. So the netlist is covered the way a synthesiser covers one with three-input look-up
// tables: the cuts of a gate are the sets of up to three wires that determine it; among the cuts whose function there
// is an operation for, the one with the least area flow is taken (Mishchenko, Chatterjee, Brayton, "Improvements to
// technology mapping for LUT-based FPGAs", IEEE TCAD 26(2), 2007, section on area recovery). A full adder becomes two
// operations this way, and inverters vanish into their readers.
type cut struct {
	leaves []rtl.Wire // ascending
	table  uint8
	flow   float64 // operations for this gate and its leaves, shared ones in proportion
}

const (
	tableA, tableB, tableC = 0xaa, 0xcc, 0xf0

	maxCuts = 16 // of one gate, the best by flow; with three leaves few gates have more
)

// choice is an operation and the place of each of its operands among the leaves.
type choice struct {
	op      gateOpcode
	operand [3]int
}

// choices maps a truth table to an operation that computes it, operands reordered.
var choices = func() map[uint8]choice {
	all := map[uint8]choice{}
	for op, o := range gateOpcodes {
		for _, p := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			var table uint8
			for leaves := range 8 {
				index := leaves>>p[0]&1 | leaves>>p[1]&1<<1 | leaves>>p[2]&1<<2
				table |= o.table >> index & 1 << leaves
			}
			if _, ok := all[table]; !ok {
				all[table] = choice{gateOpcode(op), p}
			}
		}
	}
	return all
}()

const (
	slotZero = iota
	slotOne
	firstSlot
)

// CompileGates compiles a netlist.
func CompileGates(n *rtl.Netlist) *Gates { return compileGates(n, nil) }

// compileGates compiles a netlist with some input bits named slow. What depends on those alone stands in a program of
// its own, which need not run again until they change.
func compileGates(n *rtl.Netlist, slow map[rtl.Wire]bool) *Gates {
	c := &gateCompiler{netlist: n, slow: make([]bool, len(n.Gates)), best: make([]cut, len(n.Gates)),
		flow: make([]float64, len(n.Gates))}
	for i, g := range n.Gates {
		w := rtl.Wire(i)
		switch g.Kind {
		case rtl.GateInput:
			c.slow[i] = slow[w]
		case rtl.GateZero, rtl.GateOne, rtl.GateFlop:
		default:
			c.slow[i] = true
			for _, o := range g.In[:g.Kind.Operands()] {
				c.slow[i] = c.slow[i] && c.slow[o]
			}
		}
	}
	c.cover()
	return c.allocate()
}

type gateCompiler struct {
	netlist *rtl.Netlist
	slow    []bool
	best    []cut     // of each gate
	flow    []float64 // of each gate's best cut, in proportion for one reader
	needed  []bool    // gates to compute
}

func (c *gateCompiler) isGate(w rtl.Wire) bool {
	switch c.netlist.Gates[w].Kind {
	case rtl.GateZero, rtl.GateOne, rtl.GateInput, rtl.GateFlop:
		return false
	}
	return true
}

// cover chooses a cut for every gate, and finds which gates then have to be computed.
func (c *gateCompiler) cover() {
	gates := c.netlist.Gates
	readers := make([]int, len(gates))
	for _, g := range gates {
		for _, w := range g.In {
			if w != rtl.Floating {
				readers[w]++
			}
		}
	}
	cuts := make([][]cut, len(gates))
	for i, g := range gates {
		w := rtl.Wire(i)
		self := cut{leaves: []rtl.Wire{w}, table: tableA}
		if !c.isGate(w) {
			cuts[i] = []cut{self}
			continue
		}
		// A slow gate is no part of one that is not: recomputing it would be for nothing.
		sets := make([][]cut, g.Kind.Operands())
		for j, o := range g.In[:len(sets)] {
			sets[j] = cuts[o]
			if c.slow[o] && !c.slow[i] {
				sets[j] = []cut{{leaves: []rtl.Wire{o}, table: tableA}}
			}
		}
		own := c.merge(g.Kind, sets)
		c.best[i] = own[0]
		c.flow[i] = own[0].flow / float64(max(readers[i], 1))
		cuts[i] = append([]cut{self}, own...)
	}
	c.needed = make([]bool, len(gates))
	for _, p := range c.netlist.Outputs {
		for _, w := range p.Bits {
			c.needed[w] = true
		}
	}
	for i := len(gates) - 1; i >= 0; i-- {
		switch {
		case gates[i].Kind == rtl.GateFlop: // whether an output needs it or not, it has a state to keep
			for _, w := range gates[i].In[:2] {
				if w != rtl.Floating {
					c.needed[w] = true
				}
			}
		case c.needed[i]:
			for _, w := range c.best[i].leaves {
				c.needed[w] = true
			}
		}
	}
}

// merge makes the cuts of a gate from those of its operands, best first.
func (c *gateCompiler) merge(kind rtl.GateKind, operands [][]cut) []cut {
	var all []cut
	var pick func(chosen []cut)
	pick = func(chosen []cut) {
		if len(chosen) < len(operands) {
			for _, o := range operands[len(chosen)] {
				pick(append(chosen, o))
			}
			return
		}
		var leaves []rtl.Wire
		flow := 1.0
		for _, o := range chosen {
			leaves = append(leaves, o.leaves...)
		}
		slices.Sort(leaves)
		leaves = slices.Compact(leaves)
		for _, w := range leaves {
			flow += c.flow[w]
		}
		if len(leaves) > 3 || slices.ContainsFunc(all, func(other cut) bool { return slices.Equal(other.leaves, leaves) }) {
			return
		}
		var in [3]uint8
		for i, o := range chosen {
			in[i] = o.over(leaves)
		}
		table := apply(kind, in)
		if ch, ok := choices[table]; ok && gateOpcodes[ch.op].operands == len(leaves) {
			all = append(all, cut{leaves, table, flow})
		}
	}
	pick(make([]cut, 0, 3))
	slices.SortStableFunc(all, func(x, y cut) int {
		switch {
		case x.flow < y.flow:
			return -1
		case x.flow > y.flow:
			return 1
		}
		return len(x.leaves) - len(y.leaves)
	})
	return all[:min(len(all), maxCuts)]
}

// over is the cut's table as a function of more leaves.
func (c cut) over(leaves []rtl.Wire) uint8 {
	var place [3]int
	for i, w := range c.leaves {
		place[i] = slices.Index(leaves, w)
	}
	var table uint8
	for v := range 8 {
		index := 0
		for i := range c.leaves {
			index |= v >> place[i] & 1 << i
		}
		table |= c.table >> index & 1 << v
	}
	return table
}

// apply is a gate on truth tables.
func apply(kind rtl.GateKind, in [3]uint8) uint8 {
	switch kind {
	case rtl.GateNot:
		return ^in[0]
	case rtl.GateAnd:
		return in[0] & in[1]
	case rtl.GateOr:
		return in[0] | in[1]
	case rtl.GateXor:
		return in[0] ^ in[1]
	case rtl.GateMux:
		return in[0]&in[1] | ^in[0]&in[2]
	}
	panic("sim: no table of a " + kind.String())
}

// allocate orders the operations and gives every value a slot: its own for ports, flip-flops and what the program of
// slow inputs hands to the other; else one that is free again after the last reader.
func (c *gateCompiler) allocate() *Gates {
	n := c.netlist
	g := &Gates{netlist: n}
	slot := make([]uint16, len(n.Gates))
	next := uint16(firstSlot)
	fresh := func() uint16 { next++; return next - 1 }
	slot[1] = slotOne
	pinned := make([]bool, len(n.Gates))
	for i, gate := range n.Gates {
		switch gate.Kind {
		case rtl.GateInput, rtl.GateFlop:
			slot[i], pinned[i] = fresh(), true
		}
		if gate.Kind == rtl.GateFlop {
			for _, w := range gate.In[:2] {
				if w != rtl.Floating {
					pinned[w] = true
				}
			}
		}
	}
	for _, p := range n.Outputs {
		for _, w := range p.Bits {
			pinned[w] = true
		}
	}
	var order []int // slow ones first, each part as in the netlist
	for _, slow := range []bool{true, false} {
		for i := range n.Gates {
			if c.needed[i] && c.isGate(rtl.Wire(i)) && c.slow[i] == slow {
				order = append(order, i)
			}
		}
	}
	last := make([]int, len(n.Gates)) // position of the last reader in order
	for at, i := range order {
		for _, w := range c.best[i].leaves {
			last[w] = at
			if c.slow[w] && !c.slow[i] {
				pinned[w] = true
			}
		}
	}
	var free []uint16
	for at, i := range order {
		best := c.best[i]
		how := choices[best.table]
		operation := gateOp{op: how.op}
		for k, to := range [3]*uint16{&operation.a, &operation.b, &operation.c} {
			if k < gateOpcodes[how.op].operands {
				*to = slot[best.leaves[how.operand[k]]]
			}
		}
		// An operand's slot may be the result's: operations work word by word.
		for _, w := range best.leaves {
			if c.isGate(w) && !pinned[w] && last[w] == at {
				free = append(free, slot[w])
			}
		}
		if k := len(free); k > 0 && !pinned[i] {
			slot[i], free = free[k-1], free[:k-1]
		} else {
			slot[i] = fresh()
		}
		operation.d = slot[i]
		if c.slow[i] {
			g.once = append(g.once, operation)
		} else {
			g.each = append(g.each, operation)
		}
	}
	g.slots = int(next)
	slots := func(ports []rtl.Port) [][]uint16 {
		all := make([][]uint16, len(ports))
		for i, p := range ports {
			for _, w := range p.Bits {
				all[i] = append(all[i], slot[w])
			}
		}
		return all
	}
	g.in, g.out = slots(n.Inputs), slots(n.Outputs)
	for i := len(n.Gates) - 1; i >= 0; i-- {
		if gate := n.Gates[i]; gate.Kind == rtl.GateFlop {
			f := gateFlop{d: slot[gate.In[0]], q: slot[i], reset: slotOne}
			if gate.In[1] != rtl.Floating {
				f.reset = slot[gate.In[1]]
			}
			g.flops = append(g.flops, f)
		}
	}
	return g
}
