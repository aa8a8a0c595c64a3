package exact_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
)

// The paper's main configuration, written out: operands M4E3 with bias 4, product M7E4 with bias 10, accumulator bias 8.
var (
	m4e3 = fp.Format{Mantissa: 4, Exponent: 3, Bias: 4}
	m7e4 = fp.Format{Mantissa: 7, Exponent: 4, Bias: 8}
	m0e2 = fp.Format{Mantissa: 0, Exponent: 2, Bias: 2}
	m1e2 = fp.Format{Mantissa: 1, Exponent: 2, Bias: 2}
	base = fp.Spec{
		Weight: m4e3, Activation: m4e3, Product: fp.Format{Mantissa: 7, Exponent: 4, Bias: 10}, Accumulator: m7e4, Chunk: 16,
	}
)

func with(change func(s *fp.Spec)) fp.Spec {
	s := base
	change(&s)
	return s
}

// rat reads a number such as "3/4", "-1.5", "1e9" or "0x1.8p-9".
func rat(t *testing.T, text string) *big.Rat {
	t.Helper()
	v, ok := new(big.Rat).SetString(text)
	require.True(t, ok, "number %q", text)
	return v
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name   string
		format fp.Format
		zero   fp.Zero
		code   fp.Code
		want   string
	}{
		{"one", m4e3, fp.ZeroCode, 0x40, "1"},
		{"minus one and a half", m4e3, fp.ZeroCode, 0xc8, "-1.5"},
		{"largest", m4e3, fp.ZeroCode, 0x7f, "15.5"},
		{"smallest", m4e3, fp.ZeroCode, 0x01, "17/256"},
		{"smallest, negative", m4e3, fp.ZeroCode, 0x81, "-17/256"},
		{"zero", m4e3, fp.ZeroCode, 0x00, "0"},
		{"minus zero", m4e3, fp.ZeroCode, 0x80, "0"},
		{"smallest is zero by exponent", m4e3, fp.ZeroExponent, 0x01, "0"},
		{"negative zero by exponent", m4e3, fp.ZeroExponent, 0x8f, "0"},
		{"smallest by exponent", m4e3, fp.ZeroExponent, 0x10, "1/8"},
		{"accumulator one", m7e4, fp.ZeroCode, 0x400, "1"},
		{"accumulator largest", m7e4, fp.ZeroCode, 0x7ff, "255"},
		{"accumulator smallest", m7e4, fp.ZeroCode, 0x001, "129/32768"},
		{"no mantissa: largest", m0e2, fp.ZeroCode, 0x3, "2"},
		{"no mantissa: smallest", m0e2, fp.ZeroCode, 0x5, "-1/2"},
		{"no mantissa: zero", m0e2, fp.ZeroCode, 0x4, "0"},
		{"one mantissa bit: smallest", m1e2, fp.ZeroCode, 0x1, "3/8"},
		{"one mantissa bit: largest", m1e2, fp.ZeroCode, 0xf, "-3"},
		{"widest", fp.Format{Mantissa: 23, Exponent: 8, Bias: 128}, fp.ZeroCode, 0xffffffff, "-0x1.fffffep127"},
		{"least bias", fp.Format{Mantissa: 1, Exponent: 2, Bias: -1020}, fp.ZeroCode, 0x7, "0x1.8p1023"},
		{"greatest bias", fp.Format{Mantissa: 1, Exponent: 2, Bias: 1022}, fp.ZeroCode, 0x1, "0x1.8p-1022"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, rat(t, c.want).String(), exact.Decode(c.format, c.code, c.zero).String())
		})
	}
}

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		name   string
		format fp.Format
		zero   fp.Zero
		value  string
		want   fp.Code
	}{
		{"one", m4e3, fp.ZeroCode, "1", 0x40},
		{"minus 1.5", m4e3, fp.ZeroCode, "-1.5", 0xc8},
		{"tie to even, down", m4e3, fp.ZeroCode, "33/32", 0x40},
		{"tie to even, up", m4e3, fp.ZeroCode, "35/32", 0x42},
		{"above a tie", m4e3, fp.ZeroCode, "0x1.080001p0", 0x41},
		{"up into the next binade", m4e3, fp.ZeroCode, "63/32", 0x50},
		{"below that tie", m4e3, fp.ZeroCode, "0x1.f7ffffp0", 0x4f},
		{"saturates above the last tie", m4e3, fp.ZeroCode, "-15.8", 0xff},
		{"saturates far", m4e3, fp.ZeroCode, "1e300", 0x7f},
		{"zero", m4e3, fp.ZeroCode, "0", 0x00},
		{"half of the smallest", m4e3, fp.ZeroCode, "17/512", 0x01},
		{"below half of the smallest", m4e3, fp.ZeroCode, "0x1.0fffffp-5", 0x00},
		{"negative, below half", m4e3, fp.ZeroCode, "-1/512", 0x00},
		{"the smallest binade's bound has no code", m4e3, fp.ZeroCode, "1/16", 0x01},
		{"half of the smallest by exponent", m4e3, fp.ZeroExponent, "1/16", 0x10},
		{"below half by exponent", m4e3, fp.ZeroExponent, "0.0624", 0x00},
		{"no mantissa: tie goes up", m0e2, fp.ZeroCode, "0.75", 0x2},
		{"no mantissa: next tie goes up", m0e2, fp.ZeroCode, "1.5", 0x3},
		{"no mantissa: below the tie", m0e2, fp.ZeroCode, "-1.49", 0x6},
		{"no mantissa: half of the smallest", m0e2, fp.ZeroCode, "1/4", 0x1},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := rat(t, c.value)
			before := v.String()
			assert.Equal(t, c.want, exact.Encode(c.format, v, c.zero))
			assert.Equal(t, before, v.String(), "argument modified")
		})
	}
}

