package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/sim"
	"fmaq/verilog"
)

type simCmd struct {
	Config    string        `arg:"" help:"Preset, accumulator format or TOML file."`
	Vectors   int           `default:"100000" placeholder:"N" help:"Stratified test vectors (${default})."`
	Seed      uint64        `default:"1" placeholder:"S" help:"Seed of the vectors (${default})."`
	Simulator sim.Simulator `default:"icarus" placeholder:"NAME" help:"icarus or verilator (${default})."`
	Wave      string        `placeholder:"FILE" help:"Write a VCD file of the first cycles."`
	RTL       string        `name:"rtl" placeholder:"DIR" help:"Simulate the Verilog in this directory, as fmaq gen made it, instead of freshly emitted files."`
	Format    string        `enum:"table,json" default:"table" placeholder:"FORMAT" help:"Output format: ${enum}."`
}

func (c *simCmd) Run(w *world) error {
	if err := positive("vectors", c.Vectors); err != nil {
		return err
	}
	circuit, err := load(c.Config)
	if err != nil {
		return err
	}
	o := sim.Options{Simulator: c.Simulator, Wave: c.Wave}
	if c.RTL != "" {
		if err := circuit.checkManifest(c.RTL); err != nil {
			return err
		}
		if o.Files, err = verilogFiles(c.RTL); err != nil {
			return err
		}
	}
	r, err := w.cosimulate(circuit, o, c.Vectors, c.Seed)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		if err := printJSON(w.stdout, r); err != nil {
			return err
		}
	} else {
		r.print(w.stdout, circuit)
	}
	return r.verdict()
}

// checkManifest returns an error if a directory's manifest says that it holds another circuit. Verilog written by hand has
// no manifest, and edited files keep theirs.
func (c *circuit) checkManifest(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, verilog.ManifestPath))
	if err != nil {
		return nil // none, or nothing to read at all, which the search for the Verilog will tell
	}
	var m verilog.Manifest
	if json.Unmarshal(data, &m) != nil || m.Top == "" {
		return nil // somebody else's
	}
	if hash, top := c.options().Hash, c.design.Top.Name; m.Hash != hash || m.Top != top {
		return fmt.Errorf("%s: holds configuration %s (top module %s), not %s, which is %s (top module %s)", dir, m.Hash, m.Top, c.Name, hash, top)
	}
	return nil
}

