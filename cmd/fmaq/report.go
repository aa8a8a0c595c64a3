package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"fmaq/config"
	"fmaq/gatecount"
	"fmaq/verilog"
)

// Names of the files that "run" adds to the circuit's own.
const (
	reportName  = "report.md"
	resultsName = "results.json"
	chartName   = "gates.svg"
)

func gatesInWords(c gatecount.Comparison) string {
	var parts []string
	for _, e := range c.Entries {
		parts = append(parts, fmt.Sprintf("%s %s (model %s)", e.Name, grouped(int64(e.Structure.Total.Gates), true),
			grouped(int64(e.Model.Total), true)))
	}
	return strings.Join(parts, ", ")
}

func (r *cosimulation) inWords() string {
	return fmt.Sprintf("%s vectors, %s mismatches in %s, %s of the cycle model", grouped(int64(r.Vectors), true),
		grouped(int64(r.Mismatches), true), simulatorTitles[r.Simulator], grouped(int64(r.ModelMismatches), true))
}

func (a *accuracy) inWords() string {
	c := a.Configurations[0]
	return fmt.Sprintf("top-1 %s in float32, %s with %s operands, %s under %s", percent(a.Float32.Top1),
		percent(c.Quantised.Top1), c.Operands, percent(c.FMAq.Top1), c.Name)
}

// summary is the four results in a table.
func (r *results) summary() *grid {
	g := &grid{header: []string{"", "result"}}
	g.add("circuit", fmt.Sprintf("%s, latency %d, %d files, configuration %s", r.Top, r.Latency, r.Files, r.Hash))
	e := r.Gates.Entries[0]
	g.add("gates, emitted circuit", fmt.Sprintf("%s%s", grouped(int64(e.Structure.Total.Gates), true), shares(e, false)))
	g.add("gates, paper's model", fmt.Sprintf("%s%s", grouped(int64(e.Model.Total), true), shares(e, true)))
	g.add("co-simulation", r.Simulation.inWords())
	g.add(r.Proof.title(), r.Proof.outcome())
	g.add("network", r.Accuracy.inWords())
	return g
}

func shares(e gatecount.Entry, model bool) string {
	var parts []string
	for _, r := range e.Ratios {
		v := &r.Model
		if !model {
			v = r.Structure
		}
		if v != nil && r.To != e.Name {
			parts = append(parts, fmt.Sprintf("%.0f %% of %s", 100**v, r.To))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// write adds report, results and chart to the circuit's directory, the record of them first: should the rest fail, the
// next run finds files of its own, if edited ones.
func (r *results) write(dir string, c *circuit, force bool) error {
	var values bytes.Buffer
	if err := printJSON(&values, r); err != nil {
		return err
	}
	files := []verilog.File{
		{Path: chartName, Data: gatesChart(r.Gates)},
		{Path: resultsName, Data: values.Bytes()},
		{Path: reportName, Data: r.report(c)},
	}
	record, err := recordFile(r.Hash, files)
	if err != nil {
		return err
	}
	// Again: much can happen in the minute since.
	if err := checkReport(dir, force); err != nil {
		return advise(err)
	}
	for _, f := range append([]verilog.File{record}, files...) {
		if err := writeFile(filepath.Join(dir, f.Path), f.Data); err != nil {
			return err
		}
	}
	return nil
}

func (r *results) report(c *circuit) []byte {
	var b bytes.Buffer
	section := func(title string) { fmt.Fprintf(&b, "\n## %s\n\n", title) }
	fmt.Fprintf(&b, "# %s\n\n", r.Configuration)
	if c.About != "" {
		fmt.Fprintf(&b, "%s\n\n", c.About)
	}
	b.WriteString(r.summary().markdown())
	fmt.Fprintf(&b, "\nMade by %s from %s. The circuit is in `rtl`, its bench in `tb`, the figures below also in `%s`.\n",
		r.Tool, c.Source, resultsName)

	section("Configuration")
	fmt.Fprintf(&b, "```toml\n%s```\n", config.Canonical(c.Params))

	section("Gates")
	fmt.Fprintf(&b, "![Gates by block](%s)\n\n", chartName)
	b.WriteString(gatesMarkdown(r.Gates))

	section("Co-simulation")
	fmt.Fprintf(&b, "The emitted Verilog in %s beside the Go cycle model, every output in every cycle; and the cycle model beside the "+
		"numerics, every result.\n\n", simulatorTitles[r.Simulation.Simulator])
	g := &grid{header: []string{"", "value"}}
	g.add("stratified vectors", grouped(int64(r.Simulation.Vectors), true))
	g.add("seed", fmt.Sprint(r.Simulation.Seed))
	g.add("cycles", grouped(int64(r.Simulation.Cycles), true))
	g.add("mismatches, simulator against cycle model", grouped(int64(r.Simulation.Mismatches), true))
	g.add("mismatches, cycle model against numerics", grouped(int64(r.Simulation.ModelMismatches), true))
	b.WriteString(g.markdown())
	if r.Simulation.verdict() != nil {
		var text bytes.Buffer
		r.Simulation.print(&text, c)
		fmt.Fprintf(&b, "\n```\n%s```\n", text.String())
	}

	section(strings.ToUpper(r.Proof.title()[:1]) + r.Proof.title()[1:])
	b.WriteString(r.Proof.markdown())

	section("Network")
	a := r.Accuracy.grid()
	fmt.Fprintf(&b, "%s.\n\n%s", a.title, a.markdown())
	for _, l := range r.Accuracy.Configurations {
		g := l.layerGrid()
		fmt.Fprintf(&b, "\n%s.\n\n%s", g.title, g.markdown())
	}
	return b.Bytes()
}

// gatesMarkdown is both tallies as Markdown tables.
func gatesMarkdown(c gatecount.Comparison) string {
	var b strings.Builder
	_ = printGates(&b, tableFormat{"md"}, c) // a builder takes everything
	return b.String()
}
