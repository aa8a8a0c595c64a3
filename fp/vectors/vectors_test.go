package vectors

import (
	"hash/fnv"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
)

// sample is how many vectors of a stratum each test looks at.
const sample = 20000

type testCase struct {
	name string
	spec fp.Spec
}

// cases are the formats of the presets, the smallest mantissas, and biases that bring every edge within reach.
func cases(t *testing.T) []testCase {
	t.Helper()
	var all []testCase
	add := func(operand, accumulator string, change func(*fp.Spec)) {
		o, err := fp.ParseFormat(operand)
		require.NoError(t, err)
		a, err := fp.ParseFormat(accumulator)
		require.NoError(t, err)
		s := fp.NewSpec(o, a)
		name := s.String()
		if change != nil {
			change(&s)
			name += " changed"
		}
		all = append(all, testCase{name, s})
	}
	for _, f := range []string{"M7E4", "M10E5", "M7E8", "M23E8", "M0E2", "M1E2", "M2E3", "M3E4"} {
		add("M4E3", f, nil)
	}
	for _, f := range []string{"M0E2", "M1E2", "M2E3"} {
		add(f, f, nil)
	}
	add("M23E8", "M23E8", nil)
	add("M4E3", "M7E4", func(s *fp.Spec) { s.Zero = fp.ZeroExponent })
	add("M4E3", "M7E4", func(s *fp.Spec) { s.Product.Bias, s.Accumulator.Bias = 3, 2 }) // underflow within reach
	add("M4E3", "M10E5", func(s *fp.Spec) { s.Product.Bias, s.Accumulator.Bias = 30, 32 })
	add("M4E3", "M7E4", func(s *fp.Spec) { s.Accumulator.Bias = -40 }) // no binade in common
	add("M4E3", "M7E4", func(s *fp.Spec) { s.Rounding, s.RandomBits = fp.Stochastic, 5 })
	return all
}

func take(t *testing.T, s fp.Spec, stratum Stratum, n int) []Vector {
	t.Helper()
	source, err := New(s, 1)
	require.NoError(t, err)
	var all []Vector
	for v := range source.Only(stratum) {
		if len(all) == n {
			break
		}
		all = append(all, v)
	}
	return all
}

// TestCodes: whatever the formats, every stratum yields valid codes and says which it is.
func TestCodes(t *testing.T) {
	for _, c := range cases(t) {
		for _, stratum := range Strata() {
			for _, v := range take(t, c.spec, stratum, 2000) {
				require.True(t, c.spec.Weight.Valid(v.W) && c.spec.Activation.Valid(v.X) && c.spec.Accumulator.Valid(v.A), "%s: %+v", c.name, v)
				require.Less(t, v.R, uint32(1)<<c.spec.RandomBits)
				require.Equal(t, stratum, v.Stratum)
			}
		}
	}
}

// TestSchedule: shares are held in every round, and a round is spread evenly.
func TestSchedule(t *testing.T) {
	source, err := New(cases(t)[0].spec, 7)
	require.NoError(t, err)
	count := map[Stratum]int{}
	n := 0
	for v := range source.First(3 * round) {
		count[v.Stratum]++
		n++
	}
	assert.Equal(t, 3*round, n)
	total := 0
	for _, s := range Strata() {
		assert.Equal(t, 3*s.Share(), count[s], s.String())
		total += s.Share()
	}
	assert.Equal(t, round, total)
	early := map[Stratum]bool{}
	for _, s := range schedule[:round/2] {
		early[s] = true
	}
	assert.Len(t, early, int(strata), "half a round has every stratum")
	for range source.First(0) {
		t.Fatal("First(0) yields")
	}
}

