package main

import (
	"fmt"

	"fmaq/config"
	"fmaq/fp"
	"fmaq/nn"
	"fmaq/nn/data"
	"fmaq/nn/mnist"
)

// dataFlag is the flag of subcommands that read images.
type dataFlag struct {
	Data string `placeholder:"DIR" help:"Directory with the four MNIST idx files, gzipped or not; the embedded ones unless given."`
}

// sets reads training and test set; images is how many test images to keep, 0 for all.
func (f dataFlag) sets(images int) (training, test *data.Set, err error) {
	training, test = mnist.Train(), mnist.Test()
	if f.Data != "" {
		if training, err = mnist.LoadTrain(f.Data); err != nil {
			return nil, nil, err
		}
		if test, err = mnist.LoadTest(f.Data); err != nil {
			return nil, nil, err
		}
	}
	if images < 0 || images > test.Len() {
		return nil, nil, fmt.Errorf("--images %d: want 1 to %d, as many as %s has, or 0 for all", images, test.Len(), test.Name)
	}
	if images > 0 {
		test = test.First(images)
	}
	return training, test, nil
}

// accuracy is what "infer --format json" prints.
type accuracy struct {
	Network        string           `json:"network"`
	Dataset        string           `json:"dataset"`
	Images         int              `json:"images"`
	Calibration    int              `json:"calibration_images"`
	Float32        score            `json:"float32"`
	Configurations []accuracyConfig `json:"configurations"`
}

type score struct {
	Correct int     `json:"correct"`
	Top1    float64 `json:"top1"` // 0 to 1
	Seconds float64 `json:"seconds"`
}

type accuracyConfig struct {
	Name        string        `json:"name"`
	Operands    string        `json:"operands"`
	Accumulator string        `json:"accumulator"`
	Chunk       int           `json:"chunk"`
	Quantised   score         `json:"quantised_operands"` // float32 accumulation
	FMAq        score         `json:"fmaq"`
	Layers      []layerReport `json:"layers"`
}

// layerReport holds counts and biases of one layer; rates are among FMAqs with two nonzero operands.
type layerReport struct {
	Name             string  `json:"name"`
	Kind             string  `json:"kind"`
	Length           int     `json:"dot_length"`
	WeightBias       int     `json:"weight_bias"`
	ActivationBias   int     `json:"activation_bias"`
	ProductBias      int     `json:"product_bias"`
	AccumulatorBias  int     `json:"accumulator_bias"`
	FMAqs            uint64  `json:"fmaqs"`
	Active           uint64  `json:"active"`
	ProductOverflow  float64 `json:"product_overflow"`
	ProductUnderflow float64 `json:"product_underflow"`
	AccOverflow      float64 `json:"accumulator_overflow"`
	AccUnderflow     float64 `json:"accumulator_underflow"`
	Swamped          float64 `json:"swamped"`
	SumOverflow      float64 `json:"sum_overflow"` // among the additions over chunks
	SumSwamped       float64 `json:"sum_swamped"`
}

