// Package nn measures what an FMAq accumulator does to a trained network.
//
//	net := nn.LeNet()                                                   // or nn.Open("model.onnx")
//	calibration := mnist.Train().First(nn.CalibrationImages)
//	result, err := nn.Infer(ctx, net, mnist.Test(), calibration, spec, nn.Options{})
//
// A [Network] is an ONNX model. Every Conv, Gemm and MatMul, here called a layer, multiplies a weight matrix by a matrix
// made from the activations, and that product is computed in one of three ways ([Mode]): in float32 as it stands, in
// float32 on quantised operands, or by the chunked FMAq of package fp on quantised operands. Everything else, a layer's
// bias vector included, is float32 in all of them.
//
// # Order of accumulation
//
// A dot product runs over (input channel, kernel row, kernel column), as ONNX stores the weights of a Conv, and over
// the inner index of a Gemm or MatMul. Padding takes part as operands of zero. Chunks are cut from this order.
//
// # Biases
//
// See [Quantised]: operand biases are chosen per tensor, offset and shift, and with them the circuit, are the same
// in every layer.
//
// # Determinism
//
// Results depend neither on the number of goroutines nor on how images are grouped, down to the bit. [Quantised.Dot]
// hands out single dot products, operands and result, for comparison with the circuit.
//
// The packages below: data (image sets, idx files), mnist (embedded), kernel (the FMAq matrix product), onnx (files),
// train (makes the embedded LeNet-5).
package nn
