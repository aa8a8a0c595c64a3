package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

func TestChartIsWellFormed(t *testing.T) {
	c, err := countGates([]string{"m7e4"}, []string{"fp16", "fp32"})
	if err != nil {
		t.Fatal(err)
	}
	image := string(gatesChart(c))
	if path := os.Getenv("FMAQ_CHART"); path != "" {
		if err := os.WriteFile(path, []byte(image), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, block := range append(blocks(c), "m7e4", "fp16", "fp32", "100 %") {
		if !strings.Contains(image, block) {
			t.Errorf("%s is not in the chart", block)
		}
	}
	d := xml.NewDecoder(strings.NewReader(image))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
