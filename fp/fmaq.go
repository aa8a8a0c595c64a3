// Package fp is the numerics of the FMAq in integer arithmetic: formats and their codes, the quantisers Q_prod and
// Q_acc, the fused multiply-add with quantisation, and the chunked dot product.
//
//	FMAq(w, x, a) = Q_acc( Q_prod(w*x) + a )
//
// The scheme is that of Blumenfeld, Hubara and Soudry, "Towards Cheaper Inference in Deep Networks with Lower
// Bit-Width Accumulators", ICLR 2024. ARCHITECTURE.md states the numerics in full. Package exact computes the same from
// the definitions and shares only the types.
package fp

import (
	"math"
	"math/bits"
)

// Event is a set of things that happened inside one FMAq.
type Event uint8

const (
	ProductUnderflow Event = 1 << iota // w*x is not zero but Q_prod made it so
	ProductOverflow                    // Q_prod saturated what truncation leaves above R_OF
	AccUnderflow                       // the sum is not zero but Q_acc made it so
	AccOverflow                        // Q_acc saturated
	Swamped                            // neither Q_prod(w*x) nor a is zero, and the result is a all the same
)

// Unit evaluates one [Spec]. It holds only derived constants and is safe for concurrent use.
type Unit struct {
	spec Spec

	opFrac, opTop   uint   // operand: mantissa width, position of the sign bit
	opMask          uint32 // operand: exponent field mask
	accFrac, accTop uint
	accMax          int // largest exponent field of product and accumulator
	offset, shift   int
}

// New returns the unit of a specification, or the error of [Spec.Validate].
func New(s Spec) (*Unit, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return &Unit{
		spec:    s,
		opFrac:  uint(s.Weight.Mantissa),
		opTop:   uint(s.Weight.Width() - 1),
		opMask:  uint32(s.Weight.maxField()),
		accFrac: uint(s.Accumulator.Mantissa),
		accTop:  uint(s.Accumulator.Width() - 1),
		accMax:  s.Accumulator.maxField(),
		offset:  s.Offset(),
		shift:   s.Shift(),
	}, nil
}

// Spec returns the specification the unit was made from.
func (u *Unit) Spec() Spec { return u.spec }

// number is a sign-magnitude value sig * 2^(exp - b_acc - M), with exp in the accumulator's binades but unbounded, and
// sig either 0 or of exactly M+1 bits.
type number struct {
	neg bool
	exp int
	sig uint64
}

// product is Q_prod(w*x).
//
// Two significands of m+1 bits, each in [1, 2), give one of 2m+2 bits in [1, 4): at most 48 bits. One conditional step
// of the exponent normalises it; the bits below the M-th fraction bit go.
func (u *Unit) product(w, x Code) (number, Event) {
	fw, fx := uint32(w)>>u.opFrac&u.opMask, uint32(x)>>u.opFrac&u.opMask
	gw, gx := uint32(w)&(1<<u.opFrac-1), uint32(x)&(1<<u.opFrac-1)
	if fw == 0 && (gw == 0 || u.spec.Zero == ZeroExponent) || fx == 0 && (gx == 0 || u.spec.Zero == ZeroExponent) {
		return number{}, 0
	}
	sig := uint64(1<<u.opFrac|gw) * uint64(1<<u.opFrac|gx)
	top := uint(bits.Len64(sig)) - 1 // 2m or 2m+1
	field := int(fw) + int(fx) + int(top-2*u.opFrac) - u.offset
	n := number{neg: (w^x)>>u.opTop&1 == 1, exp: field - u.shift}
	switch {
	case field < 0:
		return number{}, ProductUnderflow
	case field > u.accMax:
		n.exp = u.accMax - u.shift
		n.sig = 1<<(u.accFrac+1) - 1
		return n, ProductOverflow
	case top >= u.accFrac:
		n.sig = sig >> (top - u.accFrac)
	default:
		n.sig = sig << (u.accFrac - top)
	}
	return n, 0
}

func (u *Unit) unpack(a Code) number {
	field, g := int(a>>u.accFrac)&u.accMax, a&(1<<u.accFrac-1)
	if field == 0 && (g == 0 || u.spec.Zero == ZeroExponent) {
		return number{}
	}
	return number{neg: a>>u.accTop&1 == 1, exp: field, sig: 1<<u.accFrac | uint64(g)}
}

// wide is how far the significands move up before alignment. With at most 24 bits each, the sum stays below 2^63, and
// what alignment by more than wide places loses lies so far below the result's last place, even after the one place
// that cancellation can then cost, that one jammed bit stands for all of it in every rounding mode (k <= 24 < wide-2).
const wide = 38

