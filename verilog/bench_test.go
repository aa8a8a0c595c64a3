package verilog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// icarus compiles the bench of a directory and runs it.
func icarus(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	silent(t, dir, "iverilog", "-g2001", "-Wall", "-o", "tb.vvp", "-f", "fmaq.f", "tb/example_tb.v")
	return tool(t, dir, "vvp", append([]string{"-n", "tb.vvp"}, args...)...)
}

// edit replaces text, which must be there, in a file.
func edit(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, new)), 0o666))
}

func TestBenchPasses(t *testing.T) {
	dir := generate(t, example(), exampleOptions())
	out, err := icarus(t, dir)
	require.NoError(t, err, out)
	assert.Equal(t, "PASS 2048\n", out)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "few.hex"), []byte("f f 0 38\n0 0 0 0"), 0o666))
	out, err = icarus(t, dir, "+vectors=few.hex")
	require.NoError(t, err, out)
	assert.Equal(t, "PASS 2\n", out)
}

// TestBenchFails runs the bench over circuits and vectors that are wrong.
func TestBenchFails(t *testing.T) {
	for _, test := range []struct {
		name, file, old, new string
		want                 string // in the output
	}{
		{"wrong sum", "rtl/example.v", "kept     <= product[7:2]", "kept     <= product[6:1]", "sum_o is"},
		{"valid a cycle early", "rtl/example.v", "valid <= valid_q", "valid <= valid_i", "valid_o is"},
		{"valid without reset", "rtl/example.v", "valid_q <= 1'b0", "valid_q <= valid_i", "valid_o is"},
		{"one stage more", "rtl/example.v", "assign sum_o   = sum;", "reg [5:0] late; always @(posedge clk_i) late <= sum;\nassign sum_o = late;",
			"sum_o is"},
		{"undriven", "rtl/example.v", "sum <= choice", "sum <= 6'bx", "sum_o is 00000000000000Xx, want"},
		{"wrong vector", "tb/vectors.hex", "f f 0 38", "f f 0 39", "sum_o is 0000000000000038, want 0000000000000039"},
		{"malformed vector", "tb/vectors.hex", "f f 0 38", "f f zero 39", "FAIL tb/vectors.hex: vector 256 is malformed"},
		{"short vector", "tb/vectors.hex", "f f 7 37\n", "f f", "FAIL tb/vectors.hex: vector 2048 is malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := generate(t, example(), exampleOptions())
			edit(t, filepath.Join(dir, test.file), test.old, test.new)
			out, err := icarus(t, dir)
			assert.Error(t, err, "the exit code")
			assert.Contains(t, out, test.want)
			assert.Contains(t, out, "\nFAIL "[1:])
			assert.NotContains(t, out, "PASS")
		})
	}
	t.Run("no vectors", func(t *testing.T) {
		out, err := icarus(t, generate(t, example(), options))
		assert.Error(t, err)
		assert.Contains(t, out, "FAIL 0 mismatches in 0 vectors")
	})
	t.Run("no file", func(t *testing.T) {
		out, err := icarus(t, generate(t, example(), exampleOptions()), "+vectors=missing.hex")
		assert.Error(t, err)
		assert.Contains(t, out, "FAIL cannot open missing.hex")
	})
}

func TestBenchVerilator(t *testing.T) {
	build := func(dir string) {
		out, err := tool(t, dir, "verilator", "--binary", "--timing", "-Wall", "--top-module", "example_tb", "-f", "fmaq.f", "tb/example_tb.v")
		require.NoError(t, err, out)
		assert.NotContains(t, out, "%Warning")
	}
	dir := generate(t, example(), exampleOptions())
	build(dir)
	out, err := tool(t, dir, "obj_dir/Vexample_tb")
	require.NoError(t, err, out)
	assert.Contains(t, out, "PASS 2048\n")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "wrong.hex"), []byte("f f 0 39\n"), 0o666))
	out, err = tool(t, dir, "obj_dir/Vexample_tb", "+vectors=wrong.hex")
	assert.Error(t, err)
	assert.Contains(t, out, "FAIL 1 mismatches in 1 vectors")
}
