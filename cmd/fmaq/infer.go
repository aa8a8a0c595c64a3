package main

import (
	"errors"
	"fmt"

	"fmaq/config"
	"fmaq/nn"
)

type inferCmd struct {
	tableFormat
	dataFlag
	Model  string   `arg:"" optional:"" name:"model" help:"ONNX file; the embedded LeNet-5 unless given."`
	Config []string `default:"m7e4" placeholder:"CONFIG,..." help:"Configurations to measure, separated by commas (${default})."`
	Images int      `default:"0" placeholder:"N" help:"Only the first N test images; 0 for all (${default})."`
	Seed   uint64   `default:"1" placeholder:"S" help:"Seed of stochastic rounding (${default})."`
}

func (c *inferCmd) Run(w *world) error {
	var configs []config.Config
	var errs []error
	for _, arg := range c.Config {
		cfg, err := config.Resolve(arg)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		configs = append(configs, cfg)
	}
	network, err := c.network()
	errs = append(errs, err)
	training, test, err := c.sets(c.Images)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	a, err := w.measure(network, test, training, configs, c.Seed)
	if err != nil {
		return err
	}
	if c.Format != "table" && c.Format != "md" {
		return c.print(w.stdout, a.grid(), a)
	}
	if err := c.print(w.stdout, a.grid(), nil); err != nil {
		return err
	}
	for _, cfg := range a.Configurations {
		g := cfg.layerGrid()
		fmt.Fprintln(w.stdout)
		if c.Format == "md" {
			fmt.Fprintf(w.stdout, "%s:\n\n", g.title)
		}
		if err := c.print(w.stdout, g, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *inferCmd) network() (*nn.Network, error) {
	if c.Model == "" {
		return nn.LeNet(), nil
	}
	return nn.Open(c.Model)
}
