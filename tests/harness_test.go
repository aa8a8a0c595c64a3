package tests

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
	"fmaq/gen"
	"fmaq/nn"
	"fmaq/nn/mnist"
	"fmaq/sim"
)

// TestHarnessIsTheCircuit runs whole dot products of the embedded network, on operands of test images, through the cycle
// model with the accumulator fed back, through the Verilog in Icarus on the same chain of operations, and finds the
// harness's results. One circuit serves every layer although each has biases of its own. The sum over chunks, which is
// no FMAq, is the oracle's.
func TestHarnessIsTheCircuit(t *testing.T) {
	ctx := context.Background()
	network := nn.LeNet()
	ranges, err := network.Calibrate(ctx, mnist.Train().First(nn.CalibrationImages))
	require.NoError(t, err)
	for _, name := range []string{"M7E4", "M10E5", "M4E3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			operand, err := fp.ParseFormat("M4E3")
			require.NoError(t, err)
			accumulator, err := fp.ParseFormat(name)
			require.NoError(t, err)
			spec := fp.NewSpec(operand, accumulator)
			quantised, err := network.Quantise(spec, ranges, 1)
			require.NoError(t, err)
			design, err := gen.Build(gen.NewParams(spec))
			require.NoError(t, err)
			model, err := sim.NewModel(design)
			require.NoError(t, err)

			rng := rand.New(rand.NewPCG(20, 24))
			var steps [][]uint64 // every operation, as the operands of one
			for layer, l := range network.Layers() {
				for range 12 {
					image, output := rng.IntN(mnist.Test().Len()), rng.IntN(l.Outputs)
					d, err := quantised.Dot(mnist.Test(), image, layer, output)
					require.NoError(t, err)
					require.Equal(t, spec.Offset(), d.Spec.Offset())
					require.Equal(t, spec.Shift(), d.Spec.Shift())
					require.Len(t, d.Weights, l.Length)
					result, done := runDot(model, d)
					require.Equal(t, d.Result, result, "layer %d %s, image %d, output %d", layer, l.Name, image, output)
					steps = append(steps, done...)
				}
			}
			require.Greater(t, len(steps), 5000)
			report, err := sim.Cosimulate(ctx, design, sim.Options{}, every(steps))
			require.NoError(t, err)
			require.Nil(t, report.Mismatch)
			require.EqualValues(t, len(steps), report.Vectors)
		})
	}
}

// runDot is the chunked dot product with the model as the FMAq. It returns the operands of every operation too.
func runDot(model *sim.Model, d nn.Dot) (y fp.Code, steps [][]uint64) {
	out := make([]uint64, 1)
	for lo := 0; lo < len(d.Weights); lo += d.Spec.Chunk {
		out[0] = 0
		for k := lo; k < min(lo+d.Spec.Chunk, len(d.Weights)); k++ {
			in := []uint64{uint64(d.Weights[k]), uint64(d.Activations[k]), out[0]}
			steps = append(steps, in)
			model.Cycle(in, out)
		}
		y = exact.Add(d.Spec, y, fp.Code(out[0]), 0)
	}
	return y, steps
}

func every(steps [][]uint64) iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) {
		for _, s := range steps {
			if !yield(s) {
				return
			}
		}
	}
}

// TestDotAgrees holds the harness's dot products against fp and against the oracle.
func TestDotAgrees(t *testing.T) {
	ctx := context.Background()
	network := nn.LeNet()
	ranges, err := network.Calibrate(ctx, mnist.Train().First(nn.CalibrationImages))
	require.NoError(t, err)
	operand := fp.Format{Mantissa: 4, Exponent: 3}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, accumulator := range []fp.Format{{Mantissa: 7, Exponent: 4}, {Mantissa: 23, Exponent: 8}, {Mantissa: 7, Exponent: 8}, {Mantissa: 2, Exponent: 4}} {
		for _, rounding := range []fp.Rounding{fp.Truncate, fp.NearestEven, fp.Stochastic} {
			spec := fp.NewSpec(operand, accumulator)
			spec.Rounding = rounding
			if rounding == fp.Stochastic {
				spec.RandomBits = 6
			}
			t.Run(fmt.Sprintf("%v/%v", accumulator, rounding), func(t *testing.T) {
				quantised, err := network.Quantise(spec, ranges, 5)
				require.NoError(t, err)
				for layer, l := range network.Layers() {
					d, err := quantised.Dot(mnist.Test(), rng.IntN(10000), layer, rng.IntN(l.Outputs))
					require.NoError(t, err)
					unit, err := fp.New(d.Spec)
					require.NoError(t, err)
					random := func() func() uint32 {
						if d.Random == nil {
							return func() uint32 { return 0 }
						}
						return d.Random
					}
					require.Equal(t, exact.Dot(d.Spec, d.Weights, d.Activations, random()), d.Result, "layer %s against the oracle", l.Name)
					d, err = quantised.Dot(mnist.Test(), 0, layer, 0)
					require.NoError(t, err)
					require.Equal(t, unit.Dot(d.Weights, d.Activations, random()), d.Result, "layer %s against fp", l.Name)
				}
			})
		}
	}
}
