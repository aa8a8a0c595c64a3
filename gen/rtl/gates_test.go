package rtl

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lowered runs a netlist one vector at a time: the plain meaning of each gate.
type lowered struct {
	*Netlist
	state []bool // of flip-flops, by gate
}

// step returns the output words for the input words, then passes a clock edge.
func (l *lowered) step(in []uint64) []uint64 {
	v := make([]bool, len(l.Gates))
	for i, p := range l.Inputs {
		for j, w := range p.Bits {
			v[w] = in[i]>>j&1 == 1
		}
	}
	for i, g := range l.Gates {
		switch g.Kind {
		case GateOne:
			v[i] = true
		case GateNot:
			v[i] = !v[g.In[0]]
		case GateAnd:
			v[i] = v[g.In[0]] && v[g.In[1]]
		case GateOr:
			v[i] = v[g.In[0]] || v[g.In[1]]
		case GateXor:
			v[i] = v[g.In[0]] != v[g.In[1]]
		case GateMux:
			v[i] = v[g.In[0]] && v[g.In[1]] || !v[g.In[0]] && v[g.In[2]]
		case GateFlop:
			v[i] = l.state[i]
		}
	}
	for i, g := range l.Gates {
		if g.Kind == GateFlop {
			l.state[i] = v[g.In[0]] && (g.In[1] == Floating || v[g.In[1]])
		}
	}
	out := make([]uint64, len(l.Outputs))
	for i, p := range l.Outputs {
		for j, w := range p.Bits {
			out[i] |= bit(v[w]) << j
		}
	}
	return out
}

func lower(t testing.TB, m *Module) *lowered {
	t.Helper()
	d, err := NewDesign(m)
	require.NoError(t, err)
	n := Lower(d)
	checkNetlist(t, n)
	return &lowered{n, make([]bool, len(n.Gates))}
}

// checkNetlist holds a netlist to what its type promises.
func checkNetlist(t testing.TB, n *Netlist) {
	t.Helper()
	require.Equal(t, GateZero, n.Gates[0].Kind)
	require.Equal(t, GateOne, n.Gates[1].Kind)
	seen := map[Gate]bool{}
	for i, g := range n.Gates {
		for j, w := range g.In {
			switch {
			case j >= g.Kind.Operands(), g.Kind == GateFlop && j == 1 && w == Floating:
				require.Equal(t, Floating, w, "gate %d %v operand %d", i, g.Kind, j)
			default:
				require.True(t, w >= 0 && int(w) < i, "gate %d %v reads %d", i, g.Kind, w)
				if g.Kind != GateFlop {
					require.Greater(t, w, wireOne, "gate %d %v reads a constant", i, g.Kind)
				}
			}
		}
		require.Less(t, int(g.Block), len(n.Blocks))
		if g.Kind != GateInput {
			g.Block = 0
			require.False(t, seen[g], "gate %d %v %v stands twice", i, g.Kind, g.In)
			seen[g] = true
		}
	}
}

// words runs a module with the word-level meaning of its cells, one cycle a call.
type words struct {
	m     *Module
	state map[string][]uint64 // registers by the path of their module
}

func (s *words) step(in []uint64) []uint64 { return s.eval(s.m, "", in) }

func (s *words) eval(m *Module, path string, in []uint64) []uint64 {
	nets := make([]uint64, len(m.Nets))
	for i, p := range m.Inputs {
		nets[p.Index] = in[i]
	}
	state, ok := s.state[path]
	if !ok {
		state = make([]uint64, len(m.Nets))
		s.state[path] = state
	}
	for _, c := range m.Cells {
		operands := make([]uint64, len(c.In))
		for i, n := range c.In {
			operands[i] = nets[n.Index]
		}
		switch c.Kind {
		case Instance:
			for i, v := range s.eval(c.Module, path+"/"+c.Name, operands) {
				nets[c.Out[i].Index] = v
			}
		case Register:
			nets[c.Out[0].Index] = state[c.Out[0].Index]
		default:
			nets[c.Out[0].Index] = c.Eval(operands)
		}
	}
	for _, c := range m.Cells {
		if c.Kind == Register {
			q := c.Out[0].Index
			state[q] = nets[c.In[0].Index]
			if c.Clear && nets[m.Reset.Index] == 0 {
				state[q] = 0
			}
		}
	}
	out := make([]uint64, len(m.Outputs))
	for i, p := range m.Outputs {
		out[i] = nets[p.Net.Index]
	}
	return out
}

