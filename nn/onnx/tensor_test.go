package onnx

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"fmaq/nn/onnx/onnxpb"
)

func TestDecodeTensor(t *testing.T) {
	kind := func(k onnxpb.TensorProto_DataType) *int32 { return proto.Int32(int32(k)) }
	for name, c := range map[string]struct {
		tensor *onnxpb.TensorProto
		want   *Tensor
	}{
		"raw":        {FloatTensor("t", []float32{1, -2.5, 3e-20, 0}, 2, 2), &Tensor{Shape: []int{2, 2}, Floats: []float32{1, -2.5, 3e-20, 0}}},
		"float_data": {&onnxpb.TensorProto{DataType: kind(onnxpb.TensorProto_FLOAT), Dims: []int64{2}, FloatData: []float32{4, 5}}, &Tensor{Shape: []int{2}, Floats: []float32{4, 5}}},
		"scalar":     {FloatTensor("t", []float32{7}), &Tensor{Shape: []int{}, Floats: []float32{7}}},
		"empty":      {FloatTensor("t", nil, 0), &Tensor{Shape: []int{0}, Floats: []float32{}}},
		"int64_data": {&onnxpb.TensorProto{DataType: kind(onnxpb.TensorProto_INT64), Dims: []int64{2}, Int64Data: []int64{0, -1}}, &Tensor{Shape: []int{2}, Ints: []int64{0, -1}}},
		"int64 raw": {&onnxpb.TensorProto{DataType: kind(onnxpb.TensorProto_INT64), Dims: []int64{1}, RawData: []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
			&Tensor{Shape: []int{1}, Ints: []int64{-2}}},
		"bool": {&onnxpb.TensorProto{DataType: kind(onnxpb.TensorProto_BOOL), RawData: []byte{1}}, &Tensor{Shape: []int{}, Ints: []int64{1}}},
	} {
		got, err := DecodeTensor(c.tensor)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
	}
}

func TestEncodeDecode(t *testing.T) {
	m := &onnxpb.ModelProto{
		IrVersion:   proto.Int64(IRVersion),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Domain: proto.String("ai.onnx"), Version: proto.Int64(Opset)}},
		Graph:       &onnxpb.GraphProto{Node: []*onnxpb.NodeProto{Node("n", "Relu", "y", []string{"x"})}},
	}
	b, err := Encode(m)
	require.NoError(t, err)
	got, err := Decode(b)
	require.NoError(t, err)
	assert.True(t, proto.Equal(m, got))
}
