package main

import (
	"maps"
	"math"
	"testing"

	"fmaq/fp"
)

// Neighbours of every code: the value between them is the code's own, strictly, and stepping back comes back.
func TestNeighboursAreTheNextValues(t *testing.T) {
	for _, f := range []fp.Format{{Mantissa: 0, Exponent: 2, Bias: 2}, {Mantissa: 1, Exponent: 2, Bias: 0},
		{Mantissa: 4, Exponent: 3, Bias: 4}} {
		for _, z := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
			values := map[float64]bool{}
			for c := range f.Mask() + 1 {
				values[f.Decode(c, z)] = true
			}
			for c := range f.Mask() + 1 {
				a := describe(f, z, c)
				below, above := math.Inf(-1), math.Inf(1)
				for v := range values {
					if v < a.Value {
						below = max(below, v)
					}
					if v > a.Value {
						above = min(above, v)
					}
				}
				if got := valueOr(a.Below, math.Inf(-1)); got != below {
					t.Errorf("%v %v %#x = %v: next below %v, want %v", f, z, c, a.Value, got, below)
				}
				if got := valueOr(a.Above, math.Inf(1)); got != above {
					t.Errorf("%v %v %#x = %v: next above %v, want %v", f, z, c, a.Value, got, above)
				}
			}
		}
	}
}

func valueOr(c *codeInfo, otherwise float64) float64 {
	if c == nil {
		return otherwise
	}
	return c.Value
}

// Every sum of two codes: what explain says of the exact sum is what the numerics give, under stochastic rounding for as
// many of the random words as it says.
func TestQuantisedIsWhatTheNumericsGive(t *testing.T) {
	for _, f := range []fp.Format{{Mantissa: 0, Exponent: 2}, {Mantissa: 2, Exponent: 2}, {Mantissa: 3, Exponent: 3}} {
		for _, z := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
			for _, rounding := range []fp.Rounding{fp.Truncate, fp.NearestEven, fp.Stochastic} {
				s := fp.NewSpec(fp.Format{Mantissa: 1, Exponent: 2}, f)
				s.Rounding, s.Zero = rounding, z
				if rounding == fp.Stochastic {
					s.RandomBits = 3
				}
				unit, err := fp.New(s)
				if err != nil {
					t.Fatal(err)
				}
				for a := range s.Accumulator.Mask() + 1 {
					for b := range s.Accumulator.Mask() + 1 {
						sum := s.Accumulator.Decode(a, z) + s.Accumulator.Decode(b, z)
						want := map[string]float64{}
						words := uint32(1) << s.RandomBits
						for r := range words {
							want[hexCode(s.Accumulator, unit.Add(a, b, r))] += 1 / float64(words)
						}
						got := map[string]float64{}
						for _, o := range quantise(s, sum) {
							got[o.Code] = o.Probability
						}
						if !maps.Equal(got, want) {
							t.Fatalf("%v %v %v: %#x + %#x = %v gives %v, want %v", f, z, rounding, a, b, sum, got, want)
						}
					}
				}
			}
		}
	}
}

func TestExplainRejects(t *testing.T) {
	f := fp.Format{Mantissa: 7, Exponent: 4, Bias: 8}
	for _, input := range []string{"", "x", "0x", "0b2", "-0x5", "nan", "0x1000", "0x1ffffffffffffffff"} {
		if a, err := explain(f, fp.ZeroCode, input); err == nil {
			t.Errorf("%q gives %+v", input, a)
		}
	}
}
