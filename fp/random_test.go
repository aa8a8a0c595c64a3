package fp_test

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
)

// The pairs of formats too wide to try every input of. Operands wider than the accumulator, and the reverse, take
// different ways through the product.
var widePairs = [][2]string{
	{"M4E3", "M7E4"}, {"M4E3", "M10E5"}, {"M4E3", "M7E8"}, {"M4E3", "M23E8"}, {"M3E4", "M9E5"},
	{"M10E5", "M23E8"}, {"M23E8", "M23E8"}, {"M23E8", "M7E8"}, {"M23E8", "M0E2"}, {"M7E8", "M0E8"},
	{"M0E2", "M7E4"}, {"M0E2", "M23E8"}, {"M0E8", "M10E5"}, {"M1E8", "M2E8"}, {"M12E2", "M23E2"},
}

// TestRandom compares fp and exact, events included, on every stratum of every wide pair, with default biases and each
// biasing, and with every combination of switches.
func TestRandom(t *testing.T) {
	cases := 40 // of each stratum for each specification
	if testing.Short() {
		cases = 4
	}
	sets := switches(truncate, nearestEven, stochastic(1), stochastic(11), stochastic(fp.MaxRandomBits))
	for i, pair := range widePairs {
		t.Run(pair[0]+" x "+pair[1], func(t *testing.T) {
			t.Parallel()
			rng := source(t, i)
			base := fp.NewSpec(format(t, pair[0]), format(t, pair[1]))
			biased := []fp.Spec{base}
			for _, b := range biasings {
				biased = append(biased, b.of(base))
			}
			seen := map[fp.Event]int{}
			for _, biased := range biased {
				for _, set := range sets {
					u, err := fp.New(withSwitches(biased, set))
					require.NoError(t, err)
					s := newSampler(rng, u)
					for _, stratum := range strata {
						for range cases {
							w, x, a := s.neighbour(stratum.draw(s))
							events, err := compare(u, w, x, a, rng.Uint32())
							require.NoError(t, err, "%s", stratum.name)
							for e := fp.ProductUnderflow; e <= fp.Swamped; e <<= 1 {
								if events&e != 0 {
									seen[e]++
								}
							}
						}
					}
				}
			}
			for e := fp.ProductUnderflow; e <= fp.Swamped; e <<= 1 {
				assert.NotZero(t, seen[e], "event %05b never seen: the strata miss their aim", e)
			}
		})
	}
}

// TestExtremeBiases puts the product and the accumulator at opposite ends of what float64 can express, where every
// shift exceeds any word.
func TestExtremeBiases(t *testing.T) {
	rng := source(t, 100)
	for _, accumulator := range []string{"M0E2", "M7E4", "M23E8"} {
		for _, set := range switches(truncate, nearestEven, stochastic(5)) {
			s := withSwitches(fp.NewSpec(format(t, "M4E3"), format(t, accumulator)), set)
			least := s.Accumulator.MinBias()
			for _, bias := range [][2]int{{fp.MaxBias, least}, {least, fp.MaxBias}, {least, least}, {fp.MaxBias, fp.MaxBias}} {
				s.Product.Bias, s.Accumulator.Bias = bias[0], bias[1]
				for _, offset := range []int{0, 7, -3} {
					s.Weight.Bias = max((s.Product.Bias+offset)/2, s.Weight.MinBias())
					s.Activation.Bias = s.Product.Bias + offset - s.Weight.Bias
					u, err := fp.New(s)
					require.NoError(t, err)
					for range 15 {
						sampler := newSampler(rng, u)
						for _, stratum := range strata {
							w, x, a := sampler.neighbour(stratum.draw(sampler))
							_, err := compare(u, w, x, a, rng.Uint32())
							require.NoError(t, err, "%s", stratum.name)
							p, _ := u.Product(w, x)
							q := exact.QProd(s, rationalProduct(s, w, x))
							require.Zero(t, rational(p).Cmp(q), "%s: product of %#x and %#x: want %v, got %v", describe(s), w, x, q, p)
						}
					}
				}
			}
		}
	}
}

