package nn

import (
	"fmaq/nn/onnx"
	"fmaq/nn/onnx/onnxpb"
)

// Operators that change no element.

func buildConstant(n *node) {
	a := n.attribute("value", onnxpb.AttributeProto_TENSOR)
	if n.failed {
		return
	}
	if a == nil {
		n.fail("no attribute %q, the only form that is supported", "value")
		return
	}
	c, err := onnx.DecodeTensor(a.T)
	if err != nil {
		n.fail("attribute %q: %w", "value", err)
		return
	}
	n.loader.values[n.proto.Output[0]] = &value{constant: c}
}

func buildIdentity(n *node) {
	if len(n.inputs) == 1 && n.inputs[0] != nil && n.inputs[0].constant != nil {
		n.loader.values[n.proto.Output[0]] = n.inputs[0]
		return
	}
	if n.ready(1, 1) {
		n.alias(n.inputs[0].shape)
	}
}

// buildDropout leaves the values alone, as inference does.
func buildDropout(n *node) {
	n.int("seed", 0)
	if !n.ready(1, 3) {
		return
	}
	if len(n.inputs) > 2 {
		mode := n.inputs[2].constant
		if mode == nil || len(mode.Ints) != 1 || mode.Ints[0] != 0 {
			n.fail("training_mode %q: only the constant false is supported", n.proto.Input[2])
		}
	}
	n.alias(n.inputs[0].shape)
}

func buildFlatten(n *node) {
	axis := n.int("axis", 1)
	if !n.ready(1, 1) {
		return
	}
	shape := n.inputs[0].shape
	if axis != 1 && axis+len(shape)+1 != 1 {
		n.fail("attribute %q = %d is not supported: want 1, which keeps the batch", "axis", axis)
		return
	}
	n.alias([]int{size(shape)})
}

func buildReshape(n *node) {
	n.only("allowzero", 0, 0)
	if !n.ready(2, 2) {
		return
	}
	c := n.inputs[1].constant
	if c == nil || c.Ints == nil || len(c.Shape) != 1 {
		n.fail("shape %q: only a constant list of integers is supported", n.proto.Input[1])
		return
	}
	shape, ok := reshape(n.inputs[0].shape, c.Ints, n.loader.batch)
	if !ok {
		n.fail("shape %v of an input of shape [N %v]: want as many elements, the batch first", c.Ints, n.inputs[0].shape)
		return
	}
	n.alias(shape)
}

// reshape resolves a target shape, whose first element is the batch: 0 (kept), -1 or the declared size.
func reshape(from []int, to []int64, batch int) ([]int, bool) {
	if len(to) < 2 || to[0] != 0 && to[0] != -1 && (batch == 0 || to[0] != int64(batch)) {
		return nil, false
	}
	shape, known, open := []int{}, 1, -1
	for i, d := range to[1:] {
		switch {
		case d == 0 && i < len(from):
			d = int64(from[i])
		case d == -1 && open < 0 && to[0] != -1:
			open, d = i, 1
		}
		if d < 1 || d > maxSize || known*int(d) > maxSize {
			return nil, false
		}
		shape = append(shape, int(d))
		known *= int(d)
	}
	if open >= 0 && size(from)%known == 0 {
		shape[open] = size(from) / known
	}
	return shape, size(shape) == size(from)
}
