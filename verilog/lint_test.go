package verilog_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"fmaq/gen/rtl/rtltest"

	"github.com/stretchr/testify/require"
)

// lint wants silence from the three tools, for the modules and for the bench.
func lint(t *testing.T, dir, top string, verilator ...string) {
	t.Helper()
	bench := "tb/" + top + "_tb.v"
	silent(t, dir, "iverilog", "-g2001", "-Wall", "-o", os.DevNull, "-f", "fmaq.f", bench)
	args := append([]string{"--lint-only", "-Wall"}, verilator...)
	silent(t, dir, "verilator", append(args, "-f", "fmaq.f")...)
	silent(t, dir, "verilator", append(args, "--timing", "--top-module", top+"_tb", "-f", "fmaq.f", bench)...)
	list, err := os.ReadFile(dir + "/fmaq.f")
	require.NoError(t, err)
	script := fmt.Sprintf("read_verilog %s; synth -top %s; check -assert", strings.Join(strings.Fields(string(list)), " "), top)
	silent(t, dir, "yosys", "-q", "-p", script)
}

func TestLintExample(t *testing.T) { lint(t, generate(t, example(), exampleOptions()), "example") }

// TestLintRandom prints random designs. Of Verilator's warnings two are left out: comparisons that turn out constant, which
// a sensible generator does not emit and a random one does.
func TestLintRandom(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			lint(t, generate(t, rtltest.Random(seed, seed%2 == 0), options), "top", "-Wno-UNSIGNED", "-Wno-CMPCONST")
		})
	}
}
