package sim

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"fmaq/sim/external"
)

// tools are the programs behind each simulator.
var tools = map[Simulator][]external.MissingToolError{
	Icarus: {
		{Tool: "iverilog", Package: "iverilog", For: "to compile for Icarus Verilog"},
		{Tool: "vvp", Package: "iverilog", For: "to run Icarus Verilog"},
	},
	Verilator: {
		{Tool: "verilator", Package: "verilator", For: "to compile for Verilator"},
		{Tool: "make", Package: "make", For: "to build what Verilator writes"},
		{Tool: "g++", Package: "g++", For: "to build what Verilator writes"},
	},
}

// FindTools returns an [external.MissingToolError] for the first program that a simulator lacks.
func FindTools(s Simulator) error { return external.Find(tools[s]...) }

// command is a tool that is to run in a directory, and the end of what it will write.
func command(ctx context.Context, dir, name string, args ...string) (*exec.Cmd, *tail) {
	cmd := external.Command(ctx, dir, name, args...)
	log := &tail{}
	cmd.Stdout, cmd.Stderr = log, log
	return cmd, log
}

// run runs a tool to its end.
func run(ctx context.Context, dir, name string, args ...string) error {
	cmd, log := command(ctx, dir, name, args...)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return external.Failed(name, err, log.String())
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if len(t.text) > 2*tailSize {
		t.text = append(t.text[:0], t.text[len(t.text)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	return strings.TrimSpace(string(t.text[max(0, len(t.text)-tailSize):]))
}

// scratch makes a directory for a run; the caller removes it.
func scratch() (string, error) { return os.MkdirTemp("", "fmaq-sim-*") }
