package gen

import "fmaq/gen/rtl"

// Mantissas of zero bits leave some words empty. A nil net stands for the empty word in these helpers, and only here.

// input adds an input port unless it is empty.
func input(m *rtl.Module, name string, width int) *rtl.Net {
	if width == 0 {
		return nil
	}
	return m.Input(name, width)
}

// output adds an output port unless it is empty.
func output(m *rtl.Module, name string, n *rtl.Net) {
	if n != nil {
		m.Output(name, n)
	}
}

// slice takes bits high down to low, none if high < low.
func slice(m *rtl.Module, a *rtl.Net, high, low int) *rtl.Net {
	if high < low {
		return nil
	}
	return m.Slice("", a, high, low)
}

// concat joins the nonempty parts.
func concat(m *rtl.Module, name string, parts ...*rtl.Net) *rtl.Net {
	var some []*rtl.Net
	for _, p := range parts {
		if p != nil {
			some = append(some, p)
		}
	}
	switch {
	case len(some) == 0:
		return nil
	case len(some) == 1 && name == "":
		return some[0]
	case len(some) == 1:
		return m.Slice(name, some[0], some[0].Width-1, 0)
	}
	return m.Concat(name, some...)
}

// zeros is a constant 0 of some width.
func zeros(m *rtl.Module, width int) *rtl.Net {
	if width == 0 {
		return nil
	}
	return m.Const(width, 0)
}

// repeat is a bit, width times.
func repeat(m *rtl.Module, bit *rtl.Net, width int) *rtl.Net {
	parts := make([]*rtl.Net, width)
	for i := range parts {
		parts[i] = bit
	}
	return concat(m, "", parts...)
}

// constant is a signed value in two's complement.
func constant(m *rtl.Module, width, value int) *rtl.Net {
	return m.Const(width, uint64(value)&(1<<width-1))
}

// anyBit is the disjunction of all bits of the nonempty words.
func anyBit(m *rtl.Module, name string, words ...*rtl.Net) *rtl.Net {
	return m.ReduceOr(name, concat(m, "", words...))
}

// mux is a multiplexer of possibly empty words.
func mux(m *rtl.Module, name string, sel, then, otherwise *rtl.Net) *rtl.Net {
	if then == nil {
		return nil
	}
	return m.Mux(name, sel, then, otherwise)
}
