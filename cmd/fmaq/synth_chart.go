package main

import (
	"bytes"
	"fmt"
	"math"

	"fmaq/synth"
)

// paretoChart draws area over delay, a curve each configuration.
func paretoChart(s *synthesis, l *synth.Library) []byte {
	const (
		width, height = 960, 540
		left, right   = 90, 150
		top, bottom   = 96, 70
	)
	var slowest, largest float64
	for _, c := range s.Configurations {
		for _, p := range c.Pareto {
			slowest, largest = max(slowest, p.Delay), max(largest, p.NAND2)
		}
	}
	xStep, yStep := tickStep(int(math.Ceil(slowest))), tickStep(int(math.Ceil(largest)))
	xMost := (int(math.Ceil(slowest))/xStep + 1) * xStep
	yMost := (int(math.Ceil(largest))/yStep + 1) * yStep
	x := func(ns float64) int { return left + int(ns*float64(width-left-right)/float64(xMost)) }
	y := func(area float64) int { return height - bottom - int(area*float64(height-top-bottom)/float64(yMost)) }

	var out bytes.Buffer
	canvas := startChart(&out, width, height, "Area over delay", "Area over delay",
		fmt.Sprintf("NAND2 equivalents over the critical path in ns, %s, no wires; no netlist found is both smaller and faster.", l.Name))
	for v := 0; v <= xMost; v += xStep {
		canvas.Line(x(float64(v)), top, x(float64(v)), height-bottom, "stroke:#e3e5e9;stroke-width:1")
		canvas.Text(x(float64(v)), height-bottom+20, fmt.Sprint(v), "text-anchor:middle;fill:#62666f")
	}
	for v := 0; v <= yMost; v += yStep {
		canvas.Line(left, y(float64(v)), width-right, y(float64(v)), "stroke:#e3e5e9;stroke-width:1")
		canvas.Text(left-10, y(float64(v))+5, grouped(int64(v), true), "text-anchor:end;fill:#62666f")
	}
	canvas.Text((left+width-right)/2, height-24, "ns", "text-anchor:middle;fill:#62666f")
	for i, c := range s.Configurations {
		colour := palette[(2*i)%len(palette)]
		var xs, ys []int
		for _, p := range c.Pareto {
			xs, ys = append(xs, x(p.Delay)), append(ys, y(p.NAND2))
		}
		if len(xs) == 0 {
			continue
		}
		canvas.Polyline(xs, ys, "fill:none;stroke-width:2;stroke:"+colour)
		for k := range xs {
			canvas.Circle(xs[k], ys[k], 4, "fill:"+colour)
		}
		last := len(xs) - 1
		canvas.Text(xs[last]+12, ys[last]+5, c.Name, "font-weight:600;fill:"+colour)
	}
	canvas.Gend()
	canvas.End()
	return out.Bytes()
}