// TestDeterministic holds the vectors of a seed to those of every other machine and version.
func TestDeterministic(t *testing.T) {
	digest := func(s fp.Spec, seed uint64) uint64 {
		source, err := New(s, seed)
		require.NoError(t, err)
		h := fnv.New64a()
		for v := range source.First(10000) {
			for _, c := range []uint32{uint32(v.W), uint32(v.X), uint32(v.A), v.R} {
				h.Write([]byte{byte(c), byte(c >> 8), byte(c >> 16), byte(c >> 24)})
			}
		}
		return h.Sum64()
	}
	all := cases(t)
	assert.Equal(t, digest(all[0].spec, 1), digest(all[0].spec, 1))
	assert.NotEqual(t, digest(all[0].spec, 1), digest(all[0].spec, 2))
	assert.Equal(t, uint64(0x098020a3968c2a4c), digest(all[0].spec, 1), "M7E4, seed 1")
	assert.Equal(t, uint64(0x671903aed29073bd), digest(all[3].spec, 1), "M23E8, seed 1")
}

// TestBelow: the reduction of a 64-bit draw is uniform enough and in range.
func TestBelow(t *testing.T) {
	g := newGenerator(mustUnit(t, cases(t)[0].spec), rand.NewPCG(1, 2))
	var count [7]int
	for range 70000 {
		count[g.below(7)]++
	}
	for _, n := range count {
		assert.InDelta(t, 10000, n, 500)
	}
}

func mustUnit(t *testing.T, s fp.Spec) *fp.Unit {
	t.Helper()
	u, err := fp.New(s)
	require.NoError(t, err)
	return u
}

// events counts how often each event happens.
func events(t *testing.T, s fp.Spec, stratum Stratum) map[fp.Event]int {
	t.Helper()
	u := mustUnit(t, s)
	count := map[fp.Event]int{}
	for _, v := range take(t, s, stratum, sample) {
		_, e := u.Trace(v.W, v.X, v.A, v.R)
		for _, bit := range []fp.Event{fp.ProductUnderflow, fp.ProductOverflow, fp.AccUnderflow, fp.AccOverflow, fp.Swamped} {
			if e&bit != 0 {
				count[bit]++
			}
		}
	}
	return count
}

// TestEdges: where an event can happen at all, its stratum makes it happen often, and leaves often enough the cases on
// the near side of the edge.
func TestEdges(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			possible := reachable(t, c.spec)
			for _, edge := range []struct {
				stratum Stratum
				event   fp.Event
			}{
				{ProductUnderflow, fp.ProductUnderflow}, {ProductOverflow, fp.ProductOverflow},
				{AccUnderflow, fp.AccUnderflow}, {AccOverflow, fp.AccOverflow},
			} {
				count := events(t, c.spec, edge.stratum)
				share := float64(count[edge.event]) / sample
				t.Logf("%v: %.3f, reachable %v", edge.stratum, share, possible&edge.event != 0)
				if possible&edge.event == 0 {
					assert.Zero(t, share)
					continue
				}
				assert.Greater(t, share, 0.02, "%v", edge.stratum)
				assert.Less(t, share, 0.98, "%v", edge.stratum)
			}
		})
	}
}

// reachable finds which events a specification has at all, as far as large samples of all strata show.
func reachable(t *testing.T, s fp.Spec) fp.Event {
	t.Helper()
	u := mustUnit(t, s)
	var all fp.Event
	for _, v := range take(t, s, Uniform, 300000) {
		_, e := u.Trace(v.W, v.X, v.A, v.R)
		all |= e
	}
	for _, stratum := range Strata() {
		for _, v := range take(t, s, stratum, 5000) {
			_, e := u.Trace(v.W, v.X, v.A, v.R)
			all |= e
		}
	}
	return all
}

// exponentOf is the exponent of a value in the accumulator's fields, unbounded.
func exponentOf(s fp.Spec, v float64) int { return math.Ilogb(v) + s.Accumulator.Bias }

