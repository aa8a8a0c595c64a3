package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fmaq/config"
	"fmaq/fp"
	"fmaq/gatecount"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/synth"
)

const (
	comparisonName  = "comparison.md"
	areaOverDelay   = "area-delay.svg"
	comparedToFP32  = "fp32" // the reference of all ratios
	pricedStochBits = 8
)

// What the comparison takes apart and sweeps: the paper's format, and what it replaces.
var comparedFormats = []string{"m7e4", "fp16", "fp32"}

type compareCmd struct {
	libraryFlags
	Out string `short:"o" default:"docs" placeholder:"DIR" help:"Where comparison.md and area-delay.svg go (${default})."`
}

// priced is a circuit with its tallies.
type priced struct {
	name      string
	params    gen.Params
	design    *rtl.Design
	model     int // gates, which no switch changes
	structure gatecount.Tally
	mapped    *synth.Result // for area; nil before synthesis
}

// switched is a format with the circuits that differ from its default one by a switch each.
type switched struct {
	plain    *priced
	variants []*priced
}

// comparison is what docs/comparison.md shows.
type comparison struct {
	command  string
	presets  []*priced
	switches []switched
	fronts   []synthesisConfig // with Pareto
	library  *synth.Library    // nil before synthesis, like the next
	tools    synth.ToolVersions
}

// pricedSwitches are the switches that have a price, in the order in which they are shown.
var pricedSwitches = []struct {
	name string
	set  func(p *gen.Params)
}{
	{`rounding = "nearest-even"`, func(p *gen.Params) { p.Spec.Rounding = fp.NearestEven }},
	{fmt.Sprintf(`rounding = "stochastic", %d bits`, pricedStochBits), func(p *gen.Params) {
		p.Spec.Rounding, p.Spec.RandomBits = fp.Stochastic, pricedStochBits
	}},
	{`zero = "exponent"`, func(p *gen.Params) { p.Spec.Zero = fp.ZeroExponent }},
	{`align = "lazy"`, func(p *gen.Params) { p.Spec.Align = fp.AlignLazy }},
	{`bias = "port"`, func(p *gen.Params) { p.Arch.Bias = gen.BiasPort }},
	{"pipeline = 1", func(p *gen.Params) { p.Arch.Pipeline = 1 }},
	{"pipeline = 2", func(p *gen.Params) { p.Arch.Pipeline = 2 }},
	{"pipeline = 3", func(p *gen.Params) { p.Arch.Pipeline = 3 }},
	{"pipeline = 4", func(p *gen.Params) { p.Arch.Pipeline = 4 }},
}

// switchNearest and switchStochastic are places in pricedSwitches.
const (
	switchNearest = iota
	switchStochastic
)

func (c *compareCmd) Run(w *world) error {
	flow, err := c.flow(w.ctx)
	if err != nil {
		return err
	}
	text, err := newOutput(filepath.Join(c.Out, comparisonName))
	if err != nil {
		return err
	}
	defer text.discard()
	chart, err := newOutput(filepath.Join(c.Out, areaOverDelay))
	if err != nil {
		return err
	}
	defer chart.discard()
	all, err := countComparison()
	if err != nil {
		return err
	}
	if err := all.synthesise(w, flow); err != nil {
		return err
	}
	all.command = c.command()
	drawing := paretoChart(&synthesis{Configurations: all.fronts}, flow.Library)
	if err := chart.write(drawing); err != nil {
		return err
	}
	return text.write([]byte(all.markdown()))
}

// command is the command line as far as the document depends on it: a library file by its name, not its place.
func (c *compareCmd) command() string {
	if c.Liberty != "" {
		return "fmaq compare --liberty " + filepath.Base(c.Liberty)
	}
	return "fmaq compare --tech " + c.Tech
}

