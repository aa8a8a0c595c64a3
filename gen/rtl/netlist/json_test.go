package netlist

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/gen/rtl"
)

// description has the inputs clk, a, b and the output y; a and y have two bits.
func description() *rtl.Netlist {
	m := rtl.NewModule("top", "")
	m.ClockInput("clk")
	a, b := m.Input("a", 2), m.Input("b", 1)
	m.Output("y", m.Register("q", m.Xor("", a, m.Concat("", b, b)), false))
	d, err := rtl.NewDesign(m)
	if err != nil {
		panic(err)
	}
	return rtl.Lower(d)
}

// file is a netlist with these cells; nets 2 is clk, 3 and 4 are a, 5 is b, 6 and 7 are y.
func file(cells ...string) []byte {
	return fmt.Appendf(nil, `{"creator": "test", "modules": {"other": {}, "top": {
		"ports": {"y": {"direction": "output", "bits": [6, 7]}, "b": {"direction": "input", "bits": [5]},
			"a": {"direction": "input", "bits": [3, 4]}, "clk": {"direction": "input", "bits": [2]}},
		"cells": {%s}}}}`, strings.Join(cells, ",\n"))
}

func cell(name, kind string, pins ...any) string {
	var connections []string
	for i := 0; i < len(pins); i += 2 {
		connections = append(connections, fmt.Sprintf(`"%s": [%v]`, pins[i], pins[i+1]))
	}
	return fmt.Sprintf(`"%s": {"type": "%s", "connections": {%s}}`, name, kind, strings.Join(connections, ", "))
}

const testLibrary = `library (l) {
  cell (XORFF) { area : 3; ff (IQ, IQN) { clocked_on : "!CKN"; next_state : "A^B"; clear : "!RN"; preset : "S"; }
    pin (CKN, A, B, RN, S) { direction : input; } pin (Q) { direction : output; function : "IQ"; }
    pin (QN) { direction : output; function : "IQN"; } }
  cell (INV) { area : 1; pin (A) { direction : input; } pin (Y) { direction : output; function : "A'"; } }
  cell (LATCH) { latch (IQ, IQN) { enable : "A"; } }
}`

func readTest(t *testing.T, cells ...string) (*Mapped, error) {
	t.Helper()
	l, err := ReadLiberty("l.lib", []byte(testLibrary))
	require.NoError(t, err)
	return ReadJSON("n.json", file(cells...), l, description())
}

// TestReadJSON has Yosys's gates beside a library's, an inverted clock, an inverse output, and constants.
func TestReadJSON(t *testing.T) {
	m, err := readTest(t,
		cell("u0", "$_XOR_", "A", 3, "B", 5, "Y", 10),
		cell("u1", "$_SDFF_PN0_", "C", 2, "D", 10, "R", `"1"`, "Q", 6),
		cell("u2", "INV", "A", 2, "Y", 11),
		cell("u3", "XORFF", "CKN", 11, "A", 12, "B", 5, "RN", `"1"`, "S", `"0"`, "QN", 7),
		cell("u4", "INV", "A", 4, "Y", 13),
		cell("u5", "$_BUF_", "A", 13, "Y", 14),
		cell("u6", "$_MUX_", "A", `"1"`, "B", 4, "S", `"1"`, "Y", 15),
		cell("u7", "INV", "A", 15, "Y", 16),
		cell("u8", "$_NOT_", "A", 16, "Y", 12),
	)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"$_XOR_": 1, "$_SDFF_PN0_": 1, "INV": 3, "XORFF": 1, "$_BUF_": 1, "$_MUX_": 1, "$_NOT_": 1}, m.Cells)
	assert.Equal(t, 9, m.Total())
	assert.Equal(t, 6.0, m.Area)
	assert.Equal(t, "test", m.Creator)
	var ports []string
	for _, p := range append(m.Inputs, m.Outputs...) {
		ports = append(ports, fmt.Sprint(p.Name, len(p.Bits)))
	}
	assert.Equal(t, []string{"clk1", "a2", "b1", "y2"}, ports, "the description's order")
	assert.Equal(t, 0, m.Clock)
	assert.Equal(t, -1, m.Reset)
	assert.Equal(t, 1, m.Latency())

	// Bit 0 is the description's; bit 1 is its complement.
	both := Unroll(m.Netlist, description())
	for in := range 8 {
		got, want := evaluate(both[0], in), evaluate(both[1], in)
		assert.Equal(t, want^2, got, "%03b", in)
	}
}

// evaluate runs a combinational netlist on input bits, counted through the ports, and returns the output bits.
func evaluate(n *rtl.Netlist, in int) (out int) {
	level := make([]bool, len(n.Gates))
	at := 0
	for _, p := range n.Inputs {
		for _, w := range p.Bits {
			level[w] = in>>at&1 == 1
			at++
		}
	}
	for i, g := range n.Gates {
		x := func(k int) bool { return level[g.In[k]] }
		switch g.Kind {
		case rtl.GateOne:
			level[i] = true
		case rtl.GateNot:
			level[i] = !x(0)
		case rtl.GateAnd:
			level[i] = x(0) && x(1)
		case rtl.GateOr:
			level[i] = x(0) || x(1)
		case rtl.GateXor:
			level[i] = x(0) != x(1)
		case rtl.GateMux:
			level[i] = x(0) && x(1) || !x(0) && x(2)
		case rtl.GateFlop:
			panic("a flip-flop")
		}
	}
	at = 0
	for _, p := range n.Outputs {
		for _, w := range p.Bits {
			if level[w] {
				out |= 1 << at
			}
			at++
		}
	}
	return out
}

