package fp_test

import (
	"math/rand/v2"

	"fmaq/fp"
)

// sampler draws cases of one specification. It uses fp to aim, never to judge.
type sampler struct {
	*rand.Rand
	unit       *fp.Unit
	spec       fp.Spec
	operandTop int // largest exponent field of an operand
	top        int // of product and accumulator
}

func newSampler(rng *rand.Rand, u *fp.Unit) *sampler {
	s := u.Spec()
	return &sampler{rng, u, s, 1<<s.Weight.Exponent - 1, 1<<s.Accumulator.Exponent - 1}
}

// stratum is one region of the input space. Exponent fields may miss by one where a product of significands carries, and
// are clamped to what exists.
type stratum struct {
	name string
	draw func(s *sampler) (w, x, a fp.Code)
}

var strata = []stratum{
	{"uniform", func(s *sampler) (w, x, a fp.Code) {
		return s.code(s.spec.Weight), s.code(s.spec.Activation), s.code(s.spec.Accumulator)
	}},
	{"cancellation", func(s *sampler) (w, x, a fp.Code) {
		w, x = s.factors(s.productField())
		return w, x, s.opposite(w, x)
	}},
	{"near alignment", func(s *sampler) (w, x, a fp.Code) {
		field := s.productField()
		w, x = s.factors(field)
		return w, x, s.addend(field - s.spec.Shift() + s.between(-2, 2))
	}},
	{"far alignment", func(s *sampler) (w, x, a fp.Code) {
		m := s.spec.Accumulator.Mantissa
		// The last ones are around where fp's wide significand begins to lose bits, and where a shift empties a word.
		distance := s.pick(s.between(m-2, m+3), s.between(2*m-1, 2*m+3), s.between(35, 41), s.between(59, 66))
		if s.IntN(2) == 0 {
			distance = -distance
		}
		field := s.productFieldNear(s.between(0, s.top) + distance + s.spec.Shift())
		w, x = s.factors(field)
		return w, x, s.addend(field - s.spec.Shift() - distance)
	}},
	{"product underflow edge", func(s *sampler) (w, x, a fp.Code) {
		field := s.between(-2, 1)
		w, x = s.factors(field)
		return w, x, s.anyAddend(field)
	}},
	{"product overflow edge", func(s *sampler) (w, x, a fp.Code) {
		field := s.between(s.top-1, s.top+2)
		w, x = s.factors(field)
		return w, x, s.anyAddend(field)
	}},
	{"accumulator underflow edge", func(s *sampler) (w, x, a fp.Code) {
		w, x = s.factors(s.between(-2, 3) + s.spec.Shift())
		if s.IntN(3) == 0 {
			return w, x, s.zero(s.spec.Accumulator)
		}
		return w, x, s.opposite(w, x)
	}},
	{"accumulator overflow edge", func(s *sampler) (w, x, a fp.Code) {
		m := s.spec.Accumulator.Mantissa
		w, x = s.factors(s.between(s.top-m-3, s.top+2) + s.spec.Shift())
		if s.IntN(4) == 0 {
			return w, x, s.zero(s.spec.Accumulator)
		}
		// The largest magnitudes, most often with the product's sign.
		a = 1<<(s.spec.Accumulator.Width()-1) - 1 - fp.Code(s.pick(s.IntN(4), s.IntN(1<<m)))
		if p, _ := s.unit.Product(w, x); p < 0 != (s.IntN(4) == 0) {
			a |= 1 << (s.spec.Accumulator.Width() - 1)
		}
		return w, x, a
	}},
	{"zeros", func(s *sampler) (w, x, a fp.Code) {
		w, x, a = s.code(s.spec.Weight), s.code(s.spec.Activation), s.code(s.spec.Accumulator)
		which := s.between(1, 7)
		if which&1 != 0 {
			w = s.zero(s.spec.Weight)
		}
		if which&2 != 0 {
			x = s.zero(s.spec.Activation)
		}
		if which&4 != 0 {
			a = s.zero(s.spec.Accumulator)
		}
		return w, x, a
	}},
}

// neighbour moves one of the codes by one, in a third of all cases.
func (s *sampler) neighbour(w, x, a fp.Code) (fp.Code, fp.Code, fp.Code) {
	step := func(f fp.Format, c fp.Code) fp.Code {
		return (c + fp.Code(1-2*s.IntN(2))) & (1<<f.Width() - 1)
	}
	switch s.IntN(9) {
	case 0:
		w = step(s.spec.Weight, w)
	case 1:
		x = step(s.spec.Activation, x)
	case 2:
		a = step(s.spec.Accumulator, a)
	}
	return w, x, a
}

func (s *sampler) between(lo, hi int) int { return lo + s.IntN(hi-lo+1) }

func (s *sampler) pick(choices ...int) int { return choices[s.IntN(len(choices))] }

func (s *sampler) code(f fp.Format) fp.Code { return fp.Code(s.Uint32()) & (1<<f.Width() - 1) }

// zero is zero of either sign, or one of the codes of a zero exponent field.
func (s *sampler) zero(f fp.Format) fp.Code {
	return f.Pack(s.IntN(2) == 0, 0, s.pick(0, s.mantissa(f)))
}

// mantissa is uniform, or a pattern that carries far or not at all.
func (s *sampler) mantissa(f fp.Format) int {
	ones := 1<<f.Mantissa - 1
	return s.pick(s.IntN(ones+1), 0, ones, 1, 1<<s.IntN(f.Mantissa+1), ones<<s.IntN(f.Mantissa+1)) & ones
}

// productField is the exponent field of a product, within the range of the product format if that can be.
func (s *sampler) productField() int { return s.productFieldNear(s.between(0, s.top)) }

// productFieldNear is the exponent field nearest to the one given that a product can have and that Q_prod leaves.
func (s *sampler) productFieldNear(field int) int {
	lo, hi := -s.spec.Offset(), 2*s.operandTop-s.spec.Offset()
	return min(max(field, lo, 0), hi, s.top)
}

// factors are codes whose product has the exponent field given before Q_prod, or the next if the significands carry.
func (s *sampler) factors(field int) (w, x fp.Code) {
	sum := min(max(field+s.spec.Offset(), 0), 2*s.operandTop)
	fw := s.between(max(0, sum-s.operandTop), min(s.operandTop, sum))
	f := s.spec.Weight
	return f.Pack(s.IntN(2) == 0, fw, s.mantissa(f)), f.Pack(s.IntN(2) == 0, sum-fw, s.mantissa(f))
}

func (s *sampler) addend(field int) fp.Code {
	f := s.spec.Accumulator
	return f.Pack(s.IntN(2) == 0, min(max(field, 0), s.top), s.mantissa(f))
}

// anyAddend is one near the product, anywhere, or zero.
func (s *sampler) anyAddend(field int) fp.Code {
	switch s.IntN(3) {
	case 0:
		return s.zero(s.spec.Accumulator)
	case 1:
		return s.code(s.spec.Accumulator)
	}
	return s.addend(field - s.spec.Shift() + s.between(-2, 2))
}

// opposite is within a few codes of the negative of Q_prod(w*x), and now and then of the product itself.
func (s *sampler) opposite(w, x fp.Code) fp.Code {
	p, _ := s.unit.Product(w, x)
	if s.IntN(8) > 0 {
		p = -p
	}
	f := s.spec.Accumulator
	return (f.Encode(p, s.spec.Zero) + fp.Code(s.between(-3, 3))) & (1<<f.Width() - 1)
}
