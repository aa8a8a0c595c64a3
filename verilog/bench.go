package verilog

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"

	"fmaq/gen/rtl"
)

// The bench is one process that drives the clock itself, so that nothing depends on the order in which a simulator runs
// processes. It is Verilog-2001 but for $fatal, which Icarus knows in every language generation, and gives no time unit, so
// that it mixes with modules that give none.
//
//go:embed bench.v.tmpl
var benchText string

var benchTemplate = template.Must(template.New("bench").Funcs(template.FuncMap{
	"span": func(width int) string {
		if width == 1 {
			return ""
		}
		return span(width) + " "
	},
	"zero": func(width int) string { return text(literal{width, 0}) },
	"wide": func(name string, width int) string { // to the 64 bits of tb_fail's inputs
		if width == 64 {
			return name
		}
		return fmt.Sprintf("{%d'b0, %s}", 64-width, name)
	},
}).Parse(benchText))

// Bench returns the self-checking bench tb/TOP_tb.v of a design and its vectors. The error names the port or vector that
// does not fit.
func Bench(d *rtl.Design, o Options) ([]File, error) {
	face := NewInterface(d)
	var errs []error
	for _, n := range d.Top.Inputs {
		errs = append(errs, checkPort(n.Name))
	}
	for _, out := range d.Top.Outputs {
		errs = append(errs, checkPort(out.Name))
	}
	vectors, err := vectorText(face, o.Vectors)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, fmt.Errorf("bench of %s: %w", d.Top.Name, err)
	}
	name := d.Top.Name + "_tb"
	data := struct {
		Interface
		Top                     *rtl.Module
		Name, Vectors, FileList string
		Fields                  int
		Scan                    string // format of a vector for $fscanf
		ValidOut                string // or empty
	}{Interface: face, Top: d.Top, Name: name, Vectors: VectorsPath, FileList: FileListPath,
		Fields: len(face.Inputs) + len(face.Results)}
	data.Scan = strings.TrimSpace(strings.Repeat("%h ", data.Fields))
	if face.ValidOut >= 0 {
		data.ValidOut = d.Top.Outputs[face.ValidOut].Name
	}
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(banner(o, name, "self-checking bench of "+d.Top.Name+"."), "\n") + "//\n")
	if err := benchTemplate.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("bench of %s: %w", d.Top.Name, err)
	}
	return []File{{"tb/" + name + ".v", []byte(b.String())}, {VectorsPath, vectors}}, nil
}

func checkPort(name string) error {
	if strings.HasPrefix(name, "tb_") || name == "dut" {
		return fmt.Errorf("port %s: the bench keeps dut and names that start with tb_ for itself", name)
	}
	return nil
}

// vectorText prints vectors a line each, words in hexadecimal as wide as their ports.
func vectorText(face Interface, vectors [][]uint64) ([]byte, error) {
	var names []string
	var widths []int
	for _, n := range face.Inputs {
		names, widths = append(names, n.Name), append(widths, n.Width)
	}
	for _, o := range face.Results {
		names, widths = append(names, o.Name), append(widths, o.Net.Width)
	}
	var b []byte
	for i, row := range vectors {
		if len(row) != len(widths) {
			return nil, fmt.Errorf("vector %d: %d words: want %d", i, len(row), len(widths))
		}
		for j, word := range row {
			if word&^ones(widths[j]) != 0 {
				return nil, fmt.Errorf("vector %d: %s = %#x: want %d bits", i, names[j], word, widths[j])
			}
			if j > 0 {
				b = append(b, ' ')
			}
			b = fmt.Appendf(b, "%0*x", (widths[j]+3)/4, word)
		}
		b = append(b, '\n')
	}
	return b, nil
}
