package kernel

import (
	"math"

	"fmaq/fp"
)

// portable is Multiply by fp.Unit.
func (k *Kernel) portable(dst, w, x []fp.Code, length, n int, stats *Stats, random func(o, j int) func() uint32) {
	if stats == nil {
		stats = new(Stats)
	}
	next := func() uint32 { return 0 }
	column := make([]fp.Code, length)
	for j := range n {
		for i := range column {
			column[i] = x[i*n+j]
		}
		for o := range len(w) / length {
			if k.spec.Rounding == fp.Stochastic {
				next = random(o, j)
			}
			dst[o*n+j] = k.dot(w[o*length:(o+1)*length], column, stats, next)
		}
	}
}

// dot is [fp.Unit.Dot], and counts.
func (k *Kernel) dot(w, x []fp.Code, stats *Stats, next func() uint32) fp.Code {
	chunk := k.spec.Chunk
	if chunk == 0 {
		chunk = len(w)
	}
	var y fp.Code
	for lo := 0; lo < len(w); lo += chunk {
		var a fp.Code
		for i := lo; i < min(lo+chunk, len(w)); i++ {
			var e fp.Event
			a, e = k.unit.Trace(w[i], x[i], a, next())
			if !k.spec.Weight.IsZero(w[i], k.spec.Zero) && !k.spec.Activation.IsZero(x[i], k.spec.Zero) {
				stats.Active++
			}
			stats.ProductUnderflow += bit(e, fp.ProductUnderflow)
			stats.ProductOverflow += bit(e, fp.ProductOverflow)
			stats.AccUnderflow += bit(e, fp.AccUnderflow)
			stats.AccOverflow += bit(e, fp.AccOverflow)
			stats.Swamped += bit(e, fp.Swamped)
		}
		old := y
		y = k.unit.Add(old, a, next())
		k.countSum(old, a, y, stats)
	}
	return y
}

func bit(e, of fp.Event) uint64 {
	if e&of != 0 {
		return 1
	}
	return 0
}

// countSum counts the events of y = Q_acc(old + a).
func (k *Kernel) countSum(old, a, y fp.Code, stats *Stats) {
	f := k.spec.Accumulator
	f.Bias = 0
	u, v := f.Decode(old, k.spec.Zero), f.Decode(a, k.spec.Zero)
	sum := math.Abs(math.Float64frombits(towardZero(u, v)))
	if sum >= math.Ldexp(1, 1<<f.Exponent) {
		stats.SumOverflow++
	}
	if sum != 0 && y == 0 {
		stats.SumUnderflow++
	}
	if u != 0 && v != 0 && y == old {
		stats.SumSwamped++
	}
}
