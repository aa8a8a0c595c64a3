package vectors

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"fmaq/fp"
)

// generator draws vectors. Its methods named after strata return w, x and a.
type generator struct {
	unit    *fp.Unit
	spec    fp.Spec
	operand fp.Format
	acc     fp.Format
	pcg     *rand.PCG
}

func newGenerator(u *fp.Unit, pcg *rand.PCG) *generator {
	s := u.Spec()
	return &generator{unit: u, spec: s, operand: s.Weight, acc: s.Accumulator, pcg: pcg}
}

func (g *generator) vector(s Stratum) Vector {
	v := Vector{Stratum: s, Offset: g.spec.Offset()}
	v.W, v.X, v.A = strataTable[s].draw(g)
	if k := g.spec.RandomBits; k > 0 {
		v.R = uint32(g.below(1 << k))
	}
	return v
}

// below is an integer from 0 to n-1. The methods of rand.Rand differ between 32-bit and 64-bit machines.
func (g *generator) below(n int) int {
	high, _ := bits.Mul64(g.pcg.Uint64(), uint64(n))
	return int(high)
}

// within is an integer from low to high, or low if high is less.
func (g *generator) within(low, high int) int { return low + g.below(max(high-low, 0)+1) }

func (g *generator) flip() bool { return g.below(2) == 0 }

func (g *generator) code(f fp.Format) fp.Code { return fp.Code(g.pcg.Uint64() >> (64 - f.Width())) }

// fraction is a mantissa field: half of them uniform, the others of the kinds that carries, borrows and sticky bits run
// through: all zeros, all ones, one bit, a run of ones from below.
func (g *generator) fraction(f fp.Format) int {
	all := 1<<f.Mantissa - 1
	switch g.below(8) {
	case 0:
		return 0
	case 1:
		return all
	case 2:
		return 1 << g.below(f.Mantissa+1) & all
	case 3:
		return all >> g.below(f.Mantissa+1)
	}
	return g.below(all + 1)
}

func top(f fp.Format) int { return 1<<f.Exponent - 1 }

// least is the lowest exponent field in which a format has codes that are not zero.
func (g *generator) least(f fp.Format) int {
	if g.spec.Zero == fp.ZeroExponent || f.Mantissa == 0 {
		return 1
	}
	return 0
}

// number is a code with the given exponent field that is not zero, where there is one.
func (g *generator) number(f fp.Format, field int) fp.Code {
	c := f.Pack(g.flip(), field, g.fraction(f))
	if f.IsZero(c, g.spec.Zero) && f.Mantissa > 0 {
		c |= 1 << g.below(f.Mantissa)
	}
	return c
}

// fields is the range that the exponent field of a product can have before it is quantised. The top comes with a carry,
// which takes a mantissa bit. With one bit, products of the lowest binade's only number, 1.5, carry as well.
func (g *generator) fields() (low, high int) {
	low, high = 2*g.least(g.operand), 2*top(g.operand)
	if g.operand.Mantissa > 0 {
		high++
	}
	if g.operand.Mantissa == 1 && low == 0 {
		low++
	}
	return low - g.spec.Offset(), high - g.spec.Offset()
}

// live is the part of that range that quantisation leaves alone, or else the end nearest to it.
func (g *generator) live() (low, high int) {
	low, high = g.fields()
	last := top(g.acc)
	return min(max(low, 0), last), max(min(high, last), 0)
}

// pair returns operands, not zero, whose product has the exponent field wanted before it is quantised, or the nearest
// there is.
func (g *generator) pair(field int) (w, x fp.Code) {
	m, lo, hi := g.operand.Mantissa, g.least(g.operand), top(g.operand)
	gw, gx := g.fraction(g.operand), g.fraction(g.operand)
	var low, sum int
	target := func() { // the sum of the operands' fields, and the least that either can have
		carry := int(uint64(1<<m|gw) * uint64(1<<m|gx) >> (2*m + 1))
		low, sum = lo, field+g.spec.Offset()-carry
		if gw == 0 || gx == 0 {
			low = max(lo, 1)
		}
	}
	switch target(); { // at the ends, the mantissas may be in the way
	case m > 0 && sum < 2*low:
		gw, gx = 1, 1
		target()
	case m > 0 && sum > 2*hi:
		gw, gx = 1<<m-1, 1<<m-1
		target()
	}
	sum = min(max(sum, 2*low), 2*hi)
	fw := g.within(max(low, sum-hi), min(hi, sum-low))
	return g.operand.Pack(g.flip(), fw, gw), g.operand.Pack(g.flip(), sum-fw, gx)
}