// shape is a cell to test: widths of its operands and output.
type shape struct {
	in    []int
	width int
	low   int // Slice
}

// shapes returns legal shapes of a kind with operands of up to n bits.
func shapes(k Kind, n int) []shape {
	var all []shape
	add := func(width, low int, in ...int) { all = append(all, shape{in, width, low}) }
	for a := 1; a <= n; a++ {
		switch k {
		case Const:
			add(a, 0)
		case Slice:
			for low := range a {
				for w := 1; low+w <= a; w++ {
					add(w, low, a)
				}
			}
		case Concat:
			add(a, 0, a)
			add(a+2, 0, a, 2)
			add(a+3, 0, 1, a, 2)
		case ZeroExtend, SignExtend:
			add(a+1, 0, a)
			add(a+3, 0, a)
		case Not:
			add(a, 0, a)
		case And, Or, Xor:
			add(a, 0, a, a)
			if a <= 3 {
				add(a, 0, a, a, a)
			}
		case ReduceAnd, ReduceOr, ReduceXor:
			add(1, 0, a)
		case Add:
			add(a, 0, a, a)
			add(a+1, 0, a, a)
			add(a, 0, a, a, 1)
			add(a+1, 0, a, a, 1)
		case Sub:
			add(a, 0, a, a)
			add(a+1, 0, a, a)
		case Mul:
			for b := 1; b <= n; b++ {
				add(a+b, 0, a, b)
			}
		case Eq, Less:
			add(1, 0, a, a)
		case Mux:
			add(a, 0, 1, a, a)
		case ShiftLeft, ShiftRight:
			for b := 1; b <= n; b++ {
				add(a, 0, a, b)
			}
		}
	}
	return all
}

// makeCell adds the cell to a module over nets of the shape's widths.
func makeCell(m *Module, k Kind, s shape, value uint64, in []*Net) *Net {
	return m.add("y", s.width, Cell{Kind: k, In: in, Low: s.low, Value: value & mask(s.width)})
}

// TestLowerCell runs every kind of cell on all operands of small widths, and all ways to tie one operand to a constant.
func TestLowerCell(t *testing.T) {
	for _, k := range Kinds() {
		if k == Register || k == Instance {
			continue // TestLowerDesign
		}
		t.Run(k.String(), func(t *testing.T) {
			all := shapes(k, 4)
			require.NotEmpty(t, all)
			for _, s := range all {
				total := 0
				for _, w := range s.in {
					total += w
				}
				exhaust(t, k, s, -1, 0, total)
				for i, w := range s.in {
					for v := range uint64(1) << w {
						if len(s.in) > 1 {
							exhaust(t, k, s, i, v, total-w)
						}
					}
				}
			}
		})
	}
}

// exhaust compares a cell, operand tied being a constant, over all other inputs.
func exhaust(t *testing.T, k Kind, s shape, tied int, value uint64, free int) {
	t.Helper()
	m := NewModule("m", "")
	in := make([]*Net, len(s.in))
	for i, w := range s.in {
		if i == tied {
			in[i] = m.Const(w, value)
		} else {
			in[i] = m.Input(fmt.Sprintf("i%d", i), w)
		}
	}
	const constant = 0x5a5a
	m.Output("y_o", makeCell(m, k, s, constant, in))
	l := lower(t, m)
	cell := Cell{Kind: k, In: in, Out: []*Net{m.Outputs[0].Net}, Low: s.low, Value: constant & mask(s.width)}
	operands := make([]uint64, len(in))
	var ports []uint64
	for v := range uint64(1) << free {
		ports = ports[:0]
		for i, n := range in {
			if i == tied {
				operands[i] = value
				continue
			}
			operands[i] = v & mask(n.Width)
			v >>= n.Width
			ports = append(ports, operands[i])
		}
		require.Equal(t, cell.Eval(operands), l.step(ports)[0], "%v %+v of %x", k, s, operands)
	}
}

