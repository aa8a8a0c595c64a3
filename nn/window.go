package nn

// window is the geometry of a convolution or pool: where the kernel lies over an image of one or more channels.
type window struct {
	channels, rows, cols int // of the input
	height, width        int // of the kernel
	strideY, strideX     int
	dilateY, dilateX     int
	padTop, padLeft      int
	padBottom, padRight  int
	outRows, outCols     int
}

// window reads the attributes that Conv and the pools share. It must be called before n.ready, and resolve after.
func (n *node) window(kernel []int) *window {
	kernel = n.ints("kernel_shape", 1, kernel...)
	strides := n.ints("strides", 1, 1, 1)
	dilations := n.ints("dilations", 1, 1, 1)
	pads := n.ints("pads", 0, 0, 0, 0, 0)
	return &window{
		height: kernel[0], width: kernel[1],
		strideY: strides[0], strideX: strides[1],
		dilateY: dilations[0], dilateX: dilations[1],
		padTop: pads[0], padLeft: pads[1], padBottom: pads[2], padRight: pads[3],
	}
}

// autoPad reads the attribute of that name.
func (n *node) autoPad() string {
	auto := n.text("auto_pad", "NOTSET")
	switch auto {
	case "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER":
	default:
		n.fail("attribute %q = %q: want NOTSET, VALID, SAME_UPPER or SAME_LOWER", "auto_pad", auto)
	}
	return auto
}

// resolve fits the window to an image and finds padding and output size; false if no output remains, which is reported.
func (n *node) resolve(w *window, auto string, channels, rows, cols int) bool {
	w.channels, w.rows, w.cols = channels, rows, cols
	w.padTop, w.padBottom = pads(auto, rows, w.height, w.strideY, w.dilateY, w.padTop, w.padBottom)
	w.padLeft, w.padRight = pads(auto, cols, w.width, w.strideX, w.dilateX, w.padLeft, w.padRight)
	spanY := rows + w.padTop + w.padBottom - (w.height-1)*w.dilateY - 1
	spanX := cols + w.padLeft + w.padRight - (w.width-1)*w.dilateX - 1
	if spanY < 0 || spanX < 0 {
		n.fail("kernel of %d by %d, dilated by %d and %d, does not fit an image of %d by %d with pads %d %d %d %d",
			w.height, w.width, w.dilateY, w.dilateX, rows, cols, w.padTop, w.padLeft, w.padBottom, w.padRight)
		return false
	}
	w.outRows, w.outCols = spanY/w.strideY+1, spanX/w.strideX+1
	return true
}

// pads returns the padding before and after one dimension. SAME means ceil(size/stride) outputs; an odd pad goes after
// (upper) or before (lower).
func pads(auto string, size, kernel, stride, dilation, before, after int) (int, int) {
	switch auto {
	case "VALID":
		return 0, 0
	case "SAME_UPPER", "SAME_LOWER":
		outputs := (size + stride - 1) / stride
		total := max(0, (outputs-1)*stride+(kernel-1)*dilation+1-size)
		if auto == "SAME_UPPER" {
			return total / 2, total - total/2
		}
		return total - total/2, total / 2
	}
	return before, after
}

// columns unfolds channels first to first+channels of one image into the matrix whose columns the kernel sees at each
// output position: dst[k*positions+p], with k counting (channel, kernel row, kernel column) as ONNX stores weights and p
// counting output rows and columns. Padding gives the zero value.
func columns[T any](dst, image []T, w *window, first, channels int) {
	i, positions := 0, w.outRows*w.outCols
	var zero T
	for c := first; c < first+channels; c++ {
		plane := image[c*w.rows*w.cols : (c+1)*w.rows*w.cols]
		for ky := range w.height {
			for kx := range w.width {
				row := dst[i : i+positions]
				i += positions
				for oy := range w.outRows {
					out := row[oy*w.outCols : (oy+1)*w.outCols]
					y := oy*w.strideY + ky*w.dilateY - w.padTop
					if y < 0 || y >= w.rows {
						clear(out)
						continue
					}
					in := plane[y*w.cols : (y+1)*w.cols]
					x := kx*w.dilateX - w.padLeft
					for ox := range out {
						if uint(x) < uint(len(in)) {
							out[ox] = in[x]
						} else {
							out[ox] = zero
						}
						x += w.strideX
					}
				}
			}
		}
	}
}
