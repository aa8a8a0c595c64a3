package fp

import (
	"errors"
	"fmt"
	"math"
)

// Rounding says how Q_acc brings the exact sum to the accumulator's mantissa.
type Rounding uint8

const (
	// Truncate drops the bits below the mantissa, toward zero.
	Truncate Rounding = iota
	// NearestEven rounds to nearest, ties to the even mantissa.
	NearestEven
	// Stochastic adds k random bits right below the mantissa and truncates: the magnitude goes up with probability
	// floor(2^k * fraction) / 2^k.
	Stochastic
)

// Zero says which codes stand for zero.
type Zero uint8

const (
	// ZeroCode: only a zero exponent field with a zero mantissa field.
	ZeroCode Zero = iota
	// ZeroExponent: every code with a zero exponent field, so that there is one binade less. It applies to operands,
	// accumulator input and result; the internal product has no code, so its underflow threshold stays 2^-b_prod.
	ZeroExponent
)

// Align says what becomes of the smaller addend's bits that alignment shifts out.
type Align uint8

const (
	// AlignExact keeps them (in hardware as guard and sticky): the sum is exact until Q_acc.
	AlignExact Align = iota
	// AlignLazy drops every bit of the smaller addend's magnitude below the last place of the addend with the larger
	// exponent. An effective subtraction may then be one unit of that place high.
	AlignLazy
)

var (
	roundingNames = []string{"truncate", "nearest-even", "stochastic"}
	zeroNames     = []string{"code", "exponent"}
	alignNames    = []string{"exact", "lazy"}
)

func (r Rounding) String() string { return roundingNames[r] }
func (z Zero) String() string     { return zeroNames[z] }
func (a Align) String() string    { return alignNames[a] }

// MarshalText and UnmarshalText use the names of the specification.
func (r Rounding) MarshalText() ([]byte, error)     { return []byte(r.String()), nil }
func (z Zero) MarshalText() ([]byte, error)         { return []byte(z.String()), nil }
func (a Align) MarshalText() ([]byte, error)        { return []byte(a.String()), nil }
func (r *Rounding) UnmarshalText(text []byte) error { return unmarshal(r, text, roundingNames) }
func (z *Zero) UnmarshalText(text []byte) error     { return unmarshal(z, text, zeroNames) }
func (a *Align) UnmarshalText(text []byte) error    { return unmarshal(a, text, alignNames) }

func unmarshal[T ~uint8](v *T, text []byte, names []string) error {
	for i, name := range names {
		if string(text) == name {
			*v = T(i)
			return nil
		}
	}
	return fmt.Errorf("%q: want one of %q", text, names)
}

// MaxRandomBits bounds [Spec.RandomBits].
const MaxRandomBits = 24

// Spec fixes every result bit of the FMAq and of the chunked dot product. The two operand formats differ in bias only,
// and so do product and accumulator.
type Spec struct {
	Weight      Format // w
	Activation  Format // x
	Product     Format // what Q_prod brings w*x to; never stored
	Accumulator Format // a, and the result
	Chunk       int    // products a chunk; 0 means one sequential chain
	Rounding    Rounding
	RandomBits  int // k of stochastic rounding, 1 to 24; 0 otherwise
	Zero        Zero
	Align       Align
}

// DefaultChunk is the paper's chunk length.
const DefaultChunk = 16

// NewSpec returns the default specification of the named formats' widths: chunk 16, truncation, biases
// 2^(e-1) for operands, 2^(E-1)+2 for products and, after the paper, that less log2(chunk)/2 for the accumulator. The
// biases of the arguments are not used.
func NewSpec(operand, accumulator Format) Spec {
	operand.Bias = DefaultBias(operand.Exponent)
	product := accumulator
	product.Bias = DefaultProductBias(accumulator.Exponent)
	accumulator.Bias = DefaultAccumulatorBias(product.Bias, DefaultChunk)
	return Spec{Weight: operand, Activation: operand, Product: product, Accumulator: accumulator, Chunk: DefaultChunk}
}

// DefaultProductBias is 2^(exponent-1) + 2: 10 for the paper's M7E4.
func DefaultProductBias(exponent int) int { return DefaultBias(exponent) + 2 }

// DefaultAccumulatorBias is the paper's b_prod - log2(chunk)/2, the subtrahend rounded to an integer, half up. A single
// chain (chunk 0) has no length to go by and keeps b_prod.
func DefaultAccumulatorBias(product, chunk int) int {
	if chunk <= 1 {
		return product
	}
	return product - int(math.Round(math.Log2(float64(chunk))/2))
}

// Offset is b_w + b_x - b_prod. The circuit subtracts it from the sum of the operands' exponent fields to get the
// product's exponent field.
func (s Spec) Offset() int { return s.Weight.Bias + s.Activation.Bias - s.Product.Bias }

// Shift is b_prod - b_acc. The circuit subtracts it from the product's exponent field to get the field the same value
// would have in the accumulator.
func (s Spec) Shift() int { return s.Product.Bias - s.Accumulator.Bias }

// Validate reports everything that is out of range, each with its name, its value and what is accepted.
func (s Spec) Validate() error {
	var errs []error
	for _, f := range []struct {
		name string
		Format
	}{{"weight", s.Weight}, {"activation", s.Activation}, {"product", s.Product}, {"accumulator", s.Accumulator}} {
		if err := f.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.name, err))
		}
	}
	if s.Weight.String() != s.Activation.String() {
		errs = append(errs, fmt.Errorf("weight %v, activation %v: want one operand format", s.Weight, s.Activation))
	}
	if s.Product.String() != s.Accumulator.String() {
		errs = append(errs, fmt.Errorf("product %v, accumulator %v: want one format", s.Product, s.Accumulator))
	}
	if s.Chunk < 0 {
		errs = append(errs, fmt.Errorf("chunk = %d: want 0 (one chain) or more", s.Chunk))
	}
	if int(s.Rounding) >= len(roundingNames) || int(s.Zero) >= len(zeroNames) || int(s.Align) >= len(alignNames) {
		return errors.Join(append(errs, errors.New("rounding, zero or align is none of the named values"))...)
	}
	switch {
	case s.Rounding == Stochastic && (s.RandomBits < 1 || s.RandomBits > MaxRandomBits):
		errs = append(errs, fmt.Errorf("random bits = %d: want 1 to %d for stochastic rounding", s.RandomBits, MaxRandomBits))
	case s.Rounding != Stochastic && s.RandomBits != 0:
		errs = append(errs, fmt.Errorf("random bits = %d: want 0 for %v rounding", s.RandomBits, s.Rounding))
	}
	return errors.Join(errs...)
}

// String names operand and accumulator format, such as "M4E3 x M7E4".
func (s Spec) String() string { return s.Weight.String() + " x " + s.Accumulator.String() }

// InputBits is the number of bits of one (w, x, a) triple.
func (s Spec) InputBits() int { return 2*s.Weight.Width() + s.Accumulator.Width() }
