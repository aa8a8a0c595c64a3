package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// adder is the mantissa adder: the larger addend plus or minus the aligned smaller one.
//
//	    1 f f f f f f f | 0
//	  + a a a a a a a a | a       complemented for a subtraction
//	  +                   cin     subtract & ~lost
//	c   s s s s s s s s | s
//
// A subtraction adds the complement and 1; a set sticky bit borrows that 1 again. So the sum is the exact one rounded
// down to the canvas. The larger addend being the larger, a difference is not negative and the adder's carry out then
// means nothing; for an addition it is the carry into the next binade.
func (s *shape) adder() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_adder", fmt.Sprintf("Mantissa adder, %d bits.", s.canvas))
	frac := input(m, "frac_large_i", s.M)
	aligned := m.Input("aligned_i", s.canvas)
	subtract := m.Input("subtract_i", 1)
	cin := subtract
	if s.exact() {
		cin = m.And("carry_in", subtract, m.Not("", m.Input("lost_i", 1)))
	}
	large := concat(m, "sig_large", m.Const(1, 1), frac, zeros(m, s.guard))
	addend := m.Xor("addend", aligned, repeat(m, subtract, s.canvas))
	total := m.Add("total", s.canvas+1, large, addend, cin)
	m.Output("sum_o", m.Slice("sum", total, s.canvas-1, 0))
	m.Output("carry_o", m.And("carry", m.Bit(total, s.canvas), m.Not("", subtract)))
	return m
}
