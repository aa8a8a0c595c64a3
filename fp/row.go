package fp

import "math/bits"

// Cases fills dst with the results of consecutive FMAqs: dst[i] is that of case first+i. The number of a case is its
// inputs side by side, w, x, a and under stochastic rounding the k random bits, the first the most significant; it has
// [Spec.InputBits] bits, and k more. It equals [Unit.FMAqRandom] case by case, but does what w and x have in common for
// many accumulators once.
func (u *Unit) Cases(first uint64, dst []Code) {
	random := uint(u.spec.RandomBits)
	low := u.accTop + 1 + random // bits of a case below x
	for len(dst) > 0 {
		within := first & (1<<low - 1)
		row := dst
		if left := 1<<low - within; uint64(len(dst)) > left {
			row = dst[:left]
		}
		w, x := Code(first>>low>>(u.opTop+1)), Code(first>>low)&(2<<u.opTop-1)
		p, _ := u.product(w, x)
		if u.spec.Rounding == Truncate {
			u.truncateRow(p, Code(within), row)
		} else {
			for i := range row {
				v := within + uint64(i)
				row[i], _ = u.accumulate(p, u.unpack(Code(v>>random)), uint32(v&(1<<random-1)))
			}
		}
		first += uint64(len(row))
		dst = dst[len(row):]
	}
}

// truncateRow is accumulate with truncation for consecutive accumulators from a on, which share sign and exponent in
// runs: alignment is the same in a run, and one of the two aligned significands is.
func (u *Unit) truncateRow(p number, a Code, dst []Code) {
	for len(dst) > 0 {
		g := a & (1<<u.accFrac - 1)
		run := dst[:min(uint64(len(dst)), 1<<u.accFrac-uint64(g))]
		n := u.unpack(a)
		if g == 0 && n.sig == 0 && u.spec.Zero == ZeroCode {
			run = run[:1] // zero, alone in its binade
		}
		if p.sig == 0 || n.sig == 0 {
			for i := range run {
				run[i], _ = u.accumulate(p, u.unpack(a+Code(i)), 0)
			}
		} else {
			u.truncateRun(p, n, run)
		}
		a += Code(len(run))
		dst = dst[len(run):]
	}
}

// truncateRun is accumulate with truncation for accumulators that differ from the first, n, in nothing but a
// significand that grows by one each.
func (u *Unit) truncateRun(p, n number, dst []Code) {
	exp := max(p.exp, n.exp)
	fixed := int64(u.align(p.sig, uint(exp-p.exp)))
	if p.neg != n.neg {
		fixed = -fixed
	}
	sign := Code(0)
	if n.neg {
		sign = 1 << u.accTop
	}
	least := uint64(1)<<u.accFrac + 1 // significand of the lowest binade's smallest number
	if u.spec.Zero == ZeroExponent {
		least = 2 << u.accFrac
	}
	d := uint(exp - n.exp)
	frac, top, last := u.accFrac&31, u.accTop&31, u.accMax // the masks spare the compiler its tests of shifts
	base, drop := exp+63-wide-int(frac), (63-frac)&63
	lazy := u.spec.Align == AlignLazy
	for i := range dst {
		moving := (n.sig + uint64(i)) << wide
		if d > 0 {
			moving = alignDown(n.sig+uint64(i), d, lazy)
		}
		sum := int64(moving) + fixed
		negative := sum >> 63
		magnitude := uint64((sum ^ negative) - negative)
		lead := bits.LeadingZeros64(magnitude)
		e := base - lead
		sig := magnitude << (uint(lead) & 63) >> drop
		s := sign ^ Code(negative)&(1<<top)
		c := s | Code(e)<<frac | Code(sig)&(1<<frac-1)
		if uint(e-1) >= uint(last) || magnitude == 0 { // not plainly in a binade above the lowest
			switch {
			case e > last:
				c = s | (1<<top - 1)
			case magnitude == 0 || e < 0 || sig < least:
				c = 0
			}
		}
		dst[i] = c
	}
}

// align moves a significand up to its place in the sum, and down by the distance to the larger exponent.
func (u *Unit) align(sig uint64, d uint) uint64 {
	return alignDown(sig, d, u.spec.Align == AlignLazy)
}

func alignDown(sig uint64, d uint, lazy bool) uint64 {
	if lazy {
		return sig >> d << wide
	}
	shifted := sig << wide >> d
	if d > wide && shifted<<d != sig<<wide {
		shifted |= 1
	}
	return shifted
}
