package sim

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// tools are the programs behind each simulator.
var tools = map[Simulator][]MissingToolError{
	Icarus: {
		{"iverilog", "iverilog", "to compile for Icarus Verilog"},
		{"vvp", "iverilog", "to run Icarus Verilog"},
	},
	Verilator: {
		{"verilator", "verilator", "to compile for Verilator"},
		{"make", "make", "to build what Verilator writes"},
		{"g++", "g++", "to build what Verilator writes"},
	},
}

// FindTools returns a MissingToolError for the first program that a simulator lacks.
func FindTools(s Simulator) error {
	for _, tool := range tools[s] {
		if _, err := exec.LookPath(tool.Tool); err != nil {
			return &tool
		}
	}
	return nil
}

// command is a tool run in a directory. When the context ends, it dies with everything that it started.
func command(ctx context.Context, dir, name string, args ...string) (*exec.Cmd, *tail) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // a compiler that is killed leaves its files where they are swept up
	log := &tail{}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = time.Second // for grandchildren that hold the pipes open
	ownGroup(cmd)
	return cmd, log
}

// run runs a tool to its end.
func run(ctx context.Context, dir, name string, args ...string) error {
	cmd, log := command(ctx, dir, name, args...)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &SimulatorError{name, err, log.String()}
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