func TestReadJSONErrors(t *testing.T) {
	good := []string{cell("q0", "$_DFF_P_", "C", 2, "D", 3, "Q", 6), cell("q1", "$_DFF_P_", "C", 2, "D", 4, "Q", 7)}
	_, err := readTest(t, good...)
	require.NoError(t, err)
	for _, c := range []struct {
		cells   []string
		message string
	}{
		{good[:1], "port y: bit 1 reads net 7, which has no driver"},
		{[]string{good[0], cell("q1", "$_DFF_P_", "C", 2, "D", `"x"`, "Q", 7)}, "cell q1 ($_DFF_P_): pin D is undefined (x): want a net or a constant"},
		{[]string{good[0], cell("q1", "$_DFF_P_", "C", 2, "D", 9, "Q", 7)}, "cell q1 ($_DFF_P_): pin D reads net 9, which has no driver"},
		{append(good, cell("u", "INV", "A", 3, "Y", 6)), "cell u (INV): output Y drives a net that has a driver already"},
		{append(good, cell("u", "INV", "A", 3, "Y", 5)), "cell u (INV): output Y drives a net that has a driver already"},
		{append(good, cell("u", "INV", "A", 3, "Y", `"0"`)), "cell u (INV): output Y drives a net that has a driver already"},
		{append(good, cell("u", "INV", "A", "3, 4", "Y", 9)), "cell u (INV): input A has 2 connections: want 1"},
		{append(good, cell("u", "INV", "A", 3, "Z", 9)), "cell u: type INV has no pin Z"},
		{append(good, cell("u", "NAND9"), cell("v", "NAND9")), `cell u and 1 more: type "NAND9" is not among the 3 cells of l.lib`},
		{append(good, cell("u", "LATCH", "A", 3)), "cell u: l.lib: line 6: cell LATCH: it is a latch"},
		{append(good, cell("u", "$_DFFE_PP_")), "cell u: type $_DFFE_PP_: of Yosys's own cells, want those of one bit without enable"},
		{append(good, `"u": null`), `cell u: type "" is not among`},
		{[]string{good[0], cell("u", "$_AND_", "A", 7, "B", 3, "Y", 9), cell("v", "INV", "A", 9, "Y", 7)}, "cells v, u form a loop"},
		{[]string{good[0], cell("u", "$_AND_", "A", 7, "B", 3, "Y", 9), cell("v", "$_DFF_P_", "C", 2, "D", 9, "Q", 7)}, "cells v, u form a loop"},
		{[]string{good[0], cell("q1", "$_DFF_N_", "C", 2, "D", 4, "Q", 7)}, "cell q1 ($_DFF_N_): it is not clocked by the rising edge of clk"},
		{[]string{good[0], cell("q1", "$_DFF_P_", "C", 3, "D", 4, "Q", 7)}, "cell q1 ($_DFF_P_): it is not clocked by the rising edge of clk"},
		{[]string{good[0], cell("q1", "$_DFF_PN0_", "C", 2, "D", 4, "R", 5, "Q", 7)}, "cell q1 ($_DFF_PN0_): its asynchronous clear is not tied inactive"},
		{[]string{good[0], cell("q1", "$_DFF_PP1_", "C", 2, "D", 4, "R", `"1"`, "Q", 7)}, "cell q1 ($_DFF_PP1_): its asynchronous preset is not tied inactive"},
	} {
		_, err := readTest(t, c.cells...)
		assert.ErrorContains(t, err, "n.json: module top: ")
		assert.ErrorContains(t, err, c.message)
	}
	for text, message := range map[string]string{
		"{}\n{}":                     "n.json: not the JSON of a Yosys netlist: line 2: invalid character",
		"":                           "n.json: not the JSON of a Yosys netlist: line 1: unexpected end of JSON input",
		"{\n\"modules\": [}":         "n.json: not the JSON of a Yosys netlist: line 2: invalid character",
		`{"modules": {}}`:            "n.json: no module top; it has none",
		`{"modules": {"top": null}}`: "n.json: no module top; it has top",
		string(file(cell("u", "INV", "A", `"q"`))): `bit "q": want the number of a net, "0" or "1"`,
		string(file(cell("u", "INV", "A", -1))):    `bit -1: want the number of a net, "0" or "1"`,
	} {
		_, err := ReadJSON("n.json", []byte(text), nil, description())
		assert.ErrorContains(t, err, message, text)
	}
	hierarchy := strings.Replace(string(file(cell("u", "other"))), `"other": {}`, `"other": {"cells": {"v": {"type": "INV"}}}`, 1)
	_, err = ReadJSON("n.json", []byte(hierarchy), nil, description())
	assert.ErrorContains(t, err, "cell u: other is a module: flatten the netlist")
	inout := strings.Replace(string(file(good...)), `"direction": "input", "bits": [5]`, `"direction": "inout", "bits": [5]`, 1)
	_, err = ReadJSON("n.json", []byte(inout), nil, description())
	assert.ErrorContains(t, err, "port b is an inout of 1 bits: want an input of 1")
}