// accumulate is Q_acc(p + a); r holds the random bits of stochastic rounding.
func (u *Unit) accumulate(p, a number, r uint32) (Code, Event) {
	if p.sig == 0 {
		p, a = a, p
	}
	if a.sig == 0 {
		if p.sig == 0 {
			return 0, 0
		}
		// Exact already: alignment and rounding have nothing to do.
		return u.quantise(p.neg, p.exp, p.sig)
	}
	if p.exp < a.exp || p.exp == a.exp && p.sig < a.sig {
		p, a = a, p
	}
	d := uint(p.exp - a.exp)
	large, small := p.sig<<wide, a.sig<<wide
	if u.spec.Align == AlignLazy {
		small = a.sig >> d << wide // Go shifts of 64 and more give 0
	} else {
		shifted := small >> d
		if shifted<<d != small { // never for d <= wide, always for d >= 64
			shifted |= 1
		}
		small = shifted
	}
	sum := large + small
	if p.neg != a.neg {
		sum = large - small
	}
	if sum == 0 {
		return 0, 0
	}
	// The leading one moves to bit 63, M fraction bits follow it, the rest is below the last place.
	n := bits.LeadingZeros64(sum)
	sum <<= uint(n)
	exp := p.exp + 63 - n - wide - int(u.accFrac)
	drop := 63 - u.accFrac
	sig, rest := sum>>drop, sum&(1<<drop-1)
	switch u.spec.Rounding {
	case NearestEven:
		if half := uint64(1) << (drop - 1); rest > half || rest == half && sig&1 == 1 {
			sig++
		}
	case Stochastic:
		k := uint(u.spec.RandomBits)
		sig += (rest>>(drop-k) + uint64(r)&(1<<k-1)) >> k
	}
	if sig>>(u.accFrac+1) != 0 {
		sig >>= 1
		exp++
	}
	return u.quantise(p.neg, exp, sig)
}

// quantise brings a value whose significand has M+1 bits into the accumulator's range: the last step of Q_acc.
func (u *Unit) quantise(neg bool, exp int, sig uint64) (Code, Event) {
	var sign Code
	if neg {
		sign = 1 << u.accTop
	}
	switch {
	case exp > u.accMax:
		return sign | (1<<u.accTop - 1), AccOverflow
	case exp <= 0 && (exp < 0 || sig == 1<<u.accFrac || u.spec.Zero == ZeroExponent):
		return 0, AccUnderflow
	}
	return sign | Code(exp)<<u.accFrac | Code(sig)&(1<<u.accFrac-1), 0
}

// FMAq returns Q_acc(Q_prod(w*x) + a). Under stochastic rounding the random bits are all zero, which truncates; see
// [Unit.FMAqRandom].
func (u *Unit) FMAq(w, x, a Code) Code {
	c, _ := u.Trace(w, x, a, 0)
	return c
}

// FMAqRandom is FMAq with the random bits of stochastic rounding, in the low k bits of r. The other rounding modes
// ignore them.
func (u *Unit) FMAqRandom(w, x, a Code, r uint32) Code {
	c, _ := u.Trace(w, x, a, r)
	return c
}

// Trace is FMAqRandom, and tells what happened inside.
func (u *Unit) Trace(w, x, a Code, r uint32) (Code, Event) {
	p, e := u.product(w, x)
	acc := u.unpack(a)
	c, f := u.accumulate(p, acc, r)
	e |= f
	if p.sig != 0 && acc.sig != 0 && c == a {
		e |= Swamped
	}
	return c, e
}

// Product returns the value of Q_prod(w*x) and what happened in it.
func (u *Unit) Product(w, x Code) (float64, Event) {
	p, e := u.product(w, x)
	v := math.Ldexp(float64(p.sig), p.exp-u.spec.Accumulator.Bias-int(u.accFrac))
	if p.neg {
		v = -v
	}
	return v, e
}

// Add returns Q_acc(y + a) of two accumulator codes, the step over chunks; r is as for [Unit.FMAqRandom].
func (u *Unit) Add(y, a Code, r uint32) Code {
	c, _ := u.accumulate(u.unpack(y), u.unpack(a), r)
	return c
}

// Dot returns the chunked dot product of equally long vectors of weight and activation codes, as an accumulator code:
// each chunk from zero in order, then the chunks' results from zero in order. rnd supplies the random bits of
// stochastic rounding, one word an FMAq or addition; it may be nil for the other modes, and is not called then. It
// panics if the lengths differ.
func (u *Unit) Dot(w, x []Code, rnd func() uint32) Code {
	if len(w) != len(x) {
		panic("fp: Dot of vectors of different lengths")
	}
	random := func() uint32 { return 0 }
	if u.spec.Rounding == Stochastic {
		random = rnd
	}
	chunk := u.spec.Chunk
	if chunk == 0 {
		chunk = max(len(w), 1)
	}
	var y Code
	for lo := 0; lo < len(w); lo += chunk {
		var a Code
		for k := lo; k < min(lo+chunk, len(w)); k++ {
			a = u.FMAqRandom(w[k], x[k], a, random())
		}
		y = u.Add(y, a, random())
	}
	return y
}
