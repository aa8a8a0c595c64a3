package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/gen"
	"fmaq/gen/rtl"
)

func unit(t testing.TB, s fp.Spec) *fp.Unit {
	t.Helper()
	u, err := fp.New(s)
	require.NoError(t, err)
	return u
}

// TestProveFMAq proves small circuits with every switch, combinational and pipelined, on all inputs.
func TestProveFMAq(t *testing.T) {
	for _, formats := range [][2]string{{"M0E2", "M0E2"}, {"M1E2", "M2E2"}, {"M2E2", "M1E3"}, {"M0E2", "M4E3"}, {"M2E3", "M3E3"}} {
		for stages := range gen.MaxPipeline + 1 {
			for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
				for _, align := range []fp.Align{fp.AlignExact, fp.AlignLazy} {
					s := testSpec(t, formats[0], formats[1])
					s.Zero, s.Align = zero, align
					n := fmaqNetlist(t, s, gen.Arch{Pipeline: stages})
					c, err := Prove(t.Context(), n, unit(t, s).Cases, ProofOptions{})
					require.NoError(t, err)
					require.Nil(t, c, "%v, %d stages, zero %v, align %v: %v", s, stages, zero, align, c)
				}
			}
		}
	}
}

// TestProveStochastic has the random bits among the inputs, TestProveOffset a port held still.
func TestProveStochastic(t *testing.T) {
	s := testSpec(t, "M1E2", "M2E2")
	s.Rounding, s.RandomBits = fp.Stochastic, 3
	for _, stages := range []int{0, 2} {
		c, err := Prove(t.Context(), fmaqNetlist(t, s, gen.Arch{Pipeline: stages}), unit(t, s).Cases, ProofOptions{})
		require.NoError(t, err)
		require.Nil(t, c)
	}
}

func TestProveOffset(t *testing.T) {
	s := testSpec(t, "M1E2", "M2E2")
	p := gen.NewParams(s)
	p.Arch.Bias = gen.BiasPort
	n := fmaqNetlist(t, s, p.Arch)
	mask := uint64(1)<<p.OffsetWidth() - 1
	for _, bias := range []int{-1, 0, 2} {
		// The port moves the product's bias and, as the shift is built in, the accumulator's with it.
		moved := s
		moved.Product.Bias += bias
		moved.Accumulator.Bias += bias
		o := ProofOptions{Fixed: map[string]uint64{"offset_i": uint64(moved.Offset()) & mask}}
		c, err := Prove(t.Context(), n, unit(t, moved).Cases, o)
		require.NoError(t, err)
		require.Nil(t, c, "bias %d: %v", bias, c)
		c, err = Prove(t.Context(), n, unit(t, moved).Cases, ProofOptions{Fixed: map[string]uint64{"offset_i": uint64(moved.Offset()+1) & mask}})
		require.NoError(t, err)
		require.NotNil(t, c)
		assert.Equal(t, "offset_i", c.Inputs[3].Name)
		assert.Equal(t, uint64(moved.Offset()+1)&mask, c.Inputs[3].Word)
	}
}

// lowest finds the first case that differs, one by one.
func lowest(t *testing.T, n *rtl.Netlist, s fp.Spec) (uint64, bool) {
	t.Helper()
	u := unit(t, s)
	state := CompileGates(n).NewState()
	want := make([]fp.Code, 1)
	values := make([]uint64, Lanes)
	for number := uint64(0); number < 1<<s.InputBits(); number++ {
		u.Cases(number, want)
		v := number
		for p := 2; p >= 0; p-- {
			width := len(n.Inputs[p].Bits)
			values[0] = v & (1<<width - 1)
			state.Set(p, values[:1])
			v >>= width
		}
		state.Settle()
		state.Get(0, values[:1])
		if values[0] != uint64(want[0]) {
			return number, true
		}
	}
	return 0, false
}

