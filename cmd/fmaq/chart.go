package main

import (
	"bytes"
	"fmt"

	svg "github.com/ajstarks/svgo"

	"fmaq/gatecount"
)

// Measures of the chart in pixels.
const (
	chartWidth  = 960
	chartMargin = 24
	chartLabels = 84  // room for the configurations' names
	chartTotals = 205 // and for their totals
	barHeight   = 44
	barPitch    = 74
	barsTop     = 96
	legendPitch = 24
)

// palette gives each block its colour, in the order of the data flow: dark enough for white figures on them.
var palette = []string{"#3b5b92", "#4f86c6", "#2a9d8f", "#6a994e", "#c9962b", "#d9763d", "#c8553d", "#9b4f96", "#6d597a",
	"#5c6b73", "#8d99ae"}

const chartFont = "font-family:'Helvetica Neue',Helvetica,Arial,sans-serif"

// gatesChart draws the structural tally: a bar each configuration, stacked by block, with a tick at the total of the
// paper's model.
func gatesChart(c gatecount.Comparison) []byte {
	all := blocks(c)
	most := 1
	for _, e := range c.Entries {
		most = max(most, e.Structure.Total.Gates, e.Model.Total)
	}
	step := tickStep(most)
	left := chartMargin + chartLabels
	room := chartWidth - left - chartTotals - chartMargin
	x := func(gates int) int { return left + gates*room/most }
	axis := barsTop + len(c.Entries)*barPitch
	columns := 3
	legendTop := axis + 64
	height := legendTop + (len(all)+columns-1)/columns*legendPitch + chartMargin

	var out bytes.Buffer
	canvas := startChart(&out, chartWidth, height, "Gates by block", "Gates by block of the circuit really emitted",
		"Two-input gates before synthesis; XOR and MUX count 3. The tick marks the paper's model (reconstructed).")

	for g := 0; g <= most; g += step {
		canvas.Line(x(g), barsTop-12, x(g), axis, "stroke:#e3e5e9;stroke-width:1")
		canvas.Text(x(g), axis+20, grouped(int64(g), true), "text-anchor:middle;fill:#62666f")
	}
	for i, e := range c.Entries {
		top := barsTop + i*barPitch
		middle := top + barHeight/2 + 5
		canvas.Text(left-14, middle-8, e.Name, "text-anchor:end;font-weight:600;font-size:15px")
		canvas.Text(left-14, middle+10, e.Accumulator, "text-anchor:end;fill:#62666f;font-size:12px")
		sum := 0
		for j, block := range all {
			gates := blockGates(e, block)
			if gates == 0 {
				continue
			}
			from, to := x(sum), x(sum+gates)
			sum += gates
			canvas.Rect(from, top, to-from, barHeight, fmt.Sprintf("fill:%s;stroke:#ffffff;stroke-width:1", palette[j%len(palette)]))
			if figure := fmt.Sprint(gates); to-from >= 9*len(figure) {
				canvas.Text((from+to)/2, middle, figure, "text-anchor:middle;fill:#ffffff;font-size:12px")
			}
		}
		canvas.Line(x(e.Model.Total), top-7, x(e.Model.Total), top+barHeight+7, "stroke:#2b2d33;stroke-width:2")
		end := max(x(sum), x(e.Model.Total)) + 12
		canvas.Text(end, middle-8, grouped(int64(sum), true)+" gates"+ofReference(e, func(r gatecount.Ratio) *float64 { return r.Structure }),
			"font-weight:600")
		canvas.Text(end, middle+10, fmt.Sprintf("model %s", grouped(int64(e.Model.Total), true))+
			ofReference(e, func(r gatecount.Ratio) *float64 { return &r.Model }), "fill:#62666f;font-size:12px")
	}
	for j, block := range all {
		lx := left + j%columns*(room+chartTotals)/columns
		ly := legendTop + j/columns*legendPitch
		canvas.Rect(lx, ly-11, 14, 14, "fill:"+palette[j%len(palette)])
		canvas.Text(lx+22, ly, block)
	}
	canvas.Gend()
	canvas.End()
	return out.Bytes()
}

// ofReference is the share of the last reference, the largest by custom.
func ofReference(e gatecount.Entry, of func(gatecount.Ratio) *float64) string {
	if len(e.Ratios) == 0 {
		return ""
	}
	v := of(e.Ratios[len(e.Ratios)-1])
	if v == nil {
		return ""
	}
	return fmt.Sprintf(", %.0f %% of %s", 100**v, e.Ratios[len(e.Ratios)-1].To)
}

// tickStep is the least of 1, 2, 5, 10, 20, ... that gives at most eight ticks.
func tickStep(most int) int {
	for decade := 1; ; decade *= 10 {
		for _, m := range []int{1, 2, 5} {
			if most <= 8*m*decade {
				return m * decade
			}
		}
	}
}

// startChart opens an SVG on a white ground, with a title for readers of the file, and a heading and a line of
// explanation for those of the picture. The group that it opens is the caller's to close.
func startChart(out *bytes.Buffer, width, height int, title, heading, explanation string) *svg.SVG {
	canvas := svg.New(out)
	canvas.Startview(width, height, 0, 0, width, height)
	canvas.Title(title)
	canvas.Rect(0, 0, width, height, "fill:#ffffff")
	canvas.Gstyle(chartFont + ";font-size:13px;fill:#2b2d33")
	canvas.Text(chartMargin, 36, heading, "font-size:19px;font-weight:600")
	canvas.Text(chartMargin, 60, explanation, "fill:#62666f")
	return canvas
}