// TestCancellation: effective subtractions of close values, often exact.
func TestCancellation(t *testing.T) {
	for _, c := range cases(t) {
		u := mustUnit(t, c.spec)
		exact, close, live := 0, 0, 0
		common := c.spec.Accumulator.Bias != -40 // some binade
		for _, v := range take(t, c.spec, Cancellation, sample) {
			p, _ := u.Product(v.W, v.X)
			a := c.spec.Accumulator.Decode(v.A, c.spec.Zero)
			if p == 0 || a == 0 {
				continue
			}
			live++
			require.True(t, !common || math.Signbit(p) != math.Signbit(a), "%s: %+v", c.name, v)
			if p == -a {
				exact++
			} else if math.Abs(p+a) <= math.Abs(p)/2 {
				close++
			}
		}
		t.Logf("%s: live %d, exact %d, close %d", c.name, live, exact, close)
		if common {
			assert.Greater(t, exact, sample/8, c.name)
			if c.spec.Accumulator.Mantissa >= 2 {
				assert.Greater(t, close, sample/6, c.name)
			}
		}
	}
}

// TestAlignment: near keeps within two places and has all five distances and both signs of each, far reaches every other
// distance that the formats have.
func TestAlignment(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			s := c.spec
			g := newGenerator(mustUnit(t, s), rand.NewPCG(1, 1))
			low, high := g.distances()
			distances := func(stratum Stratum) map[int]int {
				count := map[int]int{}
				for _, v := range take(t, s, stratum, sample) {
					p, _ := g.unit.Product(v.W, v.X)
					a := s.Accumulator.Decode(v.A, s.Zero)
					if p != 0 && a != 0 {
						count[exponentOf(s, a)-exponentOf(s, p)]++
					}
				}
				return count
			}
			near, far := distances(AlignmentNear), distances(AlignmentFar)
			for d := low; d <= high; d++ {
				if d >= -2 && d <= 2 {
					assert.Greater(t, near[d], sample/20, "near, distance %d of %d to %d", d, low, high)
				} else {
					assert.Greater(t, far[d], sample/(8*(high-low+1)), "far, distance %d of %d to %d", d, low, high)
				}
			}
			if low <= -2 && high >= 2 {
				for d := range near {
					assert.LessOrEqual(t, max(d, -d), 2)
				}
			}
		})
	}
}

// TestTies: in much of the stratum exactly half of the sum's last place is cut off.
func TestTies(t *testing.T) {
	for _, name := range []string{"M7E4", "M10E5", "M3E4"} {
		o, _ := fp.ParseFormat("M4E3")
		a, _ := fp.ParseFormat(name)
		s := fp.NewSpec(o, a)
		u := mustUnit(t, s)
		ties := 0
		for _, v := range take(t, s, Ties, sample) {
			p, _ := u.Product(v.W, v.X)
			sum := p + s.Accumulator.Decode(v.A, s.Zero)
			if sum == 0 {
				continue
			}
			significand, _ := math.Frexp(sum)
			scaled := uint64(math.Ldexp(math.Abs(significand), 53))
			if bits.TrailingZeros64(scaled) == 53-s.Accumulator.Mantissa-2 {
				ties++
			}
		}
		assert.Greater(t, ties, sample/4, name)
	}
}

// TestUniform: all codes of a small format, and all of the bits of a large one.
func TestUniform(t *testing.T) {
	for _, c := range cases(t) {
		seen := map[Vector]bool{}
		var ones, zeros Vector
		for _, v := range take(t, c.spec, Uniform, sample) {
			v.R = 0
			seen[v] = true
			ones.W, ones.X, ones.A = ones.W|v.W, ones.X|v.X, ones.A|v.A
			zeros.W, zeros.X, zeros.A = zeros.W|^v.W, zeros.X|^v.X, zeros.A|^v.A
		}
		if n := c.spec.InputBits(); n <= 10 {
			assert.Len(t, seen, 1<<n, c.name)
		}
		operand, acc := c.spec.Weight.Mask(), c.spec.Accumulator.Mask()
		assert.Equal(t, []fp.Code{operand, operand, acc}, []fp.Code{ones.W, ones.X, ones.A}, c.name)
		assert.Equal(t, []fp.Code{operand, operand, acc}, []fp.Code{zeros.W & operand, zeros.X & operand, zeros.A & acc}, c.name)
	}
}

