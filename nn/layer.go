package nn

import "fmaq/nn/onnx"

// layer is a Conv, Gemm or MatMul as matrix products: the steps that multiply and accumulate.
//
// A convolution makes one product a group and image: its weights [outputs][length] by the unfolded image [length][positions],
// the length counting (channel of the group, kernel row, kernel column). A dense layer makes one product for a whole
// batch: [outputs][length] by the transposed batch [length][images].
type layer struct {
	name, kind string
	index      int // among the network's layers
	groups     int
	outputs    int // of one group
	length     int // K, of each dot product
	positions  int // output positions of one image, 1 if dense
	window     *window
	weights    []float32 // groups times outputs rows of length, in the model's order of elements
	alpha      float32   // factor of the product, before the bias
	bias       []float32 // one a row, or nil
}

// run has a layer fulfil operator, which the runner never asks of it: see runner.layer.
func (l *layer) run([]float32, [][]float32, int) { panic("nn: a layer runs under an arithmetic") }

// columnsOf is the number of columns of a product over n images.
func (l *layer) columnsOf(n int) int {
	if l.window != nil {
		return l.positions
	}
	return n
}

// products calls f for each matrix product of the layer over n images: with its group, its first image, and the
// number of columns.
func (l *layer) products(n int, f func(group, image, columns int)) {
	if l.window == nil {
		f(0, 0, n)
		return
	}
	for image := range n {
		for g := range l.groups {
			f(g, image, l.positions)
		}
	}
}

// unfold sets x to the right operand of one of the products, from the layer's input for n images.
func unfold[T any](l *layer, x, input []T, group, image, n int) {
	if l.window != nil {
		w := l.window
		perImage, perGroup := w.channels*w.rows*w.cols, w.channels/l.groups
		columns(x, input[image*perImage:(image+1)*perImage], w, group*perGroup, perGroup)
		return
	}
	transpose(x, input, n, l.length)
}

// transpose sets y to the transpose of x, which has rows of cols elements.
func transpose[T any](y, x []T, rows, cols int) {
	for i := range rows {
		for j, v := range x[i*cols : (i+1)*cols] {
			y[j*rows+i] = v
		}
	}
}

// fold writes a product, times alpha and plus the bias, where it belongs in the layer's output for n images.
func (l *layer) fold(y, product []float32, group, image, n int) {
	if l.window != nil {
		size := l.outputs * l.positions
		out := y[(image*l.groups+group)*size:][:size]
		for o := range l.outputs {
			b := l.biasOf(group*l.outputs + o)
			for p, v := range product[o*l.positions : (o+1)*l.positions] {
				out[o*l.positions+p] = float32(l.alpha*v) + b
			}
		}
		return
	}
	for o := range l.outputs {
		b := l.biasOf(o)
		for j, v := range product[o*n : (o+1)*n] {
			y[j*l.outputs+o] = float32(l.alpha*v) + b
		}
	}
}

func (l *layer) biasOf(row int) float32 {
	if l.bias == nil {
		return 0
	}
	return l.bias[row]
}

// rows are the weights of one group, of float32 or of anything that stands for them.
func rows[T any](l *layer, weights []T, group int) []T {
	return weights[group*l.outputs*l.length : (group+1)*l.outputs*l.length]
}

func buildConv(n *node) {
	auto := n.autoPad()
	groups := n.int("group", 1)
	kernel := []int{0, 0}
	var weights *onnx.Tensor
	if len(n.inputs) > 1 && n.inputs[1] != nil && !n.inputs[1].unknown {
		if weights = n.floats(1, "weight"); weights != nil && len(weights.Shape) != 4 {
			n.fail("weight %q of shape %v: only convolutions over two dimensions are supported", n.proto.Input[1], weights.Shape)
		} else if weights != nil {
			kernel = weights.Shape[2:]
		}
	}
	w := n.window(kernel)
	if !n.ready(2, 3) {
		return
	}
	channels, height, width, ok := n.image()
	if !ok {
		return
	}
	s := weights.Shape
	switch {
	case groups < 1 || channels%groups != 0 || s[0]%groups != 0:
		n.fail("attribute %q = %d: want a divisor of %d input and %d output channels", "group", groups, channels, s[0])
		return
	case size(s) == 0 || s[1] != channels/groups || s[2] != w.height || s[3] != w.width:
		n.fail("weight %q of shape %v: want [outputs %d %d %d]", n.proto.Input[1], s, channels/groups, w.height, w.width)
		return
	}
	if !n.resolve(w, auto, channels, height, width) {
		return
	}
	l := &layer{
		groups: groups, outputs: s[0] / groups, length: size(s[1:]), positions: w.outRows * w.outCols, window: w,
		weights: weights.Floats, alpha: 1, bias: n.vector(2, "bias", s[0]),
	}
	n.emitLayer(l, []int{s[0], w.outRows, w.outCols})
}

func (n *node) emitLayer(l *layer, shape []int) {
	l.name, l.kind = n.proto.GetName(), n.proto.GetOpType()
	if l.name == "" {
		l.name = n.proto.Output[0]
	}
	n.emit(l, shape)
}

func buildGemm(n *node) {
	alpha, beta := n.float("alpha", 1), n.float("beta", 1)
	n.only("transA", 0, 0)
	transposed := n.int("transB", 0) != 0
	if !n.ready(2, 3) {
		return
	}
	l := n.dense(transposed)
	if l == nil {
		return
	}
	l.alpha = alpha
	if c := n.floats(2, "addend"); c != nil {
		if len(c.Floats) != 1 && size(c.Shape) != l.outputs || len(c.Shape) > 0 && c.Shape[len(c.Shape)-1] != len(c.Floats) {
			n.fail("addend %q of shape %v: want one number or one for each of %d outputs", n.proto.Input[2], c.Shape, l.outputs)
			return
		}
		l.bias = make([]float32, l.outputs)
		for o := range l.bias {
			l.bias[o] = float32(beta * c.Floats[o%len(c.Floats)])
		}
	}
	n.emitLayer(l, []int{l.outputs})
}

func buildMatMul(n *node) {
	if !n.ready(2, 2) {
		return
	}
	if l := n.dense(false); l != nil {
		n.emitLayer(l, []int{l.outputs})
	}
}

// dense reads the constant second operand of a product, [outputs][length] if transposed and [length][outputs] if not,
// and checks it against the first; nil after an error.
func (n *node) dense(transposed bool) *layer {
	c := n.floats(1, "operand")
	if c == nil {
		return nil
	}
	in := n.inputs[0].shape
	if len(in) != 1 || len(c.Shape) != 2 || len(c.Floats) == 0 {
		n.fail("operands of shapes [N %v] and %v: only products of two matrices are supported", in, c.Shape)
		return nil
	}
	length, outputs := c.Shape[0], c.Shape[1]
	if transposed {
		length, outputs = outputs, length
	}
	if length != in[0] {
		n.fail("operands of shapes [N %v] and %v: the inner dimensions %d and %d differ", in, c.Shape, in[0], length)
		return nil
	}
	weights := c.Floats
	if !transposed {
		weights = make([]float32, len(c.Floats))
		transpose(weights, c.Floats, length, outputs)
	}
	return &layer{groups: 1, outputs: outputs, length: length, positions: 1, weights: weights, alpha: 1}
}