// product is the value of Q_prod(w*x).
func (g *generator) product(w, x fp.Code) float64 {
	p, _ := g.unit.Product(w, x)
	return p
}

// near moves an accumulator code by few codes or by a power of two of codes, or not at all, keeping its sign.
func (g *generator) near(c fp.Code) fp.Code {
	largest := g.acc.Mask() >> 1
	magnitude, sign := int64(c&largest), c&^largest
	switch g.below(4) {
	case 0:
	case 1, 2:
		magnitude += int64(g.within(-2, 2))
	case 3:
		d := int64(1) << g.below(g.acc.Mantissa+2)
		if g.flip() {
			d = -d
		}
		magnitude += d
	}
	return sign | fp.Code(min(max(magnitude, 0), int64(largest)))
}

func (g *generator) uniform() (w, x, a fp.Code) {
	return g.code(g.operand), g.code(g.operand), g.code(g.acc)
}

func (g *generator) cancellation() (w, x, a fp.Code) {
	low, high := g.live()
	// Where the product's binades reach below or above the accumulator's, only those in common can cancel.
	first, last := g.spec.Shift()+g.least(g.acc), g.spec.Shift()+top(g.acc)
	if max(low, first) <= min(high, last) {
		low, high = max(low, first), min(high, last)
	}
	w, x = g.pair(g.within(low, high))
	return w, x, g.near(g.acc.Encode(-g.product(w, x), g.spec.Zero))
}

// apart returns operands and an accumulator whose exponent is d above that of the product.
func (g *generator) apart(d int) (w, x, a fp.Code) {
	low, high := g.live()
	shift := g.spec.Shift()
	// The accumulator's field is the product's less the shift, plus d.
	field := g.within(max(low, g.least(g.acc)-d+shift), min(high, top(g.acc)-d+shift))
	w, x = g.pair(field)
	return w, x, g.number(g.acc, min(max(field-shift+d, 0), top(g.acc)))
}

// distances is the range of exponent distances, accumulator less product, that occur.
func (g *generator) distances() (low, high int) {
	first, last := g.live()
	return g.least(g.acc) - (last - g.spec.Shift()), top(g.acc) - (first - g.spec.Shift())
}

func (g *generator) alignmentNear() (w, x, a fp.Code) {
	low, high := g.distances()
	low, high = min(max(low, -2), high), max(min(high, 2), low)
	return g.apart(g.within(low, high))
}

func (g *generator) alignmentFar() (w, x, a fp.Code) {
	low, high := g.distances()
	if g.flip() { // around the guard bits, on either side
		d := g.within(g.acc.Mantissa-1, g.acc.Mantissa+4)
		if g.flip() {
			d = -d
		}
		return g.apart(min(max(d, low), high))
	}
	// The distances within two are those of alignmentNear: leave them out where there are others.
	below, above := max(-3-low+1, 0), max(high-3+1, 0)
	switch i := g.below(below + above + 1); {
	case below+above == 0:
		return g.apart(g.within(low, high))
	case i < below:
		return g.apart(low + i)
	default:
		return g.apart(high - (i - below))
	}
}

func (g *generator) productEdge(low, high int) (w, x, a fp.Code) {
	first, last := g.fields()
	w, x = g.pair(min(max(g.within(low, high), first), last))
	switch g.below(4) {
	case 0: // the accumulator does not hide what became of the product
		return w, x, 0
	case 1:
		return w, x, g.code(g.acc)
	case 2:
		return w, x, g.near(g.acc.Encode(-g.product(w, x), g.spec.Zero))
	}
	return w, x, g.number(g.acc, min(max(g.within(low, high)-g.spec.Shift(), 0), top(g.acc)))
}

func (g *generator) productUnderflow() (w, x, a fp.Code) { return g.productEdge(-2, 1) }

func (g *generator) productOverflow() (w, x, a fp.Code) {
	return g.productEdge(top(g.acc)-1, top(g.acc)+2)
}

