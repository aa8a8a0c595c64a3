package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
)

// spec builds a specification from the formats' names and, after the defaults, offset, shift and chunk.
func spec(t testing.TB, operand, accumulator string, offset, shift, chunk int) fp.Spec {
	t.Helper()
	w, err := fp.ParseFormat(operand)
	require.NoError(t, err)
	a, err := fp.ParseFormat(accumulator)
	require.NoError(t, err)
	s := fp.NewSpec(w, a)
	s.Product.Bias = s.Weight.Bias + s.Activation.Bias - offset
	s.Accumulator.Bias = s.Product.Bias - shift
	s.Chunk = chunk
	return s
}

// reference is the product by definition, step by step through fp.Unit, with its events.
func reference(t testing.TB, s fp.Spec, w, x []fp.Code, length, n int) ([]fp.Code, Stats) {
	t.Helper()
	u, err := fp.New(s)
	require.NoError(t, err)
	k := &Kernel{spec: s, unit: u}
	dst := make([]fp.Code, len(w)/length*n)
	stats := Stats{FMAqs: uint64(len(dst) * length), Sums: uint64(len(dst) * k.chunks(length))}
	k.portable(dst, w, x, length, n, &stats, nil)
	// portable repeats Dot's loop to count, so Dot itself is asked as well.
	column := make([]fp.Code, length)
	for j := range n {
		for i := range column {
			column[i] = x[i*n+j]
		}
		for o := range len(w) / length {
			require.Equal(t, u.Dot(w[o*length:(o+1)*length], column, nil), dst[o*n+j])
		}
	}
	return dst, stats
}

// compare checks every path whose precondition holds against the reference.
func compare(t *testing.T, s fp.Spec, w, x []fp.Code, length, n int) {
	t.Helper()
	want, wantStats := reference(t, s, w, x, length, n)
	best := fastest(s, length)
	require.NotEqual(t, Portable, best)
	for path := Wide; path <= best; path++ {
		k, err := newPath(s, length, path)
		require.NoError(t, err)
		got := make([]fp.Code, len(want))
		k.Multiply(got, w, x, length, n, nil, nil)
		require.Equal(t, want, got, "%v, offset %d, shift %d, %v, %v", s, s.Offset(), s.Shift(), s.Zero, path)
		clear(got)
		var stats Stats
		k.Multiply(got, w, x, length, n, &stats, nil)
		require.Equal(t, want, got, "%v, offset %d, shift %d, %v, %v, counting", s, s.Offset(), s.Shift(), s.Zero, path)
		require.Equal(t, wantStats, stats, "%v, offset %d, shift %d, %v, %v", s, s.Offset(), s.Shift(), s.Zero, path)
	}
}

// TestStepExhaustive takes every weight, activation and stored accumulator of small formats, at offsets and shifts from
// where all products vanish to where all saturate.
func TestStepExhaustive(t *testing.T) {
	for _, operand := range []string{"M0E2", "M1E2", "M1E3", "M2E2"} {
		for _, accumulator := range []string{"M0E2", "M0E3", "M1E2", "M1E3", "M2E3", "M3E2", "M5E2"} {
			for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
				for offset := -5; offset <= 9; offset += 2 {
					for shift := -3; shift <= 3; shift++ {
						s := spec(t, operand, accumulator, offset, shift, 0)
						s.Zero = zero
						steps(t, s)
					}
				}
			}
		}
	}
}

// steps compares one accumulation from every accumulator code by every product, on both float64 paths. Every finite
// float64 value the paths can hold is the value of a code, so this is the induction step of a whole chain's equality.
func steps(t *testing.T, s fp.Spec) {
	t.Helper()
	for path := Wide; path <= fastest(s, 1000); path++ {
		k, err := newPath(s, 1000, path)
		require.NoError(t, err)
		acc, operands := s.Accumulator, s.Weight.Mask()+1
		acc.Bias = 0
		x := make([]fp.Code, operands)
		for i := range x {
			x[i] = fp.Code(i)
		}
		sc := k.scratch.Get().(*scratch)
		k.pack(sc, x, 1, len(x), 0, len(x))
		p, a := sc.p[:len(sc.column)], &sc.a
		for w := range operands {
			k.products(p, sc, w, 0, len(p))
			for c := range acc.Mask() + 1 {
				if acc.IsZero(c, s.Zero) && c != 0 || s.Weight.IsZero(w, s.Zero) {
					continue // a result is never one of these
				}
				for i := range x {
					a[i] = acc.Decode(c, s.Zero)
				}
				k.add(a, p, sc.column)
				for i := range x {
					if want, got := k.unit.FMAq(w, x[i], c), k.code(a[i]); want != got {
						require.Equal(t, want, got, "%v, offset %d, shift %d, %v: w %#x, x %#x, a %#x",
							s, s.Offset(), s.Shift(), path, w, x[i], c)
					}
				}
			}
		}
	}
}

