package fp_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
)

func TestParseFormat(t *testing.T) {
	for m := 0; m <= fp.MaxMantissa; m++ {
		for e := fp.MinExponent; e <= fp.MaxExponent; e++ {
			want := fp.Format{Mantissa: m, Exponent: e, Bias: 1 << (e - 1)}
			for _, name := range []string{fmt.Sprintf("M%dE%d", m, e), fmt.Sprintf("m%de%d", m, e)} {
				got, err := fp.ParseFormat(name)
				require.NoError(t, err)
				assert.Equal(t, want, got, name)
			}
			assert.Equal(t, fmt.Sprintf("M%dE%d", m, e), want.String())
			assert.Equal(t, 1+e+m, want.Width())
		}
	}
	for _, c := range []struct{ name, message string }{
		{"", `format "": want M<mantissa bits>E<exponent bits>, such as M7E4`},
		{"fp16", `format "fp16": want M<mantissa bits>E<exponent bits>, such as M7E4`},
		{"M7E4 ", `format "M7E4 ": want M<mantissa bits>E<exponent bits>, such as M7E4`},
		{"M-1E4", `format "M-1E4": want M<mantissa bits>E<exponent bits>, such as M7E4`},
		{"M7E4\nM7E4", `format "M7E4\nM7E4": want M<mantissa bits>E<exponent bits>, such as M7E4`},
		{"M24E4", `format "M24E4": mantissa = 24: want 0 to 23 bits`},
		{"M7E1", `format "M7E1": exponent = 1: want 2 to 8 bits`},
		{"m7e999", `format "m7e999": exponent = 999: want 2 to 8 bits`},
	} {
		_, err := fp.ParseFormat(c.name)
		assert.EqualError(t, err, c.message)
	}
}

func TestFormatValidate(t *testing.T) {
	assert.NoError(t, fp.Format{Mantissa: 23, Exponent: 8, Bias: 1022}.Validate())
	assert.NoError(t, fp.Format{Mantissa: 0, Exponent: 2, Bias: -1020}.Validate())
	for _, c := range []struct {
		format  fp.Format
		message string
	}{
		{fp.Format{Mantissa: -1, Exponent: 4}, "mantissa = -1: want 0 to 23 bits"},
		{fp.Format{Mantissa: 24, Exponent: 4}, "mantissa = 24: want 0 to 23 bits"},
		{fp.Format{Mantissa: 7, Exponent: 1}, "exponent = 1: want 2 to 8 bits"},
		{fp.Format{Mantissa: 7, Exponent: 9}, "exponent = 9: want 2 to 8 bits"},
		{fp.Format{Mantissa: 7, Exponent: 4, Bias: 1023}, "bias = 1023: want -1008 to 1022 for E4"},
		{fp.Format{Mantissa: 7, Exponent: 8, Bias: -769}, "bias = -769: want -768 to 1022 for E8"},
	} {
		assert.EqualError(t, c.format.Validate(), c.message)
	}
}

// biases are where the default, zero, and the limits of float64 put a format's binades.
func biases(f fp.Format) []fp.Format {
	var all []fp.Format
	for _, bias := range []int{fp.DefaultBias(f.Exponent), 0, f.MinBias(), fp.MaxBias} {
		f.Bias = bias
		all = append(all, f)
	}
	return all
}

// TestCodes checks every code of every format up to 12 bits wide: its value, its fields, and that the value encodes to it.
func TestCodes(t *testing.T) {
	for width := 1 + fp.MinExponent; width <= 12; width++ {
		for _, f := range formats(width) {
			for i, f := range biases(f) {
				if width > 9 && i > 0 {
					continue
				}
				require.NoError(t, f.Validate())
				require.Equal(t, fp.Code(1)<<width-1, f.Mask())
				for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
					for c := range fp.Code(1) << width {
						checkCode(t, f, c, zero)
					}
				}
			}
		}
	}
}

// TestWideCodes checks a sample of the codes of the widest formats, the ends of each included.
func TestWideCodes(t *testing.T) {
	rng := source(t, 300)
	for _, name := range []string{"M23E8", "M23E2", "M10E5", "M16E7", "M7E8"} {
		for _, f := range biases(format(t, name)) {
			top := fp.Code(1) << (f.Width() - 1)
			codes := []fp.Code{0, 1, top - 1, top, top + 1, f.Mask()}
			for range 1000 {
				codes = append(codes, fp.Code(rng.Uint32())&f.Mask())
			}
			for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
				for _, c := range codes {
					checkCode(t, f, c, zero)
				}
			}
		}
	}
}

func checkCode(t *testing.T, f fp.Format, c fp.Code, zero fp.Zero) {
	t.Helper()
	// testify's assertions cost more than the code under test; they are called on failure only.
	if !f.Valid(c) || f.Width() < 32 && f.Valid(c|1<<f.Width()) {
		require.Fail(t, "Valid", "%v %#x", f, c)
	}
	negative, field, mantissa := f.Unpack(c)
	if f.Pack(negative, field, mantissa) != c {
		require.Fail(t, "Pack is not the inverse of Unpack", "%v %#x: %v %d %d", f, c, negative, field, mantissa)
	}
	want := exact.Decode(f, c, zero)
	got := f.Decode(c, zero)
	if rational(got).Cmp(want) != 0 || got == 0 && math.Signbit(got) {
		require.Fail(t, "Decode", "%v bias %d %#x: want %v, got %v", f, f.Bias, c, want, got)
	}
	if f.IsZero(c, zero) != (want.Sign() == 0) {
		require.Fail(t, "IsZero", "%v %#x", f, c)
	}
	back := c
	if want.Sign() == 0 {
		back = 0
	}
	if e := f.Encode(got, zero); e != back {
		require.Fail(t, "Encode(Decode)", "%v bias %d, zero %v: %#x = %v encodes to %#x", f, f.Bias, zero, c, got, e)
	}
}

