// Package vectors makes stimulus for everything that computes a FMAq: random, but stratified, so that a modest number of
// vectors visits the cases that uniform ones hardly ever meet.
//
//	source, err := vectors.New(spec, seed)
//	for v := range source.First(1_000_000) { ... unit.FMAqRandom(v.W, v.X, v.A, v.R) ... }
//
// The strata, with their shares of every 64 vectors in a row:
//
//	uniform                12  every code equally likely
//	cancellation           10  a is -Q_prod(w*x), exactly, off by few codes, or by a power of two of codes
//	alignment near          8  exponents of Q_prod(w*x) and a at most two apart, signs and mantissas mixed
//	alignment far           8  every other distance of exponents alike often; half of them at the guard bits, M-1 to M+4
//	product underflow       4  the product's exponent field, before quantisation, is -2 to 1, or the nearest it can be
//	product overflow        4  ... 2^E-2 to 2^E+1 ...
//	accumulator underflow   4  the sum lies within few codes of the smallest magnitude
//	accumulator overflow    4  ... of the largest magnitude
//	ties                    2  what alignment shifts below the sum's last place is a half, or off by one bit
//	zeros                   4  one to three of w, x and a are zeros, of either sign, or codes of the lowest binade
//	extremes                2  every code smallest, largest, or a zero
//	walking bits            2  codes with one bit set, or one clear, the others random
//
// Where the biases keep a product or sum away from an edge, the stratum goes as near as it can. All draws come from one
// PCG generator of math/rand/v2 and integer arithmetic, so that a seed gives the same vectors on every machine.
package vectors

import (
	"iter"
	"math/rand/v2"
	"sync"

	"fmaq/fp"
)

// Vector is the input of one FMAq.
type Vector struct {
	W, X    fp.Code // operands
	A       fp.Code // accumulator
	R       uint32  // random bits of stochastic rounding, as many as the specification has; else 0
	Offset  int     // b_w + b_x - b_prod: the specification's, or what the port of [NewPort] has
	Stratum Stratum // what it was made for
}

// Stratum is a family of vectors.
type Stratum uint8

// The strata; the package comment says what each is.
const (
	Uniform Stratum = iota
	Cancellation
	AlignmentNear
	AlignmentFar
	ProductUnderflow
	ProductOverflow
	AccUnderflow
	AccOverflow
	Ties
	Zeros
	Extremes
	WalkingBits

	strata
)

var strataTable = [strata]struct {
	name  string
	share int
	draw  func(*generator) (w, x, a fp.Code)
}{
	{"uniform", 12, (*generator).uniform},
	{"cancellation", 10, (*generator).cancellation},
	{"alignment near", 8, (*generator).alignmentNear},
	{"alignment far", 8, (*generator).alignmentFar},
	{"product underflow", 4, (*generator).productUnderflow},
	{"product overflow", 4, (*generator).productOverflow},
	{"accumulator underflow", 4, (*generator).accUnderflow},
	{"accumulator overflow", 4, (*generator).accOverflow},
	{"ties", 2, (*generator).ties},
	{"zeros", 4, (*generator).zeros},
	{"extremes", 2, (*generator).extremes},
	{"walking bits", 2, (*generator).walkingBits},
}

// round is the length of the sequence in which the strata alternate.
const round = 64

func (s Stratum) String() string { return strataTable[s].name }

// Share is how many of 64 vectors in a row belong to the stratum.
func (s Stratum) Share() int { return strataTable[s].share }

// Strata lists all.
func Strata() []Stratum {
	all := make([]Stratum, strata)
	for i := range all {
		all[i] = Stratum(i)
	}
	return all
}

// schedule spreads the strata evenly over a round: at each place the one that is furthest behind its share.
var schedule = func() [round]Stratum {
	var order [round]Stratum
	var given [strata]int
	for i := range order {
		best, behind := Stratum(0), -round*round
		for s := range strata {
			if d := s.Share()*(i+1) - given[s]*round; d > behind {
				best, behind = s, d
			}
		}
		order[i] = best
		given[best]++
	}
	return order
}()

// Source makes the vectors of one specification and seed. It is safe for concurrent use.
type Source struct {
	unit  *fp.Unit
	seed  uint64
	width int      // of the offset's port; 0 without one
	units sync.Map // *fp.Unit of other offsets, as far as seen
}

// New returns the source, or the error of [fp.Spec.Validate].
func New(spec fp.Spec, seed uint64) (*Source, error) {
	unit, err := fp.New(spec)
	if err != nil {
		return nil, err
	}
	return &Source{unit: unit, seed: seed}, nil
}

// NewPort returns the source for a circuit that reads the offset from a signed port of the given width in bits. Half of
// its vectors have the specification's offset. The others have any that the port takes, the least and the largest one
// often: as if the weights' bias were another, the biases of product and accumulator staying as they are.
func NewPort(spec fp.Spec, seed uint64, width int) (*Source, error) {
	s, err := New(spec, seed)
	if err != nil {
		return nil, err
	}
	s.width = width
	return s, nil
}

// Unit evaluates the vectors of an offset. Where the weights' bias would leave its range, which takes biases near a
// thousand, it is nil.
func (s *Source) Unit(offset int) *fp.Unit {
	spec := s.unit.Spec()
	if offset == spec.Offset() {
		return s.unit
	}
	if u, ok := s.units.Load(offset); ok {
		return u.(*fp.Unit)
	}
	spec.Weight.Bias += offset - spec.Offset()
	u, err := fp.New(spec)
	if err != nil {
		u = nil
	}
	s.units.Store(offset, u)
	return u
}

// Result is what the numerics give for a vector of the source.
func (s *Source) Result(v Vector) fp.Code { return s.Unit(v.Offset).FMAqRandom(v.W, v.X, v.A, v.R) }

// offset draws one that the port takes.
func (s *Source) offset(g *generator) int {
	low, high := -(1 << (s.width - 1)), 1<<(s.width-1)-1
	o := g.within(low, high)
	switch g.below(8) {
	case 0:
		o = low
	case 1:
		o = high
	}
	if s.Unit(o) == nil {
		return s.unit.Spec().Offset()
	}
	return o
}

// All yields vectors of all strata in turn, without end. Every call starts from the first.
func (s *Source) All() iter.Seq[Vector] {
	return func(yield func(Vector) bool) {
		g := newGenerator(s.unit, rand.NewPCG(s.seed, 0))
		for i := 0; ; i++ {
			from := g
			// Over two rounds every stratum meets both kinds of offsets.
			if s.width > 0 && (i/round+i)%2 == 1 {
				from = newGenerator(s.Unit(s.offset(g)), g.pcg)
			}
			if !yield(from.vector(schedule[i%round])) {
				return
			}
		}
	}
}

// First yields the first n vectors of [Source.All].
func (s *Source) First(n int) iter.Seq[Vector] {
	return func(yield func(Vector) bool) {
		if n <= 0 {
			return
		}
		i := 0
		for v := range s.All() {
			if i++; !yield(v) || i == n {
				return
			}
		}
	}
}

// Only yields vectors of one stratum, without end; they are not those of [Source.All].
func (s *Source) Only(stratum Stratum) iter.Seq[Vector] {
	return func(yield func(Vector) bool) {
		g := newGenerator(s.unit, rand.NewPCG(s.seed, uint64(stratum)+1))
		for yield(g.vector(stratum)) {
		}
	}
}