// TestMultiplyPaper takes the paper's format at every reasonable offset and shift, on random operands.
func TestMultiplyPaper(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 0))
	for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
		for offset := -8; offset <= 8; offset++ {
			for shift := -2; shift <= 4; shift++ {
				s := spec(t, "M4E3", "M7E4", offset, shift, 16)
				s.Zero = zero
				w, x := random(rnd, s.Weight, 3*77), random(rnd, s.Weight, 77*9)
				compare(t, s, w, x, 77, 9)
			}
		}
	}
}

// TestMultiplyFormats takes wide accumulators, operands too wide for a table, other chunks, tiles that do not divide
// the columns, and biases at the ends of what a format allows.
func TestMultiplyFormats(t *testing.T) {
	const seed = 2
	rnd := rand.New(rand.NewPCG(seed, 0))
	for _, c := range []struct {
		operand, accumulator string
		offsets              []int
		chunk                int
		path                 Path
	}{
		{"M4E3", "M10E5", []int{-10, -2, 0, 9}, 16, Narrow},
		{"M4E3", "M6E5", []int{-10, 0}, 16, Narrow},
		{"M4E3", "M7E8", []int{-122, -100, -250, 0}, 16, Narrow},
		{"M4E3", "M23E8", []int{-122, -235, 0}, 16, Narrow},
		{"M4E3", "M4E3", []int{0, 4}, 16, Narrow},
		{"M3E4", "M0E4", []int{0, 8}, 7, Narrow},
		{"M4E3", "M7E4", []int{-2}, 0, Narrow},
		{"M4E3", "M7E4", []int{-2}, 1, Narrow},
		{"M2E5", "M13E6", []int{-2, 20}, 16, Wide},
		{"M10E5", "M10E5", []int{2, 14, 30}, 16, Narrow},
		{"M10E5", "M23E8", []int{-100}, 16, Wide},
		{"M7E8", "M7E8", []int{120, 256}, 16, Wide},
		{"M23E8", "M23E8", []int{126, 300}, 16, Wide},
		{"M0E2", "M23E8", []int{-126}, 16, Narrow},
	} {
		for _, offset := range c.offsets {
			for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
				s := spec(t, c.operand, c.accumulator, offset, 2, c.chunk)
				s.Zero = zero
				w, x := random(rnd, s.Weight, 2*50), random(rnd, s.Weight, 50*(tile+11))
				require.Equal(t, c.path, fastest(s, 50), "%v, offset %d", s, offset)
				compare(t, s, w, x, 50, tile+11)
			}
		}
	}
	s := spec(t, "M4E3", "M7E4", -2, 2, 16)
	s.Weight.Bias, s.Activation.Bias = 500, 400
	s.Product.Bias = 902
	s.Accumulator.Bias = 900
	compare(t, s, random(rnd, s.Weight, 50), random(rnd, s.Weight, 50*9), 50, 9)
}

// TestMultiplyAnyFormat draws formats, offsets, shifts and chunks, so that sums come close to the 53 bits that path
// Narrow allows.
func TestMultiplyAnyFormat(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 0))
	narrowest := 1000
	for range 400 {
		operand := fp.Format{Mantissa: rnd.IntN(12), Exponent: 2 + rnd.IntN(4)}
		accumulator := fp.Format{Mantissa: rnd.IntN(24), Exponent: 2 + rnd.IntN(7)}
		offset := 2<<operand.Exponent - 1<<accumulator.Exponent + rnd.IntN(1<<operand.Exponent) - rnd.IntN(1<<operand.Exponent)
		s := spec(t, operand.String(), accumulator.String(), offset, rnd.IntN(9)-4, rnd.IntN(20))
		const length, columns = 37, 3
		if bits := sumBits(s, length); bits <= 53 {
			narrowest = min(narrowest, 53-bits)
		}
		compare(t, s, random(rnd, s.Weight, 2*length), random(rnd, s.Weight, length*columns), length, columns)
	}
	require.Zero(t, narrowest, "no drawn specification reaches 53 bits")
}

