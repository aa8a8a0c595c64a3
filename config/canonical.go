package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/BurntSushi/toml"

	"fmaq/fp"
	"fmaq/gen"
)

// Canonical returns the TOML form of parameters in which nothing is left to defaults: equal parameters give equal
// bytes, and [Parse] gives the parameters back.
func Canonical(p gen.Params) []byte {
	var b bytes.Buffer
	s := p.Spec
	fmt.Fprintf(&b, "[operand]\nmantissa = %d\nexponent = %d\nweight_bias = %d\nactivation_bias = %d\n",
		s.Weight.Mantissa, s.Weight.Exponent, s.Weight.Bias, s.Activation.Bias)
	fmt.Fprintf(&b, "\n[accumulator]\nmantissa = %d\nexponent = %d\nbias = %d\n",
		s.Accumulator.Mantissa, s.Accumulator.Exponent, s.Accumulator.Bias)
	fmt.Fprintf(&b, "\n[product]\nbias = %d\n", s.Product.Bias)
	fmt.Fprintf(&b, "\n[accumulate]\nchunk = %d\n", s.Chunk)
	fmt.Fprintf(&b, "\n[numerics]\nrounding = %q\n", s.Rounding)
	if s.Rounding == fp.Stochastic {
		fmt.Fprintf(&b, "random_bits = %d\n", s.RandomBits)
	}
	fmt.Fprintf(&b, "zero = %q\nalign = %q\n", s.Zero, s.Align)
	fmt.Fprintf(&b, "\n[rtl]\npipeline = %d\nbias = %q\nprefix = %q\n", p.Arch.Pipeline, p.Arch.Bias, p.Prefix)
	return b.Bytes()
}

// Tables is the canonical form as values, by table and key, for other notations than TOML.
func Tables(p gen.Params) map[string]map[string]any {
	var tables map[string]map[string]any
	if err := toml.Unmarshal(Canonical(p), &tables); err != nil {
		panic(fmt.Sprintf("config: canonical form: %v", err))
	}
	return tables
}

// Hash is the SHA-256 of the canonical form, in hexadecimal.
func Hash(p gen.Params) string {
	sum := sha256.Sum256(Canonical(p))
	return hex.EncodeToString(sum[:])
}

// ShortHash is the first 12 digits of [Hash], for file headers and tables.
func ShortHash(p gen.Params) string { return Hash(p)[:12] }
