package sim

import (
	"fmt"
	"math/bits"
	"slices"

	"fmaq/gen/rtl"
)

// opcode is what an operation does to the words of its slots a, b and c. In many of them the first operand is a field, so that
// slices, the most frequent cells, seldom take an operation of their own: field is a >> shift & mask.
type opcode uint8

const (
	opField  opcode = iota // field
	opJoin                 // a << shift | b
	opSign                 // a, with mask's bits set if bit shift of a is
	opNot                  // field ^ mask
	opAnd                  // field & b
	opOr                   // field | b
	opXor                  // field ^ b
	opAll                  // field == mask
	opAny                  // field != 0
	opParity               // odd number of ones in field
	opAdd                  // (a + b) & mask
	opSub                  // (a - b) & mask
	opMul                  // a * b
	opEqual                // a == b
	opLess                 // a < b
	opMux                  // b if field is 1, else c
	opLeft                 // a << b & mask
	opRight                // a >> b
)

// operation is one step of the program, over slots of the state.
type operation struct {
	code    opcode
	shift   uint8
	to      slot
	a, b, c slot
	mask    uint64
}

// slot is a place in the state. Its type is such that no index into the state needs a check.
type slot uint16

const maxSlots = 1 << 16

// cell appends the operations of a cell and returns the slot of its output. Cells that change no word take no operation.
func (f *flattener) cell(c *rtl.Cell, in []placed) slot {
	width := c.Out[0].Width
	emit := func(o operation) slot {
		f.fuse(&o)
		if to, ok := f.done[o]; ok {
			return to
		}
		to := f.slot(0)
		f.done[o] = to
		if o.code == opField {
			f.field[to] = o
		}
		o.to = to
		f.program = append(f.program, o)
		return to
	}
	two := func(code opcode, a, b slot) slot { return emit(operation{code: code, a: a, b: b, mask: ones(width)}) }
	chain := func(code opcode) slot {
		slot := in[0].slot
		for _, p := range in[1:] {
			slot = two(code, slot, p.slot)
		}
		return slot
	}
	switch c.Kind {
	case rtl.Const:
		s := f.slot(c.Value)
		f.zero[s] = c.Value == 0
		return s
	case rtl.ZeroExtend:
		return in[0].slot
	case rtl.Slice:
		if width == c.In[0].Width {
			return in[0].slot
		}
		return emit(operation{code: opField, a: in[0].slot, shift: uint8(c.Low), mask: ones(width)})
	case rtl.Concat:
		return f.concat(c, in, emit)
	case rtl.SignExtend:
		n := c.In[0].Width
		return emit(operation{code: opSign, a: in[0].slot, shift: uint8(n - 1), mask: ones(width) &^ ones(n)})
	case rtl.Not:
		return emit(operation{code: opNot, a: in[0].slot, mask: ones(width)})
	case rtl.And:
		return chain(opAnd)
	case rtl.Or:
		return chain(opOr)
	case rtl.Xor:
		return chain(opXor)
	case rtl.ReduceAnd:
		return emit(operation{code: opAll, a: in[0].slot, mask: ones(c.In[0].Width)})
	case rtl.ReduceOr:
		return emit(operation{code: opAny, a: in[0].slot, mask: ones(c.In[0].Width)})
	case rtl.ReduceXor:
		return emit(operation{code: opParity, a: in[0].slot, mask: ones(c.In[0].Width)})
	case rtl.Add:
		return chain(opAdd)
	case rtl.Sub:
		return two(opSub, in[0].slot, in[1].slot)
	case rtl.Mul:
		return two(opMul, in[0].slot, in[1].slot)
	case rtl.Eq:
		return two(opEqual, in[0].slot, in[1].slot)
	case rtl.Less:
		return two(opLess, in[0].slot, in[1].slot)
	case rtl.Mux:
		return emit(operation{code: opMux, a: in[0].slot, b: in[1].slot, c: in[2].slot, mask: 1})
	case rtl.ShiftLeft:
		return two(opLeft, in[0].slot, in[1].slot)
	case rtl.ShiftRight:
		return two(opRight, in[0].slot, in[1].slot)
	}
	panic(fmt.Sprintf("sim: no operation for a %v", c.Kind))
}