// TestLowerCellWide runs every kind on random operands of up to the widest words.
func TestLowerCellWide(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, k := range Kinds() {
		if k == Register || k == Instance {
			continue
		}
		all := shapes(k, 9)
		all = append(all, shapes(k, 12)[len(shapes(k, 11)):]...)
		switch k { // and of the widest
		case Add, Sub:
			all = append(all, shape{in: []int{64, 64}, width: 64})
		case Mul:
			all = append(all, shape{in: []int{24, 40}, width: 64}, shape{in: []int{32, 32}, width: 64})
		case Less, Eq:
			all = append(all, shape{in: []int{64, 64}, width: 1})
		case ShiftLeft, ShiftRight:
			all = append(all, shape{in: []int{64, 64}, width: 64}, shape{in: []int{64, 7}, width: 64}, shape{in: []int{5, 64}, width: 5})
		}
		for _, s := range all {
			m := NewModule("m", "")
			in := make([]*Net, len(s.in))
			for i, w := range s.in {
				in[i] = m.Input(fmt.Sprintf("i%d", i), w)
			}
			value := rnd.Uint64()
			m.Output("y_o", makeCell(m, k, s, value, in))
			l := lower(t, m)
			for range 30 {
				v := make([]uint64, len(in))
				for i, n := range in {
					v[i] = rnd.Uint64() & mask(n.Width)
					if rnd.IntN(2) == 0 { // close to the width, for shifts
						v[i] = rnd.Uint64N(uint64(s.width)+3) & mask(n.Width)
					}
				}
				require.Equal(t, m.Cells[0].Eval(v), l.step(v)[0], "%v %+v of %x", k, s, v)
			}
		}
	}
}

// randomModule makes a module of random cells over some inputs, with instances of the given modules and, if it has a
// clock, registers.
func randomModule(rnd *rand.Rand, name string, subs []*Module, clocked bool) *Module {
	m := NewModule(name, "")
	var nets []*Net
	for i := range 2 + rnd.IntN(3) {
		nets = append(nets, m.Input(fmt.Sprintf("i%d", i), 1+rnd.IntN(6)))
	}
	nets = append(nets, m.Input("single", 1))
	var clock, reset *Net
	if clocked {
		clock, reset = m.ClockInput("clk_i"), m.ResetInput("rst_ni")
	}
	for range 2 {
		w := 1 + rnd.IntN(6)
		nets = append(nets, m.Const(w, rnd.Uint64()&mask(w)))
	}
	label := 0
	fresh := func() string { label++; return fmt.Sprintf("n%d", label) }
	// pick returns some net brought to a width.
	pick := func(width int) *Net {
		n := nets[rnd.IntN(len(nets))]
		switch {
		case n.Width > width:
			low := rnd.IntN(n.Width - width + 1)
			n = m.Slice(fresh(), m.Slice(fresh(), n, n.Width-1, 0), low+width-1, low)
		case n.Width < width && rnd.IntN(2) == 0:
			n = m.SignExtend(fresh(), width, n)
		case n.Width < width:
			n = m.ZeroExtend(fresh(), width, n)
		}
		return n
	}
	for range 12 {
		if len(subs) > 0 && rnd.IntN(3) == 0 {
			sub := subs[rnd.IntN(len(subs))]
			ports := Ports{}
			for _, p := range sub.Inputs {
				switch p {
				case sub.Clock:
					ports[p.Name] = clock
				case sub.Reset:
					ports[p.Name] = reset
				default:
					ports[p.Name] = pick(p.Width)
				}
			}
			instance := fresh()
			m.Instance(instance, sub, ports)
			cell := m.Cells[len(m.Cells)-1]
			nets = append(nets, cell.Out...)
			continue
		}
		k := Kind(rnd.IntN(int(kinds)))
		if k == Register && clocked {
			nets = append(nets, m.Register(fresh(), pick(1+rnd.IntN(6)), rnd.IntN(2) == 0))
			continue
		}
		if k == Register || k == Instance || k == Const {
			continue
		}
		all := shapes(k, 6)
		s := all[rnd.IntN(len(all))]
		in := make([]*Net, len(s.in))
		for i, w := range s.in {
			in[i] = pick(w)
		}
		if s.width <= 12 {
			nets = append(nets, m.add(fresh(), s.width, Cell{Kind: k, In: in, Low: s.low}))
		}
	}
	for i := range 4 {
		m.Output(fmt.Sprintf("%s_%d_o", name, i), nets[len(nets)-1-i])
	}
	return m
}

