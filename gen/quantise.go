package gen

import (
	"fmaq/fp"
	"fmaq/gen/rtl"
)

// accQuantiser is the exponent rebase and the range part of Q_acc.
//
// With carry, exp = exp_large + 1; else exp = exp_large - count. One adder does both, with a carry in of 1:
//
//	exp = exp_large + ~count + 1     carry = 0
//	exp = exp_large + 0      + 1     carry = 1, the addend masked
//
// over x = max(expWidth, countWidth) bits and one more on top. Without carry, exp is at least -(canvas-1) > -2^x and at
// most 2^expWidth-1, so the top bit is the sign; with carry, exp is 1 to 2^expWidth, and the top bit belongs to the
// number. A base below 0 is added afterwards, with the sign made explicit.
//
// Below the range, and for a sum of 0, the result is the all-zero word; above it, the largest magnitude. The least
// binade's significand of exactly 1 needs no test: its code is zero's. Only the sign must go then, as it must for every
// zero.
func (s *shape) accQuantiser() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_acc_quantiser", "Exponent rebase and accumulator quantiser: flushes to zero, saturates, packs the code.")
	sign := m.Input("sign_large_i", 1)
	large := m.Input("exp_large_i", s.expWidth)
	carry := m.Input("carry_i", 1)
	count := input(m, "count_i", s.countWidth())
	frac := input(m, "frac_i", s.M)
	nonzero := m.Input("nonzero_i", 1)

	x := max(s.expWidth, s.countWidth())
	width := x + 1
	noCarry := m.Not("no_carry", carry)
	addend := repeat(m, noCarry, width-s.countWidth())
	if count != nil {
		addend = concat(m, "addend", addend, m.Not("", m.Or("", count, repeat(m, carry, count.Width))))
	}
	exp := m.Add("exp_sum", width, m.ZeroExtend("", width, large), addend, m.Const(1, 1))
	negative := m.And("negative", m.Bit(exp, x), noCarry)
	if s.Spec.Rounding != fp.Truncate || s.base != 0 {
		width++
		exp = m.Concat("exp_signed", negative, exp)
		if s.Spec.Rounding != fp.Truncate {
			round := m.Input("round_carry_i", 1)
			exp = m.Add("exp_rounded", width, exp, m.ZeroExtend("", width, round))
		}
		if s.base != 0 {
			exp = m.Add("exp_acc", width, exp, constant(m, width, s.base))
		}
		negative = m.Bit(exp, width-1)
	}
	// What is left above the field tells overflow, unless it is the sign.
	m.Note("Above the largest binade; meaningless for a sum of 0, which is flushed.")
	over := m.And("overflow", m.Not("", negative), m.ReduceOr("", m.Slice("", exp, width-1, s.E)))

	flush := m.Or("flush", negative, m.Not("", nonzero))
	if s.Spec.Zero == fp.ZeroExponent {
		flush = m.Or("flush_binade", flush, m.Not("", m.ReduceOr("", exp)))
	}
	keep := m.Not("keep", flush)
	word := concat(m, "", m.Slice("", exp, s.E-1, 0), frac)
	magnitude := m.And("magnitude", m.Or("", word, repeat(m, over, s.E+s.M)), repeat(m, keep, s.E+s.M))
	code := magnitude
	if s.Spec.Zero == fp.ZeroExponent {
		code = m.Slice("", magnitude, s.E+s.M-1, s.M)
	}
	m.Output("acc_o", m.Concat("acc", m.And("sign", sign, m.ReduceOr("", code)), magnitude))
	return m
}