// TestEncodeNearest holds Encode against a search through all codes for the nearest value.
func TestEncodeNearest(t *testing.T) {
	for _, f := range []fp.Format{m0e2, m1e2, {Mantissa: 2, Exponent: 3, Bias: -1}, {Mantissa: 3, Exponent: 2, Bias: 5}} {
		for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
			// A quarter of the smallest binade's last place: hits every tie, and both sides of it.
			step := new(big.Rat).Quo(exact.Smallest(f, fp.ZeroCode), big.NewRat(int64(4*(1<<f.Mantissa+1)), 1))
			limit := new(big.Rat).Mul(exact.Max(f), big.NewRat(9, 8))
			for v := new(big.Rat); v.Cmp(limit) < 0; v = new(big.Rat).Add(v, step) {
				want := nearest(f, v, zero)
				require.Equal(t, want, exact.Encode(f, v, zero), "%v bias %d, zero %v: %v", f, f.Bias, zero, v)
				if want != 0 {
					want |= 1 << (f.Exponent + f.Mantissa)
				}
				require.Equal(t, want, exact.Encode(f, new(big.Rat).Neg(v), zero), "%v bias %d, zero %v: -%v", f, f.Bias, zero, v)
			}
		}
	}
}

// nearest is the code of the value nearest to v >= 0. Of two as near it takes the one with the even mantissa field, and
// the larger if none or both have one: the smallest above zero, or any tie without mantissa bits.
func nearest(f fp.Format, v *big.Rat, zero fp.Zero) fp.Code {
	distance := func(c fp.Code) *big.Rat {
		d := new(big.Rat).Sub(exact.Decode(f, c, zero), v)
		return d.Abs(d)
	}
	var best fp.Code
	for c := fp.Code(1); c < 1<<(f.Exponent+f.Mantissa); c++ {
		if exact.Decode(f, c, zero).Sign() == 0 {
			continue
		}
		switch distance(c).Cmp(distance(best)) {
		case -1:
			best = c
		case 0:
			if best == 0 || f.Mantissa == 0 || c&1 == 0 {
				best = c
			}
		}
	}
	return best
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		value    string
		mantissa int
		want     string
	}{
		{"0", 3, "0"},
		{"1.9", 0, "1"},
		{"-1.9", 0, "-1"},
		{"0.3", 0, "1/4"},
		{"-3.99", 1, "-3"},
		{"225/128", 4, "28/16"},
		{"0x1.ffffffp-500", 23, "0x1.fffffep-500"},
		{"1/3", 2, "5/16"},
	} {
		assert.Equal(t, rat(t, c.want).String(), exact.Truncate(rat(t, c.value), c.mantissa).String(), "%s to %d", c.value, c.mantissa)
	}
}

