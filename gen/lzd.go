package gen

import (
	"fmt"

	"fmaq/gen/rtl"
)

// lzd is the leading zero detector: the number of zeros above the leading one of the sum, 0 to canvas-1. For a sum of 0
// the count means nothing; the renormaliser notices that no leading one arrives.
//
// Bits of the count are found from the top: bit i tells that the 2^i highest of what is left are zeros. What is left
// after bit i is either the part below those 2^i bits or the part up to them, and only its next 2^(i-1) highest bits
// matter for the next test, so the words halve as they go.
func (s *shape) lzd() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_lzd", fmt.Sprintf("Leading zero detector over %d bits.", s.canvas))
	x := m.Input("sum_i", s.canvas)
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
