package gen

import (
	"fmt"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

// productQuantiser is Q_prod: it normalises the product's significand, truncates it to M fraction bits, and clamps the
// exponent.
//
//	sig_product   c p . p p p p p p p p     2m+2 bits (those below productLow are not there)
//	c = 1           1 . [M bits     ] x     the carry is the leading one
//	c = 0               1 . [M bits ]       one place to the left
//
// The exponent goes from the raw sum to the common base by one constant, often 0 and always small. Saturation replaces
// it by the constant of the product format's top binade and the fraction by ones. A product that is zero or underflows
// only raises product_zero_o: what the other outputs then say is without effect downstream.
func (s *shape) productQuantiser() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_product_quantiser", fmt.Sprintf(
		"Product quantiser: normalises, truncates to %d fraction bits, saturates.\nThe other outputs mean nothing where product_zero_o is set.", s.M))
	var sig *rtl.Net
	width := s.productWidth()
	if s.m > 0 {
		sig = m.Input("sig_product_i", width)
	}
	raw := m.Input("exp_raw_i", s.e+1)
	var offset *rtl.Net
	if s.Arch.Bias == BiasPort {
		offset = m.Input("offset_i", s.OffsetWidth())
	}
	wSign, xSign := m.Input("w_sign_i", 1), m.Input("x_sign_i", 1)
	zeroWidth := s.e + s.m
	if s.Spec.Zero == fp.ZeroExponent {
		zeroWidth = s.e
	}
	w, x := m.Input("w_magnitude_i", zeroWidth), m.Input("x_magnitude_i", zeroWidth)

	under, over, exp := s.productExponent(m, raw, offset)

	frac := s.productFraction(m, sig)
	if over != nil {
		m.Note("Saturate to the largest product.")
		exp = m.Mux("exp_product", over, constant(m, s.expWidth, s.satExponent), exp)
		if frac != nil {
			frac = m.Or("frac_product", frac, repeat(m, over, s.M))
		}
	}
	wNonzero, xNonzero := m.ReduceOr("w_nonzero", w), m.ReduceOr("x_nonzero", x)
	zero := m.Not("operand_zero", m.And("", wNonzero, xNonzero))
	if under != nil {
		zero = m.Or("product_zero", zero, under)
	}
	m.Output("sign_product_o", m.Xor("sign_product", wSign, xSign))
	m.Output("exp_product_o", exp)
	output(m, "frac_product_o", frac)
	m.Output("product_zero_o", zero)
	return m
}

// productFraction is the productFrac fraction bits of the normalised product.
func (s *shape) productFraction(m *rtl.Module, sig *rtl.Net) *rtl.Net {
	switch {
	case s.M == 0:
		return nil
	case sig == nil: // m = 0: the significand is 1
		return zeros(m, s.productFrac())
	}
	top := s.productWidth() - 1
	// Fraction bits on hand: top-1 below an implied one if c = 0, top if c = 1.
	have := min(s.M, top)
	carried := m.Slice("", sig, top-1, top-have)
	var plain *rtl.Net
	if have <= top-1 {
		plain = m.Slice("", sig, top-2, top-1-have)
	} else {
		plain = concat(m, "", slice(m, sig, top-2, 0), m.Const(1, 0))
	}
	frac := m.Mux("frac_normal", m.Bit(sig, top), carried, plain)
	return concat(m, "", frac, zeros(m, s.productFrac()-have))
}

// productExponent returns the conditions of Q_prod's underflow and overflow, nil where the ranges rule them out, and the
// exponent in the common base.
func (s *shape) productExponent(m *rtl.Module, raw, offset *rtl.Net) (under, over, exp *rtl.Net) {
	if s.Arch.Bias == BiasPort {
		// field = raw - offset_i: raw is below 2^(e+1), offset_i in two's complement, so one bit more than the wider of
		// the two, each with its sign, holds the difference.
		width := max(s.e+2, s.OffsetWidth()) + 1
		field := m.Sub("field_product", width, m.ZeroExtend("", width, raw), m.SignExtend("", width, offset))
		under = m.Bit(field, width-1)
		over = m.And("overflow", m.Not("", under), m.ReduceOr("", m.Slice("", field, width-2, s.E)))
		return under, over, s.rebase(m, m.Slice("", field, s.E-1, 0), s.Spec.Shift()+s.base)
	}
	o := s.Spec.Offset()
	limit := 1<<s.E - 1 + o // largest raw that does not overflow
	switch {
	case !s.underflows:
	case o > s.rawMax:
		under = m.Const(1, 1)
	default:
		under = m.Less("underflow", raw, m.Const(raw.Width, uint64(o)))
	}
	switch {
	case !s.overflows:
	case limit < 0:
		over = m.Const(1, 1)
	default:
		over = m.Less("overflow", m.Const(raw.Width, uint64(limit)), raw)
	}
	return under, over, s.rebase(m, raw, o+s.Spec.Shift()+s.base)
}

// rebase subtracts a constant from a word and gives the result expWidth bits. The difference is in range wherever it
// matters, so arithmetic modulo a power of two does.
func (s *shape) rebase(m *rtl.Module, a *rtl.Net, subtrahend int) *rtl.Net {
	width := max(s.expWidth, a.Width)
	wide := m.ZeroExtend("", width, a)
	if subtrahend != 0 {
		wide = m.Add("exp_rebased", width, wide, constant(m, width, -subtrahend))
	} else if width > s.expWidth {
		wide = m.ZeroExtend("exp_wide", width, a)
	}
	return m.Slice("", wide, s.expWidth-1, 0)
}
