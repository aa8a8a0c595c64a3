package rtl

import (
	"fmt"
	"math/bits"
)

// Kind is what a cell does. [Cell.Eval] defines what each kind means.
type Kind uint8

// The kinds of cells. Widths are in bits; all words are unsigned. n is the width of the first operand.
const (
	Const      Kind = iota // Value
	Slice                  // operand >> Low, cut to the output's width
	Concat                 // operands side by side, the first the most significant
	ZeroExtend             // operand with zeros above
	SignExtend             // operand with copies of its top bit above
	Not                    // complement of each bit
	And                    // bitwise over two or more operands of one width
	Or                     //
	Xor                    //
	ReduceAnd              // one bit: over all bits of the operand
	ReduceOr               //
	ReduceXor              //
	Add                    // first + second (+ third, a one-bit carry): n or n+1 bits
	Sub                    // first - second: n bits modulo 2^n, or n+1 with the borrow on top
	Mul                    // first * second: the sum of both widths
	Eq                     // one bit: first = second
	Less                   // one bit: first < second
	Mux                    // second where the one-bit first is 1, else third
	ShiftLeft              // first << second, zeros from below, bits above n lost
	ShiftRight             // first >> second, zeros from above
	Register               // the operand's value before the clock edge
	Instance               // the outputs of a module

	kinds
)

// Kinds lists every kind, so that a reader of the circuit can be tested for handling each.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

var kindNames = [kinds]string{"const", "slice", "concat", "zero-extend", "sign-extend", "not", "and", "or", "xor",
	"reduce-and", "reduce-or", "reduce-xor", "add", "sub", "mul", "eq", "less", "mux", "shift-left", "shift-right",
	"register", "instance"}

func (k Kind) String() string { return kindNames[k] }

// Cell drives its outputs from its inputs. Every cell has one output, except that an Instance has one for each output
// port of its module.
type Cell struct {
	Kind   Kind
	In     []*Net  // operands; for an Instance in the order of the module's input ports
	Out    []*Net  // for an Instance in the order of the module's output ports
	Value  uint64  // Const only
	Low    int     // Slice only: position of the operand's bit that becomes bit 0
	Clear  bool    // Register only: cleared by the module's synchronous reset
	Module *Module // Instance only
	Name   string  // Instance only
	Doc    string  // comment, carried into the Verilog; may be empty
}

// Eval returns the output word for operand words, for every kind but Register and Instance. Operands must fit their
// nets; the result fits the output.
func (c *Cell) Eval(in []uint64) uint64 {
	width := c.Out[0].Width
	switch c.Kind {
	case Const:
		return c.Value
	case Slice:
		return in[0] >> c.Low & mask(width)
	case Concat:
		var v uint64
		for i, net := range c.In {
			v = v<<net.Width | in[i]
		}
		return v
	case ZeroExtend:
		return in[0]
	case SignExtend:
		n := c.In[0].Width
		if in[0]>>(n-1) == 1 {
			return (in[0] | ^mask(n)) & mask(width)
		}
		return in[0]
	case Not:
		return ^in[0] & mask(width)
	case And, Or, Xor:
		v := in[0]
		for _, w := range in[1:] {
			switch c.Kind {
			case And:
				v &= w
			case Or:
				v |= w
			default:
				v ^= w
			}
		}
		return v
	case ReduceAnd:
		return bit(in[0] == mask(c.In[0].Width))
	case ReduceOr:
		return bit(in[0] != 0)
	case ReduceXor:
		return uint64(bits.OnesCount64(in[0]) & 1)
	case Add:
		v := in[0] + in[1]
		if len(in) == 3 {
			v += in[2]
		}
		return v & mask(width)
	case Sub:
		return (in[0] - in[1]) & mask(width)
	case Mul:
		return in[0] * in[1]
	case Eq:
		return bit(in[0] == in[1])
	case Less:
		return bit(in[0] < in[1])
	case Mux:
		if in[0] == 1 {
			return in[1]
		}
		return in[2]
	case ShiftLeft:
		return in[0] << in[1] & mask(width)
	case ShiftRight:
		return in[0] >> in[1]
	}
	panic(fmt.Sprintf("rtl: Eval of a %v", c.Kind))
}

