package fp

import (
	"fmt"
	"math"
	"math/bits"
	"regexp"
	"strconv"
)

// Limits of a [Format]. The bias limits keep every value, and the smallest binade's bound 2^-b, a normal float64.
const (
	MaxMantissa = 23
	MinExponent = 2
	MaxExponent = 8
	MaxBias     = 1022
)

// Code is a stored word of some [Format], in its low 1+E+M bits: sign, exponent field, mantissa field, most significant
// first. The bits above are zero.
type Code uint32

// Format is the floating-point format F(M, E, b): M stored mantissa bits, E exponent bits, and a bias b. It has no
// infinities, NaNs or subnormals; every exponent field, the top one included, is an ordinary binade, and the one code
// with a zero exponent field and a zero mantissa field is zero (see [Zero] for the alternative).
type Format struct {
	Mantissa int // stored fraction bits, 0 to 23
	Exponent int // exponent field bits, 2 to 8
	Bias     int // value = 2^(field-Bias) * significand
}

var formatName = regexp.MustCompile(`^[mM]([0-9]{1,3})[eE]([0-9]{1,3})$`)

// ParseFormat reads a name such as "M7E4" (either case). The bias is [DefaultBias] of the exponent width.
func ParseFormat(name string) (Format, error) {
	m := formatName.FindStringSubmatch(name)
	if m == nil {
		return Format{}, fmt.Errorf("format %q: want M<mantissa bits>E<exponent bits>, such as M7E4", name)
	}
	// Three digits always fit an int.
	mantissa, _ := strconv.Atoi(m[1])
	exponent, _ := strconv.Atoi(m[2])
	f := Format{Mantissa: mantissa, Exponent: exponent}
	if exponent >= MinExponent && exponent <= MaxExponent {
		f.Bias = DefaultBias(exponent)
	}
	if err := f.Validate(); err != nil {
		return Format{}, fmt.Errorf("format %q: %w", name, err)
	}
	return f, nil
}

// DefaultBias is the bias that centres the binades of an exponent field of the given width on one: 2^(exponent-1).
func DefaultBias(exponent int) int { return 1 << (exponent - 1) }

// String returns the name without the bias, such as "M7E4".
func (f Format) String() string { return fmt.Sprintf("M%dE%d", f.Mantissa, f.Exponent) }

// Width is the number of bits of a code, 1 + E + M.
func (f Format) Width() int { return 1 + f.Exponent + f.Mantissa }

// MinBias is the least bias that keeps the largest value of the exponent width within float64.
func (f Format) MinBias() int { return f.maxField() - 1023 }

// Validate reports the first field that is out of range, by name, with what is accepted.
func (f Format) Validate() error {
	switch {
	case f.Mantissa < 0 || f.Mantissa > MaxMantissa:
		return fmt.Errorf("mantissa = %d: want 0 to %d bits", f.Mantissa, MaxMantissa)
	case f.Exponent < MinExponent || f.Exponent > MaxExponent:
		return fmt.Errorf("exponent = %d: want %d to %d bits", f.Exponent, MinExponent, MaxExponent)
	case f.Bias < f.MinBias() || f.Bias > MaxBias:
		return fmt.Errorf("bias = %d: want %d to %d for E%d", f.Bias, f.MinBias(), MaxBias, f.Exponent)
	}
	return nil
}

func (f Format) maxField() int { return 1<<f.Exponent - 1 }

// Mask has the bits of a code set.
func (f Format) Mask() Code { return Code(uint64(1)<<f.Width() - 1) }

// Valid reports whether no bit above the format's width is set.
func (f Format) Valid(c Code) bool { return c&^f.Mask() == 0 }

// Pack assembles a code from its fields, which must be in range.
func (f Format) Pack(negative bool, field, mantissa int) Code {
	c := Code(field)<<f.Mantissa | Code(mantissa)
	if negative {
		c |= 1 << (f.Exponent + f.Mantissa)
	}
	return c
}

// Unpack splits a code into its fields.
func (f Format) Unpack(c Code) (negative bool, field, mantissa int) {
	return c>>(f.Exponent+f.Mantissa)&1 == 1, int(c>>f.Mantissa) & f.maxField(), int(c & (1<<f.Mantissa - 1))
}

// IsZero reports whether a code stands for zero, of either sign.
func (f Format) IsZero(c Code, z Zero) bool {
	_, field, mantissa := f.Unpack(c)
	return field == 0 && (mantissa == 0 || z == ZeroExponent)
}

// Max is R_OF, the largest magnitude: 2^(2^E-1-b) * (2 - 2^-M).
func (f Format) Max() float64 {
	return math.Ldexp(2-math.Ldexp(1, -f.Mantissa), f.maxField()-f.Bias)
}

// Smallest is the smallest magnitude that has a code.
func (f Format) Smallest(z Zero) float64 {
	if z == ZeroExponent {
		return math.Ldexp(1, 1-f.Bias)
	}
	return math.Ldexp(1+math.Ldexp(1, -f.Mantissa), -f.Bias)
}

// Decode returns the exact value of a code; both zeros give +0.
func (f Format) Decode(c Code, z Zero) float64 {
	if f.IsZero(c, z) {
		return 0
	}
	negative, field, mantissa := f.Unpack(c)
	v := math.Ldexp(float64(1<<f.Mantissa|mantissa), field-f.Bias-f.Mantissa)
	if negative {
		return -v
	}
	return v
}

// Encode rounds a real value to the format, to nearest with ties to even, saturating at [Format.Max]. A magnitude below
// half of [Format.Smallest] gives zero, one from that half up to Smallest gives Smallest. Infinities saturate; NaN,
// which no code stands for, gives zero. Even is the significand, hidden one included: without mantissa bits every tie
// goes to the upper binade.
func (f Format) Encode(v float64, z Zero) Code {
	a := math.Abs(v)
	smallest := f.Smallest(z)
	switch {
	case !(a >= smallest/2):
		return 0
	case a < smallest:
		a = smallest
	case a > f.Max():
		a = f.Max()
	}
	// a is a normal float64 within the format's binades, so its own fields are the exact significand and exponent. It is
	// not above Max, so rounding cannot take it beyond.
	b := math.Float64bits(a)
	field := int(b>>52) - 1023 + f.Bias
	sig := b&(1<<52-1) | 1<<52
	drop := 52 - f.Mantissa
	sig, round := sig>>drop, sig&(1<<drop-1)
	if half := uint64(1) << (drop - 1); round > half || round == half && sig&1 == 1 {
		sig++
	}
	if bits.Len64(sig) > f.Mantissa+1 {
		sig >>= 1
		field++
	}
	return f.Pack(math.Signbit(v), field, int(sig&(1<<f.Mantissa-1)))
}
