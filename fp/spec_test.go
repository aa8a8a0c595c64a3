package fp_test

import (
	"encoding"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
)

// TestNewSpec: the paper's biases for M7E4 over M4E3 with chunks of 16, and those of the baselines.
func TestNewSpec(t *testing.T) {
	for _, c := range []struct {
		accumulator          string
		product, acc, offset int
	}{
		{"M7E4", 10, 8, -2},
		{"M10E5", 18, 16, -10},
		{"M23E8", 130, 128, -122},
	} {
		s := fp.NewSpec(format(t, "M4E3"), format(t, c.accumulator))
		require.NoError(t, s.Validate())
		assert.Equal(t, 4, s.Weight.Bias)
		assert.Equal(t, 4, s.Activation.Bias)
		assert.Equal(t, c.product, s.Product.Bias)
		assert.Equal(t, c.acc, s.Accumulator.Bias)
		assert.Equal(t, c.offset, s.Offset())
		assert.Equal(t, 2, s.Shift())
		assert.Equal(t, 16, s.Chunk)
		assert.Equal(t, "M4E3 x "+c.accumulator, s.String())
		assert.Equal(t, 16+s.Accumulator.Width(), s.InputBits())
		u, err := fp.New(s)
		require.NoError(t, err)
		assert.Equal(t, s, u.Spec())
	}
}

func TestDefaultAccumulatorBias(t *testing.T) {
	for _, c := range []struct{ chunk, want int }{{0, 10}, {1, 10}, {2, 9}, {4, 9}, {8, 8}, {16, 8}, {32, 7}, {33, 7}, {64, 7}} {
		assert.Equal(t, c.want, fp.DefaultAccumulatorBias(10, c.chunk), "chunk %d", c.chunk)
	}
}

func TestSpecValidate(t *testing.T) {
	base := fp.NewSpec(format(t, "M4E3"), format(t, "M7E4"))
	for _, c := range []struct {
		name    string
		change  func(s *fp.Spec)
		message string
	}{
		{"weight", func(s *fp.Spec) { s.Weight.Bias = 2000 }, "weight: bias = 2000: want -1016 to 1022 for E3"},
		{"activation", func(s *fp.Spec) { s.Activation.Bias = -1017 }, "activation: bias = -1017: want -1016 to 1022 for E3"},
		{"product", func(s *fp.Spec) { s.Product.Bias = 1023 }, "product: bias = 1023: want -1008 to 1022 for E4"},
		{"accumulator", func(s *fp.Spec) { s.Accumulator.Mantissa, s.Product.Mantissa = 24, 24 },
			"product: mantissa = 24: want 0 to 23 bits\naccumulator: mantissa = 24: want 0 to 23 bits"},
		{"operands", func(s *fp.Spec) { s.Activation.Mantissa = 3 }, "weight M4E3, activation M3E3: want one operand format"},
		{"product and accumulator", func(s *fp.Spec) { s.Product.Exponent = 5 }, "product M7E5, accumulator M7E4: want one format"},
		{"chunk", func(s *fp.Spec) { s.Chunk = -1 }, "chunk = -1: want 0 (one chain) or more"},
		{"no random bits", func(s *fp.Spec) { s.Rounding = fp.Stochastic }, "random bits = 0: want 1 to 24 for stochastic rounding"},
		{"random bits", func(s *fp.Spec) { s.Rounding, s.RandomBits = fp.Stochastic, 25 }, "random bits = 25: want 1 to 24 for stochastic rounding"},
		{"random bits to truncate", func(s *fp.Spec) { s.RandomBits = 1 }, "random bits = 1: want 0 for truncate rounding"},
		{"switches", func(s *fp.Spec) { s.Align = 2 }, "rounding, zero or align is none of the named values"},
		{"all at once", func(s *fp.Spec) { s.Weight.Bias, s.Chunk, s.RandomBits = -5000, -2, 3 },
			"weight: bias = -5000: want -1016 to 1022 for E3\nchunk = -2: want 0 (one chain) or more\nrandom bits = 3: want 0 for truncate rounding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := base
			c.change(&s)
			assert.EqualError(t, s.Validate(), c.message)
			_, err := fp.New(s)
			assert.EqualError(t, err, c.message)
		})
	}
}

func TestSwitchNames(t *testing.T) {
	var r fp.Rounding
	var z fp.Zero
	var a fp.Align
	for _, c := range []struct {
		value encoding.TextUnmarshaler
		names []string
	}{
		{&r, []string{"truncate", "nearest-even", "stochastic"}},
		{&z, []string{"code", "exponent"}},
		{&a, []string{"exact", "lazy"}},
	} {
		for _, name := range c.names {
			require.NoError(t, c.value.UnmarshalText([]byte(name)))
			text, err := c.value.(encoding.TextMarshaler).MarshalText()
			require.NoError(t, err)
			assert.Equal(t, name, string(text))
		}
		assert.ErrorContains(t, c.value.UnmarshalText([]byte("up")), `"up": want one of ["`+c.names[0]+`" "`)
	}
	assert.Equal(t, fp.Stochastic, r)
	assert.Equal(t, fp.ZeroExponent, z)
	assert.Equal(t, fp.AlignLazy, a)
}
