package rtl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// half is a half adder with ports a_i, b_i, sum_o, carry_o.
func half() *Module {
	m := NewModule("half", "")
	a, b := m.Input("a_i", 1), m.Input("b_i", 1)
	m.Output("sum_o", m.Xor("sum", a, b))
	m.Output("carry_o", m.And("carry", a, b))
	return m
}

func TestBuilderRefuses(t *testing.T) {
	cases := []struct {
		name, want string
		build      func(m *Module, a, b *Net)
	}{
		{"same name twice", `two things named x`, func(m *Module, a, b *Net) { m.Not("x", a); m.Not("x", a) }},
		{"a name that is no identifier", `no lower-case identifier`, func(m *Module, a, b *Net) { m.Not("A", a) }},
		{"widths that differ", `widths [4 3] -> 4`, func(m *Module, a, b *Net) { m.And("x", a, b) }},
		{"a sum two bits wider", `widths [4 4] -> 6`, func(m *Module, a, b *Net) { m.Add("x", 6, a, a) }},
		{"a slice out of range", `slice x`, func(m *Module, a, b *Net) { m.Slice("x", a, 4, 1) }},
		{"a constant too large", `value 0x10`, func(m *Module, a, b *Net) { m.Const(4, 16) }},
		{"a net of another module", `not its own`, func(m *Module, a, b *Net) { m.Not("x", NewModule("o", "").Input("z", 4)) }},
		{"an input left open", `input b_i is not connected`, func(m *Module, a, b *Net) { m.Instance("u", half(), Ports{"a_i": m.Bit(a, 0)}) }},
		{"a connection of the wrong width", `port b_i: 4 bits, want 1`, func(m *Module, a, b *Net) {
			m.Instance("u", half(), Ports{"a_i": m.Bit(a, 0), "b_i": a})
		}},
		{"too wide a net", `want 1 to 64`, func(m *Module, a, b *Net) { m.ZeroExtend("x", 65, a) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := NewModule("top", "")
			a, b := m.Input("a_i", 4), m.Input("b_i", 3)
			defer func() {
				r := recover()
				require.NotNil(t, r)
				require.Contains(t, r, c.want)
			}()
			c.build(m, a, b)
		})
	}
}

func TestDesignRefuses(t *testing.T) {
	t.Run("a register without a clock", func(t *testing.T) {
		m := NewModule("top", "")
		m.Output("q_o", m.Register("q", m.Input("d_i", 1), false))
		_, err := NewDesign(m)
		require.ErrorContains(t, err, "register q without a clock")
	})
	t.Run("no output", func(t *testing.T) {
		m := NewModule("top", "")
		m.Input("d_i", 1)
		_, err := NewDesign(m)
		require.ErrorContains(t, err, "no output")
	})
	t.Run("a slice of an unnamed sum", func(t *testing.T) {
		m := NewModule("top", "")
		a := m.Input("a_i", 4)
		m.Output("s_o", m.Bit(m.Add("", 4, a, a), 2))
		_, err := NewDesign(m)
		require.ErrorContains(t, err, "slice (unnamed) of an unnamed add")
	})
	t.Run("two modules of one name", func(t *testing.T) {
		m := NewModule("top", "")
		a := m.Input("a_i", 1)
		in := Ports{"a_i": a, "b_i": a}
		m.Output("x_o", m.Instance("u", half(), in)["sum_o"])
		m.Instance("v", half(), in)
		_, err := NewDesign(m)
		require.ErrorContains(t, err, "two modules named half")
	})
}

func TestDesignOrdersAndFreezes(t *testing.T) {
	h := half()
	m := NewModule("top", "")
	a, b := m.Input("a_i", 1), m.Input("b_i", 1)
	u := m.Instance("u", h, Ports{"a_i": a, "b_i": b})
	v := m.Instance("v", h, Ports{"a_i": u["sum_o"], "b_i": b})
	require.Equal(t, "sum", u["sum_o"].Name)
	require.Equal(t, "v_sum", v["sum_o"].Name, "the second instance's names give way")
	m.Output("s_o", v["sum_o"])
	d, err := NewDesign(m)
	require.NoError(t, err)
	require.Equal(t, []*Module{h, m}, d.Modules)
	require.Panics(t, func() { m.Not("late", a) })
	require.Panics(t, func() { h.Input("late", 1) })
}

func TestConstantsFold(t *testing.T) {
	m := NewModule("top", "")
	n := m.Add("sum", 4, m.Const(4, 9), m.Const(4, 9))
	require.Equal(t, Const, m.Driver(n).Kind)
	require.Equal(t, uint64(2), m.Driver(n).Value)
	require.Equal(t, m.Input("a_i", 4), m.Slice("", m.Inputs[0], 3, 0), "the whole of a word is the word")
	named := m.Slice("", m.Slice("", m.Inputs[0], 3, 1), 1, 1)
	require.Equal(t, 2, m.Driver(named).Low, "a slice of a slice is one slice")
	sum := m.Add("", 4, m.Inputs[0], m.Inputs[0])
	require.Same(t, sum, m.ZeroExtend("twice", 4, sum), "a whole unnamed word takes the name")
	require.Equal(t, "twice", sum.Name)
}
