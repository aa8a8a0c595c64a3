package nn

import (
	"fmt"
	"slices"

	"fmaq/nn/onnx"
	"fmaq/nn/onnx/onnxpb"
)

// operators lists what is supported. Each function reads its attributes first, whatever the inputs, so that one run
// reports them all; it then returns early unless n.ready says that the inputs' shapes are known.
var operators = map[string]func(n *node){
	"Add":                buildAdd,
	"AveragePool":        buildAveragePool,
	"BatchNormalization": buildBatchNormalization,
	"Constant":           buildConstant,
	"Conv":               buildConv,
	"Dropout":            buildDropout,
	"Flatten":            buildFlatten,
	"Gemm":               buildGemm,
	"GlobalAveragePool":  buildGlobalAveragePool,
	"Identity":           buildIdentity,
	"MatMul":             buildMatMul,
	"MaxPool":            buildMaxPool,
	"Relu":               buildRelu,
	"Reshape":            buildReshape,
	"Softmax":            buildSoftmax,
}

// node is a node being loaded.
type node struct {
	loader *loader
	proto  *onnxpb.NodeProto
	label  string
	inputs []*value // nil where left out
	read   []string // attributes that the operator knows
	failed bool
}

func (n *node) fail(format string, args ...any) {
	n.failed = true
	n.loader.fail("%s: %w", n.label, fmt.Errorf(format, args...))
}

// attribute returns an attribute if it is there and of the wanted type.
func (n *node) attribute(name string, kind onnxpb.AttributeProto_AttributeType) *onnxpb.AttributeProto {
	n.read = append(n.read, name)
	for _, a := range n.proto.Attribute {
		if a.GetName() != name {
			continue
		}
		if a.GetType() != kind || a.GetRefAttrName() != "" {
			n.fail("attribute %q is of type %v: want %v", name, a.GetType(), kind)
			return nil
		}
		return a
	}
	return nil
}

func (n *node) int(name string, otherwise int) int {
	if a := n.attribute(name, onnxpb.AttributeProto_INT); a != nil {
		return int(a.GetI())
	}
	return otherwise
}

func (n *node) float(name string, otherwise float32) float32 {
	if a := n.attribute(name, onnxpb.AttributeProto_FLOAT); a != nil {
		return a.GetF()
	}
	return otherwise
}

func (n *node) text(name, otherwise string) string {
	if a := n.attribute(name, onnxpb.AttributeProto_STRING); a != nil {
		return string(a.GetS())
	}
	return otherwise
}

// ints returns a list of as many integers as otherwise has, each from lo to 65536.
func (n *node) ints(name string, lo int, otherwise ...int) []int {
	a := n.attribute(name, onnxpb.AttributeProto_INTS)
	if a == nil {
		return otherwise
	}
	list := make([]int, len(a.Ints))
	for i, v := range a.Ints {
		if v < int64(lo) || v > 1<<16 {
			n.fail("attribute %q = %v: want %d to %d", name, a.Ints, lo, 1<<16)
			return otherwise
		}
		list[i] = int(v)
	}
	if len(list) != len(otherwise) {
		n.fail("attribute %q = %v: want %d integers, for two dimensions", name, list, len(otherwise))
		return otherwise
	}
	return list
}

// only reports an integer attribute that has another value than the one supported.
func (n *node) only(name string, supported, otherwise int) {
	if v := n.int(name, otherwise); v != supported {
		n.fail("attribute %q = %d is not supported: want %d", name, v, supported)
	}
}

// checkAttributes reports the attributes that the operator did not ask for.
func (n *node) checkAttributes() {
	for _, a := range n.proto.Attribute {
		if !slices.Contains(n.read, a.GetName()) {
			n.fail("attribute %q is not supported", a.GetName())
		}
	}
}

// ready reports whether a step can be made: nothing has failed, there are from least to most inputs, none of them
// unknown, and the first is computed from the image rather than constant.
func (n *node) ready(least, most int) bool {
	for len(n.inputs) > 0 && n.inputs[len(n.inputs)-1] == nil {
		n.inputs = n.inputs[:len(n.inputs)-1]
	}
	if len(n.inputs) < least || len(n.inputs) > most || slices.Contains(n.inputs[:min(least, len(n.inputs))], nil) {
		n.fail("%d inputs: want %d to %d", len(n.inputs), least, most)
		return false
	}
	for _, v := range n.inputs {
		if v != nil && v.unknown {
			return false
		}
	}
	if n.inputs[0].constant != nil {
		n.fail("input %q is constant: only computed ones are supported", n.proto.Input[0])
	}
	return !n.failed
}

// floats returns input i as a float32 constant, nil if it is left out or is none, which is reported.
func (n *node) floats(i int, what string) *onnx.Tensor {
	if i >= len(n.inputs) || n.inputs[i] == nil {
		return nil
	}
	c := n.inputs[i].constant
	if c == nil || c.Floats == nil {
		n.fail("%s %q: only float32 constants are supported", what, n.proto.Input[i])
		return nil
	}
	return c
}

// vector returns input i as a constant of one dimension and the given length.
func (n *node) vector(i int, what string, length int) []float32 {
	c := n.floats(i, what)
	if c == nil {
		return nil
	}
	if len(c.Shape) != 1 || c.Shape[0] != length {
		n.fail("%s %q of shape %v: want [%d]", what, n.proto.Input[i], c.Shape, length)
		return nil
	}
	return c.Floats
}

// image returns the shape of the first input as channels, rows and columns.
func (n *node) image() (channels, rows, cols int, ok bool) {
	s := n.inputs[0].shape
	if len(s) != 3 {
		n.fail("input %q of shape [N %v]: want batch, channels, rows, columns", n.proto.Input[0], s)
		return 0, 0, 0, false
	}
	return s[0], s[1], s[2], true
}

// maxSize bounds the elements of a value per image.
const maxSize = 1 << 26

// emit adds the step of a computed value of the given shape. in names the inputs the operator takes; the default is the
// first.
func (n *node) emit(op operator, shape []int, in ...*value) {
	if n.failed {
		return
	}
	if size(shape) > maxSize {
		n.fail("result of shape %v: want at most %d elements an image", shape, maxSize)
		return
	}
	if len(in) == 0 {
		in = n.inputs[:1]
	}
	net := n.loader.network
	s := step{node: n.label, out: len(net.sizes), operator: op}
	for _, v := range in {
		s.in = append(s.in, v.index)
	}
	net.sizes = append(net.sizes, size(shape))
	net.steps = append(net.steps, s)
	n.loader.values[n.proto.Output[0]] = &value{index: s.out, shape: shape}
}

// alias gives the output the first input's elements under another shape.
func (n *node) alias(shape []int) {
	if !n.failed {
		n.loader.values[n.proto.Output[0]] = &value{index: n.inputs[0].index, shape: shape}
	}
}