// TestYosysGates: each gate computes what Yosys's simulation model of it says (share/yosys/simcells.v).
func TestYosysGates(t *testing.T) {
	for name, want := range map[string]func(a, b, c, d, s, t bool) bool{
		"$_BUF_":    func(a, b, c, d, s, t bool) bool { return a },
		"$_NOT_":    func(a, b, c, d, s, t bool) bool { return !a },
		"$_AND_":    func(a, b, c, d, s, t bool) bool { return a && b },
		"$_NAND_":   func(a, b, c, d, s, t bool) bool { return !(a && b) },
		"$_ANDNOT_": func(a, b, c, d, s, t bool) bool { return a && !b },
		"$_OR_":     func(a, b, c, d, s, t bool) bool { return a || b },
		"$_NOR_":    func(a, b, c, d, s, t bool) bool { return !(a || b) },
		"$_ORNOT_":  func(a, b, c, d, s, t bool) bool { return a || !b },
		"$_XOR_":    func(a, b, c, d, s, t bool) bool { return a != b },
		"$_XNOR_":   func(a, b, c, d, s, t bool) bool { return a == b },
		"$_MUX_":    func(a, b, c, d, s, t bool) bool { return s && b || !s && a },
		"$_NMUX_":   func(a, b, c, d, s, t bool) bool { return !(s && b || !s && a) },
		"$_AOI3_":   func(a, b, c, d, s, t bool) bool { return !(a && b || c) },
		"$_OAI3_":   func(a, b, c, d, s, t bool) bool { return !((a || b) && c) },
		"$_AOI4_":   func(a, b, c, d, s, t bool) bool { return !(a && b || c && d) },
		"$_OAI4_":   func(a, b, c, d, s, t bool) bool { return !((a || b) && (c || d)) },
		"$_MUX4_":   func(a, b, c, d, s, t bool) bool { return [4]bool{a, b, c, d}[bits(s, t)] },
	} {
		g := yosysGates.Cells[name]
		require.NotNil(t, g, name)
		for i := range 64 {
			in := [6]bool{}
			level := map[string]bool{}
			for k, pin := range []string{"A", "B", "C", "D", "S", "T"} {
				in[k] = i>>k&1 == 1
				level[pin] = in[k]
			}
			require.Equal(t, want(in[0], in[1], in[2], in[3], in[4], in[5]), eval(g.Outputs[0].Function, level), "%s %v", name, level)
		}
	}
	for name, c := range yosysGates.Cells {
		if c.Flop == nil || !strings.HasPrefix(name, "$_SDFF_") {
			continue
		}
		active, value := name[8] == 'P', name[9] == '1'
		for i := range 4 {
			d, r := i&1 == 1, i&2 == 2
			want := d
			if r == active {
				want = value
			}
			assert.Equal(t, want, eval(c.Flop.Next, map[string]bool{"D": d, "R": r}), "%s D = %v, R = %v", name, d, r)
		}
	}
}

func bits(low, high bool) (n int) {
	if low {
		n++
	}
	if high {
		n += 2
	}
	return n
}

func TestWriteBLIF(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteBLIF(&b, Unroll(description())[0]))
	assert.Equal(t, `.model top
.inputs i0 i1 i2
.outputs o0 o1
.names n0
.names n1
1
.names i0 i2 n5
10 1
01 1
.names i1 i2 n6
10 1
01 1
.names n5 o0
1 1
.names n6 o1
1 1
.end
`, b.String())
	assert.Panics(t, func() { _ = WriteBLIF(&b, description()) })
}

// TestUnroll: the inputs are those that are read, each in its cycle.
func TestUnroll(t *testing.T) {
	m := rtl.NewModule("top", "")
	m.ClockInput("clk_i")
	m.ResetInput("rst_ni")
	a, b := m.Input("a_i", 1), m.Input("b_i", 2)
	first := m.Register("a1", a, true)
	m.Output("y_o", m.Register("y", m.And("", first, m.Bit(b, 0)), true))
	d, err := rtl.NewDesign(m)
	require.NoError(t, err)
	u := Unroll(rtl.Lower(d))[0]
	var names []string
	for _, p := range u.Inputs {
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"rst_ni@2", "a_i@2", "rst_ni@1", "b_i@1"}, names)
	for in := range 32 {
		want := 0
		if in&15 == 15 { // bit 1 of b is not read
			want = 1
		}
		assert.Equal(t, want, evaluate(u, in), "%05b", in)
	}
	port, cycles := Before("a_i@2")
	assert.Equal(t, "a_i", port)
	assert.Equal(t, 2, cycles)
	port, cycles = Before("a_i")
	assert.Equal(t, "a_i", port)
	assert.Zero(t, cycles)
}
