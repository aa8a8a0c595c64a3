package nn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"fmaq/nn/onnx"
	"fmaq/nn/onnx/onnxpb"
)

// file is a model over inputs of shape [N shape] whose output is y.
func file(t *testing.T, shape []int, change func(m *onnxpb.ModelProto), nodes ...*onnxpb.NodeProto) []byte {
	t.Helper()
	m := &onnxpb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		Graph: &onnxpb.GraphProto{
			Node:   nodes,
			Input:  []*onnxpb.ValueInfoProto{onnx.Value("x", shape...)},
			Output: []*onnxpb.ValueInfoProto{onnx.Value("y")},
			Initializer: []*onnxpb.TensorProto{
				onnx.FloatTensor("w", make([]float32, 6*4*3*3), 6, 4, 3, 3),
				onnx.FloatTensor("m", make([]float32, 12), 3, 4),
				onnx.FloatTensor("v", make([]float32, 4), 4),
			},
		},
	}
	if change != nil {
		change(m)
	}
	b, err := onnx.Encode(m)
	require.NoError(t, err)
	return b
}

func text(name, v string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte(v)}
}

// TestLoadReportsEverything has several errors in one model, some of them behind an unsupported node.
func TestLoadReportsEverything(t *testing.T) {
	_, err := Load("model.onnx", file(t, []int{4, 8, 8}, nil,
		onnx.Node("a", "Erf", "ta", []string{"x"}),
		onnx.Node("b", "Conv", "tb", []string{"ta", "w"}, onnx.Ints("strides", 1, 1, 1), onnx.Int("colour", 3)),
		onnx.Node("c", "MaxPool", "tc", []string{"x"}, onnx.Ints("kernel_shape", 2, 2), onnx.Int("ceil_mode", 1)),
		onnx.Node("", "Gemm", "td", []string{"x", "m"}, onnx.Int("transA", 1)),
		onnx.Node("e", "Relu", "y", []string{"nowhere"}),
		onnx.Node("f", "Softmax", "tf", []string{"x"}, onnx.Int("axis", 1)),
	))
	require.Error(t, err)
	assert.Equal(t, strings.Join([]string{
		`model.onnx: node "a" (Erf): operator is not supported`,
		`node "b" (Conv): attribute "strides" = [1 1 1]: want 2 integers, for two dimensions`,
		`node "b" (Conv): attribute "colour" is not supported`,
		`node "c" (MaxPool): attribute "ceil_mode" = 1 is not supported: want 0`,
		`node 3 (Gemm): attribute "transA" = 1 is not supported: want 0`,
		`node "e" (Relu): input "nowhere": no earlier node makes it`,
		`node "f" (Softmax): attribute "axis" = 1 is not supported: want -1 or 3, the last`,
	}, "\n"), err.Error())
}

