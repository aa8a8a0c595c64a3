package kernel

import (
	"math"

	"fmaq/fp"
)

// tile is the number of columns worked on at a time, a power of two: their sums and totals stay in the first-level cache,
// and their number fits a count of product events.
const tile = 512

// scratch is the working memory of one Multiply: a tile of x without its zeros, and sums.
//
// Adding a zero product to a stored value changes nothing, so zeros are dropped, once for all rows of w. Behind a ReLU
// that is most of the work.
type scratch struct {
	start  []int     // row i of the tile is elements start[i] to start[i+1] of
	column []uint16  // the column of each element,
	code   []uint8   // and its code, to look products up by,
	value  []float64 // or its value, to compute them from
	p      [tile]float64
	a      [tile]float64
	y      [tile]float64
}

// tile computes columns lo to hi of every row of dst.
func (k *Kernel) tile(s *scratch, dst, w, x []fp.Code, length, n, lo, hi int, stats *Stats) {
	k.pack(s, x, length, n, lo, hi)
	chunk := k.spec.Chunk
	if chunk == 0 {
		chunk = length
	}
	for o := range len(w) / length {
		row := w[o*length : (o+1)*length]
		clear(s.y[:hi-lo])
		for first := 0; first < length; first += chunk {
			clear(s.a[:hi-lo])
			for i := first; i < min(first+chunk, length); i++ {
				if k.spec.Weight.IsZero(row[i], k.spec.Zero) {
					continue
				}
				from, to := s.start[i], s.start[i+1]
				p, column := s.p[:to-from], s.column[from:to]
				if stats == nil {
					k.products(p, s, row[i], from, to)
					k.add(&s.a, p, column)
					continue
				}
				underflow := stats.addProducts(k.productsCounting(p, s, row[i], from, to))
				c := k.addCounting(&s.a, p, column)
				stats.AccOverflow += c.overflow
				stats.AccUnderflow += c.underflow
				// Where the product is zero the result is the same, but nothing was swamped.
				stats.Swamped += c.same - underflow
			}
			k.total(s.y[:hi-lo], s.a[:], stats)
		}
		out := dst[o*n+lo : o*n+hi]
		for j, v := range s.y[:len(out)] {
			out[j] = k.code(v)
		}
	}
}

// pack copies columns lo to hi of x into s, without the zeros.
func (k *Kernel) pack(s *scratch, x []fp.Code, length, n, lo, hi int) {
	s.start, s.column, s.code, s.value = append(s.start[:0], 0), s.column[:0], s.code[:0], s.value[:0]
	for i := range length {
		for j, c := range x[i*n+lo : i*n+hi] {
			if c == 0 || k.spec.Activation.IsZero(c, k.spec.Zero) {
				continue
			}
			s.column = append(s.column, uint16(j))
			if k.table != nil {
				s.code = append(s.code, uint8(c))
			} else {
				s.value = append(s.value, k.normal(c))
			}
		}
		s.start = append(s.start, len(s.column))
	}
}

// products sets p to Q_prod of weight w with packed elements from to to.
func (k *Kernel) products(p []float64, s *scratch, w fp.Code, from, to int) {
	if k.table == nil {
		k.compute(p, k.normal(w), s.value[from:to])
		return
	}
	row := (*[1 << tableWidth]float64)(k.table[w<<tableWidth:])
	codes := s.code[from:to]
	p = p[:len(codes)]
	for j, c := range codes {
		p[j] = row[c]
	}
}

// productsCounting is products, and returns the events, packed.
func (k *Kernel) productsCounting(p []float64, s *scratch, w fp.Code, from, to int) (packed uint32) {
	if k.table == nil {
		return k.compute(p, k.normal(w), s.value[from:to])
	}
	row := (*[1 << tableWidth]float64)(k.table[w<<tableWidth:])
	events := (*[1 << tableWidth]uint32)(k.events[w<<tableWidth:])
	codes := s.code[from:to]
	p = p[:len(codes)]
	for j, c := range codes {
		p[j] = row[c]
		packed += events[c]
	}
	return packed
}

// compute sets p to Q_prod of w with other operands, none of them zero, and returns the events, packed. A product of
// two significands of up to 24 bits is exact in float64.
func (k *Kernel) compute(p []float64, w float64, values []float64) (packed uint32) {
	q, scale := k.prod, k.scale
	above := q.above()
	p = p[:len(values)]
	for j, x := range values {
		b := math.Float64bits(w * x)
		whole := b &^ sign
		m := min(whole&q.mask, q.max)
		keep := negative(q.min - 1 - m)
		p[j] = math.Float64frombits((m|b&sign)&keep) * scale
		packed += oneActive + uint32(^keep&oneUnderflow+negative(above-whole)&oneOverflow)
	}
	return packed
}

const sign = 1 << 63

