package verilog_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"fmaq/gen/rtl"
	"fmaq/verilog"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var options = verilog.Options{
	Tool:       "fmaq 0.0.0",
	Summary:    []string{"kind = example", "width = 4"},
	Hash:       "0123456789abcdef",
	Parameters: map[string]any{"kind": "example", "width": 4},
	Ports:      map[string]verilog.PortNote{"a_i": {Doc: "the first addend"}, "offset_i": {Doc: "added to the sum", Signed: true}},
}

// example is a pipelined multiply-accumulate with everything that the printer does: an instance, named and unnamed nets, a
// chain of conditionals, comments, both kinds of registers, bits that nothing reads.
//
//	sum_o = saturate((a_i * b_i)[7:2] + offset_i, flags), two cycles later
func example() *rtl.Design {
	sub := rtl.NewModule("example_multiplier", "Multiplies.\n\n  a_i  b_i\n    \\  /\n  product_o, 8 bits")
	sub.Output("product_o", sub.Mul("product", sub.Input("a_i", 4), sub.Input("b_i", 4)))

	m := rtl.NewModule("example", "An example: multiplies and adds.")
	clk, rst := m.ClockInput("clk_i"), m.ResetInput("rst_ni")
	_, _ = clk, rst
	valid := m.Input("valid_i", 1)
	a, b, offset := m.Input("a_i", 4), m.Input("b_i", 4), m.Input("offset_i", 3)
	product := m.Instance("multiplier", sub, rtl.Ports{"a_i": a, "b_i": b})["product_o"]
	high := m.Slice("", product, 7, 2)
	m.Note("The product's high bits: the low ones are dropped.")
	kept := m.Register("kept", high, false)
	offsetQ := m.Register("offset_q", offset, false)
	validQ := m.Register("valid_q", valid, true)
	wide := m.SignExtend("", 6, offsetQ)
	total := m.Add("total", 7, kept, wide)
	m.Note("Least and greatest words are told apart from the rest.")
	choice := m.Mux("choice", m.ReduceAnd("", kept), m.Const(6, 63),
		m.Mux("", m.Not("", m.ReduceOr("", kept)), m.Const(6, 0),
			m.Mux("", m.Less("", m.Slice("", total, 5, 0), m.Const(6, 9)), m.Const(6, 9), m.Slice("", total, 5, 0))))
	m.Output("sum_o", m.Register("sum", choice, false))
	m.Output("valid_o", m.Register("valid", validQ, true))
	d, err := rtl.NewDesign(m)
	if err != nil {
		panic(err)
	}
	return d
}

// exampleSum is what the example computes.
func exampleSum(a, b, offset uint64) uint64 {
	kept := a * b >> 2 & 63
	if offset >= 4 {
		offset += 56
	}
	total := (kept + offset) & 63
	switch {
	case kept == 63:
		return 63
	case kept == 0:
		return 0
	}
	return max(total, 9)
}

// exampleOptions has all vectors of the example.
func exampleOptions() verilog.Options {
	o := options
	for i := range uint64(1 << 11) {
		a, b, offset := i&15, i>>4&15, i>>8
		o.Vectors = append(o.Vectors, []uint64{a, b, offset, exampleSum(a, b, offset)})
	}
	return o
}

// generate writes a design into a fresh directory.
func generate(t *testing.T, d *rtl.Design, o verilog.Options) string {
	t.Helper()
	files, err := verilog.Generate(d, o)
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = verilog.WriteDir(dir, files, verilog.WriteOptions{})
	require.NoError(t, err)
	return dir
}

// tool runs a program in a directory and returns everything it wrote. The tools are required: script/setup installs them.
func tool(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit, "is %s installed?", name)
	}
	return string(out), err
}

// silent runs a program that must succeed and say nothing.
func silent(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	out, err := tool(t, dir, name, args...)
	require.NoError(t, err, "%s: %s", name, out)
	require.Empty(t, out, name)
}

// TestGolden holds the files of the example to testdata/example.
func TestGolden(t *testing.T) {
	o := options
	o.Vectors = exampleOptions().Vectors[1000:1008]
	files, err := verilog.Generate(example(), o)
	require.NoError(t, err)
	again, err := verilog.Generate(example(), o)
	require.NoError(t, err)
	assert.Equal(t, files, again, "equal input gives equal bytes")
	golden := filepath.Join("testdata", "example")
	if *update {
		require.NoError(t, os.RemoveAll(golden))
		_, err := verilog.WriteDir(golden, files, verilog.WriteOptions{})
		require.NoError(t, err)
	}
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join(golden, f.Path))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(f.Data), f.Path)
	}
	silent(t, golden, "iverilog", "-g2001", "-Wall", "-o", os.DevNull, "-f", "fmaq.f", "tb/example_tb.v")
}

func TestManifestPorts(t *testing.T) {
	files, err := verilog.Generate(example(), options)
	require.NoError(t, err)
	manifest := string(files[len(files)-1].Data)
	assert.Equal(t, verilog.ManifestPath, files[len(files)-1].Path)
	assert.Contains(t, manifest, `"latency": 2`)
	assert.Contains(t, manifest, `"reset": "rst_ni"`)
	assert.NotContains(t, manifest, os.TempDir())
}

// TestErrors wants every name that Verilog cannot have in one error.
func TestErrors(t *testing.T) {
	m := rtl.NewModule("table", "")
	m.Output("reg", m.Not("unused", m.Input("wire", 2)))
	d, err := rtl.NewDesign(m)
	require.NoError(t, err)
	_, err = verilog.Generate(d, options)
	for _, part := range []string{"module table", "output reg", "net wire", "net unused"} {
		assert.ErrorContains(t, err, part)
	}

	o := options
	o.Vectors = [][]uint64{{1, 2, 3, 64}}
	_, err = verilog.Generate(example(), o)
	assert.ErrorContains(t, err, "vector 0: sum_o = 0x40: want 6 bits")
	o.Vectors = [][]uint64{{1, 2, 3}}
	_, err = verilog.Generate(example(), o)
	assert.ErrorContains(t, err, "vector 0: 3 words: want 4")

	m = rtl.NewModule("m", "")
	m.Output("tb_o", m.Input("dut", 1))
	d, err = rtl.NewDesign(m)
	require.NoError(t, err)
	_, err = verilog.Generate(d, options)
	assert.ErrorContains(t, err, "port tb_o")
	assert.ErrorContains(t, err, "port dut")
}