// fuse reads the first operand from where it was sliced.
func (f *flattener) fuse(o *operation) {
	switch o.code {
	case opAnd, opOr, opXor:
		if _, ok := f.field[o.a]; !ok {
			o.a, o.b = o.b, o.a
		}
	case opField, opNot, opAll, opAny, opParity, opMux:
	default:
		return
	}
	from, ok := f.field[o.a]
	if (o.code == opNot || o.code == opAll) && o.mask != from.mask {
		return // the operand is the field with zeros above, which shares its slot
	}
	if ok {
		if o.code == opField {
			o.mask &= from.mask >> o.shift
		} else {
			o.mask = from.mask
		}
		o.a, o.shift = from.a, o.shift+from.shift
	}
}

// split divides the operations: those that outputs and registers need make the program, the others are for looking only.
func (f *flattener) split() {
	m := f.model
	needed := make([]bool, f.slots+1)
	for _, s := range m.out {
		needed[s] = true
	}
	for _, r := range m.registers {
		needed[r.d], needed[r.reset] = true, true
	}
	for _, o := range slices.Backward(f.program) {
		if needed[o.to] {
			needed[o.a], needed[o.b], needed[o.c] = true, true, true
			m.program = append(m.program, o)
		} else {
			m.asides = append(m.asides, o)
		}
	}
	slices.Reverse(m.program)
	slices.Reverse(m.asides)
}

// concat joins parts from the top. Bits repeated in a row and zeros on top take one operation or none.
func (f *flattener) concat(c *rtl.Cell, in []placed, emit func(operation) slot) slot {
	var to slot
	width := 0 // of what is joined so far; 0 also stands for zeros
	for i := 0; i < len(in); {
		part, n := in[i].slot, c.In[i].Width
		i++
		if n == 1 {
			for i < len(in) && in[i].slot == part && c.In[i].Width == 1 {
				i++
				n++
			}
			if n > 1 {
				part = emit(operation{code: opSign, a: part, mask: ones(n) &^ 1})
			}
		}
		switch {
		case width > 0:
			to = emit(operation{code: opJoin, a: to, b: part, shift: uint8(n)})
		case !f.zero[part]:
			to = part
		default:
			to = part
			continue
		}
		width += n
	}
	return to
}

func ones(width int) uint64 { return 1<<width - 1 }

// run executes operations.
func (m *Model) run(program []operation) {
	s := m.state
	for i := range program {
		o := &program[i]
		a := s[o.a]
		field := a >> (o.shift & 63) & o.mask
		var v uint64
		switch o.code {
		case opField:
			v = field
		case opJoin:
			v = a<<(o.shift&63) | s[o.b]
		case opSign:
			v = a | o.mask&-(a>>(o.shift&63))
		case opNot:
			v = field ^ o.mask
		case opAnd:
			v = field & s[o.b]
		case opOr:
			v = field | s[o.b]
		case opXor:
			v = field ^ s[o.b]
		case opAll:
			v = bit(field == o.mask)
		case opAny:
			v = bit(field != 0)
		case opParity:
			v = uint64(bits.OnesCount64(field) & 1)
		case opAdd:
			v = (a + s[o.b]) & o.mask
		case opSub:
			v = (a - s[o.b]) & o.mask
		case opMul:
			v = a * s[o.b]
		case opEqual:
			v = bit(a == s[o.b])
		case opLess:
			v = bit(a < s[o.b])
		case opMux:
			v = s[o.c] ^ (s[o.b]^s[o.c])&-field // without a branch: selects are hard to predict
		case opLeft:
			v = a << s[o.b] & o.mask
		case opRight:
			v = a >> s[o.b]
		}
		s[o.to] = v
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
