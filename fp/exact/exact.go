// Package exact is the numerics of the FMAq straight from its definitions, in rational arithmetic. It is the oracle that
// package fp and the circuits are tested against: slow, and written so that each function reads like the line of the
// definition that it stands for. From package fp it takes types and constants only, which a test holds it to.
//
// Values are *big.Rat, exact and unbounded; no function modifies its arguments, and results must not be modified, as
// some are shared. There is one zero: the codes of either sign of zero decode to it, and it encodes to the all-zero
// code. Codes and specifications are taken as valid.
package exact

import (
	"math/big"
	"sync"

	"fmaq/fp"
)

// Decode returns the value of a code: (-1)^s * 2^(field-b) * (1 + g/2^M), unless it is one of zero's codes.
func Decode(f fp.Format, c fp.Code, zero fp.Zero) *big.Rat {
	s := int64(c) >> (f.Mantissa + f.Exponent) & 1
	field := int64(c) >> f.Mantissa & (1<<f.Exponent - 1)
	g := int64(c) & (1<<f.Mantissa - 1)
	if field == 0 && (g == 0 || zero == fp.ZeroExponent) {
		return new(big.Rat)
	}
	v := mul(pow2(int(field)-f.Bias), add(pow2(0), big.NewRat(g, 1<<f.Mantissa)))
	if s == 1 {
		return neg(v)
	}
	return v
}

// Encode quantises a real value to an operand's format: to nearest, saturating at R_OF, zero below half of the smallest
// magnitude that has a code, and that smallest from its half up. Ties go to the even multiple of the last place; with no
// mantissa bits that is the upper binade, as 1 is odd and 2 is even.
func Encode(f fp.Format, v *big.Rat, zero fp.Zero) fp.Code {
	t := abs(v)
	small := Smallest(f, zero)
	switch {
	case t.Cmp(mul(small, big.NewRat(1, 2))) < 0:
		return 0
	case t.Cmp(small) < 0:
		t = small
	default:
		t = roundEven(t, exponent(t)-f.Mantissa)
	}
	if t.Cmp(Max(f)) > 0 {
		t = Max(f)
	}
	return encode(f, copySign(t, v))
}

// maxima holds the results of Max, which every quantisation asks for.
var maxima sync.Map

// Max is R_OF = 2^(2^E-1-b) * (2 - 2^-M).
func Max(f fp.Format) *big.Rat {
	if v, ok := maxima.Load(f); ok {
		return v.(*big.Rat)
	}
	v := mul(pow2(1<<f.Exponent-1-f.Bias), sub(pow2(1), pow2(-f.Mantissa)))
	maxima.Store(f, v)
	return v
}

// Smallest is the smallest magnitude that has a code.
func Smallest(f fp.Format, zero fp.Zero) *big.Rat {
	if zero == fp.ZeroExponent {
		return pow2(1 - f.Bias)
	}
	return mul(pow2(-f.Bias), add(pow2(0), pow2(-f.Mantissa)))
}

// Truncate is T_M: x with its mantissa truncated to M fraction bits, toward zero.
func Truncate(x *big.Rat, mantissa int) *big.Rat {
	if x.Sign() == 0 {
		return x
	}
	return copySign(roundDown(abs(x), exponent(x)-mantissa), x)
}

// QProd is Q_prod of the exact product. It has no code to fit, so that the switches do not change it.
func QProd(s fp.Spec, p *big.Rat) *big.Rat {
	f := s.Product
	switch {
	case abs(p).Cmp(pow2(-f.Bias)) < 0:
		return new(big.Rat)
	case abs(p).Cmp(Max(f)) > 0:
		return copySign(Max(f), p)
	}
	return Truncate(p, f.Mantissa)
}

// ProductEvent tells what Q_prod does to the exact product. A product that truncation alone brings to R_OF is no
// overflow, although it is above R_OF.
func ProductEvent(s fp.Spec, p *big.Rat) fp.Event {
	switch {
	case p.Sign() != 0 && QProd(s, p).Sign() == 0:
		return fp.ProductUnderflow
	case abs(Truncate(p, s.Product.Mantissa)).Cmp(Max(s.Product)) > 0:
		return fp.ProductOverflow
	}
	return 0
}

// QAcc is Q_acc with the specification's rounding in the place of T_M, as a code; the low k bits of r are the random
// bits of stochastic rounding.
func QAcc(s fp.Spec, sum *big.Rat, r uint32) fp.Code {
	v, _ := quantise(s, sum, r)
	return encode(s.Accumulator, v)
}