// FuzzMultiply is TestMultiplyAnyFormat on whatever the fuzzer finds.
func FuzzMultiply(f *testing.F) {
	f.Add(uint8(4), uint8(3), uint8(7), uint8(4), int16(-2), int8(2), uint8(16), uint64(1))
	f.Add(uint8(10), uint8(5), uint8(23), uint8(8), int16(-100), int8(-7), uint8(0), uint64(2))
	f.Fuzz(func(t *testing.T, m, e, accM, accE uint8, offset int16, shift int8, chunk uint8, seed uint64) {
		operand := fp.Format{Mantissa: int(m % 24), Exponent: 2 + int(e%7)}
		accumulator := fp.Format{Mantissa: int(accM % 24), Exponent: 2 + int(accE%7)}
		s := spec(t, operand.String(), accumulator.String(), int(offset%600), int(shift), int(chunk))
		if s.Validate() != nil || fastest(s, 40) == Portable {
			t.Skip()
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		compare(t, s, random(rnd, s.Weight, 2*40), random(rnd, s.Weight, 40*3), 40, 3)
	})
}

// random draws codes, stratified: uniform codes, neighbours in exponent (so that sums cancel), the extremes and zeros.
func random(rnd *rand.Rand, f fp.Format, n int) []fp.Code {
	codes := make([]fp.Code, n)
	top := 1<<f.Exponent - 1
	near := rnd.IntN(top + 1)
	for i := range codes {
		negative, mantissa := rnd.IntN(2) == 1, rnd.IntN(1<<f.Mantissa)
		switch rnd.IntN(8) {
		case 0, 1, 2:
			codes[i] = f.Pack(negative, rnd.IntN(top+1), mantissa)
		case 3, 4:
			codes[i] = f.Pack(negative, min(top, near+rnd.IntN(3)), mantissa)
		case 5:
			codes[i] = f.Pack(negative, []int{0, 1, top - 1, top}[rnd.IntN(4)], []int{0, 1<<f.Mantissa - 1}[rnd.IntN(2)])
		case 6:
			codes[i] = f.Pack(negative, near, 0)
		case 7:
			codes[i] = f.Pack(negative, 0, 0)
		}
	}
	return codes
}

func TestPortablePath(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 0))
	for _, change := range []func(*fp.Spec){
		func(s *fp.Spec) { s.Align = fp.AlignLazy },
		func(s *fp.Spec) { s.Rounding = fp.NearestEven },
		func(s *fp.Spec) { s.Rounding, s.RandomBits = fp.Stochastic, 6 },
		func(s *fp.Spec) { s.Product.Bias, s.Accumulator.Bias = 1000, 300 },
	} {
		s := spec(t, "M4E3", "M7E4", -2, 2, 16)
		change(&s)
		k, err := New(s, 40)
		require.NoError(t, err)
		assert.Equal(t, Portable, k.Path())
		w, x := random(rnd, s.Weight, 2*40), random(rnd, s.Weight, 40*3)
		got := make([]fp.Code, 2*3)
		generator := func(o, j int) func() uint32 { return rand.New(rand.NewPCG(uint64(o), uint64(j))).Uint32 }
		k.Multiply(got, w, x, 40, 3, nil, generator)
		u, err := fp.New(s)
		require.NoError(t, err)
		for o := range 2 {
			for j := range 3 {
				var column []fp.Code
				for i := range 40 {
					column = append(column, x[i*3+j])
				}
				assert.Equal(t, u.Dot(w[o*40:(o+1)*40], column, generator(o, j)), got[o*3+j])
			}
		}
	}
}

func TestNewRejects(t *testing.T) {
	s := spec(t, "M4E3", "M7E4", -2, 2, -1)
	_, err := New(s, 1)
	assert.ErrorContains(t, err, "chunk = -1")
}

// gaussian draws codes as of a layer's tensors: normal, four standard deviations at the top of the range, few zeros.
func gaussian(rnd *rand.Rand, f fp.Format, n int) []fp.Code {
	codes := make([]fp.Code, n)
	for i := range codes {
		codes[i] = f.Encode(rnd.NormFloat64()*f.Max()/4, fp.ZeroCode)
	}
	return codes
}

func BenchmarkMultiply(b *testing.B) {
	for _, c := range []struct {
		operand, accumulator string
		path                 Path
		counting             bool
	}{
		{"M4E3", "M7E4", Narrow, false},
		{"M4E3", "M7E4", Narrow, true},
		{"M4E3", "M7E4", Wide, false},
		{"M4E3", "M7E4", Wide, true},
		{"M4E3", "M7E4", Portable, true},
		{"M4E3", "M10E5", Narrow, false},
		{"M10E5", "M10E5", Narrow, false},
		{"M10E5", "M23E8", Wide, false},
	} {
		b.Run(fmt.Sprintf("%sx%s/%v/counting=%v", c.operand, c.accumulator, c.path, c.counting), func(b *testing.B) {
			s := spec(b, c.operand, c.accumulator, -2, 2, 16)
			const rows, length, columns = 16, 150, 100 // LeNet's second convolution
			k, err := newPath(s, length, c.path)
			require.NoError(b, err)
			rnd := rand.New(rand.NewPCG(4, 0))
			w, x := gaussian(rnd, s.Weight, rows*length), gaussian(rnd, s.Weight, length*columns)
			dst := make([]fp.Code, rows*columns)
			var stats *Stats
			if c.counting {
				stats = new(Stats)
			}
			for b.Loop() {
				k.Multiply(dst, w, x, length, columns, stats, nil)
			}
			b.ReportMetric(float64(rows*length*columns)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFMAq/s")
		})
	}
}
