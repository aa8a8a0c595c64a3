package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"fmaq/config"
	"fmaq/gatecount"
	"fmaq/nn"
	"fmaq/sim"
)

type runCmd struct {
	dataFlag
	Config    string        `arg:"" optional:"" default:"m7e4" help:"Preset, accumulator format or TOML file (${default})."`
	Out       *string       `short:"o" placeholder:"DIR" help:"Directory to write to; build/<name> unless given."`
	Vectors   int           `default:"100000" placeholder:"N" help:"Test vectors of the co-simulation, as fmaq sim --vectors (${default})."`
	Sample    int           `default:"10000000" placeholder:"N" help:"Vectors of the sample where the inputs are too many to prove, as fmaq prove --vectors (${default})."`
	Images    int           `default:"0" placeholder:"N" help:"Only the first N test images; 0 for all (${default})."`
	Seed      uint64        `default:"1" placeholder:"S" help:"Seed of everything random (${default})."`
	Simulator sim.Simulator `default:"icarus" placeholder:"NAME" help:"icarus or verilator (${default})."`
	Force     bool          `help:"Overwrite files of an earlier run even if they were edited since."`
}

// results is everything that "run" finds: report.md in words, results.json as it stands.
type results struct {
	Tool          string                    `json:"tool"`
	Configuration string                    `json:"configuration"`
	Hash          string                    `json:"hash"`
	Parameters    map[string]map[string]any `json:"parameters"`
	Top           string                    `json:"top"`
	Latency       int                       `json:"latency"`
	Files         int                       `json:"files"`
	Gates         gatecount.Comparison      `json:"gates"`
	Simulation    *cosimulation             `json:"simulation"`
	Proof         *proof                    `json:"proof"`
	Accuracy      *accuracy                 `json:"accuracy"`
}

// comparedWith are the references of every run's gate table: the paper's.
var comparedWith = []string{"fp16", "fp32"}

func (c *runCmd) Run(w *world) error {
	errs := []error{positive("vectors", c.Vectors, "sample", c.Sample)}
	if c.Out != nil {
		errs = append(errs, notEmpty("out", *c.Out, "a directory"))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	circuit, err := load(c.Config)
	if err != nil {
		return err
	}
	// Known now rather than after the first files are written.
	if err := sim.FindTools(c.Simulator); err != nil {
		return err
	}
	dir := filepath.Join("build", circuit.Name)
	if c.Out != nil {
		dir = *c.Out
	}
	training, test, err := c.sets(c.Images)
	if err != nil {
		return err
	}
	if err := checkReport(dir, c.Force); err != nil {
		return advise(err)
	}
	step := func(n int, format string, args ...any) {
		fmt.Fprintf(w.stdout, "[%d/5] %s\n", n, fmt.Sprintf(format, args...))
	}

	r := &results{Tool: "fmaq " + version, Configuration: circuit.Name, Hash: config.ShortHash(circuit.Params),
		Parameters: config.Tables(circuit.Params), Top: circuit.design.Top.Name, Latency: circuit.Params.Arch.Pipeline}
	written, err := circuit.write(w.ctx, dir, benchVectors, c.Seed, c.Force)
	if err != nil {
		return err
	}
	r.Files = len(written.Written)
	step(1, "RTL: %d files in %s, top module %s", r.Files, dir, r.Top)

	if r.Gates, err = countGates([]string{c.Config}, comparedWith); err != nil {
		return err
	}
	step(2, "gates: %s", gatesInWords(r.Gates))

	if r.Simulation, err = w.cosimulate(circuit, sim.Options{Simulator: c.Simulator}, c.Vectors, c.Seed); err != nil {
		return err
	}
	step(3, "co-simulation: %s", r.Simulation.inWords())

	if r.Proof, err = w.prove(circuit, c.Sample, c.Seed); err != nil {
		return err
	}
	step(4, "%s", r.Proof.inWords())

	if r.Accuracy, err = w.measure(nn.LeNet(), test, training, []config.Config{circuit.Config}, c.Seed); err != nil {
		return err
	}
	step(5, "network: %s", r.Accuracy.inWords())

	if err := r.write(dir, circuit, c.Force); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "\n%s\n", r.summary().text())
	fmt.Fprintf(w.stdout, "Report: %s\n", filepath.Join(dir, reportName))
	if err := r.Simulation.verdict(); err != nil {
		r.Simulation.print(w.stdout, circuit)
		return err
	}
	return r.Proof.verdict()
}

// notEmpty checks the value of a flag that names a file or directory.
func notEmpty(flag, value, what string) error {
	if value == "" {
		return fmt.Errorf("--%s is empty: want %s", flag, what)
	}
	return nil
}

// positive checks pairs of a flag's name and its value.
func positive(pairs ...any) error {
	var errs []error
	for i := 0; i < len(pairs); i += 2 {
		if n := pairs[i+1].(int); n < 1 {
			errs = append(errs, fmt.Errorf("--%s %d: want 1 or more", pairs[i], n))
		}
	}
	return errors.Join(errs...)
}
