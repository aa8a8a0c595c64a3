// Package onnx reads and writes ONNX files: the protobuf message, its tensors, and what every reader checks first. What
// the operators mean is the business of package nn.
package onnx

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"fmaq/nn/onnx/onnxpb"
)

// Versions of the format and of the standard operator set: those written, and the ranges read.
const (
	IRVersion = 8
	Opset     = 17

	MinIRVersion = 3
	MaxIRVersion = 13
	MinOpset     = 13
	MaxOpset     = 24
)

// Decode parses a model and checks that it is one: versions in range and a graph with nodes. The error says in one line
// what is wrong; the caller adds the file's name.
func Decode(file []byte) (*onnxpb.ModelProto, error) {
	if len(file) == 0 {
		return nil, errors.New("empty: want an ONNX model")
	}
	m := new(onnxpb.ModelProto)
	if err := proto.Unmarshal(file, m); err != nil {
		return nil, fmt.Errorf("%d bytes that are not an ONNX model, or a part of one: the protobuf message breaks off or is malformed", len(file))
	}
	if m.IrVersion == nil || m.Graph == nil {
		return nil, fmt.Errorf("%d bytes that are not an ONNX model: no IR version or no graph in it", len(file))
	}
	if v := m.GetIrVersion(); v < MinIRVersion || v > MaxIRVersion {
		return nil, fmt.Errorf("IR version %d: want %d to %d", v, MinIRVersion, MaxIRVersion)
	}
	opset := int64(0)
	for _, o := range m.OpsetImport {
		if StandardDomain(o.GetDomain()) {
			opset = o.GetVersion()
		}
	}
	if opset < MinOpset || opset > MaxOpset {
		return nil, fmt.Errorf("opset %d: want %d to %d", opset, MinOpset, MaxOpset)
	}
	if len(m.Graph.Node) == 0 {
		return nil, errors.New("the graph has no nodes")
	}
	return m, nil
}

// StandardDomain reports whether a domain is that of the standard operators, which has two names.
func StandardDomain(domain string) bool { return domain == "" || domain == "ai.onnx" }

// Encode is the model's bytes; equal models give equal bytes.
func Encode(m *onnxpb.ModelProto) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}
