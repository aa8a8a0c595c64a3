package gen

import (
	"math/bits"

	"fmaq/fp"
)

// shape holds the widths and ranges that the blocks derive from the parameters. In the names of the numerics: operands
// F(m, e), product and accumulator F(M, E).
//
// Exponents. Let raw = f_w + f_x + c be the sum of the operands' exponent fields and the carry c of normalising the
// product's significand. The product's field is raw - offset, in the accumulator's binades raw - offset - shift. From
// the product quantiser on, every exponent is counted from one base, the least that any nonzero addend can have:
//
//	exponent = field in the accumulator's binades - base,   0 <= exponent < 2^expWidth
//
// The biases being constants, the ranges are known at generation time, and with them which of the product's underflow
// and overflow can happen at all; only what can happen is built. With the default biases base is 0, so that the
// accumulator's exponent field is used as it stands.
type shape struct {
	Params
	m, e, M, E int

	rawMin, rawMax        int // of nonzero operands
	underflows, overflows bool
	satExponent           int // exponent of a saturated product
	base                  int // <= 0
	least, most           int // exponents of the least and the largest nonzero product

	window, windowBase int // bits of the exponents' difference, and where they start: see near
	expWidth           int

	guard  int // canvas bits below the larger addend's last place
	canvas int // 1 + M + guard, the adder's width
}

func newShape(p Params) *shape {
	s := &shape{Params: p, m: p.Spec.Weight.Mantissa, e: p.Spec.Weight.Exponent,
		M: p.Spec.Accumulator.Mantissa, E: p.Spec.Accumulator.Exponent}
	top := 1<<s.E - 1
	// A field of 0 belongs to a nonzero operand only if some mantissa with it is nonzero; significands of 1 alone have no
	// carry.
	s.rawMax = 2 * (1<<s.e - 1)
	if s.m > 0 {
		s.rawMax++
	}
	if s.m == 0 || p.Spec.Zero == fp.ZeroExponent {
		s.rawMin = 2
	}
	low, high := 0, top // product fields before Q_prod clamps them
	s.underflows, s.overflows = true, true
	if p.Arch.Bias == BiasFixed {
		low, high = s.rawMin-p.Spec.Offset(), s.rawMax-p.Spec.Offset()
		s.underflows, s.overflows = low < 0, high > top
	}
	clamp := func(field int) int { return min(max(field, 0), top) - p.Spec.Shift() }
	s.base = min(0, clamp(low))
	s.least, s.most = clamp(low)-s.base, clamp(high)-s.base
	s.satExponent = top - p.Spec.Shift() - s.base
	s.expWidth = bits.Len(uint(max(top, clamp(high)) - s.base))

	// The sum must be right down to the last place after normalisation, which may move it left by one place when the
	// addends are two or more binades apart, and by more only when they are at most one apart and one guard bit holds all
	// that alignment shifts out. Below the guard bit a sticky bit, taken as a borrow, makes the truncation exact. Nearest
	// needs one bit more (the half), stochastic its k bits more.
	switch {
	case p.Spec.Align == fp.AlignLazy:
		s.guard = 0
	case p.Spec.Rounding == fp.Truncate:
		s.guard = 1
	case p.Spec.Rounding == fp.NearestEven:
		s.guard = 2
	default:
		s.guard = 1 + p.Spec.RandomBits
	}
	s.canvas = 1 + s.M + s.guard
	s.window, s.windowBase = s.near()
	return s
}

// near returns the least number of bits w, and a multiple of 2^(w-1), such that an accumulator exponent outside the 2^w
// from there is canvas or more away from every product's: too far for anything but the sticky bit. Differences need be
// taken inside that window only. Where it would not be narrower than the exponents, it is all of them. A window has at
// least 2 canvas - 1 exponents, so that the distance has bits enough to clear the canvas when saturated.
func (s *shape) near() (width, base int) {
	for w := 1; w < s.expWidth; w++ {
		step := 1 << (w - 1)
		low := s.least - (s.canvas - 1)
		base := low &^ (step - 1)
		if end := base + 1<<w; low >= 0 && end > s.most+s.canvas-1 && end <= 1<<s.expWidth {
			return w, base
		}
	}
	return s.expWidth, 0
}

// remote reports that every nonzero product is so far above the accumulator's least binade that an addend there counts
// for the sticky bit at most. Then no nonzero sum underflows in Q_acc: beside a nonzero product the larger addend has at
// least its exponent, and normalisation takes less than canvas away.
func (s *shape) remote() bool { return s.base == 0 && s.least >= s.canvas }

// plainZero reports that a zero accumulator needs no detection: it is remote, and its significand, with a leading bit of
// 0 for a field of 0, loses nothing to the sticky bit. (With zero = exponent its mantissa may be anything.)
func (s *shape) plainZero() bool { return s.remote() && s.Spec.Zero == fp.ZeroCode }

// exact reports whether alignment keeps a sticky bit.
func (s *shape) exact() bool { return s.Spec.Align == fp.AlignExact }

// productLow is the position of the product significand's lowest bit that can reach its M fraction bits. The product
// has 2m+1 fraction bits once normalised, and normalising moves it by at most one place.
func (s *shape) productLow() int { return max(0, 2*s.m-s.M) }

// productWidth is the number of bits of the product's significand from productLow up.
func (s *shape) productWidth() int { return 2*s.m + 2 - s.productLow() }

// productFrac is the number of fraction bits that the product quantiser hands on. A product has 2m+1 at most; those below
// are 0 unless saturation sets them.
func (s *shape) productFrac() int {
	switch {
	case s.overflows:
		return s.M
	case s.m == 0:
		return 0
	}
	return min(s.M, 2*s.m+1)
}

// countWidth is the number of bits of the leading zero count over the adder's carry and sum, 0 to canvas.
func (s *shape) countWidth() int { return bits.Len(uint(s.canvas)) }

// rests is the number of bits below the last place that the rounder sees: the guard bits and the one that a carry out of
// the adder pushes below the last place.
func (s *shape) rests() int {
	if s.Spec.Rounding == fp.Truncate {
		return 0
	}
	return s.guard + 1
}
