"""Writes the goldens of package nn: small models, one an operator or attribute, with what ONNX Runtime answers, and its
logits of LeNet-5 for the first test images. Run by hand, in this folder, with onnx 1.23.2 and onnxruntime 1.32.0:

    python3 golden.py            # writes operators/*.onnx, operators.json and lenet.json
    python3 golden.py --check    # compares all 10 000 logits with those of "go test ./nn -run TestLeNetLogits -dump FILE"
                                 # in FILE, the next argument
"""

import gzip
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
import onnxruntime as ort


def digits():
    raw = gzip.open("../mnist/idx/t10k-images-idx3-ubyte.gz").read()[16:]
    return np.frombuffer(raw, np.uint8).reshape(-1, 1, 28, 28).astype(np.float32) / np.float32(255)


def ramp(shape, step, scale):
    """Numbers that any language makes bit for bit: ((i*step) mod 101 - 50) / scale, scale a power of two."""
    n = int(np.prod(shape))
    return (((np.arange(n) * step) % 101 - 50) / scale).astype(np.float32).reshape(shape)


def model(nodes, constants, shape):
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])]
    out = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    g = helper.make_graph(nodes, "golden", inputs, out, [numpy_helper.from_array(v, k) for k, v in constants.items()])
    m = helper.make_model(g, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    m = onnx.shape_inference.infer_shapes(m)  # for the rank of y
    onnx.checker.check_model(m)
    return m


def one(op, constants, shape, **attributes):
    return model([helper.make_node(op, ["x", *constants], ["y"], name="n", **attributes)], constants, shape)


def operators():
    image = (4, 6, 5)
    w = ramp((6, 4, 3, 2), 37, 64)
    grouped = ramp((6, 2, 3, 2), 37, 64)
    b = ramp((6,), 13, 32)
    yield "conv", one("Conv", {"w": w, "b": b}, image)
    yield "conv_pads", one("Conv", {"w": w}, image, pads=[2, 0, 1, 3], kernel_shape=[3, 2])
    yield "conv_strides", one("Conv", {"w": w, "b": b}, image, strides=[2, 3], pads=[1, 1, 1, 1])
    yield "conv_dilations", one("Conv", {"w": w, "b": b}, image, dilations=[2, 3], pads=[1, 1, 1, 1])
    yield "conv_group", one("Conv", {"w": grouped, "b": b}, image, group=2)
    yield "conv_depthwise", one("Conv", {"w": ramp((4, 1, 3, 3), 37, 64)}, image, group=4, pads=[1, 1, 1, 1])
    yield "conv_same_upper", one("Conv", {"w": w}, image, auto_pad="SAME_UPPER", strides=[2, 2])
    yield "conv_same_lower", one("Conv", {"w": w}, image, auto_pad="SAME_LOWER", strides=[2, 2])
    yield "conv_valid", one("Conv", {"w": w}, image, auto_pad="VALID")
    yield "maxpool", one("MaxPool", {}, image, kernel_shape=[2, 2], strides=[2, 2])
    yield "maxpool_pads", one("MaxPool", {}, image, kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 1, 1], dilations=[1, 2])
    yield "maxpool_same", one("MaxPool", {}, image, kernel_shape=[3, 2], auto_pad="SAME_UPPER", strides=[2, 2])
    yield "averagepool", one("AveragePool", {}, image, kernel_shape=[2, 3], pads=[1, 1, 0, 1])
    yield "averagepool_include", one("AveragePool", {}, image, kernel_shape=[2, 3], pads=[1, 1, 0, 1], count_include_pad=1)
    yield "globalaveragepool", one("GlobalAveragePool", {}, image)
    yield "relu", one("Relu", {}, image)
    yield "flatten", one("Flatten", {}, image)
    yield "flatten_negative", one("Flatten", {}, image, axis=-3)
    yield "identity", one("Identity", {}, image)
    yield "dropout", one("Dropout", {"ratio": np.float32(0.5)}, image)
    yield "softmax", one("Softmax", {}, image)
    yield "reshape", one("Reshape", {"s": np.array([0, 5, -1], np.int64)}, image)
    yield "reshape_batch", one("Reshape", {"s": np.array([-1, 0, 30], np.int64)}, image)
    vectors = {k: ramp((4,), s, 64) for k, s in (("scale", 3), ("shift", 5), ("mean", 7))}
    vectors["variance"] = np.abs(ramp((4,), 11, 16)) + np.float32(0.25)
    yield "batchnormalization", one("BatchNormalization", vectors, image, epsilon=0.125)
    yield "gemm", one("Gemm", {"b": ramp((20, 5), 37, 64), "c": ramp((5,), 7, 8)}, (20,))
    yield "gemm_trans", one("Gemm", {"b": ramp((5, 20), 37, 64), "c": ramp((1, 5), 7, 8)}, (20,), transB=1, alpha=0.5, beta=3.0)
    yield "gemm_scalar", one("Gemm", {"b": ramp((5, 20), 37, 64), "c": np.array(0.75, np.float32)}, (20,), transB=1)
    yield "gemm_bare", one("Gemm", {"b": ramp((20, 5), 37, 64)}, (20,))
    yield "matmul_add", model(
        [helper.make_node("MatMul", ["x", "w"], ["t"]), helper.make_node("Add", ["b", "t"], ["y"])],
        {"w": ramp((20, 5), 37, 64), "b": ramp((5,), 7, 8)}, (20,))
    yield "add_channels", one("Add", {"b": ramp((1, 4, 1, 1), 7, 8)}, image)
    yield "add_plane", one("Add", {"b": ramp((6, 1), 7, 8)}, image)
    yield "residual", model(
        [helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(ramp((4, 4, 3, 3), 37, 256))),
         helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
         helper.make_node("Add", ["c", "x"], ["s"]),
         helper.make_node("Relu", ["s"], ["y"])], {}, image)


def write():
    answers = {}
    for name, m in operators():
        with open(f"operators/{name}.onnx", "wb") as f:
            f.write(m.SerializeToString(deterministic=True))
        s = ort.InferenceSession(m.SerializeToString())
        shape = [d.dim_value for d in m.graph.input[0].type.tensor_type.shape.dim[1:]]
        y = s.run(None, {"x": ramp([2, *shape], 29, 16)})[0]
        answers[name] = {"shape": list(y.shape[1:]), "values": [float(f"{v:.8g}") for v in y.ravel()]}
    with open("operators.json", "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in answers.items()) + "\n}\n")
    logits = ort.InferenceSession("../lenet.onnx").run(None, {"image": digits()[:8]})[0]
    with open("lenet.json", "w") as f:
        f.write("[\n" + ",\n".join(json.dumps([float(v) for v in row]) for row in logits) + "\n]\n")


def check(path):
    ours = np.fromfile(path, "<f4").reshape(-1, 10)
    theirs = ort.InferenceSession("../lenet.onnx").run(None, {"image": digits()})[0]
    worst = (np.abs(ours - theirs).max(1) / np.abs(theirs).max(1)).max()
    print(f"{len(ours)} images, largest difference {worst:.2e} of the image's largest logit")
    sys.exit(int(worst > 1e-4))


if len(sys.argv) > 2 and sys.argv[1] == "--check":
    check(sys.argv[2])
write()