// TestLowerDesign compares random hierarchies with registers over random input sequences, reset included.
func TestLowerDesign(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		clocked := seed%2 == 0
		leaf := randomModule(rnd, "leaf", nil, clocked)
		middle := randomModule(rnd, "middle", []*Module{leaf}, clocked)
		top := randomModule(rnd, "top", []*Module{leaf, middle}, clocked)
		l := lower(t, top)
		w := &words{top, map[string][]uint64{}}
		for cycle := range 40 {
			in := make([]uint64, len(top.Inputs))
			for i, p := range top.Inputs {
				in[i] = rnd.Uint64() & mask(p.Width)
				if p == top.Reset {
					in[i] = bit(cycle > 1 && rnd.IntN(8) > 0)
				}
			}
			require.Equal(t, w.step(in), l.step(in), "seed %d, cycle %d, inputs %x", seed, cycle, in)
		}
	}
}

// weight is the tally's, here to hold the lowering to the costs it promises.
func weight(n *Netlist) int {
	return tally(n, map[GateKind]int{GateAnd: 1, GateOr: 1, GateXor: 3, GateMux: 3})
}

func tally(n *Netlist, weights map[GateKind]int) int {
	sum := 0
	for _, g := range n.Gates {
		sum += weights[g.Kind]
	}
	return sum
}

