package nn

import (
	"errors"
	"fmt"

	"fmaq/fp"
	"fmaq/nn/kernel"
)

// Quantised is a network whose layers run under one [fp.Spec]. It is immutable and safe for concurrent use.
//
// Each layer has biases of its own: b_w from its weights, b_x from calibration, both by [FlexibleBias]. What the circuit
// has, offset and shift, stays that of the specification, so the layer's other biases follow:
//
//	b_prod = b_w + b_x - offset
//	b_acc  = b_prod - shift
type Quantised struct {
	network *Network
	seed    uint64
	layers  []quantisedLayer
}

type quantisedLayer struct {
	spec    fp.Spec
	kernel  *kernel.Kernel
	weights []fp.Code
	reals   []float32 // the weights' codes, decoded
}

// Layer describes a Conv, Gemm or MatMul.
type Layer struct {
	Name    string // of the node
	Kind    string // its operator
	Outputs int    // dot products an image
	Length  int    // products in each
}

// FMAqs is the number of multiply-accumulates an image.
func (l Layer) FMAqs() int { return l.Outputs * l.Length }

// Layers describes the layers that multiply and accumulate, in the order they run.
func (n *Network) Layers() []Layer {
	var all []Layer
	for _, l := range n.layers {
		all = append(all, l.describe())
	}
	return all
}

func (l *layer) describe() Layer {
	return Layer{Name: l.name, Kind: l.kind, Outputs: l.groups * l.outputs * l.positions, Length: l.length}
}

// Quantise prepares the network for a specification; seed is that of stochastic rounding. Every layer whose biases do
// not fit the formats' limits is in the error.
func (n *Network) Quantise(spec fp.Spec, ranges Ranges, seed uint64) (*Quantised, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	if len(ranges) != len(n.layers) {
		return nil, fmt.Errorf("%d calibrated ranges: want %d, one a layer", len(ranges), len(n.layers))
	}
	q := &Quantised{network: n, seed: seed, layers: make([]quantisedLayer, len(n.layers))}
	var errs []error
	for i, l := range n.layers {
		s := spec
		s.Weight.Bias = FlexibleBias(spec.Weight, largest(l.weights))
		s.Activation.Bias = FlexibleBias(spec.Activation, ranges[i])
		s.Product.Bias = s.Weight.Bias + s.Activation.Bias - spec.Offset()
		s.Accumulator.Bias = s.Product.Bias - spec.Shift()
		k, err := kernel.New(s, l.length)
		if err != nil {
			errs = append(errs, fmt.Errorf("layer %q: weights up to %g, activations up to %g: %w", l.name, largest(l.weights), ranges[i], err))
			continue
		}
		ql := quantisedLayer{spec: s, kernel: k, weights: make([]fp.Code, len(l.weights)), reals: make([]float32, len(l.weights))}
		for j, v := range l.weights {
			ql.weights[j] = s.Weight.Encode(float64(v), s.Zero)
			ql.reals[j] = float32(s.Weight.Decode(ql.weights[j], s.Zero))
		}
		q.layers[i] = ql
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return q, nil
}

// Spec returns a layer's specification; layer counts as [Network.Layers] does.
func (q *Quantised) Spec(layer int) fp.Spec { return q.layers[layer].spec }

// operands is float32 arithmetic on quantised operands.
func (q *Quantised) operands() float32s {
	return float32s{
		weights: func(l *layer) []float32 { return q.layers[l.index].reals },
		operand: func(r *runner, l *layer, input []float32) []float32 {
			s, out := q.layers[l.index].spec, r.operand[:len(input)]
			for i, v := range input {
				out[i] = float32(s.Activation.Decode(s.Activation.Encode(float64(v), s.Zero), s.Zero))
			}
			return out
		},
	}
}

// fmaq is the arithmetic of the chunked FMAq. One goroutine uses one.
type fmaq struct {
	quantised *Quantised
	stats     []kernel.Stats // a layer, if wanted
	codes     []fp.Code      // a layer's input
	x, y      []fp.Code      // unfolded, and the product
}

func (q *Quantised) newFMAq(counting bool) *fmaq {
	a := &fmaq{quantised: q}
	if counting {
		a.stats = make([]kernel.Stats, len(q.layers))
	}
	return a
}

func (a *fmaq) multiply(r *runner, l *layer, y, input []float32, first, n int) {
	q := &a.quantised.layers[l.index]
	a.codes = grow(a.codes, len(input))
	for i, v := range input {
		a.codes[i] = q.spec.Activation.Encode(float64(v), q.spec.Zero)
	}
	var stats *kernel.Stats
	if a.stats != nil {
		stats = &a.stats[l.index]
	}
	l.products(n, func(group, image, columns int) {
		a.x, a.y = grow(a.x, l.length*columns), grow(a.y, l.outputs*columns)
		unfold(l, a.x, a.codes, group, image, n)
		q.kernel.Multiply(a.y, rows(l, q.weights, group), a.x, l.length, columns, stats, func(o, j int) func() uint32 {
			if l.window == nil {
				return a.quantised.random(l, first+j, o)
			}
			return a.quantised.random(l, first+image, (group*l.outputs+o)*l.positions+j)
		})
		product := r.product[:len(a.y)]
		for i, c := range a.y {
			product[i] = float32(q.spec.Accumulator.Decode(c, q.spec.Zero))
		}
		l.fold(y, product, group, image, n)
	})
}

func grow(s []fp.Code, n int) []fp.Code {
	if cap(s) < n {
		return make([]fp.Code, n)
	}
	return s[:n]
}