func mask(width int) uint64 { return 1<<width - 1 } // a shift by 64 gives 0 in Go, so 64 bits work

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// check reports the first way in which the cell breaks the rules of its kind.
func (c *Cell) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%v %s: %s", c.Kind, c.label(), fmt.Sprintf(format, args...))
	}
	for _, n := range c.Out {
		if n.Width < 1 || n.Width > MaxWidth {
			return fail("width %d: want 1 to %d", n.Width, MaxWidth)
		}
	}
	if c.Kind == Instance {
		return c.checkInstance(fail)
	}
	if len(c.Out) != 1 {
		return fail("%d outputs: want 1", len(c.Out))
	}
	operands := func(low, high int) error {
		if len(c.In) < low || len(c.In) > high {
			return fail("%d operands: want %d to %d", len(c.In), low, high)
		}
		return nil
	}
	w := c.Out[0].Width
	in := func(i int) int { return c.In[i].Width }
	low, high := 1, 1
	switch c.Kind {
	case Const:
		low, high = 0, 0
	case Concat:
		high = MaxWidth
	case And, Or, Xor:
		low, high = 2, MaxWidth
	case Add:
		low, high = 2, 3
	case Sub, Mul, Eq, Less, ShiftLeft, ShiftRight:
		low, high = 2, 2
	case Mux:
		low, high = 3, 3
	}
	if err := operands(low, high); err != nil {
		return err
	}
	ok := true
	switch c.Kind {
	case Const:
		ok = c.Value&^mask(w) == 0
	case Slice:
		ok = c.Low >= 0 && c.Low+w <= in(0)
	case Concat:
		sum := 0
		for i := range c.In {
			sum += in(i)
		}
		ok = sum == w
	case ZeroExtend, SignExtend:
		ok = w > in(0)
	case Not, Register:
		ok = w == in(0)
	case And, Or, Xor:
		for i := range c.In {
			ok = ok && in(i) == w
		}
	case ReduceAnd, ReduceOr, ReduceXor:
		ok = w == 1
	case Add:
		ok = in(0) == in(1) && (w == in(0) || w == in(0)+1) && (len(c.In) == 2 || in(2) == 1)
	case Sub:
		ok = in(0) == in(1) && (w == in(0) || w == in(0)+1)
	case Mul:
		ok = w == in(0)+in(1)
	case Eq, Less:
		ok = w == 1 && in(0) == in(1)
	case Mux:
		ok = in(0) == 1 && in(1) == w && in(2) == w
	case ShiftLeft, ShiftRight:
		ok = w == in(0)
	default:
		return fail("unknown kind")
	}
	if !ok {
		widths := make([]int, len(c.In))
		for i := range c.In {
			widths[i] = in(i)
		}
		return fail("widths %v -> %d, low %d, value %#x do not fit", widths, w, c.Low, c.Value)
	}
	return nil
}

func (c *Cell) checkInstance(fail func(string, ...any) error) error {
	if c.Module == nil || c.Name == "" {
		return fail("want a module and an instance name")
	}
	if len(c.In) != len(c.Module.Inputs) || len(c.Out) != len(c.Module.Outputs) {
		return fail("%d inputs and %d outputs: want %d and %d", len(c.In), len(c.Out), len(c.Module.Inputs), len(c.Module.Outputs))
	}
	for i, n := range c.In {
		if p := c.Module.Inputs[i]; n.Width != p.Width {
			return fail("port %s: %d bits, want %d", p.Name, n.Width, p.Width)
		}
	}
	for i, n := range c.Out {
		if p := c.Module.Outputs[i]; n.Width != p.Net.Width {
			return fail("port %s: %d bits, want %d", p.Name, n.Width, p.Net.Width)
		}
	}
	return nil
}

func (c *Cell) label() string {
	if c.Name != "" {
		return c.Name
	}
	if len(c.Out) > 0 && c.Out[0].Name != "" {
		return c.Out[0].Name
	}
	return "(unnamed)"
}
