package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"fmaq/synth"
)

// print writes the tables: figures, areas by block, critical paths by block, cells by kind.
func (s *synthesis) print(w io.Writer, f tableFormat) error {
	var grids []*grid
	if s.Configurations[0].FPGA != nil {
		grids = []*grid{s.fpga()}
	} else {
		grids = []*grid{s.figures(), s.power(), s.areas(), s.paths(), s.kinds()}
	}
	return f.printAll(w, grids...)
}

// columns has a column for each configuration.
func (s *synthesis) columns(title, first string) *grid {
	g := &grid{title: title, header: []string{first}, digits: 1}
	for _, c := range s.Configurations {
		g.header = append(g.header, c.Name)
	}
	return g
}

// row adds a figure of each configuration.
func (s *synthesis) row(g *grid, name string, of func(c *synthesisConfig) any) {
	cells := []any{name}
	for i := range s.Configurations {
		cells = append(cells, of(&s.Configurations[i]))
	}
	g.add(cells...)
}

func decimals(n int, x float64) string { return fmt.Sprintf("%.*f", n, x) }

// figures are the totals of each configuration.
func (s *synthesis) figures() *grid {
	r := s.Configurations[0].Mapped
	g := s.columns(fmt.Sprintf("Mapped for %v to %s (sha256 %s), %s = %g; Yosys %s, OpenSTA %s; no wires, no glitches", r.Target, r.Library.Name,
		r.Library.SHA256[:12], r.Library.NAND2, r.Library.NAND2Area, strings.Fields(r.Tools.Yosys)[0], r.Tools.STA), "flattened")
	row := func(name string, of func(r *synth.Result) any) {
		s.row(g, name, func(c *synthesisConfig) any { return of(c.Mapped) })
	}
	row("NAND2 equivalents", func(r *synth.Result) any { return r.NAND2 })
	row("area, library units", func(r *synth.Result) any { return decimals(0, r.Area) })
	row("cells", func(r *synth.Result) any { return fmt.Sprint(len(r.Netlist.Cells)) })
	row("critical path, ns", func(r *synth.Result) any {
		return orNone(r.Path, func(p *synth.Path) string { return decimals(3, p.Delay) })
	})
	row("from", func(r *synth.Result) any { return orNone(r.Path, func(p *synth.Path) string { return p.From }) })
	row("to", func(r *synth.Result) any { return orNone(r.Path, func(p *synth.Path) string { return p.To }) })
	row("frequency, MHz", func(r *synth.Result) any { return decimals(1, r.Frequency) })
	if r.Met != nil {
		row("period met", func(r *synth.Result) any { return map[bool]string{true: "yes", false: "no"}[*r.Met] })
	}
	row("winning script", func(r *synth.Result) any {
		words := fmt.Sprintf("%s, %d of it", r.Winner.Script, r.Winner.Rounds)
		if r.Winner.Adders != "ripple" || r.Winner.Sized != "" {
			words += ", " + r.Winner.Adders + " adders"
		}
		if r.Winner.Sized != "" {
			words += ", sized " + r.Winner.Sized
		}
		return words
	})
	return g
}

// power has a row for each activity, and one for what does not depend on it.
func (s *synthesis) power() *grid {
	g := s.columns(fmt.Sprintf("Dynamic power at %g MHz, µW", s.Configurations[0].Power[0].Frequency), "activity")
	for i, p := range s.Configurations[0].Power {
		s.row(g, p.Source, func(c *synthesisConfig) any { return c.Power[i].Dynamic })
	}
	first := func(of func(synth.Power) float64) func(*synthesisConfig) any {
		return func(c *synthesisConfig) any { return of(c.Power[0]) }
	}
	s.row(g, "fJ a cycle, first activity", first(func(p synth.Power) float64 { return p.Energy }))
	s.row(g, "transitions a cell and cycle, in percent", first(func(p synth.Power) float64 { return 100 * p.Toggles }))
	s.row(g, "leakage, nW", first(func(p synth.Power) float64 { return p.Leakage }))
	g.total = 3
	return g
}

func orNone(p *synth.Path, of func(*synth.Path) string) string {
	if p == nil {
		return "none"
	}
	return of(p)
}

// named is a figure with the name of its row.
type named struct {
	name  string
	value any
}

