package fp

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// rowSpecs are specifications with every switch over some widths and biases.
func rowSpecs(t testing.TB) []Spec {
	var all []Spec
	for _, names := range [][2]string{{"M1E2", "M2E2"}, {"M0E2", "M0E3"}, {"M2E2", "M3E3"}, {"M1E2", "M0E2"},
		{"M4E3", "M7E4"}, {"M4E3", "M10E5"}, {"M7E8", "M7E8"}, {"M4E3", "M23E8"}, {"M23E8", "M23E8"}} {
		o, err := ParseFormat(names[0])
		require.NoError(t, err)
		a, err := ParseFormat(names[1])
		require.NoError(t, err)
		for _, bias := range []int{0, -3, 4} {
			for _, zero := range []Zero{ZeroCode, ZeroExponent} {
				for _, align := range []Align{AlignExact, AlignLazy} {
					for _, rounding := range []Rounding{Truncate, NearestEven, Stochastic} {
						s := NewSpec(o, a)
						s.Product.Bias += bias
						s.Accumulator.Bias -= bias / 2
						s.Zero, s.Align, s.Rounding = zero, align, rounding
						if rounding == Stochastic {
							s.RandomBits = 2
						}
						all = append(all, s)
					}
				}
			}
		}
	}
	return all
}

// TestCases compares with FMAqRandom: all cases of small formats, in pieces of odd lengths, and stretches of large ones.
func TestCases(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, s := range rowSpecs(t) {
		u, err := New(s)
		require.NoError(t, err)
		n := uint(s.InputBits() + s.RandomBits)
		dst := make([]Code, 5000)
		stretch := func(first uint64, count int) {
			u.Cases(first, dst[:count])
			for i, got := range dst[:count] {
				v := first + uint64(i)
				r := uint32(v & (1<<s.RandomBits - 1))
				v >>= s.RandomBits
				a := Code(v) & s.Accumulator.Mask()
				v >>= s.Accumulator.Width()
				w, x := Code(v>>s.Activation.Width()), Code(v)&s.Activation.Mask()
				if want := u.FMAqRandom(w, x, a, r); got != want {
					require.Equal(t, want, got, "%+v: w %#x, x %#x, a %#x, r %#x", s, w, x, a, r)
				}
			}
		}
		if n <= 14 {
			for first := uint64(0); first < 1<<n; {
				count := min(1+rnd.IntN(700), int(1<<n-first))
				stretch(first, count)
				first += uint64(count)
			}
			continue
		}
		for range 40 {
			count := 1 + rnd.IntN(len(dst))
			stretch(rnd.Uint64()>>(64-n)%(1<<n-uint64(count)), count)
		}
		// The lowest and the highest products.
		stretch(0, 3000)
		stretch(1<<n-3000, 3000)
	}
}

func BenchmarkCases(b *testing.B) {
	for _, name := range []string{"M7E4", "M10E5"} {
		for _, rounding := range []Rounding{Truncate, NearestEven} {
			o, _ := ParseFormat("M4E3")
			a, _ := ParseFormat(name)
			s := NewSpec(o, a)
			s.Rounding = rounding
			u, err := New(s)
			require.NoError(b, err)
			b.Run(fmt.Sprint(name, " ", rounding), func(b *testing.B) {
				dst := make([]Code, 4096)
				first := uint64(0)
				for b.Loop() {
					u.Cases(first, dst)
					first = (first + 12345<<12) & (1<<s.InputBits() - 1)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(dst)), "ns/case")
			})
		}
	}
}
