package train

import "math"

// layer is one step of a [Model] on a single image. It owns its weights; everything an image or a gradient needs lies
// in a [state], so that several goroutines can share a layer.
type layer interface {
	// outputs is the number of elements the layer makes, and fresh a state for it.
	outputs() int
	fresh() *state
	// forward computes st.y from x.
	forward(x []float32, st *state)
	// backward takes st.dy, the loss's gradient at st.y, adds the weights' gradients to st.dw and st.db and sets dx, the
	// gradient at x, unless dx is nil.
	backward(x, dx []float32, st *state)
	// weights returns matrix and bias vector, nil for a layer without.
	weights() (w, b []float32)
}

// state is what one goroutine keeps of one layer.
type state struct {
	y, dy   []float32
	dw, db  []float32
	patches []float32 // conv: the input patch of each output position, K elements each
	dpatch  []float32 // conv: gradient at one patch
	from    []int32   // pool: which input each output was taken from
}

// conv is a convolution with stride 1. Its weights are [out][channels][size][size], as ONNX has them.
type conv struct {
	channels, rows, cols int // of the input
	out, size, pad       int
	w, b                 []float32
}

func (c *conv) outRows() int              { return c.rows + 2*c.pad - c.size + 1 }
func (c *conv) outCols() int              { return c.cols + 2*c.pad - c.size + 1 }
func (c *conv) outputs() int              { return c.out * c.outRows() * c.outCols() }
func (c *conv) weights() (w, b []float32) { return c.w, c.b }
func (c *conv) patch() int                { return c.channels * c.size * c.size }

func (c *conv) fresh() *state {
	return &state{
		y: make([]float32, c.outputs()), dy: make([]float32, c.outputs()),
		dw: make([]float32, len(c.w)), db: make([]float32, len(c.b)),
		patches: make([]float32, c.outRows()*c.outCols()*c.patch()), dpatch: make([]float32, c.patch()),
	}
}

func (c *conv) forward(x []float32, st *state) {
	k, positions := c.patch(), c.outRows()*c.outCols()
	for p := range positions {
		patch := st.patches[p*k : (p+1)*k]
		c.visit(p, func(ch, i, y, x0, lo, hi int) {
			row := patch[i : i+c.size]
			clear(row)
			if lo < hi {
				copy(row[lo:hi], x[(ch*c.rows+y)*c.cols+x0+lo:])
			}
		})
		rows(c.w, patch, c.b, st.y[p:], positions)
	}
}

// visit calls f for each row of the patch at output position p: its channel, its index in the patch, its input row and
// first input column, and the part [lo, hi) of it that lies within the image (empty where the row does not).
func (c *conv) visit(p int, f func(ch, i, y, x0, lo, hi int)) {
	oy, ox := p/c.outCols(), p%c.outCols()
	x0 := ox - c.pad
	lo, hi := max(0, -x0), min(c.size, c.cols-x0)
	i := 0
	for ch := range c.channels {
		for ky := range c.size {
			y := oy + ky - c.pad
			if y < 0 || y >= c.rows {
				f(ch, i, 0, 0, 0, 0)
			} else {
				f(ch, i, y, x0, lo, hi)
			}
			i += c.size
		}
	}
}

func (c *conv) backward(x, dx []float32, st *state) {
	clear(dx)
	k, positions := c.patch(), c.outRows()*c.outCols()
	for p := range positions {
		patch := st.patches[p*k : (p+1)*k]
		any := false
		for o := range c.out {
			// Behind a pool and a ReLU most gradients are zero.
			g := st.dy[o*positions+p]
			if g == 0 {
				continue
			}
			st.db[o] += g
			axpy(g, patch, st.dw[o*k:(o+1)*k])
			if dx != nil {
				if !any {
					clear(st.dpatch)
					any = true
				}
				axpy(g, c.w[o*k:(o+1)*k], st.dpatch)
			}
		}
		if any {
			c.visit(p, func(ch, i, y, x0, lo, hi int) {
				for j := lo; j < hi; j++ {
					dx[(ch*c.rows+y)*c.cols+x0+j] += st.dpatch[i+j]
				}
			})
		}
	}
}

// dense is a fully connected layer; its weights are [out][in].
type dense struct {
	in, out int
	w, b    []float32
}

