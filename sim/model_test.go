package sim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"fmaq/gen/rtl"
	"fmaq/gen/rtl/rtltest"
	"fmaq/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// naive runs a module by evaluating every cell with rtl.Cell.Eval, registers and instances by recursion: the definition,
// sharing nothing with Model.
type naive struct {
	module    *rtl.Module
	registers map[*rtl.Cell]uint64
	children  map[*rtl.Cell]*naive
}

func newNaive(m *rtl.Module) *naive {
	n := &naive{m, map[*rtl.Cell]uint64{}, map[*rtl.Cell]*naive{}}
	for _, c := range m.Cells {
		if c.Kind == rtl.Instance {
			n.children[c] = newNaive(c.Module)
		}
	}
	return n
}

// cycle takes words for all inputs, the clock included.
func (n *naive) cycle(in []uint64) []uint64 {
	words := map[*rtl.Net]uint64{}
	for i, p := range n.module.Inputs {
		words[p] = in[i]
	}
	next := map[*rtl.Cell]uint64{}
	for _, c := range n.module.Cells {
		var in []uint64
		for _, p := range c.In {
			in = append(in, words[p])
		}
		switch c.Kind {
		case rtl.Instance:
			for i, v := range n.children[c].cycle(in) {
				words[c.Out[i]] = v
			}
		case rtl.Register:
			words[c.Out[0]] = n.registers[c]
			next[c] = in[0]
			if c.Clear && words[n.module.Reset] == 0 {
				next[c] = 0
			}
		default:
			words[c.Out[0]] = c.Eval(in)
		}
	}
	n.registers = next
	var out []uint64
	for _, o := range n.module.Outputs {
		out = append(out, words[o.Net])
	}
	return out
}

// TestModel compares random designs, clocked and not, with the definition, and holds them to have every kind of cell.
func TestModel(t *testing.T) {
	seen := map[rtl.Kind]bool{}
	for seed := range uint64(200) {
		d := rtltest.Random(seed, seed%2 == 0)
		for _, m := range d.Modules {
			for _, c := range m.Cells {
				seen[c.Kind] = true
			}
		}
		model, err := sim.NewModel(d)
		require.NoError(t, err)
		definition := newNaive(d.Top)
		rnd := rand.New(rand.NewPCG(seed, 2))
		in, out := make([]uint64, len(model.Inputs())), make([]uint64, len(model.Outputs()))
		for cycle := range 50 {
			var all []uint64
			i := 0
			for _, p := range d.Top.Inputs {
				if p == d.Top.Clock {
					all = append(all, 0)
					continue
				}
				in[i] = rnd.Uint64() >> (64 - p.Width)
				if p == d.Top.Reset {
					in[i] = min(1, rnd.Uint64N(8))
				}
				all = append(all, in[i])
				i++
			}
			model.Cycle(in, out)
			require.Equal(t, definition.cycle(all), out, "seed %d, cycle %d", seed, cycle)
		}
	}
	for _, kind := range rtl.Kinds() {
		assert.True(t, seen[kind], "no %v", kind)
	}
}

// pipeline is (a + b) * 3 with an instance in each of two stages; limit is only for looking at.
func pipeline() *rtl.Design {
	add := rtl.NewModule("add", "")
	add.Output("sum_o", add.Add("sum", 5, add.Input("a_i", 4), add.Input("b_i", 4)))
	triple := rtl.NewModule("triple", "")
	x := triple.Input("x_i", 5)
	triple.Output("y_o", triple.Mul("y", x, triple.Const(2, 3)))

	m := rtl.NewModule("pipeline", "")
	m.ClockInput("clk_i")
	m.ResetInput("rst_ni")
	valid := m.Input("valid_i", 1)
	sum := m.Instance("u_add", add, rtl.Ports{"a_i": m.Input("a_i", 4), "b_i": m.Input("b_i", 4)})["sum_o"]
	sumQ := m.Register("sum_q", sum, false)
	y := m.Instance("u_triple", triple, rtl.Ports{"x_i": sumQ})["y_o"]
	m.Less("limit", m.Const(5, 7), sumQ)
	m.Output("y_o", m.Register("y_q", y, false))
	m.Output("valid_o", m.Register("valid_qq", m.Register("valid_q", valid, true), true))
	return design(m)
}

func design(top *rtl.Module) *rtl.Design {
	d, err := rtl.NewDesign(top)
	if err != nil {
		panic(err)
	}
	return d
}

func TestModelSignals(t *testing.T) {
	m, err := sim.NewModel(pipeline())
	require.NoError(t, err)
	assert.Equal(t, []sim.Port{{Name: "rst_ni", Width: 1}, {Name: "valid_i", Width: 1}, {Name: "a_i", Width: 4}, {Name: "b_i", Width: 4}}, m.Inputs())
	assert.Equal(t, []sim.Port{{Name: "y_o", Width: 7}, {Name: "valid_o", Width: 1}}, m.Outputs())
	var blocks []string
	for _, b := range m.Blocks() {
		blocks = append(blocks, fmt.Sprintf("%s %d bits stage %d", b.Path, b.Width, b.Stage))
	}
	assert.Equal(t, []string{"u_add.sum_o 5 bits stage 0", "u_triple.y_o 7 bits stage 1"}, blocks)

	out := make([]uint64, 2)
	m.Cycle([]uint64{1, 1, 9, 4}, out)
	m.Settle([]uint64{1, 0, 1, 1}, out)
	for path, want := range map[string]uint64{"sum_q": 13, "u_add.sum": 2, "u_add.sum_o": 2, "u_triple.x_i": 13, "u_triple.y": 39, "limit": 1} {
		s, ok := m.Signal(path)
		if assert.True(t, ok, path) {
			assert.Equal(t, want, m.Value(s), path)
		}
	}
	_, ok := m.Signal("u_add.none")
	assert.False(t, ok)
	m.Clock()
	m.Cycle([]uint64{0, 1, 0, 0}, out)
	assert.Equal(t, []uint64{39, 1}, out)
	m.Cycle([]uint64{1, 1, 0, 0}, out)
	assert.Equal(t, []uint64{6, 0}, out, "reset clears the valid bits only")
	m.Clear()
	m.Cycle([]uint64{1, 1, 0, 0}, out)
	assert.Equal(t, []uint64{0, 0}, out)
}

func TestModelClocks(t *testing.T) {
	for name, build := range map[string]func(m *rtl.Module, clk *rtl.Net){
		"clock clk_i is read as data": func(m *rtl.Module, clk *rtl.Net) { m.Output("y_o", m.Not("", clk)) },
		"output y_o is the clock":     func(m *rtl.Module, clk *rtl.Net) { m.Output("y_o", clk) },
		`module at "u.": clock clk_i is not the top module's`: func(m *rtl.Module, clk *rtl.Net) {
			sub := rtl.NewModule("sub", "")
			sub.ClockInput("clk_i")
			sub.Output("q_o", sub.Register("q", sub.Input("d_i", 1), false))
			m.Output("y_o", m.Instance("u", sub, rtl.Ports{"clk_i": m.Input("gated_i", 1), "d_i": m.Input("d_i", 1)})["q_o"])
		},
	} {
		m := rtl.NewModule("m", "")
		build(m, m.ClockInput("clk_i"))
		_, err := sim.NewModel(design(m))
		assert.ErrorContains(t, err, name)
	}
}

func TestModelAllocates(t *testing.T) {
	m, err := sim.NewModel(rtltest.Random(4, true))
	require.NoError(t, err)
	in, out := make([]uint64, len(m.Inputs())), make([]uint64, len(m.Outputs()))
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Cycle(in, out) }))
}