func TestLoadErrors(t *testing.T) {
	relu := onnx.Node("r", "Relu", "y", []string{"x"})
	image := []int{4, 8, 8}
	for name, c := range map[string]struct {
		shape  []int
		change func(m *onnxpb.ModelProto)
		nodes  []*onnxpb.NodeProto
		want   string
	}{
		"IR version": {image, func(m *onnxpb.ModelProto) { m.IrVersion = proto.Int64(99) }, []*onnxpb.NodeProto{relu}, "IR version 99: want 3 to 13"},
		"opset":      {image, func(m *onnxpb.ModelProto) { m.OpsetImport[0].Version = proto.Int64(9) }, []*onnxpb.NodeProto{relu}, "opset 9: want 13 to 24"},
		"no opset":   {image, func(m *onnxpb.ModelProto) { m.OpsetImport[0].Domain = proto.String("ai.onnx.ml") }, []*onnxpb.NodeProto{relu}, "opset 0: want 13 to 24"},
		"no nodes":   {image, nil, nil, "the graph has no nodes"},
		"domain": {image, func(m *onnxpb.ModelProto) { m.Graph.Node[0].Domain = proto.String("com.microsoft") }, []*onnxpb.NodeProto{onnx.Node("r", "Relu", "y", []string{"x"})},
			`node "r" (Relu): operator of domain "com.microsoft" is not supported`},
		"two inputs": {image, func(m *onnxpb.ModelProto) { m.Graph.Input = append(m.Graph.Input, onnx.Value("z", 1)) }, []*onnxpb.NodeProto{relu}, "2 inputs: want 1"},
		"input type": {image, func(m *onnxpb.ModelProto) {
			m.Graph.Input[0].Type.GetTensorType().ElemType = proto.Int32(int32(onnxpb.TensorProto_DOUBLE))
		}, []*onnxpb.NodeProto{relu}, `input "x": elements of type DOUBLE: want FLOAT`},
		"symbolic size": {[]int{1, 28, 0}, nil, []*onnxpb.NodeProto{relu}, `input "x": dimension 3 is "0"`},
		"no batch":      {image, func(m *onnxpb.ModelProto) { m.Graph.Input[0].Type.GetTensorType().Shape = nil }, []*onnxpb.NodeProto{relu}, `input "x": 0 dimensions`},
		"output":        {image, nil, []*onnxpb.NodeProto{onnx.Node("r", "Relu", "z", []string{"x"})}, `output "y": no node makes it`},
		"twice":         {image, nil, []*onnxpb.NodeProto{relu, relu}, `output "y" is made twice`},
		"no inputs":     {image, nil, []*onnxpb.NodeProto{onnx.Node("r", "Relu", "y", nil)}, "0 inputs: want 1 to 1"},
		"initializer type": {image, func(m *onnxpb.ModelProto) {
			m.Graph.Initializer[0].DataType = proto.Int32(int32(onnxpb.TensorProto_FLOAT16))
		}, []*onnxpb.NodeProto{relu}, `initializer "w": elements of type FLOAT16: want FLOAT, INT64 or BOOL`},
		"initializer size": {image, func(m *onnxpb.ModelProto) { m.Graph.Initializer[1].Dims[0] = 5 }, []*onnxpb.NodeProto{relu},
			`initializer "m": 0 elements (48 raw bytes) for dimensions [5 4]: want 20`},
		"initializer dimensions": {image, func(m *onnxpb.ModelProto) { m.Graph.Initializer[1].Dims[0] = 1 << 40 }, []*onnxpb.NodeProto{relu}, `initializer "m": dimensions`},
		"external": {image, func(m *onnxpb.ModelProto) {
			m.Graph.Initializer[2].DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
		}, []*onnxpb.NodeProto{relu}, `initializer "v": its data lies in another file`},
		"not finite": {image, func(m *onnxpb.ModelProto) {
			m.Graph.Initializer[2].RawData[3], m.Graph.Initializer[2].RawData[2] = 0x7f, 0x80
		},
			[]*onnxpb.NodeProto{relu}, `initializer "v": element 0 is +Inf`},
		"weight shape":   {[]int{3, 8, 8}, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"})}, `weight "w" of shape [6 4 3 3]: want [outputs 3 3 3]`},
		"weight rank":    {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "m"})}, `only convolutions over two dimensions`},
		"weight missing": {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x"})}, "1 inputs: want 2 to 3"},
		"bias shape":     {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w", "v"})}, `bias "v" of shape [4]: want [6]`},
		"kernel shape":   {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"}, onnx.Ints("kernel_shape", 5, 5))}, "want [outputs 4 5 5]"},
		"kernel size":    {[]int{4, 2, 2}, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"})}, "kernel of 3 by 3"},
		"group":          {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"}, onnx.Int("group", 5))}, `attribute "group" = 5`},
		"stride":         {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"}, onnx.Ints("strides", 0, 1))}, `attribute "strides" = [0 1]: want 1 to 65536`},
		"pads":           {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"}, onnx.Ints("pads", -1, 0, 0, 0))}, `attribute "pads" = [-1 0 0 0]: want 0`},
		"auto_pad":       {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"}, text("auto_pad", "ALL"))}, `attribute "auto_pad" = "ALL": want NOTSET`},
		"attribute type": {image, nil, []*onnxpb.NodeProto{onnx.Node("c", "Conv", "y", []string{"x", "w"}, onnx.Int("strides", 1))}, `attribute "strides" is of type INT: want INTS`},
		"no kernel":      {image, nil, []*onnxpb.NodeProto{onnx.Node("p", "MaxPool", "y", []string{"x"})}, `attribute "kernel_shape" is missing`},
		"pool of vector": {[]int{5}, nil, []*onnxpb.NodeProto{onnx.Node("p", "GlobalAveragePool", "y", []string{"x"})}, "want batch, channels, rows, columns"},
		"inner":          {[]int{5}, nil, []*onnxpb.NodeProto{onnx.Node("m", "MatMul", "y", []string{"x", "m"})}, "the inner dimensions 5 and 3 differ"},
		"stack":          {[]int{4, 3}, nil, []*onnxpb.NodeProto{onnx.Node("m", "MatMul", "y", []string{"x", "m"})}, "only products of two matrices"},
		"computed":       {[]int{3}, nil, []*onnxpb.NodeProto{onnx.Node("m", "MatMul", "y", []string{"x", "x"})}, `operand "x": only float32 constants`},
		"constant left":  {[]int{3}, nil, []*onnxpb.NodeProto{onnx.Node("m", "MatMul", "y", []string{"m", "x"})}, `input "m" is constant`},
		"addend":         {[]int{3}, nil, []*onnxpb.NodeProto{onnx.Node("g", "Gemm", "y", []string{"x", "m", "m"})}, `addend "m" of shape [3 4]`},
		"add":            {[]int{3}, nil, []*onnxpb.NodeProto{onnx.Node("a", "Add", "y", []string{"x", "v"})}, "addend of shape [4] does not extend to [N [3]]"},
		"flatten":        {image, nil, []*onnxpb.NodeProto{onnx.Node("f", "Flatten", "y", []string{"x"}, onnx.Int("axis", 2))}, `attribute "axis" = 2 is not supported`},
		"reshape":        {image, nil, []*onnxpb.NodeProto{onnx.Node("s", "Reshape", "y", []string{"x", "v"})}, `shape "v": only a constant list of integers`},
		"normalise":      {[]int{3}, nil, []*onnxpb.NodeProto{onnx.Node("b", "BatchNormalization", "y", []string{"x", "v", "v", "v", "v"})}, `variance "v" of shape [4]: want [3]`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("model.onnx", file(t, c.shape, c.change, c.nodes...))
			assert.ErrorContains(t, err, "model.onnx: ")
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// TestDamaged cuts the embedded model everywhere and changes single bytes: an error or a network, never a panic.
func TestDamaged(t *testing.T) {
	whole := LeNetONNX()
	for cut := 0; cut < len(whole); cut += 1 + cut/50 {
		_, err := Load("cut.onnx", whole[:cut])
		require.ErrorContains(t, err, "cut.onnx: ", "at %d", cut)
		require.NotContains(t, err.Error(), "\n")
	}
	// What is not weights lies at the start.
	for at := range 1200 {
		for _, bit := range []byte{1, 8, 128} {
			b := LeNetONNX()
			b[at] ^= bit
			_, _ = Load("flipped.onnx", b)
		}
	}
	for _, b := range []string{"", "P5 28 28 255", "\x89PNG\r\n\x1a\n", "# Makefile\nall:\n", "{}"} {
		_, err := Load("other", []byte(b))
		require.ErrorContains(t, err, "other: ")
	}
}

func TestOpen(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "no.onnx"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestReshape(t *testing.T) {
	for _, c := range []struct {
		from  []int
		to    []int64
		batch int
		want  []int
	}{
		{[]int{4, 6}, []int64{0, -1}, 0, []int{24}},
		{[]int{4, 6}, []int64{-1, 24}, 0, []int{24}},
		{[]int{4, 6}, []int64{0, 0, 2, -1}, 0, []int{4, 2, 3}},
		{[]int{4, 6}, []int64{1, -1}, 1, []int{24}},
		{[]int{4, 6}, []int64{1, 24}, 0, nil},
		{[]int{4, 6}, []int64{-1, -1}, 0, nil},
		{[]int{4, 6}, []int64{0, -1, -1}, 0, nil},
		{[]int{4, 6}, []int64{0, 5, -1}, 0, nil},
		{[]int{4, 6}, []int64{0, 1 << 62, 1 << 62}, 0, nil},
		{[]int{4, 6}, []int64{24}, 0, nil},
		{[]int{4, 6}, []int64{0, 4, 6, 0}, 0, nil},
	} {
		got, ok := reshape(c.from, c.to, c.batch)
		assert.Equal(t, c.want != nil, ok, "%v", c.to)
		if ok {
			assert.Equal(t, c.want, got)
		}
	}
}

func unary(operator string) *onnxpb.NodeProto { return onnx.Node("n", operator, "y", []string{"x"}) }
