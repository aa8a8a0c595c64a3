package train

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"fmaq/nn/onnx"
	"fmaq/nn/onnx/onnxpb"
)

// ONNX returns the model as an ONNX file with input "image" [N, 1, rows, cols], pixels in [0, 1], and output "logits"
// [N, classes]. Equal weights give equal bytes.
func (m *Model) ONNX() ([]byte, error) {
	g := &onnxpb.GraphProto{
		Name:  proto.String("lenet"),
		Input: []*onnxpb.ValueInfoProto{onnx.Value("image", 1, m.rows, m.cols)},
	}
	count := map[string]int{}
	last, flat := "image", false
	add := func(name, operator string, inputs []string, attributes ...*onnxpb.AttributeProto) {
		count[name]++
		if operator != "Flatten" {
			name = fmt.Sprintf("%s%d", name, count[name])
		}
		output := name + "_out"
		for i, in := range inputs {
			inputs[i] = name + "." + in
		}
		g.Node = append(g.Node, onnx.Node(name, operator, output, append([]string{last}, inputs...), attributes...))
		last = output
	}
	constant := func(name string, v []float32, shape ...int) {
		owner := g.Node[len(g.Node)-1].GetName()
		g.Initializer = append(g.Initializer, onnx.FloatTensor(owner+"."+name, v, shape...))
	}
	for _, l := range m.layers {
		switch l := l.(type) {
		case *conv:
			size, pad := int64(l.size), int64(l.pad)
			add("conv", "Conv", []string{"weight", "bias"},
				onnx.Ints("kernel_shape", size, size), onnx.Ints("strides", 1, 1), onnx.Ints("pads", pad, pad, pad, pad))
			constant("weight", l.w, l.out, l.channels, l.size, l.size)
			constant("bias", l.b, l.out)
		case *relu:
			add("relu", "Relu", nil)
		case *pool:
			add("pool", "MaxPool", nil, onnx.Ints("kernel_shape", 2, 2), onnx.Ints("strides", 2, 2))
		case *dense:
			if !flat {
				add("flatten", "Flatten", nil, onnx.Int("axis", 1))
				flat = true
			}
			add("fc", "Gemm", []string{"weight", "bias"}, onnx.Int("transB", 1))
			constant("weight", l.w, l.out, l.in)
			constant("bias", l.b, l.out)
		default:
			panic(fmt.Sprintf("train: no ONNX form of %T", l))
		}
	}
	final := g.Node[len(g.Node)-1]
	final.Output = []string{"logits"}
	g.Output = []*onnxpb.ValueInfoProto{onnx.Value("logits", m.layers[len(m.layers)-1].outputs())}
	return onnx.Encode(&onnxpb.ModelProto{
		IrVersion:    proto.Int64(onnx.IRVersion),
		ProducerName: proto.String("fmaq"),
		OpsetImport:  []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(onnx.Opset)}},
		Graph:        g,
	})
}
