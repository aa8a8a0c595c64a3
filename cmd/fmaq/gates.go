package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"fmaq/gatecount"
	"fmaq/gen/rtl"
)

type gatesCmd struct {
	tableFormat
	libraryFlags
	Configs []string `arg:"" name:"config" help:"Presets, accumulator formats or TOML files."`
	Vs      []string `help:"Configurations to compare with, separated by commas." placeholder:"CONFIG,..."`
	Model   []string `enum:"paper,structural,synth" default:"paper,structural" placeholder:"MODEL,..." help:"Tallies to show: paper, structural, synth (${default})."`
}

func (c *gatesCmd) Run(w *world) error {
	comparison, err := countGates(c.Configs, c.Vs)
	if err != nil {
		return err
	}
	view := &tallies{Comparison: comparison, models: c.Model}
	if slices.Contains(c.Model, "synth") {
		if view.Synthesis, err = w.mapGates(c.libraryFlags, c.Configs, c.Vs); err != nil {
			return err
		}
	}
	switch c.Format {
	case "json":
		return printJSON(w.stdout, view)
	case "csv":
		return view.long().csv(w.stdout)
	}
	return view.print(w.stdout, c.tableFormat)
}

// countGates compares configurations with references, each of which joins them once.
func countGates(names, references []string) (gatecount.Comparison, error) {
	var all []gatecount.Configuration
	add := func(arg string) (string, error) {
		c, err := load(arg)
		if err != nil {
			return "", err
		}
		all = append(all, gatecount.Configuration{Name: c.Name, Spec: c.Params.Spec, Netlist: rtl.Lower(c.design)})
		return c.Name, nil
	}
	var errs []error
	for _, arg := range names {
		if _, err := add(arg); err != nil {
			errs = append(errs, err)
		}
	}
	var to []string
	for _, arg := range references {
		name, err := add(arg)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		to = append(to, name)
		last := len(all) - 1
		if i := slices.IndexFunc(all[:last], func(c gatecount.Configuration) bool { return c.Name == name }); i >= 0 {
			if all[i].Spec != all[last].Spec {
				errs = append(errs, fmt.Errorf("reference %s and another configuration share the name %q: rename the file", arg, name))
			}
			all = all[:last]
		}
	}
	if err := errors.Join(errs...); err != nil {
		return gatecount.Comparison{}, err
	}
	return gatecount.Compare(all, to...)
}

const (
	modelTitle     = "Gates by the paper's model (" + gatecount.Reconstruction + ")"
	structureTitle = "Gates of the circuit really emitted, flattened, before synthesis, by the same weights (a gate that two blocks share counts in the first)"
)

func printGates(w io.Writer, f tableFormat, c gatecount.Comparison) error {
	return f.printAll(w, modelGrid(c), structureGrid(c))
}

func names(c gatecount.Comparison) []string {
	var names []string
	for _, e := range c.Entries {
		names = append(names, e.Name)
	}
	return names
}

func modelGrid(c gatecount.Comparison) *grid {
	g := &grid{title: modelTitle, header: append([]string{"block"}, names(c)...)}
	for i, b := range c.Entries[0].Model.Blocks {
		row := []any{b.Name}
		for _, e := range c.Entries {
			row = append(row, e.Model.Blocks[i].Gates)
		}
		g.add(row...)
	}
	total := []any{"total"}
	for _, e := range c.Entries {
		total = append(total, e.Model.Total)
	}
	g.add(total...)
	g.total = 1
	g.ratios(c, func(r gatecount.Ratio) *float64 { return &r.Model })
	return g
}

// structureGrid has the union of the configurations' blocks, in the order of the first that has each.
func structureGrid(c gatecount.Comparison) *grid {
	g := &grid{title: structureTitle, header: append([]string{"block"}, names(c)...)}
	for _, block := range blocks(c) {
		row := []any{block}
		for _, e := range c.Entries {
			row = append(row, blockGates(e, block))
		}
		g.add(row...)
	}
	for _, line := range []struct {
		name   string
		of     func(gatecount.Tally) int
		always bool
	}{
		{"total", func(t gatecount.Tally) int { return t.Gates }, true},
		{"inverters, not counted", func(t gatecount.Tally) int { return t.Not }, true},
		{"flip-flops, not counted", func(t gatecount.Tally) int { return t.FlipFlops }, false},
	} {
		row, some := []any{line.name}, line.always
		for _, e := range c.Entries {
			n := line.of(e.Structure.Total)
			some = some || n > 0
			row = append(row, n)
		}
		if some {
			g.add(row...)
			g.total++
		}
	}
	g.ratios(c, func(r gatecount.Ratio) *float64 { return r.Structure })
	return g
}

// ratios adds a row of percentages for each reference.
func (g *grid) ratios(c gatecount.Comparison, of func(gatecount.Ratio) *float64) {
	for i, r := range c.Entries[0].Ratios {
		row := []any{"of " + r.To}
		for _, e := range c.Entries {
			cell := ""
			if v := of(e.Ratios[i]); v != nil {
				cell = fmt.Sprintf("%.0f %%", 100**v)
			}
			row = append(row, cell)
		}
		g.add(row...)
		g.total++
	}
}

func blocks(c gatecount.Comparison) []string {
	var blocks []string
	for _, e := range c.Entries {
		for _, b := range e.Structure.Blocks {
			if !slices.Contains(blocks, b.Name) {
				blocks = append(blocks, b.Name)
			}
		}
	}
	return blocks
}

func blockGates(e gatecount.Entry, block string) int {
	for _, b := range e.Structure.Blocks {
		if b.Name == block {
			return b.Gates
		}
	}
	return 0
}

// gatesLong has a row for each configuration, tally and block: the CSV.
func gatesLong(c gatecount.Comparison) *grid {
	g := &grid{header: []string{"configuration", "operands", "accumulator", "tally", "block", "gates"}}
	for _, e := range c.Entries {
		for _, b := range e.Model.Blocks {
			g.add(e.Name, e.Operands, e.Accumulator, "model", b.Name, b.Gates)
		}
		g.add(e.Name, e.Operands, e.Accumulator, "model", "total", e.Model.Total)
		for _, b := range e.Structure.Blocks {
			g.add(e.Name, e.Operands, e.Accumulator, "structure", b.Name, b.Gates)
		}
		g.add(e.Name, e.Operands, e.Accumulator, "structure", "total", e.Structure.Total.Gates)
	}
	return g
}
