package nn

import "math"

// pool takes the maximum or the mean over windows of each channel.
type pool struct {
	window  *window
	average bool
	padding bool // the mean counts padded places too
}

func (p *pool) run(y []float32, xs [][]float32, n int) {
	w := p.window
	at := 0
	for plane := range n * w.channels {
		in := xs[0][plane*w.rows*w.cols : (plane+1)*w.rows*w.cols]
		for oy := range w.outRows {
			for ox := range w.outCols {
				y[at] = p.over(in, oy*w.strideY-w.padTop, ox*w.strideX-w.padLeft)
				at++
			}
		}
	}
}

// over is the pool of one window whose corner lies at (top, left), which padding makes negative.
func (p *pool) over(in []float32, top, left int) float32 {
	w := p.window
	sum, most, count := float32(0), float32(math.Inf(-1)), 0
	for ky := range w.height {
		y := top + ky*w.dilateY
		if y < 0 || y >= w.rows {
			continue
		}
		for kx := range w.width {
			x := left + kx*w.dilateX
			if x < 0 || x >= w.cols {
				continue
			}
			v := in[y*w.cols+x]
			sum += v
			most = max(most, v)
			count++
		}
	}
	switch {
	case !p.average:
		return most
	case p.padding:
		count = w.height * w.width
	}
	return sum / float32(max(count, 1))
}

func buildMaxPool(n *node) {
	n.only("storage_order", 0, 0)
	n.buildPool(&pool{})
}

func buildAveragePool(n *node) {
	n.buildPool(&pool{average: true, padding: n.int("count_include_pad", 0) != 0})
}

func (n *node) buildPool(p *pool) {
	n.only("ceil_mode", 0, 0)
	auto := n.autoPad()
	p.window = n.window([]int{0, 0})
	if p.window.height == 0 && !n.failed {
		n.fail("attribute %q is missing", "kernel_shape")
	}
	if !n.ready(1, 1) {
		return
	}
	channels, height, width, ok := n.image()
	if ok && n.resolve(p.window, auto, channels, height, width) {
		n.emit(p, []int{channels, p.window.outRows, p.window.outCols})
	}
}

func buildGlobalAveragePool(n *node) {
	if !n.ready(1, 1) {
		return
	}
	channels, height, width, ok := n.image()
	if !ok {
		return
	}
	n.emit(&pool{average: true, window: &window{
		channels: channels, rows: height, cols: width, height: height, width: width,
		strideY: 1, strideX: 1, dilateY: 1, dilateX: 1, outRows: 1, outCols: 1,
	}}, []int{channels, 1, 1})
}
