package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// renormaliser is the second shifter: it brings the sum's leading one to the top and cuts the fraction.
//
//	carry = 1    c . [s s s s s s s] s s      the carry is the leading one: fraction from the sum's top
//	carry = 0        1 . [s s s s s s s] s    after a left shift by count
//
// nonzero_o tells that a leading one arrived; without one the sum is 0. Truncation drops what is below the fraction;
// the rounding modes get it as rest_o, one bit more than the guard bits because of the carry.
func (s *shape) renormaliser() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_renormaliser", fmt.Sprintf("Renormaliser: left shift by the leading zero count, or right by the carry; %d fraction bits.", s.M))
	sum := m.Input("sum_i", s.canvas)
	carry := m.Input("carry_i", 1)
	count := input(m, "count_i", s.countWidth())
	x := sum
	for i := s.countWidth() - 1; i >= 0; i-- {
		by := 1 << i
		shifted := m.Concat("", m.Slice("", x, s.canvas-1-by, 0), m.Const(by, 0))
		x = m.Mux(fmt.Sprintf("shifted_by_%d", by), m.Bit(count, i), shifted, x)
	}
	top := s.canvas - 1
	output(m, "frac_o", mux(m, "frac", carry, slice(m, sum, top, top-s.M+1), slice(m, x, top-1, top-s.M)))
	if n := s.rests(); n > 0 {
		left := concat(m, "", slice(m, x, s.guard-1, 0), m.Const(1, 0))
		m.Output("rest_o", m.Mux("rest", carry, m.Slice("", sum, n-1, 0), left))
	}
	m.Output("nonzero_o", m.Or("nonzero", carry, m.Bit(x, top)))
	return m
}
