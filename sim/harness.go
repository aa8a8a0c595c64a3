package sim

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"

	"fmaq/gen/rtl"
	"fmaq/sim/external"
	"fmaq/verilog"
)

// A harness is the top module in a simulator, wrapped so that it can be driven a cycle at a time over two streams: a fixed
// number of bytes in for each cycle, all inputs but the clock in port order, each big-endian in whole bytes; a line of
// hexadecimal digits out, all outputs in port order, each in whole digits, sampled when the logic has settled and before
// the clock rises. Unknown bits show as x. The simulator reads standard input and writes file descriptor 3, which leaves
// its standard output to the messages of the circuit and the tool.
type harness struct {
	Top     string
	Clock   string // or empty
	Inputs  []field
	Outputs []field // of the top module, then the traced ones
	Bytes   int     // of a cycle's inputs
	Dump    bool    // into WaveName
	Dumped  int     // cycles; negative means all
}

// field is a port of the wrapper.
type field struct {
	Port      // of the top module; or Name is a path below it
	Wire      string
	Traced    bool
	Bytes     int
	Digits    int
	High, Low int // of an input: its bits in the packed word
	Pad       int // of an output: zeros above it in its digits
}

// waveName is the wave file in the directory of a run.
const waveName = "wave.vcd"

//go:embed harness.v.tmpl
var harnessVerilog string

//go:embed harness.cpp.tmpl
var harnessCPP string

var (
	verilogTemplate = template.Must(template.New("harness.v").Parse(harnessVerilog))
	cppTemplate     = template.Must(template.New("harness.cpp").Parse(harnessCPP))
)

// newHarness wraps the top module of a design whose model is given, with signals below it as further outputs.
func newHarness(d *rtl.Design, m *Model, traced []Signal) *harness {
	h := &harness{Top: d.Top.Name}
	if d.Top.Clock != nil {
		h.Clock = d.Top.Clock.Name
	}
	for i, p := range m.Inputs() {
		h.Inputs = append(h.Inputs, field{Port: p, Wire: fmt.Sprintf("i%d", i), Bytes: (p.Width + 7) / 8})
		h.Bytes += (p.Width + 7) / 8
	}
	h.Bytes = max(1, h.Bytes) // even a circuit without inputs is told when to go on
	at := 8 * h.Bytes
	for i := range h.Inputs {
		f := &h.Inputs[i]
		at -= 8 * f.Bytes
		f.High, f.Low = at+f.Width-1, at
	}
	add := func(p Port, traced bool) {
		digits := (p.Width + 3) / 4
		h.Outputs = append(h.Outputs, field{Port: p, Wire: fmt.Sprintf("o%d", len(h.Outputs)), Traced: traced, Digits: digits,
			Pad: 4*digits - p.Width})
	}
	for _, p := range m.Outputs() {
		add(p, false)
	}
	for _, s := range traced {
		add(Port{s.Path, s.Width}, true)
	}
	return h
}

// WaveName is for the templates.
func (h *harness) WaveName() string { return waveName }

// Line is the length of a cycle's results in bytes.
func (h *harness) Line() int {
	n := 1
	for _, f := range h.Outputs {
		n += f.Digits
	}
	return n
}

// encode appends a cycle's inputs.
func (h *harness) encode(b []byte, in []uint64) []byte {
	if len(h.Inputs) == 0 {
		return append(b, 0)
	}
	for i, f := range h.Inputs {
		for shift := 8 * (f.Bytes - 1); shift >= 0; shift -= 8 {
			b = append(b, byte(in[i]>>shift))
		}
	}
	return b
}

// decode reads a cycle's results.
func (h *harness) decode(line []byte, out []Logic) error {
	at := 0
	for i, f := range h.Outputs {
		var w Logic
		for _, digit := range line[at : at+f.Digits] {
			w.Value, w.Unknown = w.Value<<4, w.Unknown<<4
			switch {
			case '0' <= digit && digit <= '9':
				w.Value |= uint64(digit - '0')
			case 'a' <= digit && digit <= 'f':
				w.Value |= uint64(digit - 'a' + 10)
			case digit == 'x' || digit == 'X' || digit == 'z' || digit == 'Z':
				w.Unknown |= 15
			default:
				return fmt.Errorf("results are not hexadecimal: %q", line)
			}
		}
		w.Unknown &= ones(f.Width)
		out[i] = w
		at += f.Digits
	}
	if line[at] != '\n' {
		return fmt.Errorf("results are longer than expected: %q", line)
	}
	return nil
}

// compile builds the simulation in a directory and returns the command line that runs it there.
func (h *harness) compile(ctx context.Context, s Simulator, dir string, files []string) ([]string, error) {
	if err := FindTools(s); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := verilogTemplate.Execute(&text, h); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "cosim.v"), text.Bytes(), 0o666); err != nil {
		return nil, err
	}
	switch s {
	case Icarus:
		args := append([]string{"-g2001", "-Wall", "-s", "cosim_driver", "-o", "cosim.vvp", "cosim.v"}, files...)
		return []string{"vvp", "-n", "cosim.vvp"}, run(ctx, dir, "iverilog", args...)
	case Verilator:
		text.Reset()
		if err := cppTemplate.Execute(&text, h); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, "cosim.cpp"), text.Bytes(), 0o666); err != nil {
			return nil, err
		}
		args := []string{"--cc", "--exe", "--build", "-j", "2", "-O3", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--x-assign", "unique",
			"--x-initial", "unique", "-DCOSIM_WRAPPER_ONLY", "--top-module", "cosim_dut", "-CFLAGS", "-O1", "-Mdir", "obj", "-o", "cosim"}
		if h.Dump {
			args = append(args, "--trace")
		}
		args = append(append(args, "cosim.v", "cosim.cpp"), files...)
		return []string{filepath.Join(dir, "obj", "cosim")}, run(ctx, dir, "verilator", args...)
	}
	panic(fmt.Sprintf("sim: no harness for %v", s))
}

// process is a running simulation.
type process struct {
	cmd     *exec.Cmd
	log     *tail
	in      io.WriteCloser
	results *os.File
}

// start runs what compile built.
func start(ctx context.Context, dir string, args []string) (*process, error) {
	cmd, log := command(ctx, dir, args[0], args[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	results, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{write} // file descriptor 3
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(external.Failed(args[0], err, ""), results.Close(), write.Close())
	}
	if err := write.Close(); err != nil { // the simulator's end is its own
		return nil, err
	}
	return &process{cmd, log, in, results}, nil
}

// compilable returns the files to simulate: the given ones, by absolute path, or the design's own, printed into dir.
func compilable(d *rtl.Design, given []string, dir string) ([]string, error) {
	var paths []string
	for _, name := range given {
		path, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	if len(paths) > 0 {
		return paths, nil
	}
	files, err := verilog.RTL(d, verilog.Options{})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.Base(f.Path))
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