func TestQProd(t *testing.T) {
	for _, c := range []struct {
		name    string
		product string
		want    string
		event   fp.Event
	}{
		{"zero", "0", "0", 0},
		{"exact", "-2.25", "-2.25", 0},
		{"truncates", "289/256", "1.125", 0},
		{"truncates toward zero", "-289/256", "-1.125", 0},
		{"at the underflow threshold", "-1/1024", "-1/1024", 0},
		{"below it", "0x1.ffp-11", "0", fp.ProductUnderflow},
		{"largest", "63.75", "63.75", 0},
		{"truncated to the largest", "63.9", "63.75", 0},
		{"overflow", "-64", "-63.75", fp.ProductOverflow},
		{"far overflow", "1e9", "63.75", fp.ProductOverflow},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := rat(t, c.product)
			assert.Equal(t, rat(t, c.want).String(), exact.QProd(base, p).String())
			assert.Equal(t, c.event, exact.ProductEvent(base, p))
		})
	}
}

func TestTrace(t *testing.T) {
	nearest := with(func(s *fp.Spec) { s.Rounding = fp.NearestEven })
	stochastic := with(func(s *fp.Spec) { s.Rounding, s.RandomBits = fp.Stochastic, 2 })
	lazy := with(func(s *fp.Spec) { s.Align = fp.AlignLazy })
	byExponent := with(func(s *fp.Spec) { s.Zero = fp.ZeroExponent })
	small := with(func(s *fp.Spec) { s.Weight.Bias, s.Activation.Bias = 8, 8 })
	for _, c := range []struct {
		name    string
		spec    fp.Spec
		w, x, a fp.Code
		r       uint32
		want    fp.Code
		events  fp.Event
	}{
		{"1*1 + 0 = 1", base, 0x40, 0x40, 0x000, 0, 0x400, 0},
		{"1.5*1.5 + 1 = 3.25", base, 0x48, 0x48, 0x400, 0, 0x4d0, 0},
		{"-1*1 + 1 = 0", base, 0xc0, 0x40, 0x400, 0, 0x000, 0},
		{"0*1 - 0 = 0", base, 0x00, 0x40, 0x800, 0, 0x000, 0},
		{"-0*1 + 1 = 1", base, 0x80, 0x40, 0x400, 0, 0x400, 0},
		{"1*0 - 255 = -255", base, 0x40, 0x00, 0xfff, 0, 0xfff, 0},
		{"1.0625^2 + 0: product 289/256 to 288/256", base, 0x41, 0x41, 0x000, 0, 0x410, 0},

		// 1.0625 * 1.1875 = 1 + 33.5/128, to 1 + 33/128; with 2 that is 2 * (1 + 80.5/128).
		{"half a last place, truncated", base, 0x41, 0x43, 0x480, 0, 0x4d0, 0},
		{"the same, negative", base, 0xc1, 0x43, 0xc80, 0, 0xcd0, 0},
		{"the same, to even: down", nearest, 0x41, 0x43, 0x480, 0, 0x4d0, 0},
		{"to even: up", nearest, 0x41, 0x43, 0x481, 0, 0x4d2, 0},
		{"stochastic, 2/4 + 1/4 < 1", stochastic, 0x41, 0x43, 0x480, 1, 0x4d0, 0},
		{"stochastic, 2/4 + 2/4 = 1", stochastic, 0x41, 0x43, 0x480, 2, 0x4d1, 0},
		{"stochastic, negative", stochastic, 0xc1, 0x43, 0xc80, 3, 0xcd1, 0},
		{"stochastic ignores random bits above k", stochastic, 0x41, 0x43, 0x480, 5, 0x4d0, 0},

		// 15.5^2 = 240.25 saturates at 63.75, the product's R_OF.
		{"product overflow", base, 0x7f, 0x7f, 0x000, 0, 0x6ff, fp.ProductOverflow},
		{"negative product overflow", base, 0x7f, 0xff, 0x000, 0, 0xeff, fp.ProductOverflow},
		{"63.75 + 255 saturates", base, 0x7f, 0x7f, 0x7ff, 0, 0x7ff, fp.ProductOverflow | fp.AccOverflow | fp.Swamped},
		{"8*8 saturates, 63.75 + 192 truncates", base, 0x70, 0x70, 0x7c0, 0, 0x7ff, fp.ProductOverflow},
		{"4*4 + 240 = 256", base, 0x60, 0x60, 0x7f0, 0, 0x7ff, fp.AccOverflow},
		{"-4*4 - 240 = -256", base, 0xe0, 0x60, 0xff0, 0, 0xfff, fp.AccOverflow},
		{"0.5 + 255 truncates", base, 0x40, 0x30, 0x7ff, 0, 0x7ff, fp.Swamped},
		{"0.5 + 255 rounds up past R_OF", nearest, 0x40, 0x30, 0x7ff, 0, 0x7ff, fp.AccOverflow | fp.Swamped},

		{"0.5 + 128 swamped", base, 0x40, 0x30, 0x780, 0, 0x780, fp.Swamped},
		{"0.5 + 128 ties down to even", nearest, 0x40, 0x30, 0x780, 0, 0x780, fp.Swamped},
		{"0.5 + 129 ties up to even", nearest, 0x40, 0x30, 0x781, 0, 0x782, 0},
		{"0.53 + 128 rounds up", nearest, 0x41, 0x30, 0x780, 0, 0x781, 0},

		// With biases of 8 the product 1*1 is 2^-8 of what it was: 0x30*0x30 = 2^-10, the product's threshold.
		{"2^-10 + 129*2^-15", small, 0x30, 0x30, 0x001, 0, 0x021, 0},
		{"31/16*2^-11 is no product", small, 0x2f, 0x30, 0x001, 0, 0x001, fp.ProductUnderflow},
		{"2^-10 + 0 is below the accumulator", small, 0x30, 0x30, 0x000, 0, 0x000, fp.AccUnderflow},

		// 2^-3 * 2^-3 * (1 + g/16) - 2^-6 leaves g * 2^-10; the accumulator's smallest binade starts at 2^-8.
		{"6*2^-10: field 0", base, 0x10, 0x16, 0x900, 0, 0x040, 0},
		{"5*2^-10: field 0", base, 0x10, 0x15, 0x900, 0, 0x020, 0},
		{"4*2^-10 = 2^-b is zero's code", base, 0x10, 0x14, 0x900, 0, 0x000, fp.AccUnderflow},
		{"3*2^-10 < 2^-b", base, 0x10, 0x13, 0x900, 0, 0x000, fp.AccUnderflow},
		{"6*2^-10 by exponent", byExponent, 0x10, 0x16, 0x900, 0, 0x000, fp.AccUnderflow},
		{"8*2^-10 = 2^(1-b) by exponent", byExponent, 0x10, 0x18, 0x900, 0, 0x080, 0},
		{"operand zero by exponent", byExponent, 0x0f, 0x40, 0x400, 0, 0x400, 0},
		{"accumulator zero by exponent", byExponent, 0x40, 0x40, 0x07f, 0, 0x400, 0},

		// 1 - 1.125*2^-8 = 254.875/256. Lazily aligned, the product lies below the last place of 1 and is gone.
		{"exact alignment", base, 0x81, 0x01, 0x400, 0, 0x3fe, 0},
		{"lazy alignment", lazy, 0x81, 0x01, 0x400, 0, 0x400, fp.Swamped},
		// -1 + 2.2578125 = 1.2578125; the last place of 2 is 2^-6, and 1 is a multiple of it.
		{"lazy alignment that loses nothing", lazy, 0x48, 0x48, 0xc00, 0, 0x420, 0},
		// 2^-1 * (1 + 1/128) has a last place of 2^-8; aligned with 1 it loses it.
		{"lazy, accumulator the smaller", lazy, 0x40, 0x40, 0xb81, 0, 0x380, 0},
		{"exact, accumulator the smaller", base, 0x40, 0x40, 0xb81, 0, 0x37e, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.spec.Validate())
			got, events := exact.Trace(c.spec, c.w, c.x, c.a, c.r)
			assert.Equal(t, c.want, got, "code: want %#x, got %#x = %v", c.want, got, exact.Decode(m7e4, got, c.spec.Zero).FloatString(6))
			assert.Equal(t, c.events, events, "events")
			assert.Equal(t, got, exact.FMAq(c.spec, c.w, c.x, c.a, c.r))
		})
	}
}

