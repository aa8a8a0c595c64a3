package nn

import "slices"

// arithmetic computes the matrix products of layers, and decides what becomes of their operands before.
type arithmetic interface {
	// multiply computes y from input, both of n images, the first of them number first of the data set.
	multiply(r *runner, l *layer, y, input []float32, first, n int)
}

// runner takes images through a network. One goroutine uses one runner.
type runner struct {
	network    *Network
	arithmetic arithmetic
	values     [][]float32
	xs         [][]float32
	operand    []float32 // a layer's input, quantised
	x, product []float32 // the same unfolded, and the product
}

// block is how many images a runner takes at a time. It is fixed, though no result depends on it.
const block = 32

func (n *Network) newRunner(a arithmetic) *runner {
	r := &runner{network: n, arithmetic: a}
	for _, size := range n.sizes {
		r.values = append(r.values, make([]float32, block*size))
	}
	r.operand = make([]float32, block*slices.Max(n.sizes))
	var x, product int
	for _, l := range n.layers {
		x = max(x, l.length*l.columnsOf(block))
		product = max(product, l.outputs*l.columnsOf(block))
	}
	r.x, r.product = make([]float32, x), make([]float32, product)
	return r
}

// input is where the caller puts up to block images.
func (r *runner) input() []float32 { return r.values[0] }

// run computes the outputs of the n images in input, the first of them number first of the data set. They stay valid
// until the next call. It stops after the step of layer last, if that is not nil, with no outputs to speak of.
func (r *runner) run(first, n int, last *layer) []float32 {
	for _, s := range r.network.steps {
		r.xs = r.xs[:0]
		for _, i := range s.in {
			r.xs = append(r.xs, r.values[i][:n*r.network.sizes[i]])
		}
		y := r.values[s.out][:n*r.network.sizes[s.out]]
		l, ok := s.operator.(*layer)
		if !ok {
			s.operator.run(y, r.xs, n)
			continue
		}
		r.arithmetic.multiply(r, l, y, r.xs[0], first, n)
		if l == last {
			break
		}
	}
	result := r.network.result
	return r.values[result][:n*r.network.sizes[result]]
}

// float32s is float32 arithmetic: the products of a dot product are added in order.
type float32s struct {
	weights func(l *layer) []float32
	// operand, if set, returns what stands for a layer's input. It must not change the input, which other nodes may use.
	operand func(r *runner, l *layer, input []float32) []float32
}

// plain is float32 arithmetic on the operands as they are.
func plain() float32s { return float32s{weights: func(l *layer) []float32 { return l.weights }} }

func (a float32s) multiply(r *runner, l *layer, y, input []float32, _, n int) {
	if a.operand != nil {
		input = a.operand(r, l, input)
	}
	l.products(n, func(group, image, columns int) {
		x, product := r.x[:l.length*columns], r.product[:l.outputs*columns]
		unfold(l, x, input, group, image, n)
		multiply(product, rows(l, a.weights(l), group), x, l.length, columns)
		l.fold(y, product, group, image, n)
	})
}

// multiply sets dst to the product of w, rows of length, with x, length rows of n. The explicit conversions forbid fusing
// multiplication and addition, so that every machine finds the same sums.
func multiply(dst, w, x []float32, length, n int) {
	for o := range len(dst) / n {
		d, row := dst[o*n:(o+1)*n], w[o*length:(o+1)*length]
		clear(d)
		k := 0
		for ; k+4 <= length; k += 4 {
			w0, w1, w2, w3 := row[k], row[k+1], row[k+2], row[k+3]
			x0, x1, x2, x3 := x[k*n:][:len(d)], x[(k+1)*n:][:len(d)], x[(k+2)*n:][:len(d)], x[(k+3)*n:][:len(d)]
			for j, v := range d {
				v += float32(w0 * x0[j])
				v += float32(w1 * x1[j])
				v += float32(w2 * x2[j])
				d[j] = v + float32(w3*x3[j])
			}
		}
		for ; k < length; k++ {
			for j, v := range x[k*n : (k+1)*n] {
				d[j] += float32(row[k] * v)
			}
		}
	}
}
