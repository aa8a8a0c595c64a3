// Package kernel multiplies matrices through the chunked FMAq of package fp, fast and to the same bit.
//
// # Why float64 can be exact
//
// The fast paths hold every value as a float64 in the accumulator's own binades, as if b_acc were 0: a code with
// exponent field f and mantissa field g is 2^f * (1 + g/2^M). Biases of any size then neither underflow nor overflow;
// only offset and shift of the specification remain, and both are bounded below.
//
// Each step is a float64 addition, exact or corrected, followed by operations on the bits of its result:
//
//	truncate   clear the low 52-M bits and the sign
//	saturate   integer minimum with the bits of R_OF
//	underflow  clear everything if below the bits of the smallest stored magnitude. After truncation the values are
//	           multiples of the last place, so "t <= 2^-b" and "t < 2^-b * (1 + 2^-M)" are the same
//
// because the bits of non-negative float64 values order as the values do. A cleared value loses its sign as well, so no
// -0 ever arises.
//
// The addition is exact where all addends are multiples of one quantum q and no sum reaches 2^53 q (path Narrow). Zeroing
// low bits and saturating keep multiples of q multiples of q, so this holds along the whole chain once it holds for
// products and R_OF. Elsewhere (path Wide) the rounding error of the addition is recovered exactly (Knuth's TwoSum) and
// the sum is moved to its neighbour toward zero when the error points there: the result is the exact sum rounded toward
// zero to 53 bits, and truncating that to M <= 23 is truncating the exact sum.
package kernel

import (
	"fmt"
	"math"
	"math/bits"
	"sync"

	"fmaq/fp"
)

// Path is a way to compute.
type Path uint8

const (
	// Portable runs [fp.Unit] step by step. It takes every specification.
	Portable Path = iota
	// Wide adds in float64 and corrects. It takes truncation with exact alignment, and offset and shift within
	// maxScale.
	Wide
	// Narrow adds in float64 without correction. It asks in addition that every sum be exact; see the package comment.
	Narrow
)

func (p Path) String() string { return [...]string{"portable", "wide", "narrow"}[p] }

// maxScale bounds offset and shift in the float64 paths. Operands have binades of 0 to 255, their products 0 to 511, so
// everything stays within 2^-1022 and 2^1023.
const maxScale = 400

// tableWidth is the widest operand whose products are looked up: 2^16 of them, which fits the second-level cache.
// Products of wider operands are computed.
const tableWidth = 8

// Kernel computes matrix products of one specification. It is safe for concurrent use.
type Kernel struct {
	spec fp.Spec
	unit *fp.Unit
	path Path
	acc  quantiser
	prod quantiser // for computed products, in the operands' binades: scale moves what it returns into the accumulator's

	scale   float64
	table   []float64 // Q_prod of operand codes w<<tableWidth | x; nil if products are computed
	events  []uint32  // what happened in them, packed as one is
	scratch sync.Pool
}

// New returns the kernel of a specification for dot products of the given length, on the fastest path whose
// precondition holds, or the error of [fp.Spec.Validate].
func New(spec fp.Spec, length int) (*Kernel, error) {
	return newPath(spec, length, fastest(spec, length))
}

func newPath(spec fp.Spec, length int, path Path) (*Kernel, error) {
	unit, err := fp.New(spec)
	if err != nil {
		return nil, err
	}
	k := &Kernel{spec: spec, unit: unit, path: path}
	if path == Portable {
		return k, nil
	}
	k.acc = newQuantiser(spec.Accumulator, spec.Zero)
	// An internal product of exactly 2^-b_prod exists, whatever the codes of zero.
	k.prod = quantiser{
		mask: k.acc.mask,
		max:  math.Float64bits(math.Ldexp(math.Float64frombits(k.acc.max), spec.Offset())),
		min:  math.Float64bits(math.Ldexp(1, spec.Offset())),
	}
	k.scale = math.Ldexp(1, -spec.Offset()-spec.Shift())
	if spec.Weight.Width() <= tableWidth {
		k.tabulate()
	}
	k.scratch.New = func() any { return new(scratch) }
	return k, nil
}

// Path returns the path the kernel takes.
func (k *Kernel) Path() Path { return k.path }

// Spec returns the specification.
func (k *Kernel) Spec() fp.Spec { return k.spec }

// fastest checks the preconditions.
func fastest(s fp.Spec, length int) Path {
	switch {
	case s.Rounding != fp.Truncate || s.Align != fp.AlignExact || abs(s.Offset()) > maxScale || abs(s.Shift()) > maxScale:
		return Portable
	case sumBits(s, length) > 53:
		return Wide
	}
	return Narrow
}