// TestProveMutants breaks single gates: Prove finds the very first case that a plain search finds, or a proof where the
// search finds none; and it shows what both sides say there.
func TestProveMutants(t *testing.T) {
	s := testSpec(t, "M1E2", "M2E2")
	n := fmaqNetlist(t, s, gen.Arch{})
	u := unit(t, s)
	var logic []int
	for i, g := range n.Gates {
		switch g.Kind {
		case rtl.GateAnd, rtl.GateOr, rtl.GateXor, rtl.GateMux, rtl.GateNot:
			logic = append(logic, i)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 5))
	found := 0
	const mutants = 60
	for range mutants {
		broken := *n
		broken.Gates = slices.Clone(n.Gates)
		what := mutate(rnd, &broken, logic[rnd.IntN(len(logic))])
		number, differs := lowest(t, &broken, s)
		c, err := Prove(t.Context(), &broken, u.Cases, ProofOptions{Workers: 3})
		require.NoError(t, err)
		require.Equal(t, differs, c != nil, what)
		if c == nil {
			continue
		}
		found++
		require.Equal(t, number, c.Case, what)
		in := words(c.Inputs)
		require.Equal(t, c.Case, in[0]<<9|in[1]<<5|in[2], what)
		require.Equal(t, uint64(u.FMAq(fp.Code(in[0]), fp.Code(in[1]), fp.Code(in[2]))), c.Want[0].Word)
		require.NotEqual(t, c.Got[0].Word, c.Want[0].Word)
		require.Equal(t, "acc_o", c.Got[0].Name)
	}
	assert.Greater(t, found, mutants*8/10, "most gates matter")
}

func words(values []Value) []uint64 {
	all := make([]uint64, len(values))
	for i, v := range values {
		all[i] = v.Word
	}
	return all
}

// mutate turns a gate into another, and says which.
func mutate(rnd *rand.Rand, n *rtl.Netlist, i int) string {
	g := &n.Gates[i]
	before := *g
	switch g.Kind {
	case rtl.GateMux:
		g.In[1], g.In[2] = g.In[2], g.In[1]
	case rtl.GateNot: // stuck at its input
		*g = rtl.Gate{Kind: rtl.GateOr, Block: g.Block, In: [3]rtl.Wire{g.In[0], g.In[0], rtl.Floating}}
	default:
		others := slices.DeleteFunc([]rtl.GateKind{rtl.GateAnd, rtl.GateOr, rtl.GateXor}, func(k rtl.GateKind) bool { return k == g.Kind })
		g.Kind = others[rnd.IntN(2)]
	}
	return fmt.Sprintf("gate %d %v%v becomes %v%v", i, before.Kind, before.In, g.Kind, g.In)
}

// TestProvePipelineMutants: a missing register, a clear that does nothing, a late valid bit and a broken gate all show.
func TestProvePipelineMutants(t *testing.T) {
	s := testSpec(t, "M1E2", "M2E2")
	u := unit(t, s)
	n := fmaqNetlist(t, s, gen.Arch{Pipeline: 2})
	prove := func(change func(n *rtl.Netlist)) *Counterexample {
		t.Helper()
		broken := *n
		broken.Gates = slices.Clone(n.Gates)
		change(&broken)
		first, err := Prove(t.Context(), &broken, u.Cases, ProofOptions{Workers: 1})
		require.NoError(t, err)
		again, err := Prove(t.Context(), &broken, u.Cases, ProofOptions{Workers: 4})
		require.NoError(t, err)
		require.Equal(t, first, again)
		return first
	}
	require.Nil(t, prove(func(*rtl.Netlist) {}))
	flop := func(n *rtl.Netlist, clear bool) int {
		return slices.IndexFunc(n.Gates, func(g rtl.Gate) bool {
			return g.Kind == rtl.GateFlop && (g.In[1] != rtl.Floating) == clear
		})
	}
	c := prove(func(n *rtl.Netlist) { // a data register is a wire
		i := flop(n, false)
		d := n.Gates[i].In[0]
		n.Gates[i] = rtl.Gate{Kind: rtl.GateAnd, In: [3]rtl.Wire{d, d, rtl.Floating}}
	})
	require.NotNil(t, c)
	assert.Equal(t, "acc_o", c.Got[0].Name)
	c = prove(func(n *rtl.Netlist) { n.Gates[flop(n, true)].In[1] = rtl.Floating })
	require.NotNil(t, c, "no clear")
	assert.Equal(t, "valid_o", c.Got[0].Name)
	c = prove(func(n *rtl.Netlist) {
		i := flop(n, true)
		n.Gates[i] = rtl.Gate{Kind: rtl.GateFlop, In: [3]rtl.Wire{1, n.Gates[i].In[1], rtl.Floating}}
	})
	require.NotNil(t, c, "always valid")
	assert.Equal(t, "valid_o", c.Got[0].Name)
	assert.Len(t, c.Inputs, 3)
}