func (d *dense) outputs() int              { return d.out }
func (d *dense) weights() (w, b []float32) { return d.w, d.b }

func (d *dense) fresh() *state {
	return &state{
		y: make([]float32, d.out), dy: make([]float32, d.out),
		dw: make([]float32, len(d.w)), db: make([]float32, len(d.b)),
	}
}

func (d *dense) forward(x []float32, st *state) { rows(d.w, x, d.b, st.y, 1) }

func (d *dense) backward(x, dx []float32, st *state) {
	clear(dx)
	for o, g := range st.dy {
		if g == 0 {
			continue
		}
		st.db[o] += g
		axpy(g, x, st.dw[o*d.in:(o+1)*d.in])
		if dx != nil {
			axpy(g, d.w[o*d.in:(o+1)*d.in], dx)
		}
	}
}

// relu is max(x, 0).
type relu struct{ n int }

func (r *relu) outputs() int              { return r.n }
func (r *relu) weights() (w, b []float32) { return nil, nil }
func (r *relu) fresh() *state             { return &state{y: make([]float32, r.n), dy: make([]float32, r.n)} }

func (r *relu) forward(x []float32, st *state) {
	for i, v := range x {
		st.y[i] = max(v, 0)
	}
}

func (r *relu) backward(_, dx []float32, st *state) {
	for i, v := range st.y {
		dx[i] = 0
		if v > 0 {
			dx[i] = st.dy[i]
		}
	}
}

// pool is the maximum over squares of 2 by 2 with stride 2; an odd last row or column is left out, as ONNX does.
type pool struct{ channels, rows, cols int }

func (p *pool) outputs() int              { return p.channels * (p.rows / 2) * (p.cols / 2) }
func (p *pool) weights() (w, b []float32) { return nil, nil }

func (p *pool) fresh() *state {
	n := p.outputs()
	return &state{y: make([]float32, n), dy: make([]float32, n), from: make([]int32, n)}
}

func (p *pool) forward(x []float32, st *state) {
	o := 0
	for ch := range p.channels {
		for y := range p.rows / 2 {
			for c := range p.cols / 2 {
				at := (ch*p.rows+2*y)*p.cols + 2*c
				best := at
				for _, i := range [...]int{at + 1, at + p.cols, at + p.cols + 1} {
					if x[i] > x[best] {
						best = i
					}
				}
				st.y[o], st.from[o] = x[best], int32(best)
				o++
			}
		}
	}
}

func (p *pool) backward(_, dx []float32, st *state) {
	clear(dx)
	for o, i := range st.from {
		dx[i] += st.dy[o]
	}
}

// rows sets y[o*stride] = b[o] + the dot product of row o of w with x, the products added in order. The explicit
// float32 conversions forbid fusing, here and in axpy, so that every machine finds the same sums.
func rows(w, x, b, y []float32, stride int) {
	k, n := len(x), len(b)
	for o := 0; o < n; o += 4 {
		// Four rows at a time hide the additions' latency; past the last row it is computed again.
		o1, o2, o3 := min(o+1, n-1), min(o+2, n-1), min(o+3, n-1)
		w0, w1, w2, w3 := w[o*k:][:k], w[o1*k:][:k], w[o2*k:][:k], w[o3*k:][:k]
		s0, s1, s2, s3 := b[o], b[o1], b[o2], b[o3]
		for i, v := range x {
			s0 += float32(w0[i] * v)
			s1 += float32(w1[i] * v)
			s2 += float32(w2[i] * v)
			s3 += float32(w3[i] * v)
		}
		y[o*stride], y[o1*stride], y[o2*stride], y[o3*stride] = s0, s1, s2, s3
	}
}

// axpy adds a*x to y.
func axpy(a float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float32(a * v)
	}
}

// crossEntropy returns the loss of logits for a class, and sets d to its gradient.
func crossEntropy(logits []float32, class int, d []float32) float64 {
	top := logits[0]
	for _, v := range logits {
		top = max(top, v)
	}
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v - top))
	}
	for i, v := range logits {
		d[i] = float32(math.Exp(float64(v-top)) / sum)
	}
	d[class]--
	return math.Log(sum) - float64(logits[class]-top)
}