// verilogFiles are the files of a directory's file list, or without one all Verilog in it or its folder rtl.
func verilogFiles(dir string) ([]string, error) {
	list, err := os.Open(filepath.Join(dir, verilog.FileListPath))
	if err == nil {
		defer list.Close()
		var files []string
		lines := bufio.NewScanner(list)
		for lines.Scan() {
			if line := strings.TrimSpace(lines.Text()); line != "" {
				files = append(files, filepath.Join(dir, filepath.FromSlash(line)))
			}
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
		if len(files) > 0 {
			return files, nil
		}
	}
	for _, pattern := range []string{"rtl/*.v", "*.v"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err == nil && len(files) > 0 {
			return files, nil
		}
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: no Verilog files: want a directory that fmaq gen made", dir)
}

// cosimulation is what "sim --format json" prints.
type cosimulation struct {
	Configuration   string        `json:"configuration"`
	Top             string        `json:"top"`
	Hash            string        `json:"hash"`
	Simulator       string        `json:"simulator"`
	Seed            uint64        `json:"seed"`
	Vectors         uint64        `json:"vectors"`
	Cycles          uint64        `json:"cycles"`
	Latency         int           `json:"latency"`
	Mismatches      uint64        `json:"mismatches"`       // simulator against cycle model, in cycles
	ModelMismatches uint64        `json:"model_mismatches"` // cycle model against the numerics, in vectors
	Seconds         float64       `json:"seconds"`
	Wave            string        `json:"wave,omitempty"`
	WaveCycles      uint64        `json:"wave_cycles,omitempty"`
	First           *mismatch     `json:"first_mismatch,omitempty"`
	FirstModel      *modelFailure `json:"first_model_mismatch,omitempty"`
}

// mismatch is the first cycle in which simulator and cycle model differ.
type mismatch struct {
	Cycle   uint64        `json:"cycle"`
	Vector  int64         `json:"vector"` // -1 if no result is due
	Inputs  []decodedWord `json:"inputs"`
	Outputs []bothSides   `json:"outputs"`
	Blocks  []bothSides   `json:"blocks"`
	Note    string        `json:"note,omitempty"`
}

type decodedWord struct {
	Name  string   `json:"name"`
	Code  string   `json:"code"`
	Value *float64 `json:"value,omitempty"` // where the word is a floating-point code
}

type bothSides struct {
	Name      string      `json:"name"`
	Equal     bool        `json:"equal"`
	Model     decodedWord `json:"model"`
	Simulator decodedWord `json:"simulator"`
}

// modelFailure is the first vector on which the cycle model and the numerics differ.
type modelFailure struct {
	Vector  int64         `json:"vector"`
	Stratum string        `json:"stratum"`
	Inputs  []decodedWord `json:"inputs"`
	Model   decodedWord   `json:"model"`
	Want    decodedWord   `json:"want"`
}

// cosimulate runs a circuit's Verilog beside the cycle model, and the cycle model beside the numerics.
func (w *world) cosimulate(c *circuit, o sim.Options, n int, seed uint64) (*cosimulation, error) {
	s, err := c.stimulus(seed)
	if err != nil {
		return nil, err
	}
	check, err := newModelCheck(c, s)
	if err != nil {
		return nil, err
	}
	bar := w.progress("co-simulation "+c.Name, int64(n))
	defer bar.close()
	o.Progress = func(done uint64) { bar.set(int64(done)) }
	begun := time.Now()
	r, err := sim.Cosimulate(w.ctx, c.design, o, check.words(s.source.First(n)))
	if err != nil {
		return nil, err
	}
	check.flush()
	result := &cosimulation{
		Configuration: c.Name, Top: c.design.Top.Name, Hash: c.options().Hash, Simulator: r.Simulator.String(), Seed: seed,
		Vectors: r.Vectors, Cycles: r.Cycles, Latency: r.Latency, Mismatches: r.Mismatches, Seconds: time.Since(begun).Seconds(),
		ModelMismatches: check.failures, FirstModel: check.first,
	}
	if o.Wave != "" {
		result.Wave, result.WaveCycles = o.Wave, r.WaveCycles
	}
	if m := r.Mismatch; m != nil {
		f := &mismatch{Cycle: m.Cycle, Vector: m.Vector, Note: m.BlocksNote}
		for _, v := range m.Inputs {
			f.Inputs = append(f.Inputs, c.decode(v.Name, v.Word))
		}
		both := func(words []sim.Compared) []bothSides {
			var all []bothSides
			for _, b := range words {
				// Digits for the whole width on both sides, so that they can be told apart at a glance.
				model, simulated := c.decode(b.Name, b.Model), decodedWord{Name: b.Name}
				if b.Simulator.Unknown == 0 {
					simulated = c.decode(b.Name, b.Simulator.Value)
				}
				model.Code = fmt.Sprintf("0x%0*x", (b.Width+3)/4, b.Model)
				simulated.Code = "0x" + b.Simulator.Format(b.Width)
				all = append(all, bothSides{b.Name, b.Equal(), model, simulated})
			}
			return all
		}
		f.Outputs, f.Blocks = both(m.Outputs), both(m.Blocks)
		result.First = f
	}
	return result, nil
}

// decode gives a port's word as hexadecimal and, where it is a code, as the value that it stands for.
func (c *circuit) decode(port string, word uint64) decodedWord {
	s := c.Params.Spec
	f, ok := map[string]fp.Format{"w_i": s.Weight, "x_i": s.Activation, "acc_i": s.Accumulator, "acc_o": s.Accumulator}[port]
	if !ok {
		return decodedWord{Name: port, Code: fmt.Sprintf("%#x", word)}
	}
	v := f.Decode(fp.Code(word), s.Zero)
	return decodedWord{Name: port, Code: hexCode(f, fp.Code(word)), Value: &v}
}

func (d decodedWord) String() string {
	if d.Value == nil {
		return d.Code
	}
	return d.Code + " = " + real(*d.Value)
}

// modelCheck holds the cycle model against the numerics, vector by vector, one a cycle.
type modelCheck struct {
	circuit  *circuit
	stimulus *stimulus
	model    *sim.Model
	in, out  []uint64
	place    []int // of each data input among the model's inputs
	result   int   // position of acc_o
	latency  int
	pending  []vectors.Vector // entered, their results not out yet
	checked  int64
	failures uint64
	first    *modelFailure
}

func newModelCheck(c *circuit, s *stimulus) (*modelCheck, error) {
	m, err := sim.NewModel(c.design)
	if err != nil {
		return nil, err
	}
	k := &modelCheck{circuit: c, stimulus: s, model: m, in: make([]uint64, len(m.Inputs())), out: make([]uint64, len(m.Outputs())),
		latency: verilog.NewInterface(c.design).Latency}
	position := map[string]int{}
	for i, p := range m.Inputs() {
		position[p.Name] = i
		if p.Name == "rst_ni" || p.Name == verilog.ValidIn {
			k.in[i] = 1
		}
	}
	for _, n := range s.inputs {
		k.place = append(k.place, position[n.Name])
	}
	for i, p := range m.Outputs() {
		if p.Name == "acc_o" {
			k.result = i
		}
	}
	return k, nil
}

// words passes vectors on as words, having run the cycle model on each.
func (k *modelCheck) words(all iter.Seq[vectors.Vector]) iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) {
		for v := range all {
			words := k.stimulus.words(v)
			for i, word := range words {
				k.in[k.place[i]] = word
			}
			k.pending = append(k.pending, v)
			k.cycle()
			if !yield(words) {
				return
			}
		}
	}
}

