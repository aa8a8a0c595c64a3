package nn

import (
	"context"
	"encoding/binary"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/nn/data"
	"fmaq/nn/mnist"
)

var dump = flag.String("dump", "", "write LeNet's logits of all test images to this file, as little-endian float32")

func writeFloats(t *testing.T, path string, v []float32) {
	t.Helper()
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	require.NoError(t, os.WriteFile(path, b, 0o644))
}

func testSet() *data.Set     { return mnist.Test() }
func calibration() *data.Set { return mnist.Train().First(CalibrationImages) }

func testSpec(t testing.TB, operand, accumulator string) fp.Spec {
	t.Helper()
	w, err := fp.ParseFormat(operand)
	require.NoError(t, err)
	a, err := fp.ParseFormat(accumulator)
	require.NoError(t, err)
	return fp.NewSpec(w, a)
}

// TestInfer runs the whole test set under the paper's format.
func TestInfer(t *testing.T) {
	last, total := 0, 0
	r, err := Infer(t.Context(), LeNet(), testSet(), calibration(), testSpec(t, "M4E3", "M7E4"), Options{
		Progress: func(done, of int) {
			assert.Greater(t, done, last)
			last, total = done, of
		},
	})
	require.NoError(t, err)
	assert.Equal(t, 30_000, total)
	assert.Equal(t, total, last)
	assert.Equal(t, 10_000, r.Images)
	assert.GreaterOrEqual(t, r.Top1(r.Float32), 0.989)
	assert.GreaterOrEqual(t, r.Top1(r.Operands), 0.985)
	assert.GreaterOrEqual(t, r.Top1(r.FMAq), 0.98)
	t.Logf("top-1: float32 %.4f in %.1f s, quantised operands %.4f in %.1f s, FMAq %.4f in %.1f s",
		r.Top1(r.Float32), r.Float32.Seconds, r.Top1(r.Operands), r.Operands.Seconds, r.Top1(r.FMAq), r.FMAq.Seconds)
	want := []Layer{
		{"conv1", "Conv", 6 * 28 * 28, 25}, {"conv2", "Conv", 16 * 10 * 10, 150},
		{"fc1", "Gemm", 120, 400}, {"fc2", "Gemm", 84, 120}, {"fc3", "Gemm", 10, 84},
	}
	for i, l := range r.Layers {
		assert.Equal(t, want[i], l.Layer)
		// One circuit serves every layer.
		assert.Equal(t, -2, l.Spec.Offset())
		assert.Equal(t, 2, l.Spec.Shift())
		assert.EqualValues(t, 10_000*l.FMAqs(), l.Stats.FMAqs)
		assert.EqualValues(t, 10_000*l.Outputs*((l.Length+15)/16), l.Stats.Sums)
		assert.Greater(t, l.Stats.Active, l.Stats.FMAqs/10)
		assert.Less(t, l.Stats.Active, l.Stats.FMAqs)
		assert.Less(t, l.Stats.Rate(l.Stats.Swamped), 0.1)
	}
	assert.Len(t, r.Layers, len(want))
}

// TestInferThreads has other numbers of threads find the same bits, stochastic rounding's included.
func TestInferThreads(t *testing.T) {
	set := testSet().First(70)
	stochastic := testSpec(t, "M4E3", "M7E4")
	stochastic.Rounding, stochastic.RandomBits = fp.Stochastic, 8
	for _, spec := range []fp.Spec{testSpec(t, "M4E3", "M7E4"), stochastic} {
		outputs := func(threads int, seed uint64) []float32 {
			ranges, err := LeNet().Calibrate(t.Context(), calibration().First(50))
			require.NoError(t, err)
			q, err := LeNet().Quantise(spec, ranges, seed)
			require.NoError(t, err)
			all := make([]float32, 10*set.Len())
			require.NoError(t, LeNet().over(t.Context(), set, threads,
				func(int) arithmetic { return q.newFMAq(false) },
				func(_ *runner, y []float32, first, _ int) { copy(all[10*first:], y) }, nil))
			return all
		}
		one := outputs(1, 5)
		assert.Equal(t, one, outputs(3, 5))
		assert.Equal(t, spec.Rounding != fp.Stochastic, assert.ObjectsAreEqual(one, outputs(2, 6)))
	}
}

// TestDot compares single dot products with fp.Unit, and the layer's output with their results.
func TestDot(t *testing.T) {
	set := testSet().First(10)
	stochastic := testSpec(t, "M4E3", "M7E4")
	stochastic.Rounding, stochastic.RandomBits = fp.Stochastic, 8
	lazy := testSpec(t, "M4E3", "M7E4")
	lazy.Align = fp.AlignLazy
	for _, spec := range []fp.Spec{testSpec(t, "M4E3", "M7E4"), testSpec(t, "M4E3", "M10E5"), lazy, stochastic} {
		ranges, err := LeNet().Calibrate(t.Context(), calibration().First(50))
		require.NoError(t, err)
		q, err := LeNet().Quantise(spec, ranges, 9)
		require.NoError(t, err)
		for layer, l := range LeNet().Layers() {
			for _, output := range []int{0, l.Outputs / 3, l.Outputs - 1} {
				d, err := q.Dot(set, 4, layer, output)
				require.NoError(t, err)
				assert.Len(t, d.Weights, l.Length)
				assert.Equal(t, q.Spec(layer), d.Spec)
				u, err := fp.New(d.Spec)
				require.NoError(t, err)
				assert.Equal(t, u.Dot(d.Weights, d.Activations, d.Random), d.Result)
			}
		}
		// The last layer's results are the network's outputs, less the bias vector.
		r := LeNet().newRunner(q.newFMAq(false))
		for i := range set.Len() {
			set.Image(i, r.input()[i*784:(i+1)*784])
		}
		y := r.run(0, set.Len(), nil)
		last := len(LeNet().layers) - 1
		for o := range 10 {
			d, err := q.Dot(set, 7, last, o)
			require.NoError(t, err)
			v := float32(d.Spec.Accumulator.Decode(d.Result, d.Spec.Zero))
			assert.Equal(t, v+LeNet().layers[last].bias[o], y[7*10+o])
		}
	}
}