func TestLimits(t *testing.T) {
	for width := 1 + fp.MinExponent; width <= 32; width++ {
		for _, f := range formats(width) {
			for _, f := range biases(f) {
				assert.Zero(t, rational(f.Max()).Cmp(exact.Max(f)), "%v bias %d: Max %v", f, f.Bias, f.Max())
				for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
					got := f.Smallest(zero)
					assert.Zero(t, rational(got).Cmp(exact.Smallest(f, zero)), "%v bias %d, zero %v: Smallest %v", f, f.Bias, zero, got)
				}
			}
		}
	}
}

// TestEncode compares with exact.Encode around everything that decides: each code's value, each midpoint between codes,
// the thresholds, and the float64s next to them; and on arbitrary float64s, subnormal ones among them.
func TestEncode(t *testing.T) {
	rng := source(t, 301)
	reals := 150
	if testing.Short() {
		reals = 50
	}
	var all []fp.Format
	for _, name := range []string{"M0E2", "M1E2", "M0E8", "M2E3", "M4E3", "M3E4", "M7E4", "M10E5", "M7E8", "M23E8", "M23E2"} {
		all = append(all, biases(format(t, name))...)
	}
	for _, f := range all {
		for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
			var edges []float64
			edge := func(v float64) {
				edges = append(edges, v, math.Nextafter(v, 0), math.Nextafter(v, math.Inf(1)))
			}
			smallest := f.Smallest(zero)
			for _, v := range []float64{0, smallest / 2, smallest, math.Ldexp(1, -f.Bias), math.Ldexp(1, 1-f.Bias), f.Max(), math.SmallestNonzeroFloat64, math.MaxFloat64} {
				edge(v)
			}
			top := fp.Code(1)<<(f.Width()-1) - 1
			for range reals {
				c := fp.Code(rng.Uint32()) & top
				lower := f.Decode(c, zero)
				edge(lower)
				ulp := math.Ldexp(1, int(c>>f.Mantissa)-f.Bias-f.Mantissa)
				edge(lower + ulp/2)
			}
			// Just above the largest value, where rounding and not the comparison would carry.
			edge(f.Max() + math.Ldexp(1, 1<<f.Exponent-2-f.Bias-f.Mantissa))
			for range reals {
				edges = append(edges, math.Float64frombits(rng.Uint64()), math.Float64frombits(rng.Uint64()>>12))
				edges = append(edges, math.Ldexp(1+rng.Float64(), rng.IntN(1<<f.Exponent+4)-2-f.Bias))
			}
			for _, v := range edges {
				if math.IsInf(v, 0) || math.IsNaN(v) {
					continue
				}
				for _, v := range []float64{v, -v} {
					if want, got := exact.Encode(f, rational(v), zero), f.Encode(v, zero); want != got {
						require.Equal(t, want, got, "%v bias %d, zero %v: %v (%x)", f, f.Bias, zero, v, v)
					}
				}
			}
			assert.Equal(t, top, f.Encode(math.Inf(1), zero))
			assert.Equal(t, f.Mask(), f.Encode(math.Inf(-1), zero))
			assert.Zero(t, f.Encode(math.NaN(), zero))
			assert.Zero(t, f.Encode(math.Copysign(0, -1), zero))
		}
	}
}

func TestEncodeCases(t *testing.T) {
	m4e3, m0e2 := format(t, "M4E3"), format(t, "M0E2")
	for _, c := range []struct {
		name   string
		format fp.Format
		zero   fp.Zero
		value  float64
		want   fp.Code
	}{
		{"one", m4e3, fp.ZeroCode, 1, 0x40},
		{"minus 1.5", m4e3, fp.ZeroCode, -1.5, 0xc8},
		{"tie to even, down", m4e3, fp.ZeroCode, 1.03125, 0x40},
		{"tie to even, up", m4e3, fp.ZeroCode, 1.09375, 0x42},
		{"into the next binade", m4e3, fp.ZeroCode, 1.96875, 0x50},
		{"saturates", m4e3, fp.ZeroCode, -15.8, 0xff},
		{"half of the smallest, 17/256", m4e3, fp.ZeroCode, 17. / 512, 0x01},
		{"2^-b has no code", m4e3, fp.ZeroCode, 0.0625, 0x01},
		{"half of the smallest by exponent", m4e3, fp.ZeroExponent, 0.0625, 0x10},
		{"no mantissa: tie goes up", m0e2, fp.ZeroCode, 1.5, 0x3},
	} {
		assert.Equal(t, c.want, c.format.Encode(c.value, c.zero), c.name)
	}
}

// TestMonotonic: a larger code of a positive value is a larger value, which the circuits rely on for comparisons.
func TestMonotonic(t *testing.T) {
	for _, f := range slices.Concat(formats(5), formats(8)) {
		last := 0.0
		for c := fp.Code(1); c < 1<<(f.Width()-1); c++ {
			v := f.Decode(c, fp.ZeroCode)
			require.Greater(t, v, last, "%v %#x", f, c)
			last = v
		}
	}
}
