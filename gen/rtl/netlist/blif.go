package netlist

import (
	"bytes"
	"fmt"
	"io"

	"fmaq/gen/rtl"
)

// covers are the lines of a .names statement for each kind of gate: input values, and the output's.
var covers = map[rtl.GateKind]string{
	rtl.GateZero: "",
	rtl.GateOne:  "1\n",
	rtl.GateNot:  "0 1\n",
	rtl.GateAnd:  "11 1\n",
	rtl.GateOr:   "1- 1\n-1 1\n",
	rtl.GateXor:  "10 1\n01 1\n",
	rtl.GateMux:  "11- 1\n0-1 1\n",
}

// WriteBLIF writes a combinational netlist in the Berkeley Logic Interchange Format. Inputs are named i0, i1, ... and outputs
// o0, o1, ..., in the order of the ports and their bits, so that no name needs quoting. Flip-flops must be unrolled
// before: see [Unroll].
func WriteBLIF(w io.Writer, n *rtl.Netlist) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, ".model %s\n.inputs", n.Name)
	names := make([]string, len(n.Gates))
	inputs := 0
	for _, p := range n.Inputs {
		for _, wire := range p.Bits {
			names[wire] = fmt.Sprintf("i%d", inputs)
			fmt.Fprintf(&b, " %s", names[wire])
			inputs++
		}
	}
	b.WriteString("\n.outputs")
	outputs := 0
	for _, p := range n.Outputs {
		for range p.Bits {
			fmt.Fprintf(&b, " o%d", outputs)
			outputs++
		}
	}
	b.WriteByte('\n')
	for i, g := range n.Gates {
		if g.Kind == rtl.GateInput {
			continue
		}
		cover, ok := covers[g.Kind]
		if !ok {
			panic(fmt.Sprintf("netlist: %s: no BLIF of a %v", n.Name, g.Kind))
		}
		b.WriteString(".names")
		for _, in := range g.In[:g.Kind.Operands()] {
			fmt.Fprintf(&b, " %s", names[in])
		}
		names[i] = fmt.Sprintf("n%d", i)
		fmt.Fprintf(&b, " %s\n%s", names[i], cover)
	}
	outputs = 0
	for _, p := range n.Outputs {
		for _, wire := range p.Bits {
			fmt.Fprintf(&b, ".names %s o%d\n1 1\n", names[wire], outputs)
			outputs++
		}
	}
	b.WriteString(".end\n")
	_, err := w.Write(b.Bytes())
	return err
}
