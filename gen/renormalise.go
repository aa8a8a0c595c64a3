package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// renormaliser is the second shifter: it brings the leading one of carry and sum to the top and cuts the fraction.
//
//	c | s s s s s s s s s             before: canvas+1 bits
//	1 . [f f f f f f f] r r           after a left shift by count: M fraction bits, guard+1 below
//
// nonzero_o tells that a leading one arrived; without one the sum is 0. Truncation drops what is below the fraction;
// the rounding modes get it as rest_o.
func (s *shape) renormaliser() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_renormaliser", fmt.Sprintf("Renormaliser: left shift by the leading zero count; %d fraction bits.", s.M))
	carry, sum := m.Input("carry_i", 1), m.Input("sum_i", s.canvas)
	count := m.Input("count_i", s.countWidth())
	x := m.Concat("full", carry, sum)
	for i := s.countWidth() - 1; i >= 0; i-- {
		by := 1 << i
		shifted := m.Concat("", m.Slice("", x, s.canvas-by, 0), m.Const(by, 0))
		x = m.Mux(fmt.Sprintf("shifted_by_%d", by), m.Bit(count, i), shifted, x)
	}
	output(m, "frac_o", slice(m, x, s.canvas-1, s.canvas-s.M))
	if n := s.rests(); n > 0 {
		m.Output("rest_o", m.Slice("", x, n-1, 0))
	}
	m.Output("nonzero_o", m.Bit(x, s.canvas))
	return m
}