// TestAlignmentDistances covers every distance between the exponents of two addends, in both directions, with the
// mantissas of both that decide a rounding: few bits, all bits, and one beside them.
func TestAlignmentDistances(t *testing.T) {
	for _, name := range []string{"M0E8", "M7E8", "M23E8"} {
		f := format(t, name)
		ones := 1<<f.Mantissa - 1
		mantissas := []int{0, min(1, ones), ones / 2, ones - ones/2, max(ones-1, 0), ones}
		slices.Sort(mantissas)
		mantissas = slices.Compact(mantissas)
		var sets []fp.Spec
		for _, s := range switches(truncate, nearestEven, stochastic(2), stochastic(fp.MaxRandomBits)) {
			if s.Zero == fp.ZeroCode {
				sets = append(sets, s)
			}
		}
		parallel(t, sets, func(set fp.Spec) error {
			s := withSwitches(fp.NewSpec(format(t, "M4E3"), f), set)
			u, err := fp.New(s)
			if err != nil {
				return err
			}
			random := []uint32{0}
			if s.Rounding == fp.Stochastic {
				random = []uint32{1, 1<<fp.MaxRandomBits - 1}
			}
			for d := range 70 {
				for _, my := range mantissas {
					for _, ma := range mantissas {
						for sign := range 4 {
							y, a := f.Pack(sign&1 != 0, 100+d, my), f.Pack(sign&2 != 0, 100, ma)
							for _, r := range random {
								want := exact.Add(s, y, a, r)
								if got := u.Add(y, a, r); got != want {
									return fmt.Errorf("%s: y %#x + a %#x, r %#x: want %#x, got %#x", describe(s), y, a, r, want, got)
								}
								if got := u.Add(a, y, r); got != want {
									return fmt.Errorf("%s: y %#x + a %#x, r %#x: want %#x, got %#x", describe(s), a, y, r, want, got)
								}
							}
						}
					}
				}
			}
			return nil
		})
	}
}

// TestAdd compares the step over chunks for every pair of codes of narrow accumulators.
func TestAdd(t *testing.T) {
	limit := 6
	if testing.Short() {
		limit = 5
	}
	var specs []fp.Spec
	for width := 1 + fp.MinExponent; width <= limit; width++ {
		for _, f := range formats(width) {
			for _, set := range switches(truncate, nearestEven, stochastic(1), stochastic(2)) {
				specs = append(specs, withSwitches(fp.NewSpec(format(t, "M4E3"), f), set))
			}
		}
	}
	parallel(t, specs, func(s fp.Spec) error {
		u, err := fp.New(s)
		if err != nil {
			return err
		}
		codes := fp.Code(1) << s.Accumulator.Width()
		for y := range codes {
			for a := range codes {
				for r := range uint32(1) << s.RandomBits {
					if want, got := exact.Add(s, y, a, r), u.Add(y, a, r); got != want {
						return fmt.Errorf("%s: y %#x + a %#x, r %#x: want %#x, got %#x", describe(s), y, a, r, want, got)
					}
				}
			}
		}
		return nil
	})
}

func TestDot(t *testing.T) {
	rng := source(t, 200)
	for _, pair := range [][2]string{{"M4E3", "M7E4"}, {"M4E3", "M23E8"}, {"M1E2", "M0E3"}, {"M10E5", "M10E5"}} {
		for _, set := range switches(truncate, nearestEven, stochastic(1), stochastic(7)) {
			for _, chunk := range []int{0, 1, 5, 16, 1000} {
				s := withSwitches(fp.NewSpec(format(t, pair[0]), format(t, pair[1])), set)
				s.Chunk = chunk
				u, err := fp.New(s)
				require.NoError(t, err)
				for _, n := range []int{0, 1, 4, 5, 6, 15, 16, 17, 33} {
					w, x := make([]fp.Code, n), make([]fp.Code, n)
					for i := range n {
						// All of one sign, half of the time: sums then grow, and lose what they swamp.
						w[i], x[i] = fp.Code(rng.Uint32())&s.Weight.Mask(), fp.Code(rng.Uint32())&s.Activation.Mask()
						if i%2 == n%2 {
							w[i], x[i] = w[i]&(s.Weight.Mask()>>1), x[i]&(s.Activation.Mask()>>1)
						}
					}
					words := make([]uint32, 2*n+1)
					for i := range words {
						words[i] = rng.Uint32()
					}
					var rnd func() uint32 // stays nil, and must not be called, where no random bits are used
					if s.Rounding == fp.Stochastic {
						rnd = reader(words)
					}
					want := exact.Dot(s, w, x, reader(words))
					require.Equal(t, want, u.Dot(w, x, rnd), "%s:\nw %#x\nx %#x\nrandom %#x", describe(s), w, x, words)
				}
			}
		}
	}
}

