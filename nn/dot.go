package nn

import (
	"fmt"
	"math/rand/v2"

	"fmaq/fp"
	"fmaq/nn/data"
)

// Dot is one dot product as the harness computed it, for comparison with other implementations.
type Dot struct {
	Spec        fp.Spec
	Weights     []fp.Code
	Activations []fp.Code
	Result      fp.Code       // of the accumulator's format
	Random      func() uint32 // a fresh generator of its random bits under stochastic rounding, nil otherwise
}

// Dot returns the operands and the result of one dot product, as [Infer] computes it: of the given layer, counting as
// [Network.Layers] does, for image number image of the set, and output number output, counting the layer's result
// element by element.
func (q *Quantised) Dot(set *data.Set, image, layer, output int) (Dot, error) {
	n := q.network
	if err := n.Check(set); err != nil {
		return Dot{}, err
	}
	if layer < 0 || layer >= len(n.layers) {
		return Dot{}, fmt.Errorf("layer %d: want 0 to %d", layer, len(n.layers)-1)
	}
	l, ql := n.layers[layer], &q.layers[layer]
	outputs := l.describe().Outputs
	if output < 0 || output >= outputs || image < 0 || image >= set.Len() {
		return Dot{}, fmt.Errorf("output %d of image %d: want 0 to %d of 0 to %d", output, image, outputs-1, set.Len()-1)
	}
	a := q.newFMAq(false)
	r := n.newRunner(a)
	set.Image(image, r.input()[:size(n.input)])
	r.run(image, 1, l)

	row, position := output/l.positions, output%l.positions
	group := row / l.outputs
	x := make([]fp.Code, l.length*l.positions)
	unfold(l, x, a.codes, group, 0, 1)
	d := Dot{Spec: ql.spec, Weights: ql.weights[row*l.length : (row+1)*l.length]}
	for k := range l.length {
		d.Activations = append(d.Activations, x[k*l.positions+position])
	}
	// The runner's last product is that of the last group; of an earlier one it is computed again.
	result := make([]fp.Code, l.outputs*l.positions)
	ql.kernel.Multiply(result, rows(l, ql.weights, group), x, l.length, l.positions, nil, func(o, j int) func() uint32 {
		return q.random(l, image, (group*l.outputs+o)*l.positions+j)
	})
	d.Result = result[(row%l.outputs)*l.positions+position]
	if ql.spec.Rounding == fp.Stochastic {
		d.Random = q.random(l, image, output)
	}
	return d, nil
}

// random is the generator of one dot product. It depends on nothing but seed, layer, image and output, so that neither
// blocks nor threads change a result.
func (q *Quantised) random(l *layer, image, output int) func() uint32 {
	return rand.New(rand.NewPCG(q.seed^uint64(l.index)<<56, uint64(image)<<32|uint64(output))).Uint32
}