// TestZeros: both signs of zero in every place, alone and together.
func TestZeros(t *testing.T) {
	for _, c := range cases(t) {
		seen := map[[3]int]bool{}
		kind := func(f fp.Format, code fp.Code) int {
			negative, field, mantissa := f.Unpack(code)
			switch {
			case field != 0 || mantissa != 0:
				return 0
			case negative:
				return 2
			}
			return 1
		}
		for _, v := range take(t, c.spec, Zeros, sample) {
			k := [3]int{kind(c.spec.Weight, v.W), kind(c.spec.Activation, v.X), kind(c.spec.Accumulator, v.A)}
			seen[k] = true
		}
		for w := range 3 {
			for x := range 3 {
				for a := range 3 {
					assert.True(t, seen[[3]int{w, x, a}] || w+x+a == 0, "%s: zeros %d %d %d", c.name, w, x, a)
				}
			}
		}
	}
}

// TestExtremesAndWalkingBits: the codes they are named after all occur.
func TestExtremesAndWalkingBits(t *testing.T) {
	for _, c := range cases(t) {
		f := c.spec.Accumulator
		seen := map[fp.Code]bool{}
		for _, v := range take(t, c.spec, Extremes, sample) {
			seen[v.A] = true
		}
		sign := f.Mask()>>1 + 1
		for _, magnitude := range []fp.Code{0, 1, f.Mask() >> 1, fp.Code(top(f)) << f.Mantissa} {
			assert.True(t, seen[magnitude] && seen[magnitude|sign], "%s: extreme %#x", c.name, magnitude)
		}
		seen = map[fp.Code]bool{}
		for _, v := range take(t, c.spec, WalkingBits, sample) {
			seen[v.A] = true
		}
		for i := range f.Width() {
			assert.True(t, seen[1<<i] && seen[f.Mask()^1<<i], "%s: bit %d", c.name, i)
		}
	}
}

func TestNewInvalid(t *testing.T) {
	_, err := New(fp.Spec{}, 1)
	assert.Error(t, err)
}

func BenchmarkFirst(b *testing.B) {
	o, _ := fp.ParseFormat("M4E3")
	a, _ := fp.ParseFormat("M7E4")
	source, err := New(fp.NewSpec(o, a), 1)
	if err != nil {
		b.Fatal(err)
	}
	var sink fp.Code
	for v := range source.First(b.N) {
		sink ^= v.A
	}
	_ = sink
}

// The vectors of a port have the specification's offset half of the time, each stratum both ways, and otherwise any
// that the port takes; the result is the oracle's for biases that make that offset.
func TestPort(t *testing.T) {
	const width = 5
	spec := fp.NewSpec(fp.Format{Mantissa: 4, Exponent: 3}, fp.Format{Mantissa: 7, Exponent: 4})
	source, err := NewPort(spec, 1, width)
	require.NoError(t, err)
	seen := map[int]int{}
	strata := map[Stratum]bool{}
	const n = 1 << 14
	for v := range source.First(n) {
		seen[v.Offset]++
		if v.Offset != spec.Offset() {
			strata[v.Stratum] = true
		}
		s := spec
		s.Weight.Bias += v.Offset - spec.Offset()
		require.Equal(t, v.Offset, s.Offset())
		require.Equal(t, spec.Shift(), s.Shift())
		require.Equal(t, exact.FMAq(s, v.W, v.X, v.A, 0), source.Result(v))
	}
	require.Len(t, seen, 1<<width, "every offset of the port")
	require.InDelta(t, n/2, seen[spec.Offset()], n/20)
	require.Greater(t, seen[-1<<(width-1)], n/32)
	require.Greater(t, seen[1<<(width-1)-1], n/32)
	require.Len(t, strata, len(Strata()))
}
