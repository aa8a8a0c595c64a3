package nn

import (
	"errors"
	"fmt"
	"os"

	"fmaq/nn/onnx"
	"fmaq/nn/onnx/onnxpb"
)

// Network is an ONNX model made ready to run. It is immutable and safe for concurrent use.
//
// The first dimension of input, output and everything between is the batch; shapes leave it out.
type Network struct {
	name   string
	input  []int // shape of one image
	output []int
	sizes  []int // elements per image of each value; value 0 is the input
	result int   // which of them is the output
	steps  []step
	layers []*layer // the steps that multiply and accumulate, in order
}

// step is one node: out = operator(in...), where in and out index the network's values.
type step struct {
	node     string // for messages
	in       []int
	out      int
	operator operator
}

// operator computes everything that is not a [layer], in float32.
type operator interface {
	// run computes y from xs for n images; every slice is image after image.
	run(y []float32, xs [][]float32, n int)
}

// Open loads a network from an ONNX file.
func Open(path string) (*Network, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Load(path, file)
}

// Load loads a network from the bytes of an ONNX file; name serves messages. Every operator, attribute and constant that
// is not supported is in the error, with its node.
func Load(name string, file []byte) (*Network, error) {
	m, err := onnx.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l := &loader{
		network: &Network{name: name},
		values:  map[string]*value{},
	}
	if l.run(m.Graph); l.errs != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(l.errs...))
	}
	return l.network, nil
}

// Name is what the network was loaded as.
func (n *Network) Name() string { return n.name }

// Input is the shape of one image: channels, rows, columns in most networks.
func (n *Network) Input() []int { return n.input }

// Output is the shape of one image's result.
func (n *Network) Output() []int { return n.output }

// loader turns a graph into a network and gathers what it cannot.
type loader struct {
	network *Network
	batch   int // the declared batch size, 0 if symbolic
	values  map[string]*value
	errs    []error
}

// value is what a name in the graph stands for.
type value struct {
	unknown  bool         // an earlier error keeps its shape from being known
	constant *onnx.Tensor // of any shape; else
	index    int          // one of the network's values,
	shape    []int        // of this shape per image
}

func (l *loader) fail(format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf(format, args...))
}

func (l *loader) run(g *onnxpb.GraphProto) {
	for _, t := range g.Initializer {
		c, err := onnx.DecodeTensor(t)
		if err != nil {
			l.fail("initializer %q: %w", t.GetName(), err)
			l.values[t.GetName()] = &value{unknown: true}
			continue
		}
		l.values[t.GetName()] = &value{constant: c}
	}
	for _, t := range g.SparseInitializer {
		l.fail("initializer %q: sparse tensors are not supported", t.GetValues().GetName())
	}
	l.input(g)
	for i, n := range g.Node {
		l.node(i, n)
	}
	if len(g.Output) != 1 {
		l.fail("%d outputs: want 1", len(g.Output))
		return
	}
	out := l.values[g.Output[0].GetName()]
	switch {
	case out == nil:
		l.fail("output %q: no node makes it", g.Output[0].GetName())
	case out.unknown:
	case out.constant != nil:
		l.fail("output %q: is a constant", g.Output[0].GetName())
	default:
		l.network.output = out.shape
		l.finish(out.index)
	}
}

// finish leaves out the steps after the one that makes the output, and lists the layers.
func (l *loader) finish(output int) {
	net := l.network
	net.result = output
	for len(net.steps) > 0 && net.steps[len(net.steps)-1].out != output {
		net.steps = net.steps[:len(net.steps)-1]
	}
	for _, s := range net.steps {
		if layer, ok := s.operator.(*layer); ok {
			layer.index = len(net.layers)
			net.layers = append(net.layers, layer)
		}
	}
}

// input reads the graph's only input that is no initialiser.
func (l *loader) input(g *onnxpb.GraphProto) {
	var inputs []*onnxpb.ValueInfoProto
	for _, in := range g.Input {
		if l.values[in.GetName()] == nil {
			inputs = append(inputs, in)
		}
	}
	if len(inputs) != 1 {
		l.fail("%d inputs: want 1", len(inputs))
		for _, in := range inputs {
			l.values[in.GetName()] = &value{unknown: true}
		}
		return
	}
	name := inputs[0].GetName()
	l.values[name] = &value{unknown: true}
	t := inputs[0].GetType().GetTensorType()
	if kind := onnxpb.TensorProto_DataType(t.GetElemType()); kind != onnxpb.TensorProto_FLOAT {
		l.fail("input %q: elements of type %v: want FLOAT", name, kind)
		return
	}
	dims := t.GetShape().GetDim()
	if len(dims) < 2 {
		l.fail("input %q: %d dimensions: want a batch and an image's", name, len(dims))
		return
	}
	l.batch = int(dims[0].GetDimValue())
	var shape []int
	for i, d := range dims[1:] {
		v := d.GetDimValue()
		if v < 1 || v > 1<<16 {
			l.fail("input %q: dimension %d is %q: want a number from 1 to %d; only the batch may be symbolic",
				name, i+1, d.GetDimParam()+fmt.Sprint(v), 1<<16)
			return
		}
		shape = append(shape, int(v))
	}
	l.network.input = shape
	l.network.sizes = []int{size(shape)}
	l.values[name] = &value{shape: shape}
}

// node loads one node: its operator's function reads attributes and inputs and, if the inputs' shapes are known, adds a
// step.
func (l *loader) node(i int, p *onnxpb.NodeProto) {
	n := &node{loader: l, proto: p, label: fmt.Sprintf("node %q (%s)", p.GetName(), p.GetOpType())}
	if p.GetName() == "" {
		n.label = fmt.Sprintf("node %d (%s)", i, p.GetOpType())
	}
	if len(p.Output) == 0 {
		n.fail("no output")
		return
	}
	defer func() {
		if name := p.Output[0]; l.values[name] == nil {
			l.values[name] = &value{unknown: true}
		}
	}()
	if l.values[p.Output[0]] != nil {
		n.fail("output %q is made twice", p.Output[0])
		return
	}
	build := operators[p.GetOpType()]
	if build == nil || !onnx.StandardDomain(p.GetDomain()) {
		if d := p.GetDomain(); !onnx.StandardDomain(d) {
			n.fail("operator of domain %q is not supported", d)
		} else {
			n.fail("operator is not supported")
		}
		return
	}
	for _, name := range p.Input {
		v := l.values[name]
		if name != "" && v == nil {
			n.fail("input %q: no earlier node makes it", name)
			v = &value{unknown: true}
		}
		n.inputs = append(n.inputs, v)
	}
	build(n)
	n.checkAttributes()
}

// size is the number of elements of a shape.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
