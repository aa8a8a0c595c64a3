// Package train trains the LeNet-5-class network that fmaq carries: plain float32 back-propagation with Adam, the same
// weights from the same seed whatever the number of processors.
package train

import (
	"math"
	"math/rand/v2"
)

// Model is a chain of layers from an image to the logits of its class.
type Model struct {
	layers []layer
	rows   int // of the input image
	cols   int
}

// NewLeNet returns LeNet-5 (LeCun et al., 1998) as it is drawn today, with ReLU and maximum pooling: two convolutions
// of 5 by 5 with 6 and 16 channels, the first padded by 2, each pooled, then dense layers of 120, 84 and classes. The
// weights are uniform within He's bound sqrt(6/fan-in), the biases zero.
func NewLeNet(rows, cols, classes int, seed uint64) *Model {
	c1 := newConv(1, rows, cols, 6, 5, 2)
	p1 := &pool{c1.out, c1.outRows(), c1.outCols()}
	c2 := newConv(6, p1.rows/2, p1.cols/2, 16, 5, 0)
	p2 := &pool{c2.out, c2.outRows(), c2.outCols()}
	m := &Model{rows: rows, cols: cols, layers: []layer{
		c1, &relu{c1.outputs()}, p1,
		c2, &relu{c2.outputs()}, p2,
		newDense(p2.outputs(), 120), &relu{120},
		newDense(120, 84), &relu{84},
		newDense(84, classes),
	}}
	r := rand.New(rand.NewPCG(seed, initStream))
	for _, l := range m.layers {
		w, b := l.weights()
		bound := math.Sqrt(6 / float64(len(w)/max(len(b), 1)))
		for i := range w {
			w[i] = float32((2*r.Float64() - 1) * bound)
		}
	}
	return m
}

// Streams of the seed's random numbers, one a purpose.
const (
	initStream = iota
	orderStream
)

func newConv(channels, rows, cols, out, size, pad int) *conv {
	c := &conv{channels: channels, rows: rows, cols: cols, out: out, size: size, pad: pad}
	c.w, c.b = make([]float32, out*c.patch()), make([]float32, out)
	return c
}

func newDense(in, out int) *dense {
	return &dense{in: in, out: out, w: make([]float32, in*out), b: make([]float32, out)}
}

// parameters returns every weight matrix and bias vector, in the layers' order.
func (m *Model) parameters() [][]float32 {
	var all [][]float32
	for _, l := range m.layers {
		if w, b := l.weights(); w != nil {
			all = append(all, w, b)
		}
	}
	return all
}

// pass is one goroutine's way through a model: a state a layer, and the gradients it has summed.
type pass struct {
	model  *Model
	image  []float32
	states []*state
	loss   float64
}

func (m *Model) newPass() *pass {
	p := &pass{model: m, image: make([]float32, m.rows*m.cols)}
	for _, l := range m.layers {
		p.states = append(p.states, l.fresh())
	}
	return p
}

// forward returns the logits of p.image; they stay valid until the next call.
func (p *pass) forward() []float32 {
	x := p.image
	for i, l := range p.model.layers {
		l.forward(x, p.states[i])
		x = p.states[i].y
	}
	return x
}

// gradients returns the sums that backward adds to, in the order of [Model.parameters].
func (p *pass) gradients() [][]float32 {
	var all [][]float32
	for _, st := range p.states {
		if st.dw != nil {
			all = append(all, st.dw, st.db)
		}
	}
	return all
}

func (p *pass) reset() {
	for _, g := range p.gradients() {
		clear(g)
	}
	p.loss = 0
}

// learn adds the loss of p.image and its gradients.
func (p *pass) learn(class int) {
	logits := p.forward()
	last := len(p.states) - 1
	p.loss += crossEntropy(logits, class, p.states[last].dy)
	for i := last; i >= 0; i-- {
		x, dx := p.image, []float32(nil)
		if i > 0 {
			x, dx = p.states[i-1].y, p.states[i-1].dy
		}
		p.model.layers[i].backward(x, dx, p.states[i])
	}
}
