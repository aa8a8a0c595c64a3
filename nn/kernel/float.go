package kernel

import (
	"math"

	"fmaq/fp"
)

// tile is the number of columns worked on at a time: its products, sums and totals stay in the first-level cache. It is
// below 2^countBits.
const tile = 512

// scratch is the working memory of one Multiply.
type scratch struct {
	codes  []uint8   // the tile of x, length rows: codes to look products up by,
	values []float64 // or values to compute them from
	p      [tile]float64
	a      [tile]float64
	y      [tile]float64
}

// tile computes columns lo to hi of every row of dst.
func (k *Kernel) tile(s *scratch, dst, w, x []fp.Code, length, n, lo, hi int, stats *Stats) {
	columns := hi - lo
	k.pack(s, x, length, n, lo, hi)
	p, a, y := s.p[:columns], s.a[:columns], s.y[:columns]
	chunk := k.spec.Chunk
	if chunk == 0 {
		chunk = length
	}
	for o := range len(w) / length {
		row := w[o*length : (o+1)*length]
		clear(y)
		for first := 0; first < length; first += chunk {
			clear(a)
			for i := first; i < min(first+chunk, length); i++ {
				if k.spec.Weight.IsZero(row[i], k.spec.Zero) {
					continue // adding zero to a stored value changes nothing
				}
				k.products(s, row[i], i, p, stats)
				if stats == nil {
					k.add(a, p)
				} else {
					c := k.addCounting(a, p)
					stats.AccOverflow += c.overflow
					stats.AccUnderflow += c.underflow
					stats.Swamped += c.swamped
				}
			}
			if stats == nil {
				k.add(y, a)
			} else {
				c := k.addCounting(y, a)
				stats.SumOverflow += c.overflow
				stats.SumUnderflow += c.underflow
				stats.SumSwamped += c.swamped
			}
		}
		out := dst[o*n+lo : o*n+hi]
		for j, v := range y {
			out[j] = k.code(v)
		}
	}
}

// pack copies columns lo to hi of x into s.
func (k *Kernel) pack(s *scratch, x []fp.Code, length, n, lo, hi int) {
	size := length * (hi - lo)
	if k.table != nil {
		if cap(s.codes) < size {
			s.codes = make([]uint8, size)
		}
		s.codes = s.codes[:size]
		for i := range length {
			row := s.codes[i*(hi-lo) : (i+1)*(hi-lo)]
			for j, c := range x[i*n+lo : i*n+hi] {
				row[j] = uint8(c)
			}
		}
		return
	}
	if cap(s.values) < size {
		s.values = make([]float64, size)
	}
	s.values = s.values[:size]
	for i := range length {
		row := s.values[i*(hi-lo) : (i+1)*(hi-lo)]
		for j, c := range x[i*n+lo : i*n+hi] {
			row[j] = k.normal(c)
		}
	}
}

// products sets p to Q_prod of weight w with row i of the packed tile.
func (k *Kernel) products(s *scratch, w fp.Code, i int, p []float64, stats *Stats) {
	n := len(p)
	if k.table != nil {
		codes := s.codes[i*n:][:n]
		row := (*[1 << tableWidth]float64)(k.table[w<<tableWidth:])
		if stats == nil {
			for j, c := range codes {
				p[j] = row[c]
			}
			return
		}
		events := (*[1 << tableWidth]uint32)(k.events[w<<tableWidth:])
		var packed uint32
		for j, c := range codes {
			p[j] = row[c]
			packed += events[c]
		}
		stats.addProducts(packed)
		return
	}
	// A product of two significands of up to 24 bits is exact in float64.
	values := s.values[i*n:][:n]
	v, q, scale := k.normal(w), k.prod, k.scale
	above := q.max | (1<<52 - 1) // the last float64 of R_OF's binade: what truncation does not take to R_OF lies above it
	var packed uint32
	for j, x := range values {
		b := math.Float64bits(v * x)
		whole := b &^ sign
		m := min(whole&q.mask, q.max)
		keep := negative(q.min - 1 - m)
		p[j] = math.Float64frombits((m|b&sign)&keep) * scale
		active := nonzero(whole)
		packed += uint32(active*oneActive + active&^keep*oneUnderflow + negative(above-whole)&1*oneOverflow)
	}
	if stats != nil {
		stats.addProducts(packed)
	}
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

// nonzero is 1 if v is not zero.
func nonzero(v uint64) uint64 { return (v | -v) >> 63 }

// add sets a to Q_acc(a + p), element by element.
func (k *Kernel) add(a, p []float64) {
	q := k.acc
	p = p[:len(a)]
	if k.path == Wide {
		for j, v := range a {
			b := towardZero(v, p[j])
			m := min(b&q.mask, q.max)
			a[j] = math.Float64frombits((m | b&sign) & negative(q.min-1-m))
		}
		return
	}
	for j, v := range a {
		b := math.Float64bits(v + p[j])
		m := min(b&q.mask, q.max)
		a[j] = math.Float64frombits((m | b&sign) & negative(q.min-1-m))
	}
}

// counts are the events of one call of addCounting.
type counts struct{ overflow, underflow, swamped uint64 }

// addCounting is add, and counts.
func (k *Kernel) addCounting(a, p []float64) (c counts) {
	q, wide := k.acc, k.path == Wide
	p = p[:len(a)]
	for j, v := range a {
		var b uint64
		if wide {
			b = towardZero(v, p[j])
		} else {
			b = math.Float64bits(v + p[j])
		}
		t := b & q.mask
		m := min(t, q.max)
		keep := negative(q.min - 1 - m)
		r := (m | b&sign) & keep
		old := math.Float64bits(v)
		a[j] = math.Float64frombits(r)
		c.overflow -= negative(q.max - t)
		c.underflow += nonzero(b) &^ keep
		c.swamped += nonzero(old) & nonzero(math.Float64bits(p[j])) &^ nonzero(r^old)
	}
	return c
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
