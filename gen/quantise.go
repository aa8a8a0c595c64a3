package gen

import (
	"fmt"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

// accQuantiser is the exponent rebase and the range part of Q_acc.
//
//	exp = exp_large + 1 - count      count 0 (the adder carried) to canvas
//
// The 1 costs no carry: with count = 2h + c0, the addend 1 - count is -h followed by the bit ~c0, and -h flips every bit
// of h above the lowest one that is set.
//
// The sum has x = max(expWidth, countWidth) bits and one more on top. Without carry, exp is at least 1-canvas > -2^x and
// at most 2^expWidth-1, so the top bit is the sign; with carry, exp is 1 to 2^expWidth, and the top bit belongs to the
// number. A base below 0 is added afterwards, with the sign made explicit. Where every product is remote, exp is never
// negative.
//
// Below the range, and for a sum of 0, the result is the all-zero word; above it, the largest magnitude. The least
// binade's significand of exactly 1 needs no test: its code is zero's. Only the sign must go then, as it must for every
// zero.
func (s *shape) accQuantiser() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_acc_quantiser", "Exponent rebase and accumulator quantiser: flushes to zero, saturates, packs the code.")
	sign := m.Input("sign_large_i", 1)
	large := m.Input("exp_large_i", s.expWidth)
	count := m.Input("count_i", s.countWidth())
	frac := input(m, "frac_i", s.M)
	nonzero := m.Input("nonzero_i", 1)

	x := max(s.expWidth, s.countWidth())
	width := x + 1
	addend := []*rtl.Net{m.Not("", m.Bit(count, 0))}
	below := m.Const(1, 0)
	for i := 1; i < count.Width; i++ {
		bit := m.Bit(count, i)
		if i == 1 {
			addend, below = append([]*rtl.Net{bit}, addend...), bit
			continue
		}
		addend = append([]*rtl.Net{m.Xor("", below, bit)}, addend...)
		below = m.Or(fmt.Sprintf("count_1_to_%d", i), below, bit)
	}
	addend = append([]*rtl.Net{repeat(m, below, width-count.Width)}, addend...)
	exp := m.Add("exp_sum", width, m.ZeroExtend("", width, large), m.Concat("addend", addend...))
	var negative *rtl.Net // none where every product is remote
	if !s.remote() {
		negative = m.And("negative", m.Bit(exp, x), m.Not("", m.Input("carry_i", 1)))
	}
	if s.Spec.Rounding != fp.Truncate || s.base != 0 {
		width++
		top := negative
		if top == nil {
			top = m.Const(1, 0)
		}
		exp = m.Concat("exp_signed", top, exp)
		if s.Spec.Rounding != fp.Truncate {
			round := m.Input("round_carry_i", 1)
			exp = m.Add("exp_rounded", width, exp, m.ZeroExtend("", width, round))
		}
		if s.base != 0 {
			exp = m.Add("exp_acc", width, exp, constant(m, width, s.base))
		}
		if negative != nil {
			negative = m.Bit(exp, width-1)
		}
	}
	// What is left above the field tells overflow, unless it is the sign.
	m.Note("Above the largest binade; meaningless for a sum of 0, which is flushed.")
	over := m.ReduceOr("above", m.Slice("", exp, width-1, s.E))
	flush := m.Not("zero", nonzero)
	if negative != nil {
		over = m.And("overflow", over, m.Not("", negative))
		flush = m.Or("flush", flush, negative)
	}
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
