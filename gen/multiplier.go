package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// multiplier is the mantissa multiplier: the product of two significands of m+1 bits, each with its leading one.
//
//	          1 x x x x        sig_x = {1, x_frac_i}
//	        * 1 w w w w        sig_w = {1, w_frac_i}
//	c p p p p p p p p p        2m+2 bits, value in [1, 4)
//
// An array, row by row: row i adds sig_x, if bit i of sig_w is set, to what the rows before left above bit i. That
// remainder and sig_x have m+1 bits each, so every row is one adder of m+1 bits with its carry out; the lowest bit of
// its sum is final. The bits below productLow are truncated away whatever they are; only their carries matter, and those
// are what the rows hand on.
//
// There is no multiplier for m = 0, where both significands are 1.
func (s *shape) multiplier() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_multiplier", fmt.Sprintf(
		"Mantissa multiplier: %d x %d bits with their leading ones, an array of %d adders.\nThe product is in [1, 4); its top bit tells that it is in [2, 4).",
		s.m+1, s.m+1, s.m))
	w, x := m.Input("w_frac_i", s.m), m.Input("x_frac_i", s.m)
	one := m.Const(1, 1)
	sigX := m.Concat("sig_x", one, x)
	low := s.productLow()
	var done []*rtl.Net // final bits, lowest first
	keep := func(i int, bit *rtl.Net) {
		if i >= low {
			done = append([]*rtl.Net{bit}, done...)
		}
	}
	first := m.And("row_0", sigX, repeat(m, m.Bit(w, 0), s.m+1))
	keep(0, m.Bit(first, 0))
	high := m.Concat("", m.Const(1, 0), m.Slice("", first, s.m, 1))
	for i := 1; i <= s.m; i++ {
		row := sigX
		if i < s.m {
			row = m.And(fmt.Sprintf("row_%d", i), sigX, repeat(m, m.Bit(w, i), s.m+1))
		}
		sum := m.Add(fmt.Sprintf("sum_%d", i), s.m+2, high, row)
		if i == s.m {
			high = sum
			break
		}
		keep(i, m.Bit(sum, 0))
		high = m.Slice("", sum, s.m+1, 1)
	}
	// The last sum's lowest bit is bit m of the product, which narrow accumulators may not keep either.
	if cut := low - s.m; cut > 0 {
		high = m.Slice("", high, s.m+1, cut)
	}
	m.Output("sig_product_o", concat(m, "sig_product", append([]*rtl.Net{high}, done...)...))
	return m
}
