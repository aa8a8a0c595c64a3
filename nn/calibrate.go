package nn

import (
	"context"
	"fmt"
	"math"

	"fmaq/fp"
	"fmaq/nn/data"
)

// CalibrationImages is how many images of the training set calibration takes unless told otherwise.
const CalibrationImages = 1000

// Ranges holds the largest magnitude of each layer's input, in the order of [Network.Layers].
type Ranges []float32

// Calibrate runs a set through the network in float32 and returns the ranges. The set must not be the one whose accuracy
// is then measured: take the first images of the training set.
func (n *Network) Calibrate(ctx context.Context, set *data.Set) (Ranges, error) {
	if err := n.Check(set); err != nil {
		return nil, err
	}
	threads := threadsOr(0)
	seen := make([]Ranges, threads)
	err := n.over(ctx, set, threads, func(thread int) arithmetic {
		seen[thread] = make(Ranges, len(n.layers))
		a := plain()
		a.operand = func(_ *runner, l *layer, input []float32) []float32 {
			seen[thread][l.index] = max(seen[thread][l.index], largest(input))
			return input
		}
		return a
	}, func(*runner, []float32, int, int) {}, nil)
	if err != nil {
		return nil, err
	}
	ranges := seen[0]
	for _, other := range seen[1:] {
		for i, v := range other {
			ranges[i] = max(ranges[i], v)
		}
	}
	for i, v := range ranges {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("%s: input of layer %q reaches %v in float32 over %s", n.name, n.layers[i].name, v, set.Name)
		}
	}
	return ranges, nil
}

func largest(v []float32) float32 {
	var most float32
	for _, x := range v {
		most = max(most, x, -x)
	}
	return most
}

// FlexibleBias is the paper's flexible bias of a tensor: the largest, and so the one of the finest range, under which no
// magnitude up to most saturates, R_OF >= most. A tensor of zeros gets the format's own bias.
func FlexibleBias(f fp.Format, most float32) int {
	if most == 0 {
		return f.Bias
	}
	// most = 2^exponent * significand, the significand in [1, 2); R_OF = 2^(top-bias) * (2 - 2^-M).
	fraction, exponent := math.Frexp(float64(most))
	significand := 2 * fraction
	exponent--
	top := 1<<f.Exponent - 1
	bias := top - exponent
	if significand > 2-math.Ldexp(1, -f.Mantissa) {
		bias--
	}
	return min(max(bias, f.MinBias()), fp.MaxBias)
}
