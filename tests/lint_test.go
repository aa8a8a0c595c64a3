package tests

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fmaq/config"
	"fmaq/gen"
	"fmaq/verilog"
)

// TestEmittedFilesAreClean writes circuits as `fmaq gen` does and wants no word from Icarus, Verilator and Yosys about modules and
// bench, no latch, loop or undriven net, and a bench that passes on the numerics' own results.
func TestEmittedFilesAreClean(t *testing.T) {
	circuits := map[string]gen.Params{}
	add := func(name string, stages int, bias gen.Bias) {
		c, err := config.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		p := c.Params
		p.Arch.Pipeline, p.Arch.Bias = stages, bias
		circuits[fmt.Sprintf("%s/%d/%v", name, stages, bias)] = p
	}
	for stages := range gen.MaxPipeline + 1 {
		add("m7e4", stages, gen.BiasFixed)
	}
	add("fp16", 0, gen.BiasPort)
	add("fp16", 2, gen.BiasPort)
	add("fp32", 3, gen.BiasFixed)
	const seed = 7
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 6 {
		p := randomParams(r)
		p.Arch.Pipeline = i % (gen.MaxPipeline + 1)
		circuits[fmt.Sprintf("random%d, seed %d", i, seed)] = p
	}
	for name, p := range circuits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Logf("configuration:\n%s", config.Canonical(p))
			// A few run their bench in Verilator too, which compiles for seconds.
			clean(t, p, name == "m7e4/0/fixed" || name == "m7e4/4/fixed" || name == "fp16/0/port")
		})
	}
}

func clean(t *testing.T, p gen.Params, verilated bool) {
	drive, source := subject(t, p, 1)
	d := drive.design
	o := verilog.Options{Tool: "fmaq test", Summary: strings.Split(string(config.Canonical(p)), "\n"), Hash: "test"}
	for v := range source.First(500) {
		o.Vectors = append(o.Vectors, append(drive.words(v), uint64(source.Result(v))))
	}
	files, err := verilog.Generate(d, o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := verilog.WriteDir(dir, files, verilog.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	run := func(want string, name string, args ...string) {
		t.Helper()
		command := exec.Command(name, args...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	top := d.Top.Name
	bench := filepath.Join("tb", top+"_tb.v")
	run("", "iverilog", "-g2001", "-Wall", "-o", "tb.vvp", "-f", verilog.FileListPath, bench)
	run("PASS 500\n", "vvp", "-n", "tb.vvp")
	run("", "verilator", "--lint-only", "-Wall", "-f", verilog.FileListPath)
	run("", "verilator", "--lint-only", "-Wall", "--timing", "--top-module", top+"_tb", "-f", verilog.FileListPath, bench)
	if verilated {
		out, err := verilate(dir, top, bench)
		if err != nil || !strings.Contains(out, "PASS 500\n") || strings.Contains(out, "%Warning") {
			t.Errorf("bench in Verilator: %v\n%s", err, out)
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, verilog.FileListPath))
	if err != nil {
		t.Fatal(err)
	}
	run("", "yosys", "-q", "-p", fmt.Sprintf("read_verilog %s; synth -top %s; check -assert; select -assert-none t:$_DLATCH_*",
		strings.Join(strings.Fields(string(list)), " "), top))
}

// verilate compiles a bench by the command in its head, but without optimisation, and runs it.
func verilate(dir, top, bench string) (string, error) {
	compile := exec.Command("verilator", "--binary", "--timing", "-Wall", "-CFLAGS", "-O0", "--top-module", top+"_tb", "-f", verilog.FileListPath, bench)
	compile.Dir = dir
	if out, err := compile.CombinedOutput(); err != nil {
		return string(out), err
	}
	run := exec.Command(filepath.Join("obj_dir", "V"+top+"_tb"))
	run.Dir = dir
	out, err := run.CombinedOutput()
	return string(out), err
}