// measure runs a network on a test set under each configuration. float32, and each operand format with float32
// accumulation, run once, however many configurations share them.
func (w *world) measure(n *nn.Network, test, training *data.Set, configs []config.Config, seed uint64) (*accuracy, error) {
	calibration := training.First(nn.CalibrationImages)
	a := &accuracy{Network: n.Name(), Dataset: test.Name, Images: test.Len(), Calibration: calibration.Len()}
	quantised := map[string]score{}
	for i, c := range configs {
		s := c.Params.Spec
		modes := nn.FMAq
		if i == 0 {
			modes |= nn.Float32
		}
		operands := s.Weight.String()
		if s.Zero == fp.ZeroExponent {
			operands += " (zero = exponent)"
		}
		if _, ok := quantised[operands]; !ok {
			modes |= nn.Operands
		}
		var bar *progress
		r, err := nn.Infer(w.ctx, n, test, calibration, s, nn.Options{Modes: modes, Seed: seed, Progress: func(done, total int) {
			if bar == nil {
				bar = w.progress("inference "+c.Name, int64(total))
			}
			bar.set(int64(done))
		}})
		if bar != nil {
			bar.close()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		of := func(s nn.Score) score { return score{s.Correct, r.Top1(s), s.Seconds} }
		if r.Float32.Ran {
			a.Float32 = of(r.Float32)
		}
		if r.Operands.Ran {
			quantised[operands] = of(r.Operands)
		}
		a.Configurations = append(a.Configurations, accuracyConfig{c.Name, operands, s.Accumulator.String(), s.Chunk,
			quantised[operands], of(r.FMAq), layerReports(r)})
	}
	return a, nil
}

func layerReports(r *nn.Result) []layerReport {
	var all []layerReport
	for _, l := range r.Layers {
		s := &l.Stats
		all = append(all, layerReport{
			Name: l.Name, Kind: l.Kind, Length: l.Length,
			WeightBias: l.Spec.Weight.Bias, ActivationBias: l.Spec.Activation.Bias,
			ProductBias: l.Spec.Product.Bias, AccumulatorBias: l.Spec.Accumulator.Bias,
			FMAqs: s.FMAqs, Active: s.Active,
			ProductOverflow: s.Rate(s.ProductOverflow), ProductUnderflow: s.Rate(s.ProductUnderflow),
			AccOverflow: s.Rate(s.AccOverflow), AccUnderflow: s.Rate(s.AccUnderflow), Swamped: s.Rate(s.Swamped),
			SumOverflow: s.SumRate(s.SumOverflow), SumSwamped: s.SumRate(s.SumSwamped),
		})
	}
	return all
}

func percent(part float64) string { return fmt.Sprintf("%.2f %%", 100*part) }

// rate is a percentage for small rates: none at all stands apart from few.
func rate(part float64) string {
	switch {
	case part == 0:
		return "0"
	case part < 0.0001:
		return "<0.01 %"
	}
	return percent(part)
}

// grid has a row for each arithmetic.
func (a *accuracy) grid() *grid {
	g := &grid{
		title: fmt.Sprintf("%s on %s, %s images, activations calibrated on %s training images", a.Network, a.Dataset,
			grouped(int64(a.Images), true), grouped(int64(a.Calibration), true)),
		header: []string{"arithmetic", "correct", "top-1", "seconds"},
		digits: 1,
	}
	g.add("float32", a.Float32.Correct, percent(a.Float32.Top1), a.Float32.Seconds)
	seen := map[string]bool{}
	for _, c := range a.Configurations {
		if !seen[c.Operands] {
			g.add(c.Operands+" operands, float32 accumulation", c.Quantised.Correct, percent(c.Quantised.Top1), c.Quantised.Seconds)
		}
		seen[c.Operands] = true
	}
	for _, c := range a.Configurations {
		g.add(fmt.Sprintf("%s operands, FMAq %s (%s)", c.Operands, c.Accumulator, c.Name), c.FMAq.Correct, percent(c.FMAq.Top1), c.FMAq.Seconds)
	}
	return g
}

func (c accuracyConfig) layerGrid() *grid {
	g := &grid{
		title: fmt.Sprintf("Layers under %s, rates among active FMAqs, those with two nonzero operands (OF: saturated, UF: flushed to "+
			"zero, swamped: the product changed nothing), and among the sums over chunks", c.Name),
		header: []string{"layer", "kind", "length", "b_w", "b_x", "b_prod", "b_acc", "FMAqs", "active", "prod OF", "prod UF",
			"acc OF", "acc UF", "swamped", "sum OF", "sum swamped"},
	}
	for _, l := range c.Layers {
		active := float64(l.Active) / float64(max(l.FMAqs, 1))
		g.add(l.Name, l.Kind, l.Length, l.WeightBias, l.ActivationBias, l.ProductBias, l.AccumulatorBias, int64(l.FMAqs), percent(active),
			rate(l.ProductOverflow), rate(l.ProductUnderflow), rate(l.AccOverflow), rate(l.AccUnderflow), rate(l.Swamped),
			rate(l.SumOverflow), rate(l.SumSwamped))
	}
	return g
}
