package netlist

import (
	"fmt"
	"strings"

	"fmaq/gen/rtl"
)

// Unroll makes circuits of registers without feedback combinational, so that they can be compared as functions wherever
// their registers stand: what an output is in a cycle depends on the inputs of that cycle and of the latency's cycles
// before, each an input of its own. Input p of k cycles before is port p@k, or p if k is 0; [Before] takes the name apart. A
// port is there if one of the circuits reads it in that cycle; without a clock, all are. All results have the same inputs, in the same
// order. The first latency cycles after power-up, in which registers hold what they held then, are left out.
func Unroll(circuits ...*rtl.Netlist) []*rtl.Netlist {
	type input struct{ port, before int }
	read := map[input]bool{}
	latency := 0
	unrolled := make([]*unroller, len(circuits))
	for i, n := range circuits {
		u := &unroller{from: n, gates: newGates(n.Name), wires: map[moment]rtl.Wire{}, inputs: map[rtl.Wire][2]int{}}
		unrolled[i] = u
		for j, p := range n.Inputs {
			for k, w := range p.Bits {
				u.inputs[w] = [2]int{j, k}
			}
		}
		for _, p := range n.Outputs {
			for _, w := range p.Bits {
				u.mark(moment{w, 0})
			}
		}
		for m := range u.wires {
			if at, ok := u.inputs[m.wire]; ok {
				read[input{at[0], m.before}] = true
				latency = max(latency, m.before)
			}
		}
	}
	all := make([]*rtl.Netlist, len(circuits))
	for i, u := range unrolled {
		clear(u.wires)
		for before := latency; before >= 0; before-- {
			for j, p := range u.from.Inputs {
				if j == u.from.Clock || u.from.Clock >= 0 && !read[input{j, before}] || u.from.Clock < 0 && before > 0 {
					continue
				}
				port := rtl.Port{Name: p.Name}
				if before > 0 {
					port.Name = fmt.Sprintf("%s@%d", p.Name, before)
				}
				for _, w := range p.Bits {
					made := u.gates.add(rtl.GateInput)
					u.wires[moment{w, before}] = made
					port.Bits = append(port.Bits, made)
				}
				u.gates.netlist.Inputs = append(u.gates.netlist.Inputs, port)
			}
		}
		for _, p := range u.from.Outputs {
			port := rtl.Port{Name: p.Name}
			for _, w := range p.Bits {
				port.Bits = append(port.Bits, u.wire(moment{w, 0}))
			}
			u.gates.netlist.Outputs = append(u.gates.netlist.Outputs, port)
		}
		all[i] = u.gates.netlist
	}
	return all
}

// Before takes the name of an unrolled input apart.
func Before(name string) (port string, cycles int) {
	port, before, _ := strings.Cut(name, "@")
	fmt.Sscan(before, &cycles)
	return port, cycles
}

// moment is a wire some cycles before the one looked at.
type moment struct {
	wire   rtl.Wire
	before int
}

type unroller struct {
	from   *rtl.Netlist
	gates  *gates
	inputs map[rtl.Wire][2]int // port and bit
	wires  map[moment]rtl.Wire
}

// operands are what a wire depends on directly. The operands of a flip-flop are those of the cycle before.
func (u *unroller) operands(m moment) []moment {
	g := u.from.Gates[m.wire]
	if g.Kind == rtl.GateFlop {
		m.before++
	}
	var all []moment
	for _, w := range g.In {
		if w != rtl.Floating {
			all = append(all, moment{w, m.before})
		}
	}
	return all
}

// mark enters what a wire depends on into wires.
func (u *unroller) mark(m moment) {
	if _, ok := u.wires[m]; ok {
		return
	}
	u.wires[m] = rtl.Floating
	for _, o := range u.operands(m) {
		u.mark(o)
	}
}

// wire makes a wire of the unrolled circuit. Inputs are made already.
func (u *unroller) wire(m moment) rtl.Wire {
	if w, ok := u.wires[m]; ok {
		return w
	}
	in := make([]rtl.Wire, 0, 3)
	for _, o := range u.operands(m) {
		in = append(in, u.wire(o))
	}
	var w rtl.Wire
	switch kind := u.from.Gates[m.wire].Kind; kind {
	case rtl.GateZero:
		w = wireZero
	case rtl.GateOne:
		w = wireOne
	case rtl.GateNot:
		w = u.gates.not(in[0])
	case rtl.GateAnd:
		w = u.gates.and(in[0], in[1])
	case rtl.GateOr:
		w = u.gates.or(in[0], in[1])
	case rtl.GateXor:
		w = u.gates.xor(in[0], in[1])
	case rtl.GateMux:
		w = u.gates.mux(in[0], in[1], in[2])
	case rtl.GateFlop:
		if w = in[0]; len(in) == 2 {
			w = u.gates.and(in[0], in[1])
		}
	default:
		panic(fmt.Sprintf("netlist: %s: nothing drives a gate of kind %v", u.from.Name, kind))
	}
	u.wires[m] = w
	return w
}
