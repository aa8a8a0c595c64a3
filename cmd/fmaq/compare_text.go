package main

import (
	"fmt"
	"strings"

	"fmaq/gatecount"
)

// peers are other circuits of the same formats, mapped once to osu018 with the best of several ABC scripts: constants, as none
// of them is part of this project. In NAND2 equivalents, in the order of comparedFormats.
var peers = []struct {
	name  string
	about string
	nand2 []int
}{
	{"behavioural Verilog", "naive, of the same semantics", []int{555, 704, 1301}},
	{"Berkeley HardFloat `mulAdd`", "FP8 operands widened to the accumulator's format; IEEE 754: subnormals, infinities, NaNs, every rounding mode",
		[]int{1136, 1436, 2770}},
}

// peersLibrary is the library in which they were measured.
const peersLibrary = "osu018_stdcells"

// markdown is the whole document. It says nothing of when, where and how fast it was made.
func (c *comparison) markdown() string {
	var b strings.Builder
	para := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n\n", args...) }
	l := c.library
	para("# What the accumulator's format costs")
	para("Generated: do not edit. In the project's own copy, which `make compare` writes, a test holds the gates to what the program counts now; the mapped columns are those of the " +
		"run that wrote this file.")
	para("- Command: `%s`, fmaq %s\n- Yosys %s with its ABC, OpenSTA %s\n- Library: %s, SHA-256 `%s`, one NAND2 equivalent = %s, %g units",
		c.command, version, c.tools.Yosys, c.tools.STA, l.Name, l.SHA256, l.NAND2.Name, l.NAND2.Area)
	para("All circuits: %s operands, default biases, and unless a table says otherwise truncation, `zero = \"code\"`, `align = \"exact\"`, offset built "+
		"in, combinational. Mapped means flattened, for area, the best of the scripts of package `synth`, each netlist checked for equivalence "+
		"with what went in. No wires: neither their area nor their delay. Differences under 1 %% are noise of the mapper.",
		c.presets[0].params.Spec.Weight)

	para("## Three tallies")
	b.WriteString(c.presetGrid().markdown() + "\n")
	para("The model is a %s.", gatecount.Reconstruction)
	para("### Why they differ")
	para("%s", whyDifferent)
	para("The ratios differ as well, for the model charges wide formats more: its normalising shifter moves a canvas of max(2M+1, M+2m+1) bits by any " +
		"distance, that of the circuit the mantissa, a guard bit and the carry.")

	para("## What each switch costs")
	para("%s", c.roundingPrice())
	para("*More* is against the default circuit of the same format. Flip-flops count in the mapped area, not in the gates. Stochastic rounding " +
		"without the generator of its random bits. A pipeline's critical path is its longest, between registers or to and from ports. Its last stage " +
		"registers the result, so that one stage alone shortens nothing; valid bits are among the registers.")
	for i, s := range c.switches {
		para("### %s (%s)", s.plain.params.Spec.Accumulator, comparedFormats[i])
		b.WriteString(s.grid(true).markdown() + "\n")
	}

	para("## Area over delay")
	para("![Area over delay](%s)", areaOverDelay)
	para("Each point is a netlist than which none found is both smaller and faster: mapped for area, for delay, and for three periods " +
		"between. `fmaq synth CONFIG --pareto FILE.svg` draws any configuration.")
	b.WriteString(c.frontGrid().markdown() + "\n")

	if l.Name == peersLibrary {
		para("## Beside other circuits")
		b.WriteString(c.peerGrid().markdown() + "\n")
		para("The rows of other circuits were **measured earlier, elsewhere, not by this run**: same library, Yosys 0.23, the best of several area scripts of " +
			"ABC, fewer than ours. They are constants of the program, for orientation.")
		for _, p := range peers {
			fmt.Fprintf(&b, "- %s: %s.\n", p.name, p.about)
		}
		b.WriteString("\nHardFloat does more than an FMAq, so its distance is the price of IEEE semantics and of the design together.\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// roundingPrice holds the paper's claim against the figures.
func (c *comparison) roundingPrice() string {
	var nearest, stochastic []string
	least := 0.0
	for i, s := range c.switches {
		word := func(v *priced) string {
			return fmt.Sprintf("%s (%s %%) in %s", signed(0, s.more(v)), signed(1, 100*s.more(v)/s.plain.mapped.NAND2),
				s.plain.params.Spec.Accumulator)
		}
		n, st := s.variants[switchNearest], s.variants[switchStochastic]
		nearest, stochastic = append(nearest, word(n)), append(stochastic, word(st))
		if share := min(s.more(n), s.more(st)) / s.plain.mapped.NAND2; i == 0 || share < least {
			least = share
		}
	}
	verdict := "By these figures it holds in every format measured"
	if least <= 0.01 {
		verdict = "By these figures it does not hold in every format measured"
	}
	return fmt.Sprintf("The paper has it that masking bits away is cheaper than rounding. %s. Against truncation, in NAND2 equivalents, nearest even "+
		"costs %s; stochastic rounding with %d bits costs %s.", verdict, strings.Join(nearest, ", "), pricedStochBits, strings.Join(stochastic, ", "))
}

// peerGrid sets our figures beside the peers'.
func (c *comparison) peerGrid() *grid {
	g := &grid{header: []string{"NAND2 equivalents", "measured"}}
	for _, s := range c.switches {
		g.header = append(g.header, s.plain.params.Spec.Accumulator.String())
	}
	ours := []any{"fmaq", "by this run"}
	for _, s := range c.switches {
		ours = append(ours, s.plain.mapped.NAND2)
	}
	g.add(ours...)
	for _, p := range peers {
		row, share := []any{p.name, "earlier, elsewhere"}, []any{"fmaq of it", ""}
		for i, s := range c.switches {
			row, share = append(row, p.nand2[i]), append(share, shareOf(s.plain.mapped.NAND2, float64(p.nand2[i])))
		}
		g.add(row...)
		g.add(share...)
	}
	return g
}