// reader returns a function that gives the words in order.
func reader(words []uint32) func() uint32 {
	return func() uint32 {
		word := words[0]
		words = words[1:]
		return word
	}
}

func TestDotLengths(t *testing.T) {
	u, err := fp.New(fp.NewSpec(format(t, "M4E3"), format(t, "M7E4")))
	require.NoError(t, err)
	assert.Panics(t, func() { u.Dot(make([]fp.Code, 2), make([]fp.Code, 3), nil) })
}

// TestConcurrent runs one unit from several goroutines: under the race detector, this holds it to its word.
func TestConcurrent(t *testing.T) {
	u, err := fp.New(fp.NewSpec(format(t, "M4E3"), format(t, "M7E4")))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for c := range fp.Code(2000) {
				u.FMAq(c&0xff, fp.Code(bits.Reverse8(uint8(c))), c+fp.Code(i))
			}
		})
	}
	wg.Wait()
}

// FuzzFMAq compares one case of one specification. Arguments out of range are brought into it.
func FuzzFMAq(f *testing.F) {
	within := func(v, lo, hi int) int {
		n := hi - lo + 1
		return lo + ((v-lo)%n+n)%n
	}
	f.Add(4, 3, 7, 4, -2, 2, 0, 0, uint32(0x41), uint32(0x43), uint32(0x480), uint32(0))      // truncation
	f.Add(4, 3, 7, 4, -2, 2, 0, 0, uint32(0xf0), uint32(0x70), uint32(0xfff), uint32(0))      // overflow, negative
	f.Add(4, 3, 23, 8, -122, 2, 5, 24, uint32(0x81), uint32(0x01), uint32(0x400), uint32(99)) // far, stochastic
	f.Add(23, 8, 23, 8, 126, 2, 2, 0, uint32(0x3f800001), uint32(0xbf800001), uint32(0x40000001), uint32(0))
	f.Add(0, 2, 0, 2, 0, 0, 1, 0, uint32(3), uint32(5), uint32(7), uint32(0)) // no mantissa, zero by exponent
	f.Add(1, 2, 0, 8, 3, -40, 11, 2, uint32(3), uint32(5), uint32(0x1aa), uint32(3))
	f.Fuzz(func(t *testing.T, m, e, mAcc, eAcc, offset, shift, set, k int, w, x, a, r uint32) {
		operand := fp.Format{Mantissa: within(m, 0, fp.MaxMantissa), Exponent: within(e, fp.MinExponent, fp.MaxExponent)}
		accumulator := fp.Format{Mantissa: within(mAcc, 0, fp.MaxMantissa), Exponent: within(eAcc, fp.MinExponent, fp.MaxExponent)}
		rounding := []fp.Spec{truncate, nearestEven, stochastic(within(k, 1, fp.MaxRandomBits))}[within(set, 0, 11)/4]
		s := fp.NewSpec(operand, accumulator)
		s = withSwitches(s, switches(rounding)[within(set, 0, 11)%4])
		s = biasing{apply: func(int, int) (int, int) { return within(offset, -600, 600), within(shift, -300, 300) }}.of(s)
		u, err := fp.New(s)
		require.NoError(t, err)
		_, err = compare(u, fp.Code(w)&s.Weight.Mask(), fp.Code(x)&s.Activation.Mask(), fp.Code(a)&s.Accumulator.Mask(), r)
		require.NoError(t, err)
	})
}
