package nn

import (
	_ "embed"
	"sync"
)

//go:generate go test fmaq/nn/train -run TestLeNet -full -update -timeout 1h

//go:embed lenet.onnx
var lenet []byte

// LeNetONNX returns a copy of the embedded network's ONNX file: LeNet-5 as package train trains it on MNIST with its
// default options; a test there makes it again and compares.
func LeNetONNX() []byte { return append([]byte(nil), lenet...) }

// LeNet returns the embedded network.
var LeNet = sync.OnceValue(func() *Network {
	n, err := Load("LeNet-5", lenet)
	if err != nil {
		panic("nn: embedded network: " + err.Error())
	}
	return n
})
