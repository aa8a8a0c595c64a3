package sim

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/gen/rtl/netlist"
	"fmaq/gen/rtl/rtltest"
	"fmaq/sim/external"
)

// TestEquivalentMutants breaks single gates of a circuit, combinational and pipelined: ABC's verdict is that of trying every
// input, and where the circuits differ, so do their outputs for the inputs that it names.
func TestEquivalentMutants(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 6))
	for _, stages := range []int{0, 2} {
		n := fmaqNetlist(t, testSpec(t, "M1E2", "M1E2"), gen.Arch{Pipeline: stages})
		var logic []int
		for i, g := range n.Gates {
			switch g.Kind {
			case rtl.GateAnd, rtl.GateOr, rtl.GateXor, rtl.GateMux, rtl.GateNot:
				logic = append(logic, i)
			}
		}
		different := 0
		const mutants = 25
		for range mutants {
			broken := *n
			broken.Gates = slices.Clone(n.Gates)
			what := mutate(rnd, &broken, logic[rnd.IntN(len(logic))])
			d, err := Equivalent(t.Context(), &broken, n)
			require.NoError(t, err)
			require.Equal(t, tryAll(&broken, n), d != nil, what)
			if d != nil {
				different++
				require.NotEqual(t, d.A, d.B, what)
				require.Contains(t, d.String(), "acc_o = ")
			}
		}
		assert.Greater(t, different, mutants/2)
	}
}

// tryAll reports whether two circuits differ on some input of theirs, unrolled.
func tryAll(a, b *rtl.Netlist) bool {
	both := netlist.Unroll(a, b)
	width := 0
	for _, p := range both[0].Inputs {
		width += len(p.Bits)
	}
	for number := range 1 << width {
		if number%Lanes > 0 {
			continue
		}
		var results [2][][]uint64
		for k, n := range both {
			s := CompileGates(n).NewState()
			at := 0
			for i, p := range n.Inputs {
				values := make([]uint64, min(Lanes, 1<<width))
				for lane := range values {
					values[lane] = uint64(number+lane) >> at & (1<<len(p.Bits) - 1)
				}
				s.Set(i, values)
				at += len(p.Bits)
			}
			s.Settle()
			for i := range n.Outputs {
				values := make([]uint64, min(Lanes, 1<<width))
				s.Get(i, values)
				results[k] = append(results[k], values)
			}
		}
		if !assert.ObjectsAreEqual(results[0], results[1]) {
			return true
		}
	}
	return false
}

// TestEquivalentToYosys: what Yosys makes of the Verilog of random designs equals their gates. Cells of every kind, of up
// to 64 bits, are among them.
func TestEquivalentToYosys(t *testing.T) {
	for seed := range uint64(8) {
		d := rtltest.Random(seed, seed%2 == 0)
		n := rtl.Lower(d)
		text, err := Map(t.Context(), d, "")
		require.NoError(t, err)
		m, err := netlist.ReadJSON("mapped.json", text, nil, n)
		require.NoError(t, err, "seed %d", seed)
		difference, err := Equivalent(t.Context(), m.Netlist, n)
		require.NoError(t, err)
		require.Nil(t, difference, "seed %d: %v", seed, difference)
	}
}

func TestEquivalentErrors(t *testing.T) {
	small := fmaqNetlist(t, testSpec(t, "M1E2", "M1E2"), gen.Arch{})
	wide := fmaqNetlist(t, testSpec(t, "M1E2", "M2E2"), gen.Arch{})
	_, err := Equivalent(t.Context(), small, wide)
	assert.ErrorContains(t, err, "input acc_i, 4 bits")
	assert.ErrorContains(t, err, "input acc_i, 5 bits")
	t.Setenv("PATH", "")
	var missing *external.MissingToolError
	_, err = Equivalent(t.Context(), small, small)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "yosys-abc", missing.Tool)
	_, err = Map(t.Context(), rtltest.Random(1, false), "")
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "yosys", missing.Tool)
}

// TestReadVerdict: nothing but the words that cec is known to print counts.
func TestReadVerdict(t *testing.T) {
	for log, want := range map[string]bool{
		"Networks are equivalent after structural hashing.  Time =     0.00 sec\n":        true,
		"Networks are equivalent.  Time =     0.01 sec\n":                                 true,
		"Networks are NOT EQUIVALENT.  Time =     0.01 sec\nInput pattern:  i0=1 i12=0\n": false,
	} {
		equal, set, err := readVerdict(log)
		require.NoError(t, err, log)
		assert.Equal(t, want, equal)
		if !equal {
			assert.Equal(t, map[int]bool{0: true, 12: false}, set)
		}
	}
	for log, message := range map[string]string{
		"": "no verdict",
		"Networks are UNDECIDED.  Time =     0.01 sec\n":               "did not decide",
		"Networks are equivalent in part.\n":                           "did not decide",
		"Networks are equivalent.\nNetworks are equivalent.\n":         "no verdict",
		"Networks are NOT EQUIVALENT.\n":                               "told no inputs",
		"Networks are NOT EQUIVALENT.\nInput pattern:  pi0=1 pi1=0\n":  "told no inputs",
		"Warning: Networks are equivalent.\nCannot read \"a.blif\".\n": "no verdict",
	} {
		_, _, err := readVerdict(log)
		assert.ErrorContains(t, err, message, log)
	}
}
