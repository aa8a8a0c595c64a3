// Package rtltest makes circuits for testing what reads package rtl.
package rtltest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"fmaq/gen/rtl"
)

// Random returns a random design: a hierarchy of modules with cells of every kind, named and unnamed, of 1 to 64 bits,
// some of which nothing reads. If clocked, it has registers with and without reset and the ports clk_i, rst_ni, valid_i
// and valid_o; the latter follows the former by as many cycles as the longest path through the design has registers. Equal
// seeds give equal designs.
func Random(seed uint64, clocked bool) *rtl.Design {
	r := &random{Rand: rand.New(rand.NewPCG(seed, 1)), clocked: clocked}
	leaf := r.module("leaf", 12, nil)
	middle := r.module("middle", 10, []*rtl.Module{leaf})
	inner := r.module("inner", 25, []*rtl.Module{leaf, middle})
	d, err := rtl.NewDesign(r.top(inner))
	if err != nil {
		panic(fmt.Sprintf("rtltest: seed %d: %v", seed, err))
	}
	return d
}

type random struct {
	*rand.Rand
	clocked bool
	m       *rtl.Module
	nets    []*rtl.Net
	label   int
}

func (r *random) width() int {
	switch r.IntN(8) {
	case 0, 1:
		return 1
	case 2:
		return 1 + r.IntN(rtl.MaxWidth)
	}
	return 1 + r.IntN(12)
}

// name returns a fresh name, or none.
func (r *random) name() string {
	if r.IntN(3) > 0 {
		return ""
	}
	return r.fresh()
}

func (r *random) fresh() string { r.label++; return fmt.Sprintf("s%d", r.label) }

// pick returns some net brought to a width.
func (r *random) pick(width int) *rtl.Net {
	if r.IntN(8) == 0 {
		return r.constant(width)
	}
	for range 4 { // one that fits, if there is
		if n := r.nets[r.IntN(len(r.nets))]; n.Width == width {
			return n
		}
	}
	n := r.nets[r.IntN(len(r.nets))]
	switch {
	case n.Width > width:
		if n.Name == "" {
			n = r.m.Not(r.fresh(), n)
		}
		low := r.IntN(n.Width - width + 1)
		return r.m.Slice(r.name(), n, low+width-1, low)
	case n.Width == width:
		return n
	case r.IntN(2) == 0:
		return r.m.SignExtend(r.name(), width, n)
	}
	return r.m.ZeroExtend(r.name(), width, n)
}

// constant favours the least and the greatest words.
func (r *random) constant(width int) *rtl.Net {
	v := r.Uint64() >> (64 - width)
	switch r.IntN(4) {
	case 0:
		v = 0
	case 1:
		v = ^uint64(0) >> (64 - width)
	}
	return r.m.Const(width, v)
}

func (r *random) several(n, width int) []*rtl.Net {
	in := make([]*rtl.Net, n)
	for i := range in {
		in[i] = r.pick(width)
	}
	return in
}

func (r *random) module(name string, cells int, subs []*rtl.Module) *rtl.Module {
	m := rtl.NewModule(name, "A random module.\n\n  "+name+" <- cells")
	r.m, r.nets = m, nil
	if r.clocked {
		m.ClockInput("clk_i")
		m.ResetInput("rst_ni")
	}
	for i := range 3 + r.IntN(3) {
		r.nets = append(r.nets, m.Input(fmt.Sprintf("in%d_i", i), r.width()))
	}
	for range cells {
		if r.IntN(8) == 0 {
			m.Note("A note on what follows.")
		}
		r.cell()
	}
	for i, sub := range subs {
		r.instance(fmt.Sprintf("u_%s_%d", sub.Name, i), sub)
		for range 4 {
			r.cell()
		}
	}
	for i := range 1 + r.IntN(3) {
		m.Output(fmt.Sprintf("out%d_o", i), r.nets[len(r.nets)-1-i])
	}
	if r.IntN(2) == 0 {
		m.Output("through_o", m.Inputs[len(m.Inputs)-1])
	}
	return m
}

func (r *random) instance(name string, sub *rtl.Module) {
	ports := rtl.Ports{}
	for _, p := range sub.Inputs {
		switch p {
		case sub.Clock:
			ports[p.Name] = r.m.Clock
		case sub.Reset:
			ports[p.Name] = r.m.Reset
		default:
			ports[p.Name] = r.pick(p.Width)
		}
	}
	out := r.m.Instance(name, sub, ports)
	for _, o := range sub.Outputs {
		r.nets = append(r.nets, out[o.Name])
	}
}