// price counts a circuit.
func price(name string, p gen.Params) (*priced, error) {
	d, err := gen.Build(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &priced{name: name, params: p, design: d, model: gatecount.NewModel(p.Spec).Total,
		structure: gatecount.NewStructure(rtl.Lower(d)).Total}, nil
}

// countComparison has everything that takes no synthesis. Presets that are one configuration share a row.
func countComparison() (*comparison, error) {
	c := &comparison{}
	for _, preset := range config.Presets() {
		if i := slices.IndexFunc(c.presets, func(p *priced) bool { return p.params == preset.Params }); i >= 0 {
			c.presets[i].name += ", " + preset.Name
			continue
		}
		p, err := price(preset.Name, preset.Params)
		if err != nil {
			return nil, err
		}
		c.presets = append(c.presets, p)
	}
	for _, name := range comparedFormats {
		s := switched{plain: c.preset(name)}
		for _, sw := range pricedSwitches {
			params := s.plain.params
			sw.set(&params)
			v, err := price(sw.name, params)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			s.variants = append(s.variants, v)
		}
		c.switches = append(c.switches, s)
	}
	return c, nil
}

func (c *comparison) preset(name string) *priced {
	i := slices.IndexFunc(c.presets, func(p *priced) bool { return slices.Contains(strings.Split(p.name, ", "), name) })
	return c.presets[i]
}

// circuits lists every circuit once, with words for a progress bar.
func (c *comparison) circuits() (all []*priced, labels []string) {
	for _, p := range c.presets {
		all, labels = append(all, p), append(labels, p.name)
	}
	for _, s := range c.switches {
		for _, v := range s.variants {
			all, labels = append(all, v), append(labels, s.plain.name+" "+v.name)
		}
	}
	return all, labels
}

// synthesise maps every circuit for area, and sweeps the delay of the compared formats.
func (c *comparison) synthesise(w *world, flow *synth.Flow) error {
	c.library, c.tools = flow.Library, flow.Tools
	all, labels := c.circuits()
	for i, p := range all {
		var err error
		label := fmt.Sprintf("%d of %d: %s", i+1, len(all), labels[i])
		if p.mapped, err = w.mapTo(flow, label, p.design, synth.Area()); err != nil {
			return fmt.Errorf("%s: %w", labels[i], err)
		}
	}
	for _, name := range comparedFormats {
		p := c.preset(name)
		points, err := flow.Pareto(p.mapped, func(t synth.Target) (*synth.Result, error) {
			return w.mapTo(flow, fmt.Sprintf("%s for %v", name, t), p.design, t)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.fronts = append(c.fronts, synthesisConfig{Name: name, Accumulator: p.params.Spec.Accumulator.String(), Pareto: points})
	}
	return nil
}

func shareOf(x, of float64) figure { return figure(decimals(0, 100*x/of) + " %") }

// signed is a difference with its sign, zero without.
func signed(n int, x float64) figure {
	s := fmt.Sprintf("%+.*f", n, x)
	if strings.Trim(s, "+-0.") == "" {
		s = decimals(n, 0)
	}
	return figure(s)
}

// presetGrid sets the tallies of every preset side by side. What needs synthesis stands in the last columns, which are missing
// before it.
func (c *comparison) presetGrid() *grid {
	g := &grid{digits: 1, header: []string{"preset", "accumulator", "paper's model, gates", "of fp32", "structural, gates", "of fp32"}}
	if c.library != nil {
		g.header = append(g.header, "mapped, NAND2 equivalents", "of fp32", "critical path, ns")
	}
	reference := c.preset(comparedToFP32)
	for _, p := range c.presets {
		row := []any{p.name, p.params.Spec.Accumulator.String(), p.model, shareOf(float64(p.model), float64(reference.model)),
			p.structure.Gates, shareOf(float64(p.structure.Gates), float64(reference.structure.Gates))}
		if c.library != nil {
			row = append(row, p.mapped.NAND2, shareOf(p.mapped.NAND2, reference.mapped.NAND2), delay(p.mapped))
		}
		g.add(row...)
	}
	return g
}

func delay(r *synth.Result) figure {
	return figure(orNone(r.Path, func(p *synth.Path) string { return decimals(2, p.Delay) }))
}

// grid has a row for the default circuit and one for each switch.
func (s switched) grid(mapped bool) *grid {
	g := &grid{digits: 1, header: []string{"switch", "structural, gates", "more", "flip-flops"}}
	if mapped {
		g.header = append(g.header, "mapped, NAND2 equivalents", "more", "more, %", "critical path, ns")
	}
	for _, v := range append([]*priced{s.plain}, s.variants...) {
		row := []any{v.name, v.structure.Gates, signed(0, float64(v.structure.Gates-s.plain.structure.Gates)), v.structure.FlipFlops}
		if v == s.plain {
			row[0] = "none: the default"
		}
		if mapped {
			row = append(row, v.mapped.NAND2, signed(1, s.more(v)), signed(1, 100*s.more(v)/s.plain.mapped.NAND2), delay(v.mapped))
		}
		g.add(row...)
	}
	return g
}

// more is what a variant costs beyond the default circuit, in NAND2 equivalents.
func (s switched) more(v *priced) float64 { return v.mapped.NAND2 - s.plain.mapped.NAND2 }

// frontGrid has three points of each front: the fastest, the one with the least product of area and delay, the smallest.
func (c *comparison) frontGrid() *grid {
	g := &grid{digits: 1, header: []string{"configuration", "points", "fastest, ns", "NAND2", "least area × delay, ns", "NAND2", "smallest, ns", "NAND2"}}
	for _, f := range c.fronts {
		if len(f.Pareto) == 0 {
			continue
		}
		middle := slices.MinFunc(f.Pareto, func(a, b synth.Point) int { return cmp.Compare(a.Delay*a.NAND2, b.Delay*b.NAND2) })
		row := []any{f.Name, len(f.Pareto)}
		for _, p := range []synth.Point{f.Pareto[0], middle, f.Pareto[len(f.Pareto)-1]} {
			row = append(row, figure(decimals(2, p.Delay)), p.NAND2)
		}
		g.add(row...)
	}
	return g
}
