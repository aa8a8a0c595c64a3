// Package gen describes the FMAq circuit for any parameters: [Build] turns [Params] into a design of package rtl, one
// module and one file a block.
package gen

import (
	"errors"
	"fmt"
	"regexp"

	"fmaq/fp"
)

// MaxPipeline is the largest number of pipeline stages.
const MaxPipeline = 4

// DefaultPrefix starts the names of the emitted modules.
const DefaultPrefix = "fmaq"

// Bias says how the exponent offset b_w + b_x - b_prod reaches the circuit.
type Bias uint8

const (
	// BiasFixed builds the offset in as a constant.
	BiasFixed Bias = iota
	// BiasPort reads it from the signed, quasi-static input port offset_i.
	BiasPort
)

var biasNames = []string{"fixed", "port"}

func (b Bias) String() string { return biasNames[b] }

// MarshalText and UnmarshalText use the names "fixed" and "port".
func (b Bias) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

func (b *Bias) UnmarshalText(text []byte) error {
	for i, name := range biasNames {
		if string(text) == name {
			*b = Bias(i)
			return nil
		}
	}
	return fmt.Errorf("%q: want one of %q", text, biasNames)
}

// Arch is the choices that never change a result bit.
type Arch struct {
	Pipeline int  // register stages, the latency in cycles: 0 (combinational) to MaxPipeline
	Bias     Bias // exponent offset as a constant or a port
}

// Params is everything the circuit depends on.
type Params struct {
	Spec   fp.Spec
	Arch   Arch
	Prefix string // starts every module's name; lower-case identifier
}

// NewParams returns the default circuit of a specification: combinational, fixed offset.
func NewParams(s fp.Spec) Params { return Params{Spec: s, Prefix: DefaultPrefix} }

var prefixPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// Validate reports everything that is out of range or that the circuit does not offer.
func (p Params) Validate() error {
	errs := []error{p.Spec.Validate()}
	if p.Arch.Pipeline < 0 || p.Arch.Pipeline > MaxPipeline {
		errs = append(errs, fmt.Errorf("pipeline = %d: want 0 to %d stages", p.Arch.Pipeline, MaxPipeline))
	}
	if int(p.Arch.Bias) >= len(biasNames) {
		errs = append(errs, fmt.Errorf("bias = %d: want one of %q", p.Arch.Bias, biasNames))
	}
	if !prefixPattern.MatchString(p.Prefix) {
		errs = append(errs, fmt.Errorf("prefix = %q: want up to 32 lower-case letters, digits and underscores, a letter first", p.Prefix))
	}
	return errors.Join(errs...)
}

// Name is the top module's name: prefix, operand format, accumulator format, such as fmaq_m4e3_m7e4.
func (p Params) Name() string {
	return fmt.Sprintf("%s_m%de%d_m%de%d", p.Prefix, p.Spec.Weight.Mantissa, p.Spec.Weight.Exponent,
		p.Spec.Accumulator.Mantissa, p.Spec.Accumulator.Exponent)
}

// OffsetWidth is the width in bits of the signed port offset_i: enough for every offset with which some product lies in
// the product format's range. The sum of two exponent fields and the carry of normalisation is 0 to 2^(e+1)-1, the
// product's field 0 to 2^E-1, so such offsets lie in [1-2^E, 2^(e+1)-1].
func (p Params) OffsetWidth() int {
	return max(p.Spec.Accumulator.Exponent, p.Spec.Weight.Exponent+1) + 1
}