func TestProveErrors(t *testing.T) {
	s := testSpec(t, "M4E3", "M23E8")
	n := fmaqNetlist(t, s, gen.Arch{})
	_, err := Prove(t.Context(), n, unit(t, s).Cases, ProofOptions{})
	var many *TooManyCasesError
	require.ErrorAs(t, err, &many)
	assert.Equal(t, 48, many.Bits)
	_, err = Prove(t.Context(), n, unit(t, s).Cases, ProofOptions{Fixed: map[string]uint64{"nothing": 0, "w_i": 256}})
	assert.ErrorContains(t, err, "fixed nothing: no such input")
	assert.ErrorContains(t, err, "fixed w_i = 0x100: want at most 8 bits")

	m := rtl.NewModule("wide", "")
	m.Output("y_o", m.ZeroExtend("", 33, m.Input("a_i", 3)))
	d, err := rtl.NewDesign(m)
	require.NoError(t, err)
	wide := rtl.Lower(d)
	_, err = Prove(t.Context(), wide, func(uint64, []uint32) {}, ProofOptions{})
	assert.ErrorContains(t, err, "results of 33 bits: the reference gives 32")
	c, err := Prove(t.Context(), wide, func(first uint64, want []uint64) {
		for i := range want {
			want[i] = first + uint64(i)
		}
	}, ProofOptions{})
	require.NoError(t, err)
	assert.Nil(t, c)
}

// TestProveCancelled stops within a piece a worker of the moment it is told to.
func TestProveCancelled(t *testing.T) {
	s := testSpec(t, "M4E3", "M7E4")
	u := unit(t, s)
	n := fmaqNetlist(t, s, gen.Arch{})
	ctx, cancel := context.WithCancel(t.Context())
	var last uint64
	c, err := Prove(ctx, n, u.Cases, ProofOptions{Progress: func(done, total uint64) {
		assert.Equal(t, uint64(1)<<28, total)
		assert.GreaterOrEqual(t, done, last)
		last = done
		cancel()
	}})
	assert.Nil(t, c)
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, last, uint64(1)<<28)
}

// TestProveSeveralOutputs: ports' words stand side by side, the first most significant, in cases and results.
func TestProveSeveralOutputs(t *testing.T) {
	m := rtl.NewModule("several", "")
	a, b := m.Input("a_i", 7), m.Input("b_i", 6)
	m.Output("sum_o", m.Add("", 7, a, m.ZeroExtend("", 7, b)))
	m.Output("less_o", m.Less("", a, m.ZeroExtend("", 7, b)))
	m.Output("b_o", b)
	d, err := rtl.NewDesign(m)
	require.NoError(t, err)
	for _, wrong := range []uint64{1 << 20, 5000} {
		c, err := Prove(t.Context(), rtl.Lower(d), func(first uint64, want []uint64) {
			for i := range want {
				v := first + uint64(i)
				a, b := v>>6, v&63
				want[i] = (a+b)&127<<7 | bit(a < b)<<6 | b
				if v >= wrong {
					want[i] ^= 1 << 6
				}
			}
		}, ProofOptions{})
		require.NoError(t, err)
		if wrong == 1<<20 {
			require.Nil(t, c)
			continue
		}
		require.NotNil(t, c)
		assert.Equal(t, &Counterexample{
			Case:   5000,
			Inputs: []Value{{Port{"a_i", 7}, 78}, {Port{"b_i", 6}, 8}},
			Got:    []Value{{Port{"sum_o", 7}, 86}, {Port{"less_o", 1}, 0}, {Port{"b_o", 6}, 8}},
			Want:   []Value{{Port{"sum_o", 7}, 86}, {Port{"less_o", 1}, 1}, {Port{"b_o", 6}, 8}},
		}, c)
		assert.Equal(t, "case 5000: a_i = 0x4e b_i = 0x8, sum_o = 0x56, want 0x56, less_o = 0x0, want 0x1, b_o = 0x8, want 0x8", c.String())
	}
}