func abs(v int) int { return max(v, -v) }

// sumBits bounds the bits of the largest sum as a multiple of the quantum of all addends, for a dot product of the
// given length.
//
// Exponents count in the accumulator's binades. Q_prod leaves products with leading exponents from low to high and at
// most min(M, 2m+1) fraction bits below each, or R_OF of the product, so all are multiples of 2^(low-fraction) or of
// 2^(top-shift-M); the accumulator's R_OF is a multiple of 2^(top-M). An addend is below 2^(high+1) or, once accumulated,
// below 2^(top+1); but no accumulated value exceeds the sum of all the products' magnitudes, length * 2^(high+1), either.
func sumBits(s fp.Spec, length int) int {
	mantissa, shift := s.Accumulator.Mantissa, s.Shift()
	fields := 1<<s.Weight.Exponent - 1
	top := 1<<s.Accumulator.Exponent - 1
	low := max(0, -s.Offset()) - shift
	high := min(top, 2*fields+1-s.Offset()) - shift
	fraction := min(mantissa, 2*s.Weight.Mantissa+1)
	quantum := min(low-fraction, top-shift-mantissa, top-mantissa)
	sum := min(high+1+bits.Len(uint(max(length, 1))), max(top, high)+2)
	return sum - quantum
}

// tabulate fills the products' table.
func (k *Kernel) tabulate() {
	width := k.spec.Weight.Width()
	k.table = make([]float64, 1<<(2*tableWidth))
	k.events = make([]uint32, 1<<(2*tableWidth))
	for w := range fp.Code(1 << width) {
		for x := range fp.Code(1 << width) {
			v, event := k.unit.Product(w, x)
			i := w<<tableWidth | x
			k.table[i] = math.Ldexp(v, k.spec.Accumulator.Bias)
			switch {
			case event&fp.ProductUnderflow != 0:
				k.events[i] = oneActive | oneUnderflow
			case event&fp.ProductOverflow != 0:
				k.events[i] = oneActive | oneOverflow
			case v != 0:
				k.events[i] = oneActive
			}
		}
	}
}

// normal is the value of an operand code in its own binades, as if its bias were 0.
func (k *Kernel) normal(c fp.Code) float64 {
	f := k.spec.Weight
	f.Bias = 0
	return f.Decode(c, k.spec.Zero)
}

// code is the accumulator's code of a quantised value.
func (k *Kernel) code(v float64) fp.Code {
	if v == 0 {
		return 0
	}
	f := k.spec.Accumulator
	b := math.Float64bits(v)
	body := fp.Code(b>>(52-f.Mantissa)) - 1023<<f.Mantissa
	return fp.Code(b>>63)<<(f.Exponent+f.Mantissa) | body&(1<<(f.Exponent+f.Mantissa)-1)
}

// Multiply sets dst[o*n+j] to the accumulator code of the chunked dot product of row o of w with column j of x.
//
// w has rows of length elements, x has length rows of n elements, both of operand codes; dst has as many rows as w, of n
// elements. stats, unless nil, is added to. random makes the generator of stochastic rounding of one element of dst; it
// is not called for the other rounding modes. Multiply panics if the lengths do not fit.
func (k *Kernel) Multiply(dst, w, x []fp.Code, length, n int, stats *Stats, random func(o, j int) func() uint32) {
	if length < 1 || n < 1 || len(w)%length != 0 || len(x) != length*n || len(dst) != len(w)/length*n {
		panic(fmt.Sprintf("kernel: %d results of %d weights and %d activations, length %d, %d columns",
			len(dst), len(w), len(x), length, n))
	}
	if stats != nil {
		rows := uint64(len(w) / length)
		stats.FMAqs += rows * uint64(length) * uint64(n)
		stats.Sums += rows * uint64(k.chunks(length)) * uint64(n)
	}
	if k.path == Portable {
		k.portable(dst, w, x, length, n, stats, random)
		return
	}
	s := k.scratch.Get().(*scratch)
	defer k.scratch.Put(s)
	for lo := 0; lo < n; lo += tile {
		k.tile(s, dst, w, x, length, n, lo, min(lo+tile, n), stats)
	}
}

// chunks is the number of chunks of a dot product.
func (k *Kernel) chunks(length int) int {
	if k.spec.Chunk == 0 {
		return 1
	}
	return (length + k.spec.Chunk - 1) / k.spec.Chunk
}
