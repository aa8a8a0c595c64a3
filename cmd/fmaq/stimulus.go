package main

import (
	"fmt"

	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/gen/rtl"
	"fmaq/verilog"
)

// stimulus makes words for a circuit's data inputs out of vectors of its specification.
type stimulus struct {
	inputs []*rtl.Net
	offset int
	unit   *fp.Unit
	source *vectors.Source
}

func (c *circuit) stimulus(seed uint64) (*stimulus, error) {
	unit, err := fp.New(c.Params.Spec)
	if err != nil {
		return nil, err
	}
	source, err := vectors.New(c.Params.Spec, seed)
	if err != nil {
		return nil, err
	}
	return &stimulus{verilog.NewInterface(c.design).Inputs, c.Params.Spec.Offset(), unit, source}, nil
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
			words[i] = uint64(s.offset) & (1<<n.Width - 1) // two's complement
		default:
			panic(fmt.Sprintf("fmaq: no stimulus for input %s", n.Name))
		}
	}
	return words
}

// vector is the reverse of words.
func (s *stimulus) vector(words []uint64) vectors.Vector {
	var v vectors.Vector
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
		}
	}
	return v
}

// result is what the numerics give, computed without the circuit.
func (s *stimulus) result(v vectors.Vector) fp.Code { return s.unit.FMAqRandom(v.W, v.X, v.A, v.R) }

// bench returns rows of inputs and expected result for the emitted bench.
func (s *stimulus) bench(n int) [][]uint64 {
	rows := make([][]uint64, 0, n)
	for v := range s.source.First(n) {
		rows = append(rows, append(s.words(v), uint64(s.result(v))))
	}
	return rows
}