// flush runs what is still in the pipeline to its end.
func (k *modelCheck) flush() {
	for len(k.pending) > 0 {
		k.latency-- // nothing enters any more
		k.cycle()
	}
}

func (k *modelCheck) cycle() {
	k.model.Cycle(k.in, k.out)
	if len(k.pending) <= k.latency {
		return
	}
	v := k.pending[0]
	k.pending = k.pending[1:]
	got, want := fp.Code(k.out[k.result]), k.stimulus.result(v)
	if got != want {
		if k.failures++; k.first == nil {
			f := &modelFailure{Vector: k.checked, Stratum: v.Stratum.String(), Model: k.circuit.decode("acc_o", uint64(got)),
				Want: k.circuit.decode("acc_o", uint64(want))}
			for i, word := range k.stimulus.words(v) {
				f.Inputs = append(f.Inputs, k.circuit.decode(k.stimulus.inputs[i].Name, word))
			}
			k.first = f
		}
	}
	k.checked++
}

// simulatorTitles are the simulators' full names.
var simulatorTitles = map[string]string{"icarus": "Icarus Verilog", "verilator": "Verilator"}

// verdict is the error of a co-simulation that found a difference.
func (r *cosimulation) verdict() error {
	switch {
	case r.Mismatches > 0:
		return differs("%s: %s and the cycle model differ in %d cycles", r.Configuration, simulatorTitles[r.Simulator], r.Mismatches)
	case r.ModelMismatches > 0:
		return differs("%s: the cycle model and the numerics differ in %d vectors", r.Configuration, r.ModelMismatches)
	}
	return nil
}

func (r *cosimulation) print(w io.Writer, c *circuit) {
	clocked := "combinational"
	if r.Latency > 0 {
		clocked = fmt.Sprintf("latency %d", r.Latency)
	}
	fmt.Fprintf(w, "%s (%s, %s): %s stratified vectors, seed %d\n", c.Name, r.Top, clocked, grouped(int64(r.Vectors), true), r.Seed)
	fmt.Fprintf(w, "  %s against the Go cycle model, %s cycles: %d mismatches\n", simulatorTitles[r.Simulator], grouped(int64(r.Cycles), true), r.Mismatches)
	fmt.Fprintf(w, "  Go cycle model against the numerics: %d mismatches\n", r.ModelMismatches)
	if r.Wave != "" {
		fmt.Fprintf(w, "  %s: waves of the first %s cycles\n", r.Wave, grouped(int64(r.WaveCycles), true))
	}
	if f := r.First; f != nil {
		fmt.Fprintf(w, "\nFirst mismatch: cycle %d, vector %d\n\n", f.Cycle, f.Vector)
		g := &grid{header: []string{"signal", "model", "simulator", ""}}
		for _, i := range f.Inputs {
			g.add(i.Name, i.String(), "", "")
		}
		for _, b := range append(f.Blocks, f.Outputs...) {
			note := ""
			if !b.Equal {
				note = "differs"
			}
			g.add(b.Name, b.Model.String(), b.Simulator.String(), note)
		}
		io.WriteString(w, g.text())
		if f.Note != "" {
			fmt.Fprintln(w, f.Note)
		}
	}
	if f := r.FirstModel; f != nil {
		fmt.Fprintf(w, "\nFirst vector on which the cycle model is wrong: %d (%s)\n\n", f.Vector, f.Stratum)
		g := &grid{header: []string{"port", "model", "numerics"}}
		for _, i := range f.Inputs {
			g.add(i.Name, i.String(), "")
		}
		g.add("acc_o", f.Model.String(), f.Want.String())
		io.WriteString(w, g.text())
	}
}
