package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// lzd is the leading zero detector over the adder's carry and sum: the number of zeros above the leading one, 0 to
// canvas. Where both are 0 the count means nothing; the renormaliser notices that no leading one arrives.
//
//	c | s s s s s s s s s     canvas+1 bits
//
// Bits of the count are found from the top: bit i tells that the 2^i highest of what is left are zeros. What is left
// after bit i is either the part below those 2^i bits or the part up to them, and only its next 2^(i-1) highest bits
// matter for the next test, so the words halve as they go. They are the very words that the renormaliser's stages make;
// flattened, the circuit has them once.
func (s *shape) lzd() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_lzd", fmt.Sprintf("Leading zero detector over the carry and %d bits of sum.", s.canvas))
	carry, sum := m.Input("carry_i", 1), m.Input("sum_i", s.canvas)
	x := m.Concat("full", carry, sum)
	var count []*rtl.Net
	for i := s.countWidth() - 1; i >= 0; i-- {
		by := 1 << i
		// x has at most 2*by bits; the test reads its by highest, the next word is at most by long.
		head := m.Slice("", x, x.Width-1, x.Width-by)
		zero := m.Not(fmt.Sprintf("zeros_%d", by), m.ReduceOr("", head))
		count = append(count, zero)
		if i == 0 {
			break
		}
		rest := x.Width - by // bits below the head, 1 to by
		tail := concat(m, "", m.Slice("", x, rest-1, 0), zeros(m, by-rest))
		x = m.Mux(fmt.Sprintf("left_%d", by), zero, tail, head)
	}
	m.Output("count_o", concat(m, "count", count...))
	return m
}
