package rtl

import "slices"

// fullAdder adds three bits: 9 by weight, and 4 if one of them is constant.
func (b *gateBuilder) fullAdder(x, y, z Wire) (sum, carry Wire) {
	// A constant among the bits is z, so that the gates below shrink to a half adder.
	if x <= wireOne {
		x, z = z, x
	} else if y <= wireOne {
		y, z = z, y
	}
	half := b.xor(x, y)
	if z == wireOne {
		return b.not(half), b.or(x, y)
	}
	return b.xor(half, z), b.or(b.and(x, y), b.and(half, z))
}

// add returns x + y + carry with one bit more than the operands.
func (b *gateBuilder) add(x, y []Wire, carry Wire) []Wire {
	out := make([]Wire, len(x), len(x)+1)
	for i := range x {
		out[i], carry = b.fullAdder(x[i], y[i], carry)
	}
	return append(out, carry)
}

// subtract returns x - y with the borrow on top, as x + not y + 1.
func (b *gateBuilder) subtract(x, y []Wire) []Wire {
	out := b.add(x, b.complement(y), wireOne)
	out[len(x)] = b.not(out[len(x)])
	return out
}

func (b *gateBuilder) complement(word []Wire) []Wire {
	out := make([]Wire, len(word))
	for i, w := range word {
		out[i] = b.not(w)
	}
	return out
}

// less is the borrow of x - y. From bit to bit it is the majority of not x, y and the borrow below: 4 by weight, where
// the subtraction's takes 6 as it shares the sum's exclusive-or.
func (b *gateBuilder) less(x, y []Wire) Wire {
	borrow := wireZero
	for i := range x {
		nx := b.not(x[i])
		borrow = b.or(b.and(nx, y[i]), b.and(borrow, b.or(nx, y[i])))
	}
	return borrow
}

// multiply sums the partial products row by row:
//
//	          x3y0 x2y0 x1y0 x0y0
//	     x3y1 x2y1 x1y1 x0y1          one ripple adder as wide as x for each y but the first
//	x3y2 x2y2 x1y2 x0y2
//
// Rows for the bits of the narrower operand are the fewest adders.
func (b *gateBuilder) multiply(x, y []Wire) []Wire {
	if len(x) < len(y) {
		x, y = y, x
	}
	row := func(i int) []Wire {
		products := make([]Wire, len(x))
		for j, w := range x {
			products[j] = b.and(w, y[i])
		}
		return products
	}
	out := make([]Wire, 0, len(x)+len(y))
	high := extend(row(0), len(x)+1, wireZero)
	for i := 1; i < len(y); i++ {
		out = append(out, high[0])
		high = b.add(high[1:], row(i), wireZero)
	}
	return append(out, high...)
}

// shiftLeft is a row of multiplexers for each bit of the amount that can shift by less than the width, and one row of
// ands for all higher bits together. Rows with zeros from below are ands. Where the operand itself has constant zeros,
// the order of the rows matters: the cheaper of both is built.
func (b *gateBuilder) shiftLeft(word, amount []Wire) []Wire {
	var rows []int
	for i := range amount {
		if i < 6 && 1<<i < len(word) { // 2^6 is MaxWidth
			rows = append(rows, i)
		}
	}
	far := wireZero
	if high := amount[len(rows):]; len(high) > 0 {
		far = b.tree(GateOr, high)
	}
	down := slices.Clone(rows)
	slices.Reverse(down)
	if shiftCost(word, amount, down) < shiftCost(word, amount, rows) {
		rows = down
	}
	// Known zeros make the last row the cheaper before the others; without any, it stands after them, where gates for
	// bits that nothing reads fall away.
	near := b.not(far)
	gate := func(word []Wire) []Wire {
		next := make([]Wire, len(word))
		for i, w := range word {
			next[i] = b.and(near, w)
		}
		return next
	}
	first := slices.Contains(word, wireZero)
	out := word
	if first {
		out = gate(out)
	}
	for _, k := range rows {
		next := make([]Wire, len(out))
		for i := range out {
			below := wireZero
			if i >= 1<<k {
				below = out[i-1<<k]
			}
			next[i] = b.mux(amount[k], below, out[i])
		}
		out = next
	}
	if !first {
		out = gate(out)
	}
	return out
}

// shiftCost is the weight of the rows in the given order: what each does to the places of constant zeros decides it.
func shiftCost(word, amount []Wire, rows []int) int {
	used := make([]bool, len(word))
	for i, w := range word {
		used[i] = w != wireZero
	}
	cost := 0
	for _, k := range rows {
		if amount[k] == wireZero {
			continue
		}
		next := make([]bool, len(used))
		for i := range used {
			below := i >= 1<<k && used[i-1<<k]
			next[i] = below || used[i]
			switch {
			case below && used[i]:
				cost += 3
			case next[i]:
				cost++
			}
		}
		used = next
	}
	return cost
}
