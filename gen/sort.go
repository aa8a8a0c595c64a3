package gen

import (
	"fmt"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

// sorter is the exponent differ and the sort: it finds the addend of larger magnitude and the distance of the exponents.
//
// The mantissas are compared only where the exponents tie; sorting by magnitude first means that the adder's difference
// is never negative and never needs complementing. A zero on either side is not gated out of the data: it makes the
// operation an addition (subtract_o = 0) of something that the aligner drops (drop_o = 1). Then the result is the larger
// addend, for which a zero product always gives way to the accumulator. A zero accumulator may stand as the larger
// addend only beside a product below the accumulator's range: its code passes through as zero, as it should.
//
// For the same reason neither leading one is a signal: both are the constant 1. Where plainZero holds it is cheaper the
// other way round: the smaller addend's leading bit is 0 for a field of 0, and only a zero product is dropped.
//
//	diff = exp_product - exp_acc         window bits and a borrow: the accumulator's exponent is larger
//	distance[i] = diff[i] ^ (borrow & (diff[i-1] | ... | diff[0]))
//
// is the magnitude of the difference: negation flips every bit above the lowest one that is set, and the chain of ors
// that tells where those are ends in the test for a tie. Where products span few of many exponents, the difference need
// be taken only in a window around them (see near); outside it the accumulator's exponent alone tells which is larger,
// and far_o stands for the distance.
func (s *shape) sorter() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_sorter", "Exponent differ and sort: the addend of larger magnitude first.\nA zero addend turns the operation into an addition of nothing.")
	signP := m.Input("sign_product_i", 1)
	expP := m.Input("exp_product_i", s.expWidth)
	fracP := input(m, "frac_product_i", s.productFrac())
	zeroP := m.Input("product_zero_i", 1)
	signA := m.Input("acc_sign_i", 1)
	field := m.Input("acc_field_i", s.E)
	fracA := input(m, "acc_frac_i", s.M)

	if pad := s.M - s.productFrac(); pad > 0 {
		fracP = concat(m, "frac_product", fracP, zeros(m, pad))
	}

	expA := field
	if s.expWidth > s.E || s.base != 0 {
		expA = s.rebaseAcc(m, field)
	}
	w := s.window
	nearP, nearA := expP, expA
	var far, above *rtl.Net
	if w < s.expWidth {
		m.Note("Exponents differ by less than the canvas only if the accumulator's is %d to %d.", s.windowBase, s.windowBase+1<<w-1)
		// The window's two halves have the same bits above w-1 throughout; counting from its base flips bit w-1 if the
		// lower half has it set.
		half := uint64(s.windowBase >> (w - 1))
		upper := m.Slice("acc_upper", expA, s.expWidth-1, w-1)
		is := func(v uint64) *rtl.Net { return m.Eq("", upper, m.Const(upper.Width, v)) }
		far = m.Not("far", m.Or("", is(half), is(half+1)))
		above = m.Less("above", m.Const(upper.Width, half+1), upper)
		from := m.Const(w, half&1<<(w-1))
		nearP = m.Xor("near_product", m.Slice("", expP, w-1, 0), from)
		nearA = m.Xor("near_acc", m.Slice("", expA, w-1, 0), from)
	}
	diff := m.Sub("diff", w+1, nearP, nearA)
	borrow := m.Bit(diff, w)

	m.Note("Distance of the exponents: negate if borrowed, by flipping every bit above the lowest one set.")
	below := m.Bit(diff, 0)
	distance := []*rtl.Net{below}
	for i := 1; i < w; i++ {
		flip := m.And("", borrow, below)
		distance = append([]*rtl.Net{m.Xor("", m.Bit(diff, i), flip)}, distance...)
		below = m.Or(fmt.Sprintf("apart_%d", i), below, m.Bit(diff, i))
	}

	m.Note("The accumulator is the larger addend.")
	acc := borrow
	if s.M > 0 {
		tie := m.And("tie_less", m.Not("", below), m.Less("", fracP, fracA))
		acc = m.Or("", acc, tie)
	}
	if far != nil {
		acc = m.Or("", above, m.And("", m.Not("", far), acc))
	}
	swap := m.Or("swap", acc, zeroP)

	drop := zeroP
	if s.plainZero() {
		m.Output("lead_small_o", m.Or("lead_small", swap, m.ReduceOr("", field)))
	} else {
		code := field
		if s.Spec.Zero == fp.ZeroCode {
			code = concat(m, "", field, fracA)
		}
		drop = m.Or("drop", zeroP, m.Not("", m.ReduceOr("", code)))
	}
	subtract := m.And("subtract", m.Xor("", signP, signA), m.Not("", drop))

	m.Output("sign_large_o", m.Mux("sign_large", swap, signA, signP))
	m.Output("exp_large_o", m.Mux("exp_large", swap, expA, expP))
	output(m, "frac_large_o", mux(m, "frac_large", swap, fracA, fracP))
	output(m, "frac_small_o", mux(m, "frac_small", swap, fracP, fracA))
	m.Output("distance_o", concat(m, "distance", distance...))
	m.Output("drop_o", drop)
	if far != nil {
		m.Output("far_o", far)
	}
	m.Output("subtract_o", subtract)
	return m
}

// rebaseAcc brings the accumulator's field to the common base, in expWidth bits: field - base < 2^expWidth.
func (s *shape) rebaseAcc(m *rtl.Module, field *rtl.Net) *rtl.Net {
	if s.base == 0 {
		return m.ZeroExtend("exp_acc", s.expWidth, field)
	}
	return m.Add("exp_acc", s.expWidth, m.ZeroExtend("", s.expWidth, field), constant(m, s.expWidth, -s.base))
}