// cell adds a cell of a random kind.
func (r *random) cell() {
	m, w := r.m, r.width()
	kinds := rtl.Kinds()
	var n *rtl.Net
	switch kind := kinds[r.IntN(len(kinds))]; kind {
	case rtl.Const:
		n = r.constant(w)
	case rtl.Slice:
		n = r.pick(w)
	case rtl.Concat:
		var parts []*rtl.Net
		for left := w; left > 0; {
			p := 1 + r.IntN(left)
			parts = append(parts, r.pick(p))
			left -= p
		}
		n = m.Concat(r.name(), parts...)
	case rtl.ZeroExtend, rtl.SignExtend:
		w = max(2, w)
		if kind == rtl.ZeroExtend {
			n = m.ZeroExtend(r.name(), w, r.pick(w/2))
		} else {
			n = m.SignExtend(r.name(), w, r.pick(w/2))
		}
	case rtl.Not:
		n = m.Not(r.name(), r.pick(w))
	case rtl.And:
		n = m.And(r.name(), r.several(2+r.IntN(3), w)...)
	case rtl.Or:
		n = m.Or(r.name(), r.several(2+r.IntN(9), w)...)
	case rtl.Xor:
		n = m.Xor(r.name(), r.several(2+r.IntN(3), w)...)
	case rtl.ReduceAnd:
		n = m.ReduceAnd(r.name(), r.pick(w))
	case rtl.ReduceOr:
		n = m.ReduceOr(r.name(), r.pick(w))
	case rtl.ReduceXor:
		n = m.ReduceXor(r.name(), r.pick(w))
	case rtl.Add:
		in := r.several(2, w)
		n = m.Add(r.name(), min(64, w+r.IntN(2)), in[0], in[1], r.several(r.IntN(2), 1)...)
	case rtl.Sub:
		in := r.several(2, w)
		n = m.Sub(r.name(), min(64, w+r.IntN(2)), in[0], in[1])
	case rtl.Mul:
		n = m.Mul(r.name(), r.pick(min(w, 40)), r.pick(1+r.IntN(24)))
	case rtl.Eq:
		in := r.several(2, w)
		n = m.Eq(r.name(), in[0], in[1])
	case rtl.Less:
		in := r.several(2, w)
		n = m.Less(r.name(), in[0], in[1])
	case rtl.Mux:
		n = r.pick(w)
		for range 1 + r.IntN(3) {
			n = m.Mux(r.name(), r.pick(1), r.pick(w), n)
		}
	case rtl.ShiftLeft, rtl.ShiftRight:
		amount := r.pick(1 + r.IntN(7))
		if kind == rtl.ShiftLeft {
			n = m.ShiftLeft(r.name(), r.pick(w), amount)
		} else {
			n = m.ShiftRight(r.name(), r.pick(w), amount)
		}
	case rtl.Register:
		if !r.clocked {
			return
		}
		n = m.Register(r.name(), r.pick(w), r.IntN(2) == 0)
	case rtl.Instance:
		return // module adds them
	default:
		panic(fmt.Sprintf("rtltest: no random %v", kind))
	}
	r.nets = append(r.nets, n)
}

// top wraps a module and gives it the valid bit.
func (r *random) top(inner *rtl.Module) *rtl.Module {
	m := rtl.NewModule("top", "A random design.")
	r.m = m
	ports := rtl.Ports{}
	var valid *rtl.Net
	if r.clocked {
		ports["clk_i"], ports["rst_ni"] = m.ClockInput("clk_i"), m.ResetInput("rst_ni")
		valid = m.Input("valid_i", 1)
	}
	for _, p := range inner.Inputs {
		if p != inner.Clock && p != inner.Reset {
			ports[p.Name] = m.Input(p.Name, p.Width)
		}
	}
	out := m.Instance("u_inner", inner, ports)
	for _, o := range inner.Outputs {
		m.Output(o.Name, out[o.Name])
	}
	if r.clocked {
		m.Note("valid_o comes with the results.")
		for i := range Latency(inner) {
			valid = m.Register(fmt.Sprintf("valid_q%d", i+1), valid, true)
		}
		m.Output("valid_o", valid)
	}
	return m
}

// Latency is the most registers on any path from an input of a module to its outputs.
func Latency(m *rtl.Module) int { return slices.Max(outputs(m, make([]int, len(m.Inputs)))) }

// outputs gives the registers before each output, given those before each input.
func outputs(m *rtl.Module, inputs []int) []int {
	before := map[*rtl.Net]int{}
	for i, n := range m.Inputs {
		before[n] = inputs[i]
	}
	for _, c := range m.Cells {
		in := []int{0}
		for _, n := range c.In {
			in = append(in, before[n])
		}
		for i, n := range c.Out {
			switch c.Kind {
			case rtl.Instance:
				before[n] = outputs(c.Module, in[1:])[i]
			case rtl.Register:
				before[n] = slices.Max(in) + 1
			default:
				before[n] = slices.Max(in)
			}
		}
	}
	var out []int
	for _, o := range m.Outputs {
		out = append(out, before[o.Net])
	}
	return out
}
