package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"fmaq/nn/onnx/onnxpb"
)

// maxElements bounds a tensor, so that damaged dimensions cannot ask for absurd memory.
const maxElements = 1 << 30

// Tensor is a constant: float32 or int64 elements, row by row; the other list is nil.
type Tensor struct {
	Shape  []int
	Floats []float32
	Ints   []int64
}

// DecodeTensor unpacks an initialiser or attribute. Its errors name neither tensor nor node.
func DecodeTensor(t *onnxpb.TensorProto) (*Tensor, error) {
	if t.GetDataLocation() == onnxpb.TensorProto_EXTERNAL || len(t.ExternalData) > 0 {
		return nil, fmt.Errorf("its data lies in another file: want it in the model")
	}
	d := &Tensor{Shape: []int{}}
	size := 1
	for _, n := range t.Dims {
		if n < 0 || n > maxElements || int(n)*size > maxElements {
			return nil, fmt.Errorf("dimensions %v: want none negative and at most %d elements", t.Dims, maxElements)
		}
		d.Shape = append(d.Shape, int(n))
		size *= int(n)
	}
	raw := t.GetRawData()
	var got int
	switch kind := onnxpb.TensorProto_DataType(t.GetDataType()); kind {
	case onnxpb.TensorProto_FLOAT:
		d.Floats = t.FloatData
		if raw != nil && len(raw) == 4*size {
			d.Floats = make([]float32, size)
			for i := range d.Floats {
				d.Floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
			}
		}
		got = len(d.Floats)
		if d.Floats == nil {
			d.Floats = []float32{}
		}
	case onnxpb.TensorProto_INT64:
		d.Ints = t.Int64Data
		if raw != nil && len(raw) == 8*size {
			d.Ints = make([]int64, size)
			for i := range d.Ints {
				d.Ints[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
			}
		}
		got = len(d.Ints)
		if d.Ints == nil {
			d.Ints = []int64{}
		}
	case onnxpb.TensorProto_BOOL:
		// Only Dropout's training_mode is one.
		d.Ints = make([]int64, len(t.Int32Data))
		for i, v := range t.Int32Data {
			d.Ints[i] = int64(v)
		}
		if raw != nil && len(raw) == size {
			d.Ints = make([]int64, size)
			for i, v := range raw {
				d.Ints[i] = int64(v)
			}
		}
		got = len(d.Ints)
	default:
		return nil, fmt.Errorf("elements of type %v: want FLOAT, INT64 or BOOL", kind)
	}
	if got != size {
		return nil, fmt.Errorf("%d elements (%d raw bytes) for dimensions %v: want %d", got, len(raw), t.Dims, size)
	}
	for i, v := range d.Floats {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("element %d is %v: want finite numbers", i, v)
		}
	}
	return d, nil
}

// FloatTensor packs a constant of float32 elements as raw data, the commonest form.
func FloatTensor(name string, elements []float32, shape ...int) *onnxpb.TensorProto {
	raw := make([]byte, 0, 4*len(elements))
	for _, v := range elements {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	t := &onnxpb.TensorProto{
		Name:     proto.String(name),
		DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)),
		RawData:  raw,
	}
	for _, n := range shape {
		t.Dims = append(t.Dims, int64(n))
	}
	return t
}

// Value describes a graph's input or output of float32 elements. The first dimension is symbolic and called N.
func Value(name string, shape ...int) *onnxpb.ValueInfoProto {
	dims := []*onnxpb.TensorShapeProto_Dimension{{
		Value: &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "N"},
	}}
	for _, n := range shape {
		dims = append(dims, &onnxpb.TensorShapeProto_Dimension{
			Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(n)},
		})
	}
	return &onnxpb.ValueInfoProto{
		Name: proto.String(name),
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{
			ElemType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)),
			Shape:    &onnxpb.TensorShapeProto{Dim: dims},
		}}},
	}
}

// Node is a node of the standard domain with one output.
func Node(name, operator, output string, inputs []string, attributes ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{
		Name:      proto.String(name),
		OpType:    proto.String(operator),
		Input:     inputs,
		Output:    []string{output},
		Attribute: attributes,
	}
}

// Ints is an attribute with a list of integers.
func Ints(name string, v ...int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: v}
}

// Int is an attribute with one integer.
func Int(name string, v int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(v)}
}
