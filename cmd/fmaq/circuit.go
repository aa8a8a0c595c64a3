package main

import (
	"fmt"
	"strings"

	"fmaq/config"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/verilog"
)

// circuit is a configuration and what it describes.
type circuit struct {
	config.Config
	design *rtl.Design
}

// load resolves a word of the command line and builds its circuit.
func load(arg string) (*circuit, error) {
	c, err := config.Resolve(arg)
	if err != nil {
		return nil, err
	}
	d, err := gen.Build(c.Params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	return &circuit{c, d}, nil
}

// options is what the emitted files say of the configuration.
func (c *circuit) options() verilog.Options {
	s := c.Params.Spec
	o := verilog.Options{
		Tool:       "fmaq " + version,
		Summary:    summary(config.Canonical(c.Params)),
		Hash:       config.ShortHash(c.Params),
		Parameters: config.Tables(c.Params),
		Ports: map[string]verilog.PortNote{
			"w_i":      {Doc: fmt.Sprintf("weight, %v with bias %d", s.Weight, s.Weight.Bias)},
			"x_i":      {Doc: fmt.Sprintf("activation, %v with bias %d", s.Activation, s.Activation.Bias)},
			"acc_i":    {Doc: fmt.Sprintf("accumulator, %v with bias %d", s.Accumulator, s.Accumulator.Bias)},
			"acc_o":    {Doc: fmt.Sprintf("Q_acc(Q_prod(w*x) + acc), %v with bias %d", s.Accumulator, s.Accumulator.Bias)},
			"offset_i": {Doc: "b_w + b_x - b_prod, quasi-static", Signed: true},
			"rnd_i":    {Doc: "random bits of stochastic rounding"},
			"clk_i":    {Doc: "clock"},
			"rst_ni":   {Doc: "synchronous reset of the valid bits, active low"},
			"valid_i":  {Doc: "operands are valid"},
			"valid_o":  {Doc: "result is valid"},
		},
	}
	// Notes of ports that this design does not have would be a fault of the caller.
	has := map[string]bool{}
	for _, n := range c.design.Top.Inputs {
		has[n.Name] = true
	}
	for _, p := range c.design.Top.Outputs {
		has[p.Name] = true
	}
	for name := range o.Ports {
		if !has[name] {
			delete(o.Ports, name)
		}
	}
	return o
}

// summary folds the canonical TOML into a line each table, for file headers.
func summary(canonical []byte) []string {
	var lines []string
	for _, table := range strings.Split(strings.TrimSpace(string(canonical)), "\n\n") {
		head, keys, _ := strings.Cut(table, "\n")
		lines = append(lines, fmt.Sprintf("%-13s %s", head, strings.ReplaceAll(keys, "\n", ", ")))
	}
	return lines
}