// sumNear returns an accumulator for which the sum is close to a target, or as close as its format lets it.
func (g *generator) sumNear(w, x fp.Code, target float64) fp.Code {
	return g.near(g.acc.Encode(target-g.product(w, x), g.spec.Zero))
}

func (g *generator) accUnderflow() (w, x, a fp.Code) {
	low, high := g.live()
	// A product far above the edge leaves only multiples of its own last place: stay within its mantissa.
	edge := g.spec.Shift()
	w, x = g.pair(min(max(g.within(edge-2, edge+g.acc.Mantissa+1), low), high))
	if g.below(8) == 0 {
		w &^= g.operand.Mask() >> 1 // a zero product: the accumulator passes through
	}
	target := math.Ldexp(1, g.within(-1, 1)-g.acc.Bias)
	if g.flip() {
		target = -target
	}
	return w, x, g.sumNear(w, x, target)
}

func (g *generator) accOverflow() (w, x, a fp.Code) {
	low, high := g.live()
	// Products down to the accumulator's last place make the difference, larger ones more often.
	last := top(g.acc) + g.spec.Shift()
	w, x = g.pair(min(max(last-g.below(g.within(1, g.acc.Mantissa+3)), low), high))
	target := g.acc.Max()
	if g.product(w, x) < 0 {
		target = -target
	}
	return w, x, g.sumNear(w, x, target)
}

// ties puts the product's lowest set bit one place below the accumulator's last, which is a half if the signs agree and
// nothing carries; then moves a or an operand by one in a third of the cases.
func (g *generator) ties() (w, x, a fp.Code) {
	low, high := g.live()
	w, x = g.pair(g.within(low, high))
	p := math.Abs(g.product(w, x))
	if p == 0 {
		return w, x, g.number(g.acc, g.within(g.least(g.acc), top(g.acc)))
	}
	significand, exponent := math.Frexp(p) // in [0.5, 1)
	sig := uint64(math.Ldexp(significand, g.acc.Mantissa+1))
	field := exponent - 1 + g.acc.Bias + bits.TrailingZeros64(sig) + 1
	a = g.number(g.acc, min(max(field, 0), top(g.acc)))
	switch g.below(6) {
	case 0:
		a ^= 1
	case 1:
		w ^= 1
	}
	return w, x, a
}

// zero is a zero of either sign, or a code of the lowest binade, which is a zero or not by the specification.
func (g *generator) zero(f fp.Format) fp.Code {
	if g.below(4) == 0 {
		return f.Pack(g.flip(), 0, g.fraction(f))
	}
	return f.Pack(g.flip(), 0, 0)
}

func (g *generator) zeros() (w, x, a fp.Code) {
	w, x, a = g.uniform()
	which := 1 + g.below(7)
	if which&1 != 0 {
		w = g.zero(g.operand)
	}
	if which&2 != 0 {
		x = g.zero(g.operand)
	}
	if which&4 != 0 {
		a = g.zero(g.acc)
	}
	return w, x, a
}

func (g *generator) extreme(f fp.Format) fp.Code {
	all := 1<<f.Mantissa - 1
	negative := g.flip()
	switch g.below(6) {
	case 0:
		return f.Pack(negative, 0, 0)
	case 1:
		return f.Pack(negative, 0, min(1, all))
	case 2:
		return f.Pack(negative, 0, all)
	case 3:
		return f.Pack(negative, 1, 0)
	case 4:
		return f.Pack(negative, top(f), 0)
	}
	return f.Pack(negative, top(f), all)
}

func (g *generator) extremes() (w, x, a fp.Code) {
	return g.extreme(g.operand), g.extreme(g.operand), g.extreme(g.acc)
}

func (g *generator) walk(f fp.Format) fp.Code {
	c := fp.Code(1) << g.below(f.Width())
	if g.flip() {
		c = ^c & f.Mask()
	}
	return c
}

func (g *generator) walkingBits() (w, x, a fp.Code) {
	w, x, a = g.uniform()
	switch g.below(4) {
	case 0:
		w = g.walk(g.operand)
	case 1:
		x = g.walk(g.operand)
	case 2:
		a = g.walk(g.acc)
	default:
		w, x, a = g.walk(g.operand), g.walk(g.operand), g.walk(g.acc)
	}
	return w, x, a
}