// TestCheck runs stratified vectors through circuits too large to prove, combinational and pipelined, and through a
// broken one.
func TestCheck(t *testing.T) {
	for _, f := range []string{"M10E5", "M7E8", "M23E8"} {
		for _, stages := range []int{0, 3} {
			s := testSpec(t, "M4E3", f)
			u := unit(t, s)
			n := fmaqNetlist(t, s, gen.Arch{Pipeline: stages})
			source, err := vectors.New(s, 1)
			require.NoError(t, err)
			const count = 100_000
			in := make([]uint64, 3)
			stimulus := func(yield func([]uint64) bool) {
				for v := range source.First(count) {
					in[0], in[1], in[2] = uint64(v.W), uint64(v.X), uint64(v.A)
					if !yield(in) {
						return
					}
				}
			}
			reference := func(in []uint64) fp.Code { return u.FMAq(fp.Code(in[0]), fp.Code(in[1]), fp.Code(in[2])) }
			var done uint64
			checked, c, err := Check(t.Context(), n, stimulus, reference, ProofOptions{Progress: func(d, total uint64) {
				assert.Zero(t, total)
				done = d
			}})
			require.NoError(t, err)
			require.Nil(t, c, "%v", c)
			assert.Equal(t, uint64(count), checked)
			assert.Equal(t, uint64(count), done)

			// Wrong for the vectors from one on whose accumulator is odd.
			var first *Counterexample
			for _, workers := range []int{1, 2, 5} {
				wrong := func(in []uint64) fp.Code {
					want := reference(in)
					if in[2]&0xff == 0x3f {
						want ^= 4
					}
					return want
				}
				_, c, err = Check(t.Context(), n, stimulus, wrong, ProofOptions{Workers: workers})
				require.NoError(t, err)
				require.NotNil(t, c)
				assert.Equal(t, uint64(0x3f), c.Inputs[2].Word&0xff)
				if first == nil {
					first = c
				}
				assert.Equal(t, first, c)
			}
			position := uint64(0)
			for v := range source.First(count) {
				if v.A&0xff == 0x3f {
					break
				}
				position++
			}
			assert.Equal(t, position, first.Case)
		}
	}
}

func TestCheckErrors(t *testing.T) {
	n := fmaqNetlist(t, testSpec(t, "M1E2", "M2E2"), gen.Arch{})
	reference := func(in []uint64) fp.Code { return 0 }
	_, _, err := Check(t.Context(), n, slices.Values([][]uint64{{0, 0, 0}, {0, 16, 0}}), reference, ProofOptions{})
	assert.ErrorContains(t, err, "vector 1: x_i = 0x10: want at most 4 bits")
	_, _, err = Check(t.Context(), n, slices.Values([][]uint64{{0}}), reference, ProofOptions{})
	assert.ErrorContains(t, err, "vector 0: 1 words: want 3")
	ctx, cancel := context.WithCancelCause(t.Context())
	endless := func(yield func([]uint64) bool) {
		for i := 0; yield([]uint64{0, 0, 0}); i++ {
			if i == 100_000 {
				cancel(errors.New("enough"))
			}
		}
	}
	_, c, err := Check(ctx, n, endless, reference, ProofOptions{})
	assert.Nil(t, c)
	assert.ErrorIs(t, err, context.Canceled)
	checked, c, err := Check(t.Context(), n, slices.Values([][]uint64(nil)), reference, ProofOptions{})
	assert.NoError(t, err)
	assert.Nil(t, c)
	assert.Zero(t, checked)
}

// BenchmarkProve is the whole proof of M7E4.
func BenchmarkProve(b *testing.B) {
	s := testSpec(b, "M4E3", "M7E4")
	for _, stages := range []int{0, 3} {
		n := fmaqNetlist(b, s, gen.Arch{Pipeline: stages})
		b.Run(fmt.Sprint("M7E4 stages ", stages), func(b *testing.B) {
			for b.Loop() {
				c, err := Prove(b.Context(), n, unit(b, s).Cases, ProofOptions{})
				require.NoError(b, err)
				require.Nil(b, c)
			}
		})
	}
}