func TestLowerCost(t *testing.T) {
	const ha, fa, mux = 4, 9, 3
	for _, test := range []struct {
		name  string
		build func(m *Module, a, b, c, s *Net) *Net // eight bits a, b; one bit c; three bits s
		want  int
	}{
		{"add with carry out", func(m *Module, a, b, c, s *Net) *Net { return m.Add("", 9, a, b) }, 7*fa + ha},
		{"add with carry in", func(m *Module, a, b, c, s *Net) *Net { return m.Add("", 9, a, b, c) }, 8 * fa},
		{"add without carry out", func(m *Module, a, b, c, s *Net) *Net { return m.Add("", 8, a, b) }, 6*fa + 6 + ha},
		{"increment", func(m *Module, a, b, c, s *Net) *Net { return m.Add("", 9, a, m.Const(8, 0), c) }, 8 * ha},
		{"add constant one", func(m *Module, a, b, c, s *Net) *Net { return m.Add("", 9, a, m.Const(8, 1)) }, 7 * ha},
		{"subtract with borrow", func(m *Module, a, b, c, s *Net) *Net { return m.Sub("", 9, a, b) }, 7*fa + ha},
		{"borrow alone", func(m *Module, a, b, c, s *Net) *Net {
			return m.Bit(m.Sub("difference", 9, a, b), 8)
		}, 7*4 + 1},
		{"carry alone", func(m *Module, a, b, c, s *Net) *Net { return m.Bit(m.Add("sum", 9, a, b, c), 8) }, 8 * 4},
		{"less", func(m *Module, a, b, c, s *Net) *Net { return m.Less("", a, b) }, 7*4 + 1},
		{"equal", func(m *Module, a, b, c, s *Net) *Net { return m.Eq("", a, b) }, 8*3 + 7},
		{"equal to a constant", func(m *Module, a, b, c, s *Net) *Net { return m.Eq("", a, m.Const(8, 0x35)) }, 7},
		{"multiply", func(m *Module, a, b, c, s *Net) *Net { return m.Mul("", a, b) }, 64 + 8*ha + (64-16)*fa},
		{"multiply by three bits", func(m *Module, a, b, c, s *Net) *Net { return m.Mul("", a, s) }, 24 + 3*ha + (24-11)*fa},
		{"multiply by one bit", func(m *Module, a, b, c, s *Net) *Net { return m.Mul("", a, c) }, 8},
		{"mux", func(m *Module, a, b, c, s *Net) *Net { return m.Mux("", c, a, b) }, 8 * mux},
		{"mux of zero", func(m *Module, a, b, c, s *Net) *Net { return m.Mux("", c, m.Const(8, 0), b) }, 8},
		{"shift", func(m *Module, a, b, c, s *Net) *Net { return m.ShiftRight("", a, s) }, 3*8*mux - 7*(mux-1)},
		{"shift with far amounts", func(m *Module, a, b, c, s *Net) *Net { return m.ShiftLeft("", a, b) }, 3*8*mux - 7*(mux-1) + 4 + 8},
		{"shift one bit up", func(m *Module, a, b, c, s *Net) *Net {
			return m.ShiftLeft("", m.ZeroExtend("", 8, c), s)
		}, 2 + 4 + 8}, // the decoder: each row doubles the bits
		{"any", func(m *Module, a, b, c, s *Net) *Net { return m.ReduceOr("", a) }, 7},
		{"parity", func(m *Module, a, b, c, s *Net) *Net { return m.ReduceXor("", a) }, 7 * 3},
		{"complement", func(m *Module, a, b, c, s *Net) *Net { return m.Not("", a) }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := NewModule("m", "")
			m.Output("y_o", test.build(m, m.Input("a", 8), m.Input("b", 8), m.Input("c", 1), m.Input("s", 3)))
			assert.Equal(t, test.want, weight(lower(t, m).Netlist))
		})
	}
}

// TestLowerBlocks: each gate belongs to the top's instance that contains it, however deep.
func TestLowerBlocks(t *testing.T) {
	half := NewModule("half", "")
	x, y := half.Input("x", 1), half.Input("y", 1)
	half.Output("s_o", half.Xor("", x, y))
	block := NewModule("block", "")
	a := block.Input("a", 1)
	inner := block.Instance("h", half, Ports{"x": a, "y": block.Input("b", 1)})
	block.Output("y_o", block.And("", a, inner["s_o"]))
	top := NewModule("top", "")
	clk := top.ClockInput("clk_i")
	p, q, r := top.Input("p", 1), top.Input("q", 1), top.Input("r", 1)
	first := top.Instance("first", block, Ports{"a": p, "b": q})
	second := top.Instance("second", block, Ports{"a": q, "b": r})
	same := top.Instance("same", block, Ports{"a": p, "b": q}) // makes nothing new
	top.Output("y_o", top.Register("held", top.Or("", first["y_o"], second["y_o"], same["y_o"]), false))
	_ = clk
	n := lower(t, top).Netlist
	assert.Equal(t, []Block{{"top", "top"}, {"first", "block"}, {"second", "block"}, {"same", "block"}}, n.Blocks)
	count := map[string]int{}
	for _, g := range n.Gates[2:] {
		count[n.Blocks[g.Block].Name+" "+g.Kind.String()]++
	}
	assert.Equal(t, map[string]int{"top input": 4, "first xor": 1, "first and": 1, "second xor": 1, "second and": 1,
		"top or": 1, "top flop": 1}, count)
	assert.Equal(t, 0, n.Clock)
	assert.Equal(t, -1, n.Reset)
	assert.Equal(t, 1, n.Latency())
}
