package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// exponentAdder adds the operands' exponent fields and the carry that normalises the product's significand:
//
//	raw = w_field + x_field + carry    0 to 2*(2^e-1)+1 = 2^(e+1)-1, e+1 bits
//
// The carry enters the adder that is there anyway, which saves an incrementer behind it.
func (s *shape) exponentAdder() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_exponent_adder", fmt.Sprintf(
		"Exponent adder: the sum of two fields of %d bits and the carry of normalisation.", s.e))
	w, x := m.Input("w_field_i", s.e), m.Input("x_field_i", s.e)
	var carry []*rtl.Net
	if s.m > 0 {
		carry = append(carry, m.Input("carry_i", 1))
	}
	m.Output("exp_raw_o", m.Add("exp_raw", s.e+1, w, x, carry...))
	return m
}
