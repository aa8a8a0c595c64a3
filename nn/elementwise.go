package nn

import (
	"math"
	"slices"
)

// relu is max(x, 0).
type relu struct{}

func (relu) run(y []float32, xs [][]float32, _ int) {
	for i, v := range xs[0] {
		y[i] = max(v, 0)
	}
}

func buildRelu(n *node) {
	if n.ready(1, 1) {
		n.emit(relu{}, n.inputs[0].shape)
	}
}

// add is the sum of two values of the same shape.
type add struct{}

func (add) run(y []float32, xs [][]float32, _ int) {
	for i, v := range xs[0] {
		y[i] = v + xs[1][i]
	}
}

// affine is x*scale + shift, with a pair of each for every run of elements of an image.
type affine struct {
	scale, shift []float32
	repeat       int // elements each pair is for
}

func (a *affine) run(y []float32, xs [][]float32, _ int) {
	for i, v := range xs[0] {
		j := i / a.repeat % len(a.shift)
		y[i] = float32(v*a.scale[j]) + a.shift[j]
	}
}

func buildAdd(n *node) {
	if len(n.inputs) == 2 && n.inputs[0] != nil && n.inputs[0].constant != nil {
		n.inputs[0], n.inputs[1] = n.inputs[1], n.inputs[0]
	}
	if !n.ready(2, 2) {
		return
	}
	x, other := n.inputs[0], n.inputs[1]
	if other.constant == nil {
		if !slices.Equal(x.shape, other.shape) {
			n.fail("inputs of shapes [N %v] and [N %v]: want equal ones", x.shape, other.shape)
			return
		}
		n.emit(add{}, x.shape, x, other)
		return
	}
	c := other.constant
	if c.Floats == nil {
		n.fail("addend: only float32 constants are supported")
		return
	}
	shift, ok := broadcast(c.Floats, c.Shape, x.shape)
	if !ok {
		n.fail("addend of shape %v does not extend to [N %v]", c.Shape, x.shape)
		return
	}
	ones := make([]float32, len(shift))
	for i := range ones {
		ones[i] = 1
	}
	n.emit(&affine{scale: ones, shift: shift, repeat: 1}, x.shape)
}

// broadcast repeats a constant over an image's shape by NumPy's rule: dimensions are matched from the last, and those
// that are 1 or missing repeat. A dimension for the batch must be 1.
func broadcast(v []float32, from, to []int) ([]float32, bool) {
	if len(from) == len(to)+1 && from[0] == 1 {
		from = from[1:]
	}
	if len(from) > len(to) {
		return nil, false
	}
	stride := make([]int, len(to))
	step := 1
	for i := len(from) - 1; i >= 0; i-- {
		j := len(to) - len(from) + i
		if from[i] != 1 && from[i] != to[j] {
			return nil, false
		}
		if from[i] != 1 {
			stride[j] = step
		}
		step *= from[i]
	}
	out := make([]float32, size(to))
	for i := range out {
		at, rest := 0, i
		for j := len(to) - 1; j >= 0; j-- {
			at += rest % to[j] * stride[j]
			rest /= to[j]
		}
		out[i] = v[at]
	}
	return out, true
}

// buildBatchNormalization makes scale*(x-mean)/sqrt(variance+epsilon) + shift an affine map of each channel.
func buildBatchNormalization(n *node) {
	epsilon := n.float("epsilon", 1e-5)
	n.float("momentum", 0.9) // for training only
	n.only("training_mode", 0, 0)
	if !n.ready(5, 5) {
		return
	}
	shape := n.inputs[0].shape
	channels := shape[0]
	scale, shift := n.vector(1, "scale", channels), n.vector(2, "shift", channels)
	mean, variance := n.vector(3, "mean", channels), n.vector(4, "variance", channels)
	if n.failed {
		return
	}
	a := &affine{repeat: size(shape[1:])}
	for c := range channels {
		f := float64(scale[c]) / math.Sqrt(float64(variance[c])+float64(epsilon))
		a.scale = append(a.scale, float32(f))
		a.shift = append(a.shift, float32(float64(shift[c])-float64(mean[c])*f))
	}
	n.emit(a, shape)
}

// softmax is over the last dimension.
type softmax struct{ length int }

func (s softmax) run(y []float32, xs [][]float32, _ int) {
	for lo := 0; lo < len(y); lo += s.length {
		in, out := xs[0][lo:lo+s.length], y[lo:lo+s.length]
		top := in[0]
		for _, v := range in {
			top = max(top, v)
		}
		var sum float64
		for _, v := range in {
			sum += math.Exp(float64(v - top))
		}
		for i, v := range in {
			out[i] = float32(math.Exp(float64(v-top)) / sum)
		}
	}
}

func buildSoftmax(n *node) {
	axis := n.int("axis", -1)
	if !n.ready(1, 1) {
		return
	}
	shape := n.inputs[0].shape
	if axis != -1 && axis != len(shape) {
		n.fail("attribute %q = %d is not supported: want -1 or %d, the last", "axis", axis, len(shape))
		return
	}
	n.emit(softmax{shape[len(shape)-1]}, shape)
}
