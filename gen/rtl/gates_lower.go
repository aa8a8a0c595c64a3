package rtl

import "fmt"

// Lower turns a design into gates: the cheapest standard circuit of each cell where and, or weigh 1, exclusive-or and
// multiplexer 3, and inverters nothing:
//
//	add, subtract  ripple chains of full adders (2 xor, 2 and, 1 or), half adders (xor, and) at constant bits
//	multiply       one ripple row for each bit of the narrower operand
//	shift          a row of multiplexers for each bit of the amount; ands where zeros come in
//	equal          a tree over exclusive-ors
//	less           the ripple of a subtraction's borrow alone
//	reduce         a balanced tree
//
// Constants, repeated and complementary operands are simplified away as gates are made, equal gates are made once (the
// block that made one first owns it), gates that reach no output are dropped. Input bits all stay. Beyond that nothing
// is optimised, so that a count of the gates is one of the circuit as described.
func Lower(d *Design) *Netlist {
	b := newGateBuilder()
	n := &Netlist{Name: d.Top.Name, Blocks: []Block{{d.Top.Name, d.Top.Name}}, Clock: -1, Reset: -1}
	in := make([][]Wire, len(d.Top.Inputs))
	for i, p := range d.Top.Inputs {
		in[i] = make([]Wire, p.Width)
		for j := range in[i] {
			in[i][j] = b.input()
		}
		n.Inputs = append(n.Inputs, Port{p.Name, in[i]})
		switch p {
		case d.Top.Clock:
			n.Clock = i
		case d.Top.Reset:
			n.Reset = i
		}
	}
	out := b.module(d.Top, in, func(c *Cell) {
		n.Blocks = append(n.Blocks, Block{c.Name, c.Module.Name})
		b.block = uint16(len(n.Blocks) - 1)
	})
	for i, p := range d.Top.Outputs {
		n.Outputs = append(n.Outputs, Port{p.Name, out[i]})
	}
	n.Gates = b.gates
	n.sweep()
	n.reduceCarries()
	return n
}

// module makes the gates of a module from the wires of its inputs and returns the wires of its outputs. Around an
// instance of the top, enter sets the block; below, it is nil.
func (b *gateBuilder) module(m *Module, in [][]Wire, enter func(*Cell)) [][]Wire {
	nets := make([][]Wire, len(m.Nets))
	for i, p := range m.Inputs {
		nets[p.Index] = in[i]
	}
	for _, c := range m.Cells {
		operands := make([][]Wire, len(c.In))
		for i, net := range c.In {
			operands[i] = nets[net.Index]
		}
		switch c.Kind {
		case Instance:
			if enter != nil {
				enter(c)
			}
			for i, w := range b.module(c.Module, operands, nil) {
				nets[c.Out[i].Index] = w
			}
			if enter != nil {
				b.block = 0
			}
		case Register:
			clear := Floating
			if c.Clear {
				clear = nets[m.Reset.Index][0]
			}
			q := make([]Wire, c.Out[0].Width)
			for i, d := range operands[0] {
				q[i] = b.make(GateFlop, d, clear, Floating)
			}
			nets[c.Out[0].Index] = q
		default:
			nets[c.Out[0].Index] = b.cell(c, operands)
		}
	}
	out := make([][]Wire, len(m.Outputs))
	for i, p := range m.Outputs {
		out[i] = nets[p.Net.Index]
	}
	return out
}

// cell makes the gates of a combinational cell. Words have the least significant wire first.
func (b *gateBuilder) cell(c *Cell, in [][]Wire) []Wire {
	width := c.Out[0].Width
	out := make([]Wire, 0, width)
	switch c.Kind {
	case Const:
		for i := range width {
			out = append(out, constant(c.Value>>i&1 == 1))
		}
		return out
	case Slice:
		return in[0][c.Low : c.Low+width]
	case Concat:
		for i := len(in) - 1; i >= 0; i-- {
			out = append(out, in[i]...)
		}
		return out
	case ZeroExtend:
		return extend(in[0], width, wireZero)
	case SignExtend:
		return extend(in[0], width, in[0][len(in[0])-1])
	case Not:
		for _, w := range in[0] {
			out = append(out, b.not(w))
		}
		return out
	case And, Or, Xor:
		for i := range width {
			column := make([]Wire, len(in))
			for j := range in {
				column[j] = in[j][i]
			}
			out = append(out, b.tree(bitwise[c.Kind], column))
		}
		return out
	case ReduceAnd, ReduceOr, ReduceXor:
		return append(out, b.tree(bitwise[c.Kind], in[0]))
	case Add:
		carry := wireZero
		if len(in) == 3 {
			carry = in[2][0]
		}
		return b.add(in[0], in[1], carry)[:width]
	case Sub:
		return b.subtract(in[0], in[1])[:width]
	case Mul:
		return b.multiply(in[0], in[1])
	case Eq:
		differ := make([]Wire, len(in[0]))
		for i := range differ {
			differ[i] = b.xor(in[0][i], in[1][i])
		}
		return append(out, b.not(b.tree(GateOr, differ)))
	case Less:
		return append(out, b.less(in[0], in[1]))
	case Mux:
		for i := range width {
			out = append(out, b.mux(in[0][0], in[1][i], in[2][i]))
		}
		return out
	case ShiftLeft:
		return b.shiftLeft(in[0], in[1])
	case ShiftRight:
		return reverse(b.shiftLeft(reverse(in[0]), in[1]))
	}
	panic(fmt.Sprintf("rtl: no gates for %v %s", c.Kind, c.label()))
}

var bitwise = map[Kind]GateKind{And: GateAnd, Or: GateOr, Xor: GateXor,
	ReduceAnd: GateAnd, ReduceOr: GateOr, ReduceXor: GateXor}

func constant(one bool) Wire {
	if one {
		return wireOne
	}
	return wireZero
}

func extend(word []Wire, width int, fill Wire) []Wire {
	out := append(make([]Wire, 0, width), word...)
	for len(out) < width {
		out = append(out, fill)
	}
	return out
}

func reverse(word []Wire) []Wire {
	out := make([]Wire, len(word))
	for i, w := range word {
		out[len(word)-1-i] = w
	}
	return out
}
