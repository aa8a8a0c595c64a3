package main

import (
	"fmt"
	"io"
	"slices"

	"fmaq/gatecount"
	"fmaq/synth"
)

// tallies is a comparison with the tallies that were asked for.
type tallies struct {
	gatecount.Comparison
	Synthesis []mappedGates `json:"synthesis,omitempty"`

	models []string
}

// mappedGates is a configuration after mapping for area.
type mappedGates struct {
	Name   string             `json:"name"`
	NAND2  float64            `json:"nand2"` // equivalents, flattened
	Blocks []synth.Block      `json:"blocks"`
	Script string             `json:"script"`
	Tools  synth.ToolVersions `json:"tools"`
	Lib    synth.LibraryInfo  `json:"library"`
	Ratios []mappedRatio      `json:"ratios,omitempty"`
}

type mappedRatio struct {
	To    string  `json:"to"`
	NAND2 float64 `json:"nand2"`
}

// whyDifferent explains the three tallies beside each other.
const whyDifferent = `The model counts two-input gates of textbook blocks, by formulas in the formats' widths, with a canvas as wide as the product. The
structural tally counts those of the circuit that is emitted, which needs one guard bit and a sticky bit, and none of what the
biases rule out. Both weigh inverters and wires 0, XOR and MUX 3. Synthesis shares logic between blocks, uses cells of three and four
inputs, and pays for inverters; its unit is a two-input NAND, not a gate. So compare the ratios, not the counts.`

// mapGates maps every configuration of a comparison, each once.
func (w *world) mapGates(f libraryFlags, configs, references []string) ([]mappedGates, error) {
	flow, err := f.flow(w.ctx)
	if err != nil {
		return nil, err
	}
	var all []mappedGates
	find := func(name string) int {
		return slices.IndexFunc(all, func(m mappedGates) bool { return m.Name == name })
	}
	var to []string
	for i, arg := range append(slices.Clone(configs), references...) {
		c, err := load(arg)
		if err != nil {
			return nil, err
		}
		if i >= len(configs) {
			to = append(to, c.Name)
		}
		if find(c.Name) >= 0 {
			continue
		}
		r, err := w.mapTo(flow, c.Name, c.design, synth.Area())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		all = append(all, mappedGates{Name: c.Name, NAND2: r.NAND2, Blocks: r.Blocks, Script: r.Winner.Script, Tools: r.Tools, Lib: r.Library})
	}
	for i := range all {
		for _, name := range to {
			all[i].Ratios = append(all[i].Ratios, mappedRatio{name, all[i].NAND2 / all[find(name)].NAND2})
		}
	}
	return all, nil
}

func (t *tallies) print(w io.Writer, f tableFormat) error {
	var grids []*grid
	if slices.Contains(t.models, "paper") {
		grids = append(grids, modelGrid(t.Comparison))
	}
	if slices.Contains(t.models, "structural") {
		grids = append(grids, structureGrid(t.Comparison))
	}
	if t.Synthesis != nil {
		grids = append(grids, t.mappedGrid())
	}
	if t.Synthesis != nil && len(t.models) > 1 {
		grids = append(grids, t.sideBySide())
	}
	if err := f.printAll(w, grids...); err != nil {
		return err
	}
	if t.Synthesis != nil && len(t.models) > 1 {
		fmt.Fprintf(w, "\n%s\n", whyDifferent)
	}
	return nil
}

// mappedGrid has each block mapped by itself, and the whole flattened.
func (t *tallies) mappedGrid() *grid {
	m := t.Synthesis[0]
	g := &grid{title: fmt.Sprintf("NAND2 equivalents after mapping for area to %s, each block by itself", m.Lib.Name),
		header: append([]string{"block"}, names(t.Comparison)...), digits: 1}
	var blocks []string
	for _, m := range t.Synthesis {
		for _, b := range m.Blocks {
			if !slices.Contains(blocks, b.Name) {
				blocks = append(blocks, b.Name)
			}
		}
	}
	sums := make([]float64, len(t.Synthesis))
	for _, name := range blocks {
		row := []any{name}
		for i, m := range t.Synthesis {
			area := 0.0
			for _, b := range m.Blocks {
				if b.Name == name {
					area = b.NAND2
				}
			}
			sums[i] += area
			row = append(row, area)
		}
		g.add(row...)
	}
	total, flat := []any{"total by block"}, []any{"flattened"}
	for i, m := range t.Synthesis {
		total, flat = append(total, sums[i]), append(flat, m.NAND2)
	}
	g.add(total...)
	g.add(flat...)
	g.total = 2
	return g
}

// sideBySide has the totals of the tallies, and their ratios to each reference.
func (t *tallies) sideBySide() *grid {
	g := &grid{title: "Side by side", header: append([]string{"tally"}, names(t.Comparison)...)}
	type tally struct {
		name string
		of   func(i int) float64
	}
	var shown []tally
	if slices.Contains(t.models, "paper") {
		shown = append(shown, tally{"paper, gates", func(i int) float64 { return float64(t.Entries[i].Model.Total) }})
	}
	if slices.Contains(t.models, "structural") {
		shown = append(shown, tally{"structural, gates", func(i int) float64 { return float64(t.Entries[i].Structure.Total.Gates) }})
	}
	shown = append(shown, tally{"synth, NAND2 equivalents", func(i int) float64 { return t.Synthesis[i].NAND2 }})
	for _, s := range shown {
		row := []any{s.name}
		for i := range t.Entries {
			row = append(row, decimals(0, s.of(i)))
		}
		g.add(row...)
	}
	for _, r := range t.Synthesis[0].Ratios {
		reference := slices.IndexFunc(t.Entries, func(e gatecount.Entry) bool { return e.Name == r.To })
		for _, s := range shown {
			row := []any{s.name + " of " + r.To}
			for i := range t.Entries {
				row = append(row, fmt.Sprintf("%.0f %%", 100*s.of(i)/s.of(reference)))
			}
			g.add(row...)
		}
	}
	return g
}

// long has a row for each configuration, tally and block: the CSV.
func (t *tallies) long() *grid {
	g := gatesLong(t.Comparison)
	name := map[string]string{"model": "paper", "structure": "structural"}
	g.rows = slices.DeleteFunc(g.rows, func(row []any) bool {
		return !slices.Contains(t.models, name[fmt.Sprint(row[3])])
	})
	for i, m := range t.Synthesis {
		e := t.Entries[i]
		for _, b := range m.Blocks {
			g.add(e.Name, e.Operands, e.Accumulator, "synth", b.Name, decimals(2, b.NAND2))
		}
		g.add(e.Name, e.Operands, e.Accumulator, "synth", "flattened", decimals(2, m.NAND2))
	}
	return g
}
