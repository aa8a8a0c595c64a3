package gen

import (
	"fmt"
	"math/bits"

	"fmaq/gen/rtl"
)

// aligner shifts the smaller addend right to the larger one's exponent, a logarithmic shifter.
//
//	1 f f f f f f f | g        the canvas: leading one, M fraction bits, guard bits (0 before the shift)
//	0 0 0 1 f f f f | f -> lost_o
//
// One guard bit keeps what a shift by one pushes out, and lost_o, the sticky bit, tells whether anything else was. A
// shift by canvas places or more leaves nothing; far distances and dropped addends saturate the amount, all of whose
// bits together are enough for that.
//
// With align = lazy there is neither guard nor sticky.
func (s *shape) aligner() *rtl.Module {
	m := rtl.NewModule(s.Name()+"_aligner", fmt.Sprintf(
		"Aligner: shifts the smaller addend right, over a canvas of %d bits.", s.canvas))
	frac := input(m, "frac_small_i", s.M)
	distance := m.Input("distance_i", s.window)
	drop := m.Input("drop_i", 1)

	amount := distance
	if s.window < s.expWidth {
		drop = m.Or("gone", drop, m.Input("far_i", 1))
	}
	saturates := bits.Len(uint(s.canvas)) // bits of an amount that can clear the canvas
	switch {
	case s.window > saturates:
		m.Note("Too far to matter but for the sticky bit.")
		far := m.Or("too_far", drop, m.ReduceOr("", m.Slice("", distance, s.window-1, saturates)))
		amount = m.Or("amount", m.Slice("", distance, saturates-1, 0), repeat(m, far, saturates))
	case s.window == saturates:
		amount = m.Or("amount", distance, repeat(m, drop, saturates))
	}
	lead := m.Const(1, 1)
	if s.plainZero() {
		lead = m.Input("lead_small_i", 1)
	}
	x := concat(m, "sig_small", lead, frac, zeros(m, s.guard))
	var lost []*rtl.Net
	for i := range amount.Width {
		by := 1 << i
		sel := m.Bit(amount, i)
		// Earlier stages have shifted by at most by-1, so the guard bits below that are still 0.
		if out := slice(m, x, min(by, s.canvas)-1, max(0, s.guard-(by-1))); s.exact() && out != nil {
			lost = append(lost, m.And(fmt.Sprintf("lost_by_%d", by), sel, m.ReduceOr("", out)))
		}
		name := fmt.Sprintf("shifted_by_%d", by)
		if by >= s.canvas {
			x = m.And(name, x, repeat(m, m.Not("", sel), s.canvas))
			continue
		}
		x = m.Mux(name, sel, m.Concat("", m.Const(by, 0), m.Slice("", x, s.canvas-1, by)), x)
	}
	if s.window < saturates {
		m.Note("Few exponents: no amount clears the canvas.")
		x = m.And("aligned", x, repeat(m, m.Not("", drop), s.canvas))
	}
	m.Output("aligned_o", x)
	if s.exact() {
		if len(lost) == 0 {
			lost = append(lost, m.Const(1, 0))
		}
		m.Output("lost_o", anyBit(m, "lost", lost...))
	}
	return m
}
