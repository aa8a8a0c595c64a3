package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"fmaq/verilog"
)

// benchVectors is how many vectors an emitted bench has unless asked for more: enough to show life, not to prove anything.
const benchVectors = 1000

type genCmd struct {
	Config  string `arg:"" help:"Preset, accumulator format or TOML file."`
	Out     string `short:"o" required:"" placeholder:"DIR" help:"Directory to write to; files of other origin in it stay as they are."`
	Vectors int    `default:"1000" help:"Test vectors for the bench (${default})." placeholder:"N"`
	Seed    uint64 `default:"1" placeholder:"S" help:"Seed of the test vectors (${default})."`
	Force   bool   `help:"Overwrite generated files even if they were edited since."`
}

func (c *genCmd) Run(w *world) error {
	if err := errors.Join(positive("vectors", c.Vectors), notEmpty("out", c.Out, "a directory")); err != nil {
		return err
	}
	circuit, err := load(c.Config)
	if err != nil {
		return err
	}
	report, err := circuit.write(w.ctx, c.Out, c.Vectors, c.Seed, c.Force)
	if err != nil {
		return err
	}
	for _, path := range report.Kept {
		fmt.Fprintf(w.stderr, "fmaq: %s: no longer generated, but edited: left there\n", filepath.Join(c.Out, path))
	}
	fmt.Fprintf(w.stdout, "%s: %d files, top module %s, configuration %s\n", c.Out, len(report.Written),
		circuit.design.Top.Name, circuit.options().Hash)
	return nil
}

// write emits the circuit into a directory, all or nothing, with a bench of n vectors. An interrupt is heard until the
// files are put in their places.
func (c *circuit) write(ctx context.Context, dir string, n int, seed uint64, force bool) (*verilog.WriteReport, error) {
	s, err := c.stimulus(seed)
	if err != nil {
		return nil, err
	}
	o := c.options()
	if o.Vectors, err = s.bench(ctx, n); err != nil {
		return nil, err
	}
	files, err := verilog.Generate(c.design, o)
	if err := errors.Join(ctx.Err(), err); err != nil {
		return nil, err
	}
	report, err := verilog.WriteDir(dir, files, verilog.WriteOptions{Force: force})
	return report, advise(err)
}