func TestDotErrors(t *testing.T) {
	ranges, err := LeNet().Calibrate(t.Context(), calibration().First(5))
	require.NoError(t, err)
	q, err := LeNet().Quantise(testSpec(t, "M4E3", "M7E4"), ranges, 0)
	require.NoError(t, err)
	_, err = q.Dot(testSet(), 0, 5, 0)
	assert.EqualError(t, err, "layer 5: want 0 to 4")
	_, err = q.Dot(testSet(), 0, 4, 10)
	assert.EqualError(t, err, "output 10 of image 0: want 0 to 9 of 0 to 9999")
}

func TestInferErrors(t *testing.T) {
	spec := testSpec(t, "M4E3", "M7E4")
	other := &data.Set{Name: "other", Rows: 14, Cols: 20, Pixels: make([]byte, 280), Labels: []byte{0}}
	_, err := Infer(t.Context(), LeNet(), other, calibration(), spec, Options{})
	assert.EqualError(t, err, "LeNet-5 takes images of shape [1 28 28], but those of other have shape [1 14 20] (channels, rows, columns)")
	_, err = Infer(t.Context(), LeNet(), testSet(), other, spec, Options{})
	assert.ErrorContains(t, err, "calibration: LeNet-5 takes images of shape [1 28 28]")
	n, err := Load("wide.onnx", file(t, []int{1, 28, 28}, nil, unary("Relu")))
	require.NoError(t, err)
	_, err = Infer(t.Context(), n, testSet(), calibration(), spec, Options{})
	assert.EqualError(t, err, "wide.onnx answers with shape [1 28 28]: want 10 numbers, one a class of MNIST test")
	bad := spec
	bad.Chunk = -1
	_, err = Infer(t.Context(), LeNet(), testSet(), calibration().First(5), bad, Options{})
	assert.ErrorContains(t, err, "chunk = -1")
	far := spec
	far.Product.Bias, far.Accumulator.Bias = 1020, 1020
	_, err = Infer(t.Context(), LeNet(), testSet(), calibration().First(5), far, Options{})
	assert.ErrorContains(t, err, `layer "conv1": weights up to`)
	assert.ErrorContains(t, err, `layer "fc2": weights up to`)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Infer(ctx, LeNet(), testSet(), calibration().First(5), spec, Options{Progress: func(int, int) { cancel() }})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestAccuracy(t *testing.T) {
	s, err := LeNet().Accuracy(t.Context(), testSet().First(500), nil)
	require.NoError(t, err)
	assert.True(t, s.Ran)
	assert.Greater(t, s.Correct, 480)
}

// TestFlexibleBias: no saturation, and one more would saturate.
func TestFlexibleBias(t *testing.T) {
	for _, name := range []string{"M0E2", "M1E2", "M4E3", "M7E4", "M10E5", "M23E8"} {
		f, err := fp.ParseFormat(name)
		require.NoError(t, err)
		for _, v := range []float32{1, 1.5, 1.9375, 1.96875, 1.9999999, 2, 0.1, 3e-20, 7e20, math.MaxFloat32, 1e-38} {
			f.Bias = FlexibleBias(f, v)
			assert.GreaterOrEqual(t, f.Max(), float64(v), "%v, %v", f, v)
			f.Bias++
			assert.Less(t, f.Max(), float64(v), "%v, %v", f, v)
		}
		f.Bias = 3
		assert.Equal(t, 3, FlexibleBias(f, 0))
	}
}

func BenchmarkInfer(b *testing.B) {
	set := testSet().First(500)
	spec := testSpec(b, "M4E3", "M7E4")
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"float32", Options{Modes: Float32}},
		{"operands", Options{Modes: Operands}},
		{"fmaq", Options{Modes: FMAq, NoStats: true}},
		{"fmaq-stats", Options{Modes: FMAq}},
	} {
		b.Run(c.name, func(b *testing.B) {
			fmaqs := 0
			for b.Loop() {
				r, err := Infer(b.Context(), LeNet(), set, calibration().First(10), spec, c.o)
				require.NoError(b, err)
				for _, l := range r.Layers {
					fmaqs += l.FMAqs() * set.Len()
				}
			}
			b.ReportMetric(float64(fmaqs)/b.Elapsed().Seconds()/1e9, "GFMAq/s")
		})
	}
}