// quantiser is what a quantiser does to the bits of a float64 magnitude.
type quantiser struct {
	mask uint64 // bits that truncation keeps; not the sign
	max  uint64 // bits of R_OF
	min  uint64 // bits of the smallest magnitude that does not become zero
}

func newQuantiser(f fp.Format, z fp.Zero) quantiser {
	f.Bias = 0
	return quantiser{
		mask: ^uint64(0) << (52 - f.Mantissa) &^ sign,
		max:  math.Float64bits(f.Max()),
		min:  math.Float64bits(f.Smallest(z)),
	}
}

// negative is all ones if v, taken as signed, is negative. The bits of finite magnitudes are below 2^63, so the sign of a
// difference tells which is larger.
func negative(v uint64) uint64 { return uint64(int64(v) >> 63) }

// above is the last float64 of R_OF's binade: what truncation does not bring down to R_OF lies above it.
func (q quantiser) above() uint64 { return q.max | (1<<52 - 1) }

// apply quantises the bits of a value, which are exact or rounded toward zero.
func (q quantiser) apply(b uint64) uint64 {
	m := min(b&q.mask, q.max)
	return (m | b&sign) & negative(q.min-1-m)
}

// add sets a to Q_acc(a + p) at the given columns.
func (k *Kernel) add(a *[tile]float64, p []float64, column []uint16) {
	q := k.acc
	p = p[:len(column)]
	if k.path == Wide {
		for j, c := range column {
			c %= tile
			a[c] = math.Float64frombits(q.apply(towardZero(a[c], p[j])))
		}
		return
	}
	for j, c := range column {
		c %= tile
		a[c] = math.Float64frombits(q.apply(math.Float64bits(a[c] + p[j])))
	}
}

// counts are events of addCounting.
type counts struct {
	overflow, underflow uint64
	same                uint64 // results equal to what was there, other than zeros made by underflow
}

// addCounting is add, and counts. Overflow and underflow are rare and so cost a predicted branch each.
func (k *Kernel) addCounting(a *[tile]float64, p []float64, column []uint16) (n counts) {
	if k.path == Wide {
		return k.addCountingWide(a, p, column)
	}
	q := k.acc
	p = p[:len(column)]
	for j, c := range column {
		c %= tile
		old := math.Float64bits(a[c])
		b := math.Float64bits(a[c] + p[j])
		t := b & q.mask
		m := min(t, q.max)
		r := (m | b&sign) & negative(q.min-1-m)
		a[c] = math.Float64frombits(r)
		if t > q.max {
			n.overflow++
		}
		if r == 0 {
			n.vanish(b, old)
		}
		n.same += isEqual(r, old)
	}
	return n
}

// addCountingWide is apart so that neither loop spills registers.
func (k *Kernel) addCountingWide(a *[tile]float64, p []float64, column []uint16) (n counts) {
	q := k.acc
	p = p[:len(column)]
	for j, c := range column {
		c %= tile
		old := math.Float64bits(a[c])
		b := towardZero(a[c], p[j])
		t := b & q.mask
		m := min(t, q.max)
		r := (m | b&sign) & negative(q.min-1-m)
		a[c] = math.Float64frombits(r)
		if t > q.max {
			n.overflow++
		}
		if r == 0 {
			n.vanish(b, old)
		}
		n.same += isEqual(r, old)
	}
	return n
}

// vanish counts a result of zero from a sum with bits b.
func (n *counts) vanish(b, old uint64) {
	if b != 0 {
		n.underflow++
		if old == 0 {
			n.same--
		}
	}
}

func isEqual(a, b uint64) uint64 {
	if a == b {
		return 1
	}
	return 0
}

// total sets y to Q_acc(y + a), the step over chunks.
func (k *Kernel) total(y, a []float64, stats *Stats) {
	q, wide := k.acc, k.path == Wide
	above := q.above()
	a = a[:len(y)]
	for j, v := range y {
		b := math.Float64bits(v + a[j])
		if wide {
			b = towardZero(v, a[j])
		}
		r := q.apply(b)
		y[j] = math.Float64frombits(r)
		if stats == nil {
			continue
		}
		switch {
		case b&^sign > above:
			stats.SumOverflow++
		case b != 0 && r == 0:
			stats.SumUnderflow++
		}
		if v != 0 && a[j] != 0 && r == math.Float64bits(v) {
			stats.SumSwamped++
		}
	}
}

// towardZero returns the bits of the exact a + p rounded toward zero.
func towardZero(a, p float64) uint64 {
	s := a + p
	// TwoSum: rest is exactly a + p - s.
	part := s - a
	rest := (a - (s - part)) + (p - part)
	b, e := math.Float64bits(s), math.Float64bits(rest)
	// One less in magnitude where the rest points toward zero. A sum of zero is exact.
	return b - (b^e)>>63&nonzero(e&^sign)
}

// nonzero is 1 if v is not zero.
func nonzero(v uint64) uint64 { return (v | -v) >> 63 }
