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

	"fmaq/fp"
)

// Vector is the input of one FMAq.
type Vector struct {
	W, X    fp.Code // operands
	A       fp.Code // accumulator
	R       uint32  // random bits of stochastic rounding, as many as the specification has; else 0
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

// Source makes the vectors of one specification and seed.
type Source struct {
	unit *fp.Unit
	seed uint64
}

// New returns the source, or the error of [fp.Spec.Validate].
func New(spec fp.Spec, seed uint64) (*Source, error) {
	unit, err := fp.New(spec)
	if err != nil {
		return nil, err
	}
	return &Source{unit, seed}, nil
}

// All yields vectors of all strata in turn, without end. Every call starts from the first.
func (s *Source) All() iter.Seq[Vector] {
	return func(yield func(Vector) bool) {
		g := newGenerator(s.unit, rand.NewPCG(s.seed, 0))
		for i := 0; yield(g.vector(schedule[i%round])); i++ {
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
