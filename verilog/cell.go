package verilog

import (
	"fmt"

	"fmaq/gen/rtl"
)

// cell is the expression that a cell computes. Its operands are widened here, where the kind's result is wider than its
// operands, and nowhere else.
func (p *printer) cell(c *rtl.Cell) expr {
	width := c.Out[0].Width
	in := make([]expr, len(c.In))
	for i, n := range c.In {
		in[i] = p.net(n)
	}
	switch c.Kind {
	case rtl.Const:
		return literal{width, c.Value}
	case rtl.Slice:
		return cut(in[0].(bitsOf), c.Low+width-1, c.Low)
	case rtl.Concat:
		return join(in...)
	case rtl.ZeroExtend:
		return widen(in[0], c.In[0].Width, width)
	case rtl.SignExtend:
		n := c.In[0].Width
		whole := in[0].(bitsOf)
		sign := cut(whole, n-1, n-1)
		if n == 1 {
			return repeat{width, sign}
		}
		return join(repeat{width - n, sign}, whole)
	case rtl.Not:
		if u, ok := in[0].(unary); ok {
			switch u.op {
			case "~":
				return u.a
			case "&", "|", "^":
				return unary{"~" + u.op, u.a}
			}
		}
		return unary{"~", in[0]}
	case rtl.And:
		return infix{"&", in}
	case rtl.Or:
		return infix{"|", in}
	case rtl.Xor:
		return infix{"^", in}
	case rtl.ReduceAnd, rtl.ReduceOr, rtl.ReduceXor:
		if c.In[0].Width == 1 {
			return in[0]
		}
	}
	switch c.Kind {
	case rtl.ReduceAnd:
		return unary{"&", in[0]}
	case rtl.ReduceOr:
		return unary{"|", in[0]}
	case rtl.ReduceXor:
		return unary{"^", in[0]}
	case rtl.Add, rtl.Sub:
		op := "+"
		if c.Kind == rtl.Sub {
			op = "-"
		}
		for i := range in {
			in[i] = widen(in[i], c.In[i].Width, width)
		}
		return infix{op, in}
	case rtl.Mul:
		return infix{"*", []expr{widen(in[0], c.In[0].Width, width), widen(in[1], c.In[1].Width, width)}}
	case rtl.Eq:
		return infix{"==", in}
	case rtl.Less:
		return less(in[0], in[1])
	case rtl.Mux:
		return conditional{in[0], in[1], in[2]}
	case rtl.ShiftLeft:
		return infix{"<<", in}
	case rtl.ShiftRight:
		return infix{">>", in}
	}
	panic(fmt.Sprintf("verilog: module %s: no expression for a %v", p.module.Name, c.Kind))
}

// cut takes bits high down to low of bits of a net.
func cut(b bitsOf, high, low int) expr {
	return bitsOf{b.net, b.name, b.low + high, b.low + low}
}

// join is a concatenation without inner braces; constants side by side become one, and equal parts a repetition.
func join(parts ...expr) expr {
	var flat []expr
	for _, p := range parts {
		if c, ok := p.(concat); ok {
			flat = append(flat, c.parts...)
		} else {
			flat = append(flat, p)
		}
	}
	var joined []expr
	for _, p := range flat {
		if k := len(joined) - 1; k >= 0 {
			if merged := merge(joined[k], p); merged != nil {
				joined[k] = merged
				continue
			}
		}
		joined = append(joined, p)
	}
	if len(joined) == 1 {
		return joined[0]
	}
	return concat{joined}
}

// merge returns {a, b} as one part, or nil.
func merge(a, b expr) expr {
	la, constant := a.(literal)
	if lb, ok := b.(literal); ok && constant {
		return literal{la.width + lb.width, la.value<<lb.width | lb.value}
	}
	ra, ok := a.(repeat)
	if !ok {
		ra = repeat{1, a}
	}
	rb, ok := b.(repeat)
	if !ok {
		rb = repeat{1, b}
	}
	if constant || text(ra.a) != text(rb.a) {
		return nil
	}
	return repeat{ra.n + rb.n, ra.a}
}

// widen puts zeros above an expression. Constants just get wider.
func widen(e expr, from, to int) expr {
	if from == to {
		return e
	}
	if l, ok := e.(literal); ok {
		return literal{to, l.value}
	}
	return join(literal{to - from, 0}, e)
}

// less is a < b; comparisons that no operand can change are constants, which linters would rather see.
func less(a, b expr) expr {
	if l, ok := b.(literal); ok && l.value == 0 {
		return literal{1, 0}
	}
	if l, ok := a.(literal); ok && l.value == ones(l.width) || text(a) == text(b) {
		return literal{1, 0}
	}
	return infix{"<", []expr{a, b}}
}
