package gen

import (
	"fmt"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

// rounder applies nearest-even or stochastic rounding to the normalised fraction; truncation needs none, which is the
// point of the FMAq.
//
//	1 . f f f f f f f | r r r ... (lost)
//
// Nearest: up if the first of the rest is 1 and anything else below it is, or if the fraction is odd. Stochastic: up if
// the first k bits of the rest plus the k random bits carry. Fraction and increment then meet in one adder, whose carry
// is the next binade's fraction of zero.
func (s *shape) rounder() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_rounder", fmt.Sprintf("Rounder, %v.", s.Spec.Rounding))
	frac := input(m, "frac_i", s.M)
	n := s.rests()
	rest := m.Input("rest_i", n)
	var up *rtl.Net
	if s.Spec.Rounding == fp.NearestEven {
		odd := m.Const(1, 1) // of a fraction without bits: the leading one
		if s.M > 0 {
			odd = m.Bit(frac, 0)
		}
		below := []*rtl.Net{odd, slice(m, rest, n-2, 0)}
		if s.exact() {
			below = append(below, m.Input("lost_i", 1))
		}
		up = m.And("up", m.Bit(rest, n-1), anyBit(m, "", below...))
	} else {
		k := s.Spec.RandomBits
		random := m.Input("rnd_i", k)
		head := m.Slice("", rest, n-1, max(0, n-k))
		head = concat(m, "", head, zeros(m, k-head.Width))
		sum := m.Add("stochastic_sum", k+1, head, random)
		up = m.Bit(sum, k)
	}
	if s.M == 0 {
		m.Output("carry_o", up)
		return m
	}
	rounded := m.Add("rounded", s.M+1, frac, m.ZeroExtend("", s.M, up))
	m.Output("rounded_o", m.Slice("", rounded, s.M-1, 0))
	m.Output("carry_o", m.Bit(rounded, s.M))
	return m
}