// quantise is QAcc as a value, and what it did to the sum.
func quantise(s fp.Spec, sum *big.Rat, r uint32) (*big.Rat, fp.Event) {
	if sum.Sign() == 0 {
		return sum, 0
	}
	f := s.Accumulator
	t := abs(sum)
	place := exponent(sum) - f.Mantissa
	switch s.Rounding {
	case fp.Truncate:
		t = roundDown(t, place)
	case fp.NearestEven:
		t = roundEven(t, place)
	case fp.Stochastic:
		k := s.RandomBits
		random := big.NewRat(int64(r)&(1<<k-1), 1)
		t = roundDown(add(t, mul(random, pow2(place-k))), place)
	}
	// Nothing at or below 2^-b has a code; where a zero exponent field means zero, nothing below 2^(1-b) has one.
	tooSmall := t.Cmp(pow2(-f.Bias)) <= 0
	if s.Zero == fp.ZeroExponent {
		tooSmall = t.Cmp(pow2(1-f.Bias)) < 0
	}
	switch {
	case tooSmall:
		return new(big.Rat), fp.AccUnderflow
	case t.Cmp(Max(f)) > 0:
		return copySign(Max(f), sum), fp.AccOverflow
	}
	return copySign(t, sum), 0
}

// Sum is the sum of two addends of M fraction bits each as alignment hands it to Q_acc: exact, or, with lazy alignment,
// without the bits of either addend below the last place of the one with the larger exponent, which itself has none.
func Sum(s fp.Spec, p, a *big.Rat) *big.Rat {
	if s.Align == fp.AlignLazy && p.Sign() != 0 && a.Sign() != 0 {
		place := max(exponent(p), exponent(a)) - s.Accumulator.Mantissa
		p = copySign(roundDown(abs(p), place), p)
		a = copySign(roundDown(abs(a), place), a)
	}
	return add(p, a)
}

// Accumulate is Q_acc(p + a) of a product that Q_prod has quantised and an accumulator's value, and the events of it.
func Accumulate(s fp.Spec, p, a *big.Rat, r uint32) (fp.Code, fp.Event) {
	v, e := quantise(s, Sum(s, p, a), r)
	if p.Sign() != 0 && a.Sign() != 0 && v.Cmp(a) == 0 {
		e |= fp.Swamped
	}
	return encode(s.Accumulator, v), e
}

// Trace is FMAq, and the events of it.
func Trace(s fp.Spec, w, x, a fp.Code, r uint32) (fp.Code, fp.Event) {
	p := mul(Decode(s.Weight, w, s.Zero), Decode(s.Activation, x, s.Zero))
	c, e := Accumulate(s, QProd(s, p), Decode(s.Accumulator, a, s.Zero), r)
	return c, e | ProductEvent(s, p)
}

// FMAq is Q_acc(Q_prod(w*x) + a), with r as for [QAcc].
func FMAq(s fp.Spec, w, x, a fp.Code, r uint32) fp.Code {
	c, _ := Trace(s, w, x, a, r)
	return c
}

// Add is Q_acc(y + a) of two accumulator codes, with r as for [QAcc].
func Add(s fp.Spec, y, a fp.Code, r uint32) fp.Code {
	return QAcc(s, Sum(s, Decode(s.Accumulator, y, s.Zero), Decode(s.Accumulator, a, s.Zero)), r)
}

// Dot is the chunked dot product of equally long vectors. rnd gives one word an FMAq and one an addition of a chunk's
// result, in the order of computation; it is called in every rounding mode.
func Dot(s fp.Spec, w, x []fp.Code, rnd func() uint32) fp.Code {
	if s.Chunk == 0 {
		return chain(s, w, x, rnd)
	}
	var y fp.Code
	for len(w) > 0 {
		n := min(s.Chunk, len(w))
		a := chain(s, w[:n], x[:n], rnd)
		y = Add(s, y, a, rnd())
		w, x = w[n:], x[n:]
	}
	return y
}

// chain is one chunk: a = 0, then a = FMAq(w_k, x_k, a) for each k.
func chain(s fp.Spec, w, x []fp.Code, rnd func() uint32) fp.Code {
	var a fp.Code
	for k := range w {
		a = FMAq(s, w[k], x[k], a, rnd())
	}
	return a
}

// encode returns the code of a value that has one.
func encode(f fp.Format, v *big.Rat) fp.Code {
	if v.Sign() == 0 {
		return 0
	}
	e := exponent(v)
	field := e + f.Bias
	significand := mul(abs(v), pow2(f.Mantissa-e)) // 2^M + g
	g := significand.Num().Int64() - 1<<f.Mantissa
	switch {
	case !significand.IsInt():
		panic("exact: more than M fraction bits")
	case field < 0 || field >= 1<<f.Exponent:
		panic("exact: outside the format's binades")
	case field == 0 && g == 0:
		panic("exact: a value whose code is zero's")
	}
	c := int64(field)<<f.Mantissa | g
	if v.Sign() < 0 {
		c |= 1 << (f.Mantissa + f.Exponent)
	}
	return fp.Code(c)
}
