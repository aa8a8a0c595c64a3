package gen

import "fmaq/gen/rtl"

// evaluate runs the combinational parts of a module on input words, by the definition of each cell. Registers pass
// their operand on, so that a pipeline gives the result of its latency's end.
func evaluate(m *rtl.Module, in []uint64) []uint64 {
	value := make([]uint64, len(m.Nets))
	for i, n := range m.Inputs {
		value[n.Index] = in[i]
	}
	var words [8]uint64
	for _, c := range m.Cells {
		operands := words[:0]
		for _, n := range c.In {
			operands = append(operands, value[n.Index])
		}
		switch c.Kind {
		case rtl.Register:
			value[c.Out[0].Index] = operands[0]
		case rtl.Instance:
			for i, v := range evaluate(c.Module, operands) {
				value[c.Out[i].Index] = v
			}
		default:
			value[c.Out[0].Index] = c.Eval(operands)
		}
	}
	out := make([]uint64, len(m.Outputs))
	for i, o := range m.Outputs {
		out[i] = value[o.Net.Index]
	}
	return out
}
