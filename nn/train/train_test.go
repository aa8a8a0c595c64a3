package train

import (
	"bytes"
	"context"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/nn"
	"fmaq/nn/mnist"
)

var (
	full   = flag.Bool("full", false, "train the embedded network again, which takes minutes")
	update = flag.Bool("update", false, "with -full, write the embedded network")
)

// TestGradients compares back-propagation with central differences in a small network of every kind of layer. Its
// forward pass is float32, so steps and tolerance are coarse; ReLUs and pools that switch within a step are why a few
// weights may differ.
func TestGradients(t *testing.T) {
	c1 := newConv(1, 9, 8, 3, 3, 1)
	p1 := &pool{3, 9, 8}
	c2 := newConv(3, 4, 4, 4, 3, 0)
	m := &Model{rows: 9, cols: 8, layers: []layer{
		c1, &relu{c1.outputs()}, p1, c2, &relu{c2.outputs()}, newDense(c2.outputs(), 7), &relu{7}, newDense(7, 5),
	}}
	rnd := rand.New(rand.NewPCG(1, 0))
	for _, w := range m.parameters() {
		for i := range w {
			w[i] = float32(rnd.NormFloat64()) / 3
		}
	}
	p := m.newPass()
	for i := range p.image {
		p.image[i] = rnd.Float32()
	}
	const class = 3
	p.learn(class)
	loss := func() float64 { return crossEntropy(p.forward(), class, make([]float32, 5)) }
	assert.InDelta(t, p.loss, loss(), 1e-6)
	checked, differ := 0, 0
	for i, w := range m.parameters() {
		gradient := p.gradients()[i]
		for j := range w {
			const step = 1.0 / 256
			old := w[j]
			w[j] = old + step
			up := loss()
			w[j] = old - step
			down := loss()
			w[j] = old
			checked++
			if math.Abs((up-down)/(2*step)-float64(gradient[j])) > 2e-3*(1+math.Abs(float64(gradient[j]))) {
				differ++
			}
		}
	}
	assert.Greater(t, checked, 250)
	assert.LessOrEqual(t, differ, checked/50)
}

// TestDeterministic trains on few images with different numbers of processors.
func TestDeterministic(t *testing.T) {
	train := func(processors int, seed uint64) []byte {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var done, epochs int
		m, err := Run(t.Context(), mnist.Train().First(300), Options{
			Epochs: 2, Seed: seed,
			Progress: func(d, total int) {
				assert.Greater(t, d, done)
				assert.Equal(t, 600, total)
				done = d
			},
			Epoch: func(epoch int, loss float64) {
				epochs++
				assert.Equal(t, epochs, epoch)
				assert.Less(t, loss, 3.0)
			},
		})
		require.NoError(t, err)
		assert.Equal(t, 600, done)
		assert.Equal(t, 2, epochs)
		file, err := m.ONNX()
		require.NoError(t, err)
		return file
	}
	one := train(1, 7)
	assert.True(t, bytes.Equal(one, train(2, 7)))
	assert.True(t, bytes.Equal(one, train(5, 7)))
	assert.False(t, bytes.Equal(one, train(2, 8)))
}

// TestONNX has package nn read what ONNX writes, and compares the logits.
func TestONNX(t *testing.T) {
	m := NewLeNet(28, 28, 10, 3)
	file, err := m.ONNX()
	require.NoError(t, err)
	n, err := nn.Load("new", file)
	require.NoError(t, err)
	set := mnist.Test().First(40)
	logits, err := n.Outputs(t.Context(), set)
	require.NoError(t, err)
	p := m.newPass()
	for i := range set.Len() {
		set.Image(i, p.image)
		assert.InDeltaSlice(t, p.forward(), logits[10*i:10*i+10], 1e-4)
	}
}

func TestRunErrors(t *testing.T) {
	set := mnist.Train().First(100)
	for want, o := range map[string]Options{
		"epochs = -1: want 1 or more":                 {Epochs: -1},
		"batch = -3: want 1 or more":                  {Batch: -3},
		"learning rate = -1: want a positive number":  {LearningRate: -1},
		"learning rate = NaN: want a positive number": {LearningRate: math.NaN()},
	} {
		_, err := Run(t.Context(), set, o)
		assert.EqualError(t, err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Run(ctx, set, Options{Progress: func(int, int) { cancel() }})
	assert.ErrorIs(t, err, context.Canceled)
	small := *set
	small.Rows, small.Cols = 14, 56
	_, err = Run(t.Context(), &small, Options{})
	assert.ErrorContains(t, err, "images of 14 by 56: LeNet wants 16 by 16 or more")
}

// TestLeNet makes the embedded network again, byte for byte on the architecture it was made on (math.Exp differs among
// them in its last bit).
func TestLeNet(t *testing.T) {
	if !*full {
		t.Skip("takes minutes: go test ./nn/train -run TestLeNet -full")
	}
	m, err := Run(t.Context(), mnist.Train(), Options{
		Epoch: func(epoch int, loss float64) { t.Logf("epoch %d, loss %.4f", epoch, loss) },
	})
	require.NoError(t, err)
	file, err := m.ONNX()
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("../lenet.onnx", file, 0o644))
		return
	}
	if runtime.GOARCH == "amd64" {
		assert.True(t, bytes.Equal(nn.LeNetONNX(), file), "other bytes than nn/lenet.onnx")
	}
}
