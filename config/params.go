// Package config reads circuit configurations: TOML files to [gen.Params], strictly, and the presets of folder configs.
//
//	[operand]      mantissa, exponent, weight_bias, activation_bias
//	[accumulator]  mantissa, exponent, bias
//	[product]      bias
//	[accumulate]   chunk
//	[numerics]     rounding, random_bits, zero, align
//	[rtl]          pipeline, bias, prefix
//
// Only the accumulator's mantissa and exponent are required. The defaults are those of [fp.NewSpec] over M4E3 operands
// and of [gen.NewParams]; the accumulator's bias follows the product's bias and the chunk.
package config

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"fmaq/fp"
	"fmaq/gen"
)

// The operand format unless the file says otherwise: the paper's 8-bit M4E3.
const (
	DefaultOperandMantissa = 4
	DefaultOperandExponent = 3
)

// DefaultRandomBits is k of stochastic rounding unless the file says otherwise: on average it rounds to
// within 2^-8 of the last place.
const DefaultRandomBits = 8

// Parse reads a configuration; file names it in messages. The error joins one [*Error] for every unknown key, wrong type
// and value out of range, or is one [*Error] of syntax.
func Parse(file string, data []byte) (gen.Params, error) {
	d, err := parse(file, data)
	if err != nil {
		return gen.Params{}, err
	}
	p := d.params()
	if err := d.finish(); err != nil {
		return gen.Params{}, err
	}
	// Each key alone is in range; what remains is a derived bias that is not.
	if err := p.Validate(); err != nil {
		return gen.Params{}, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// formatOf is the widths alone, the argument of [fp.NewSpec].
func formatOf(mantissa, exponent int) fp.Format {
	return fp.Format{Mantissa: mantissa, Exponent: exponent}
}

// defaultOperand is M4E3.
func defaultOperand() fp.Format { return formatOf(DefaultOperandMantissa, DefaultOperandExponent) }

func (d *document) params() gen.Params {
	// A width that is at fault is replaced by the least one, which allows the widest range of biases: a bias is then
	// faulted only if it is wrong for every width.
	operand := formatOf(
		d.integer("operand.mantissa", DefaultOperandMantissa, 0, fp.MaxMantissa, "bits"),
		d.exponent("operand.exponent", DefaultOperandExponent))
	accumulator := formatOf(
		d.required("accumulator.mantissa", 0, 0, fp.MaxMantissa, "bits"),
		d.exponent("accumulator.exponent", 0))

	p := gen.NewParams(fp.NewSpec(operand, accumulator))
	s := &p.Spec
	s.Weight.Bias = d.bias("operand.weight_bias", s.Weight)
	s.Activation.Bias = d.bias("operand.activation_bias", s.Activation)
	s.Product.Bias = d.bias("product.bias", s.Product)
	s.Chunk = d.integer("accumulate.chunk", s.Chunk, 0, math.MaxInt32, "products (0: one sequential chain)")
	s.Accumulator.Bias = fp.DefaultAccumulatorBias(s.Product.Bias, s.Chunk)
	s.Accumulator.Bias = d.bias("accumulator.bias", s.Accumulator)

	d.name("numerics.rounding", &s.Rounding, fp.Truncate.String(), fp.NearestEven.String(), fp.Stochastic.String())
	if s.Rounding == fp.Stochastic {
		s.RandomBits = d.integer("numerics.random_bits", DefaultRandomBits, 1, fp.MaxRandomBits, "bits")
	} else if i, ok := d.find("numerics.random_bits"); ok {
		d.fail("numerics.random_bits", i, fmt.Sprintf("want it only with rounding = %q", fp.Stochastic))
	}
	d.name("numerics.zero", &s.Zero, fp.ZeroCode.String(), fp.ZeroExponent.String())
	d.name("numerics.align", &s.Align, fp.AlignExact.String(), fp.AlignLazy.String())

	p.Arch.Pipeline = d.integer("rtl.pipeline", p.Arch.Pipeline, 0, gen.MaxPipeline, "stages")
	d.name("rtl.bias", &p.Arch.Bias, gen.BiasFixed.String(), gen.BiasPort.String())
	p.Prefix = d.text("rtl.prefix", p.Prefix, checkPrefix)
	return p
}

// exponent reads an exponent width; otherwise is the default, or 0 if the key is required.
func (d *document) exponent(key string, otherwise int) int {
	read := d.integer
	if otherwise == 0 {
		read = d.required
	}
	faults := len(d.errs)
	width := read(key, otherwise, fp.MinExponent, fp.MaxExponent, "bits")
	if len(d.errs) > faults {
		return fp.MinExponent
	}
	return width
}

// bias reads a bias of a format whose own one is the default.
func (d *document) bias(key string, f fp.Format) int {
	return d.integer(key, f.Bias, f.MinBias(), fp.MaxBias, fmt.Sprintf("for E%d", f.Exponent))
}

// checkPrefix asks gen, which has the rule, with everything else in order.
func checkPrefix(prefix string) error {
	p := gen.NewParams(fp.NewSpec(defaultOperand(), defaultOperand()))
	p.Prefix = prefix
	if err := p.Validate(); err != nil {
		_, want, _ := strings.Cut(err.Error(), "want ")
		return errors.New("want " + want)
	}
	return nil
}