// rows adds a row for every name that some configuration has, in the order of the first that has it, with zero for the
// others.
func (s *synthesis) rows(g *grid, zero any, of func(*synth.Result) []named) {
	seen := map[string]bool{}
	for _, c := range s.Configurations {
		for _, n := range of(c.Mapped) {
			if seen[n.name] {
				continue
			}
			seen[n.name] = true
			s.row(g, n.name, func(c *synthesisConfig) any {
				all := of(c.Mapped)
				if i := slices.IndexFunc(all, func(other named) bool { return other.name == n.name }); i >= 0 {
					return all[i].value
				}
				return zero
			})
		}
	}
}

// areas are NAND2 equivalents by block.
func (s *synthesis) areas() *grid {
	g := s.columns("NAND2 equivalents by block, each mapped by itself", "block")
	s.rows(g, 0.0, func(r *synth.Result) (all []named) {
		for _, b := range r.Blocks {
			all = append(all, named{b.Name, b.NAND2})
		}
		return all
	})
	s.row(g, "total by block", func(c *synthesisConfig) any { return c.Mapped.BlockArea / c.Mapped.Library.NAND2Area })
	s.row(g, "flattened", func(c *synthesisConfig) any { return c.Mapped.NAND2 })
	g.total = 2
	return g
}

// paths are the critical paths through the blocks.
func (s *synthesis) paths() *grid {
	g := &grid{title: "Critical path through the blocks, each mapped by itself", header: []string{"configuration", "ns", "blocks (ns)"}}
	for _, c := range s.Configurations {
		var parts []string
		for _, b := range c.Mapped.BlockPath {
			parts = append(parts, fmt.Sprintf("%s (%.2f)", b.Block, b.Delay))
		}
		g.add(c.Name, decimals(3, c.Mapped.BlockTime), strings.Join(parts, ", "))
	}
	return g
}

func (s *synthesis) kinds() *grid {
	g := s.columns("Cells, flattened", "cell")
	s.rows(g, 0, func(r *synth.Result) (all []named) {
		for _, k := range r.Cells {
			all = append(all, named{k.Cell, k.Count})
		}
		return all
	})
	return g
}

func (s *synthesis) fpga() *grid {
	f := s.Configurations[0].FPGA
	tools := "Yosys " + strings.Fields(f.Yosys)[0]
	if f.NextPNR != "" {
		tools += ", nextpnr-ice40 " + f.NextPNR
	}
	g := s.columns(fmt.Sprintf("Mapped to %s (%s)", f.Device, tools), "")
	s.row(g, "LUT4", func(c *synthesisConfig) any { return c.FPGA.LUTs })
	s.row(g, "carry cells", func(c *synthesisConfig) any { return c.FPGA.Carries })
	s.row(g, "flip-flops", func(c *synthesisConfig) any { return c.FPGA.FlipFlops })
	s.row(g, "frequency, MHz", func(c *synthesisConfig) any {
		if c.FPGA.Frequency == 0 {
			return "unknown: " + c.FPGA.Note
		}
		return decimals(1, c.FPGA.Frequency)
	})
	return g
}

// long has a row for each figure: the CSV.
func (s *synthesis) long() *grid {
	g := &grid{header: []string{"configuration", "operands", "accumulator", "group", "item", "value", "unit"}}
	for _, c := range s.Configurations {
		add := func(group, item string, value any, unit string) {
			g.add(c.Name, c.Operands, c.Accumulator, group, item, fmt.Sprint(value), unit)
		}
		if f := c.FPGA; f != nil {
			add("fpga", "lut4", f.LUTs, "LUTs")
			add("fpga", "carry", f.Carries, "cells")
			add("fpga", "flip_flops", f.FlipFlops, "cells")
			add("fpga", "frequency", f.Frequency, "MHz")
			continue
		}
		r := c.Mapped
		add("flattened", "nand2", r.NAND2, "NAND2 equivalents")
		add("flattened", "area", r.Area, "library units")
		if r.Path != nil {
			add("flattened", "delay", r.Path.Delay, "ns")
			add("flattened", "frequency", r.Frequency, "MHz")
		}
		for _, p := range c.Power {
			add("energy", p.Source, p.Energy, "fJ a cycle")
			add("dynamic", p.Source, p.Dynamic, "µW")
			add("leakage", p.Source, p.Leakage, "nW")
		}
		for _, b := range r.Blocks {
			add("block", b.Name, b.NAND2, "NAND2 equivalents")
		}
		for _, b := range r.BlockPath {
			add("path", b.Block, b.Delay, "ns")
		}
		for _, k := range r.Cells {
			add("cells", k.Cell, k.Count, "cells")
		}
		for _, p := range c.Pareto {
			add("pareto", fmt.Sprintf("%g ns", p.Delay), p.NAND2, "NAND2 equivalents")
		}
	}
	return g
}
