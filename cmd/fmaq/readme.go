package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fmaq/config"
	"fmaq/nn"
	"fmaq/nn/mnist"
)

// readmeCmd brings the generated sections of the project's README up to date; it is no part of the public command line.
type readmeCmd struct {
	File      string `arg:""`
	GatesOnly bool   `help:"Leave the accuracies, which take minutes, as they are."`
}

// What the README compares.
var (
	readmeGates    = []string{"m7e4"}
	readmeAccuracy = []string{"m10e5", "m9e5", "m8e5", "m7e5", "m6e5", "m7e4"}
)

func (c *readmeCmd) Run(w *world) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	text := string(data)
	gates, chart, err := readmeGatesSection()
	if err != nil {
		return err
	}
	if text, err = fill(text, "gates", gates); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if !c.GatesOnly {
		accuracy, err := w.readmeAccuracySection()
		if err != nil {
			return err
		}
		if text, err = fill(text, "accuracy", accuracy); err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
	}
	if err := writeFile(filepath.Join(filepath.Dir(c.File), "docs", chartName), chart); err != nil {
		return err
	}
	return writeFile(c.File, []byte(text))
}

func readmeGatesSection() (tables string, chart []byte, err error) {
	comparison, err := countGates(readmeGates, comparedWith)
	if err != nil {
		return "", nil, err
	}
	return gatesMarkdown(comparison), gatesChart(comparison), nil
}

func (w *world) readmeAccuracySection() (string, error) {
	var configs []config.Config
	for _, name := range readmeAccuracy {
		c, err := config.Resolve(name)
		if err != nil {
			return "", err
		}
		configs = append(configs, c)
	}
	a, err := w.measure(nn.LeNet(), mnist.Test(), mnist.Train(), configs, 1)
	if err != nil {
		return "", err
	}
	g := a.grid()
	// How long it took says more of the machine than of the numerics.
	g.header = g.header[:len(g.header)-1]
	for i := range g.rows {
		g.rows[i] = g.rows[i][:len(g.rows[i])-1]
	}
	return fmt.Sprintf("%s.\n\n%s", g.title, g.markdown()), nil
}

// fill replaces what stands between the marks of a generated section.
func fill(text, section, content string) (string, error) {
	const end = "<!-- end -->"
	mark := "<!-- generated: " + section + " -->\n"
	before, rest, ok := strings.Cut(text, mark)
	if !ok {
		return "", fmt.Errorf("no section marked %q", strings.TrimSpace(mark))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("section %s has no %q", section, end)
	}
	return before + mark + "\n" + content + "\n" + end + after, nil
}
