package main

import (
	"context"
	"fmt"
	"path/filepath"

	"fmaq/config"
	"fmaq/gen/rtl"
	"fmaq/synth"
	"fmaq/verilog"
)

// libraryFlags choose a library and say whether figures may come from the cache.
type libraryFlags struct {
	Tech    string `default:"osu018" placeholder:"NAME" help:"Installed library: osu018, osu035 or osu050 (${default})."`
	Liberty string `placeholder:"FILE" help:"Liberty file of any other library."`
	NoCache bool   `help:"Run the tools again even where the figures are known."`
}

type synthCmd struct {
	tableFormat
	libraryFlags
	Configs    []string `arg:"" name:"config" help:"Presets, accumulator formats or TOML files."`
	Target     string   `default:"area" placeholder:"TARGET" help:"What mapping aims at: area, delay, or a period in ns such as 7.5 (${default})."`
	Pareto     string   `placeholder:"FILE.svg" help:"Sweep the delay too, and draw area over delay."`
	Netlist    string   `placeholder:"DIR" help:"Write the mapped netlists to this directory as Verilog."`
	Activity   string   `placeholder:"FILE.vcd" help:"Take the activity for power from a waveform of the unit's inputs, instead of network operands."`
	Operations int      `default:"20000" placeholder:"N" help:"Operations of the network to take activity from (${default})."`
	Frequency  float64  `default:"100" placeholder:"MHZ" help:"Clock at which dynamic power is told (${default})."`
	Seed       uint64   `default:"1" placeholder:"S" help:"Seed of everything random (${default})."`
	FPGA       string   `name:"fpga" enum:",ice40" default:"" placeholder:"ice40" help:"Map to the LUTs of an FPGA instead: ice40."`
}

// synthesis is what "synth --format json" prints; docs/synth.schema.json describes it.
type synthesis struct {
	Tool           string            `json:"tool"`
	Configurations []synthesisConfig `json:"configurations"`
}

type synthesisConfig struct {
	Name        string        `json:"name"`
	Hash        string        `json:"hash"`
	Operands    string        `json:"operands"`
	Accumulator string        `json:"accumulator"`
	Latency     int           `json:"latency"` // cycles
	Mapped      *synth.Result `json:"mapped,omitempty"`
	Power       []synth.Power `json:"power,omitempty"`  // the first is the one that counts
	Pareto      []synth.Point `json:"pareto,omitempty"` // by delay
	FPGA        *synth.FPGA   `json:"fpga,omitempty"`
}

func (c *synthCmd) Run(w *world) error {
	if err := positive("operations", c.Operations); err != nil {
		return err
	}
	if !(c.Frequency > 0) {
		return fmt.Errorf("--frequency %g: want more than 0", c.Frequency)
	}
	target, err := synth.ParseTarget(c.Target)
	if err != nil {
		return fmt.Errorf("--%w", err)
	}
	circuits, err := loadAll(c.Configs)
	if err != nil {
		return err
	}
	if c.FPGA != "" {
		return c.runFPGA(w, circuits)
	}
	flow, err := c.flow(w.ctx)
	if err != nil {
		return err
	}
	report := &synthesis{Tool: "fmaq " + version}
	for _, circuit := range circuits {
		s, err := c.one(w, flow, circuit, target)
		if err != nil {
			return fmt.Errorf("%s: %w", circuit.Name, err)
		}
		report.Configurations = append(report.Configurations, *s)
	}
	if c.Pareto != "" {
		if err := writeFile(c.Pareto, paretoChart(report, flow.Library)); err != nil {
			return err
		}
	}
	return c.show(w, report)
}

func (c *synthCmd) show(w *world, report *synthesis) error {
	switch c.Format {
	case "json":
		return printJSON(w.stdout, report)
	case "csv":
		return report.long().csv(w.stdout)
	}
	return report.print(w.stdout, c.tableFormat)
}