func TestAdd(t *testing.T) {
	assert.Equal(t, fp.Code(0x480), exact.Add(base, 0x400, 0x400, 0), "1 + 1")
	assert.Equal(t, fp.Code(0x000), exact.Add(base, 0x400, 0xc00, 0), "1 - 1")
	assert.Equal(t, fp.Code(0x7ff), exact.Add(base, 0x7ff, 0x780, 0), "255 + 128")
	assert.Equal(t, fp.Code(0x400), exact.Add(base, 0x400, 0x800, 0), "1 - 0")
	// 1 - (2^-1 + 2^-8): exactly 127/256, or 1/2 if 2^-8 is dropped.
	assert.Equal(t, fp.Code(0x37e), exact.Add(base, 0x400, 0xb81, 0), "exact")
	lazy := with(func(s *fp.Spec) { s.Align = fp.AlignLazy })
	assert.Equal(t, fp.Code(0x380), exact.Add(lazy, 0x400, 0xb81, 0), "lazy")
}

func TestDot(t *testing.T) {
	// 128 + 0.5 swamps; 0.5 + 0.5 in a chunk of its own does not.
	w := []fp.Code{0x70, 0x60, 0x70, 0x60, 0x40, 0x40} // 8, 4, 8, 4, 1, 1
	x := []fp.Code{0x6e, 0x60, 0x6e, 0x60, 0x30, 0x30} // 7.5, 4, 7.5, 4, 0.5, 0.5
	for _, c := range []struct {
		name      string
		chunk, n  int
		want      fp.Code
		wantCalls int
	}{
		{"empty", 16, 0, 0x000, 0},
		{"one chain", 0, 6, 0x798, 6},        // 60, 76, 136, 152, 152, 152
		{"one chunk", 16, 6, 0x798, 7},       // the same, and one addition
		{"chunks of two", 2, 6, 0x799, 9},    // 76, 76, 1: 76, 152, 153
		{"a shorter last", 4, 6, 0x799, 8},   // 152, 1
		{"chunks of one", 1, 6, 0x798, 12},   // 60, 76, 136, 152, and halves that swamp
		{"part of a chunk", 16, 2, 0x718, 3}, // 76
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			rnd := func() uint32 { calls++; return 0 }
			s := with(func(s *fp.Spec) { s.Chunk = c.chunk })
			got := exact.Dot(s, w[:c.n], x[:c.n], rnd)
			assert.Equal(t, c.want, got, "got %#x = %v", got, exact.Decode(m7e4, got, 0).FloatString(3))
			assert.Equal(t, c.wantCalls, calls)
		})
	}
}
