package main

import (
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

func TestTruncationIsTheNextValueTowardZero(t *testing.T) {
	f := fp.Format{Mantissa: 3, Exponent: 3, Bias: 4}
	for _, z := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
		for v := -20.0; v <= 20; v += 1.0 / 256 {
			want := 0.0
			for c := range f.Mask() + 1 {
				if d := f.Decode(c, z); math.Abs(d) <= math.Abs(v) && math.Abs(d) > math.Abs(want) && d*v > 0 {
					want = d
				}
			}
			if got := encode(f, z, "", v).Truncated.Value; got != want {
				t.Fatalf("%v: %v truncates to %v, want %v", z, v, got, want)
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