// loadAll resolves the words of the command line, whose names must differ.
func loadAll(names []string) ([]*circuit, error) {
	var all []*circuit
	seen := map[string]string{}
	for _, arg := range names {
		c, err := load(arg)
		if err != nil {
			return nil, err
		}
		if other, ok := seen[c.Name]; ok {
			return nil, fmt.Errorf("%s and %s share the name %q: give each once, or rename the file", other, arg, c.Name)
		}
		seen[c.Name] = arg
		all = append(all, c)
	}
	return all, nil
}

// flow finds library and tools.
func (f libraryFlags) flow(ctx context.Context) (*synth.Flow, error) {
	var library *synth.Library
	var err error
	if f.Liberty != "" {
		if library, err = synth.OpenLibrary(f.Liberty); err != nil {
			err = fmt.Errorf("--liberty: %w", err)
		}
	} else if library, err = synth.OpenTechnology(f.Tech); err != nil {
		err = fmt.Errorf("--tech: %w", err)
	}
	if err != nil {
		return nil, err
	}
	flow, err := synth.NewFlow(ctx, library)
	if err != nil {
		return nil, err
	}
	if flow.Cache, err = synth.UserCache(); err != nil {
		return nil, err
	}
	flow.Cache.Fresh = f.NoCache
	return flow, nil
}

// mapTo maps a circuit and shows how far it is.
func (w *world) mapTo(flow *synth.Flow, name string, d *rtl.Design, t synth.Target) (*synth.Result, error) {
	var bar *progress
	flow.Progress = func(done, total int) {
		if bar == nil {
			bar = w.progress("synthesis "+name, int64(total))
		}
		bar.set(int64(done))
	}
	r, err := flow.Run(w.ctx, d, t)
	if bar != nil {
		bar.close()
	}
	return r, err
}

func (c *synthCmd) one(w *world, flow *synth.Flow, circuit *circuit, target synth.Target) (*synthesisConfig, error) {
	s := newSynthesis(circuit)
	var err error
	if s.Mapped, err = w.mapTo(flow, circuit.Name, circuit.design, target); err != nil {
		return nil, err
	}
	if c.Pareto != "" {
		if s.Pareto, err = flow.Pareto(s.Mapped, func(t synth.Target) (*synth.Result, error) {
			return w.mapTo(flow, circuit.Name, circuit.design, t)
		}); err != nil {
			return nil, err
		}
	}
	if c.Netlist != "" {
		path := filepath.Join(c.Netlist, circuit.Name+".v")
		if err := writeFile(path, []byte(s.Mapped.Verilog)); err != nil {
			return nil, err
		}
	}
	activities, err := w.activities(circuit, c.Activity, c.Operations, c.Seed)
	if err != nil {
		return nil, err
	}
	for _, a := range activities {
		p, err := s.Mapped.Power(a, c.Frequency)
		if err != nil {
			return nil, err
		}
		s.Power = append(s.Power, *p)
	}
	return s, nil
}

func newSynthesis(c *circuit) *synthesisConfig {
	return &synthesisConfig{Name: c.Name, Hash: config.ShortHash(c.Params), Operands: c.Params.Spec.Weight.String(),
		Accumulator: c.Params.Spec.Accumulator.String(), Latency: c.Params.Arch.Pipeline}
}

func (c *synthCmd) runFPGA(w *world, circuits []*circuit) error {
	report := &synthesis{Tool: "fmaq " + version}
	for _, circuit := range circuits {
		files, err := verilog.RTL(circuit.design, circuit.options())
		if err != nil {
			return err
		}
		s := newSynthesis(circuit)
		if s.FPGA, err = synth.ICE40(w.ctx, circuit.design.Top.Name, files); err != nil {
			return fmt.Errorf("%s: %w", circuit.Name, err)
		}
		report.Configurations = append(report.Configurations, *s)
	}
	return c.show(w, report)
}
