package main

import (
	"fmt"
	"math/rand/v2"
	"os"

	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/nn"
	"fmaq/nn/data"
	"fmaq/nn/mnist"
	"fmaq/synth"
	"fmaq/verilog"
)

// activities are the stimuli that a configuration's power is shown for, the one that counts first.
func (w *world) activities(c *circuit, file string, operations int, seed uint64) ([]synth.Stimulus, error) {
	s, err := c.stimulus(seed)
	if err != nil {
		return nil, err
	}
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		clock := ""
		if c.design.Top.Clock != nil {
			clock = c.design.Top.Clock.Name
		}
		read, err := synth.ReadVCD(f, file, clock, s.names())
		if err != nil {
			return nil, err
		}
		return []synth.Stimulus{c.driven(s, read)}, nil
	}
	network, set := nn.LeNet(), mnist.Test()
	dots, err := w.networkVectors(c, network, set, operations, seed)
	if err != nil {
		return nil, err
	}
	random := make([]vectors.Vector, len(dots))
	idle := make([]vectors.Vector, len(dots))
	rng := rand.New(rand.NewPCG(seed, 0))
	spec := c.Params.Spec
	for i, v := range dots {
		random[i] = vectors.Vector{W: fp.Code(rng.Uint32()) & spec.Weight.Mask(), X: fp.Code(rng.Uint32()) & spec.Activation.Mask(),
			A: fp.Code(rng.Uint32()) & spec.Accumulator.Mask(), R: v.R}
		idle[i] = vectors.Vector{X: v.X, R: v.R}
	}
	var all []synth.Stimulus
	for _, a := range []struct {
		source  string
		vectors []vectors.Vector
	}{
		{fmt.Sprintf("%s on %s, %d operations, seed %d", network.Name(), set.Name, operations, seed), dots},
		{fmt.Sprintf("random operands, seed %d", seed), random},
		{"zero weights and sums, activations of the network", idle},
	} {
		stimulus := synth.Stimulus{Source: a.source, Inputs: s.names()}
		for _, v := range a.vectors {
			stimulus.Rows = append(stimulus.Rows, s.words(v))
		}
		all = append(all, c.driven(s, stimulus))
	}
	return all, nil
}

func (s *stimulus) names() []string {
	var names []string
	for _, n := range s.inputs {
		names = append(names, n.Name)
	}
	return names
}

// driven adds what a vector has no words for: a circuit out of reset, with valid operands in every cycle.
func (c *circuit) driven(s *stimulus, of synth.Stimulus) synth.Stimulus {
	of.Fixed = map[string]uint64{}
	face := verilog.NewInterface(c.design)
	if face.Reset != nil {
		of.Fixed[face.Reset.Name] = 1
	}
	if face.ValidIn != nil {
		of.Fixed[face.ValidIn.Name] = 1
	}
	return of
}

// networkVectors are the operands of whole dot products of a network, in the order in which one unit computes them: chunk
// by chunk, with the sums that it has by then. Outputs are drawn from all layers alike, so that each layer has the share
// of operations that it has in the network.
func (w *world) networkVectors(c *circuit, network *nn.Network, set *data.Set, n int, seed uint64) ([]vectors.Vector, error) {
	ranges, err := network.Calibrate(w.ctx, mnist.Train().First(nn.CalibrationImages))
	if err != nil {
		return nil, err
	}
	quantised, err := network.Quantise(c.Params.Spec, ranges, seed)
	if err != nil {
		return nil, err
	}
	outputs := 0
	for _, l := range network.Layers() {
		outputs += l.Outputs
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	all := make([]vectors.Vector, 0, n)
	for len(all) < n {
		if err := w.ctx.Err(); err != nil {
			return nil, err
		}
		layer, output := 0, rng.IntN(outputs)
		for output >= network.Layers()[layer].Outputs {
			output -= network.Layers()[layer].Outputs
			layer++
		}
		d, err := quantised.Dot(set, rng.IntN(set.Len()), layer, output)
		if err != nil {
			return nil, err
		}
		unit, err := fp.New(d.Spec)
		if err != nil {
			return nil, err
		}
		var random func() uint32
		if d.Random != nil {
			random = d.Random
		}
		var sum fp.Code
		for k := range d.Weights {
			if d.Spec.Chunk > 0 && k%d.Spec.Chunk == 0 {
				sum = 0
			}
			v := vectors.Vector{W: d.Weights[k], X: d.Activations[k], A: sum}
			if random != nil {
				v.R = random()
			}
			sum = unit.FMAqRandom(v.W, v.X, v.A, v.R)
			if all = append(all, v); len(all) == n {
				break
			}
		}
	}
	return all, nil
}
