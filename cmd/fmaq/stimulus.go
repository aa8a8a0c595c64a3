package main

import (
	"context"
	"fmt"

	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/verilog"
)

// stimulus makes words for a circuit's data inputs out of vectors of its specification.
type stimulus struct {
	inputs []*rtl.Net
	unit   *fp.Unit // at the specification's offset
	source *vectors.Source
}

func (c *circuit) stimulus(seed uint64) (*stimulus, error) {
	source, err := vectors.New(c.Params.Spec, seed)
	if c.Params.Arch.Bias == gen.BiasPort {
		source, err = vectors.NewPort(c.Params.Spec, seed, c.Params.OffsetWidth())
	}
	if err != nil {
		return nil, err
	}
	return &stimulus{verilog.NewInterface(c.design).Inputs, source.Unit(c.Params.Spec.Offset()), source}, nil
}

// words returns the word of each data input, in the order of [verilog.Interface].Inputs.
func (s *stimulus) words(v vectors.Vector) []uint64 {
	words := make([]uint64, len(s.inputs))
	for i, n := range s.inputs {
		switch n.Name {
		case "w_i":
			words[i] = uint64(v.W)
		case "x_i":
			words[i] = uint64(v.X)
		case "acc_i":
			words[i] = uint64(v.A)
		case "rnd_i":
			words[i] = uint64(v.R)
		case "offset_i":
			words[i] = uint64(v.Offset) & (1<<n.Width - 1) // two's complement
		default:
			panic(fmt.Sprintf("fmaq: no stimulus for input %s", n.Name))
		}
	}
	return words
}

// vector is the reverse of words.
func (s *stimulus) vector(words []uint64) vectors.Vector {
	v := vectors.Vector{Offset: s.unit.Spec().Offset()}
	for i, n := range s.inputs {
		switch n.Name {
		case "w_i":
			v.W = fp.Code(words[i])
		case "x_i":
			v.X = fp.Code(words[i])
		case "acc_i":
			v.A = fp.Code(words[i])
		case "rnd_i":
			v.R = uint32(words[i])
		case "offset_i":
			v.Offset = int(int64(words[i]<<(64-n.Width)) >> (64 - n.Width))
		}
	}
	return v
}

// result is what the numerics give, computed without the circuit.
func (s *stimulus) result(v vectors.Vector) fp.Code { return s.source.Result(v) }

// bench returns rows of inputs and expected result for the emitted bench, or the error of the context.
func (s *stimulus) bench(ctx context.Context, n int) ([][]uint64, error) {
	rows := make([][]uint64, 0, n)
	for v := range s.source.First(n) {
		if len(rows)%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rows = append(rows, append(s.words(v), uint64(s.result(v))))
	}
	return rows, nil
}
