package nn

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"fmaq/fp"
	"fmaq/nn/data"
	"fmaq/nn/kernel"
)

// Mode is a set of ways to compute a network's matrix products.
type Mode uint8

const (
	// Float32 leaves the network as it is.
	Float32 Mode = 1 << iota
	// Operands quantises the operands and accumulates in float32.
	Operands
	// FMAq quantises the operands and accumulates by the chunked FMAq.
	FMAq

	AllModes = Float32 | Operands | FMAq
)

// Options of [Infer]. The zero value of a field means its default.
type Options struct {
	Modes   Mode   // default AllModes
	Threads int    // goroutines; default one a processor. No result depends on it
	Seed    uint64 // of stochastic rounding
	NoStats bool   // leave the layers' counts empty, which is faster

	// Progress, if set, is called now and then with images done and in all, over all modes; from one goroutine at a time.
	Progress func(done, total int)
}

// Result is what [Infer] finds.
type Result struct {
	Images   int
	Float32  Score
	Operands Score
	FMAq     Score
	Layers   []LayerResult // in the order they run
	Seconds  float64       // of everything, preparation included
}

// Score is a mode's accuracy.
type Score struct {
	Ran     bool // the mode was asked for
	Correct int  // images whose largest output is their class
	Seconds float64
}

// Top1 is the part of the images that are correct, from 0 to 1.
func (r *Result) Top1(s Score) float64 { return float64(s.Correct) / float64(max(r.Images, 1)) }

// LayerResult is what the FMAq met in one layer over all images.
type LayerResult struct {
	Layer
	Spec  fp.Spec // with the layer's own biases
	Path  kernel.Path
	Stats kernel.Stats // zero without mode FMAq, or under Options.NoStats
}

// Infer measures a network's accuracy on a test set under a specification. Each layer's product and accumulator biases
// follow from its operands' as told at [Quantised]; of the specification's own biases only offset and shift matter.
// calibration gives the activations' ranges and must not be part of the test set; see [CalibrationImages].
//
// Errors are a set whose images the network does not take, a specification that is out of range, for a layer or in
// itself, and the context's.
func Infer(ctx context.Context, n *Network, test, calibration *data.Set, spec fp.Spec, o Options) (*Result, error) {
	start := time.Now()
	if err := n.Check(test); err != nil {
		return nil, err
	}
	if o.Modes == 0 {
		o.Modes = AllModes
	}
	ranges, err := n.Calibrate(ctx, calibration)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	q, err := n.Quantise(spec, ranges, o.Seed)
	if err != nil {
		return nil, err
	}
	r := &Result{Images: test.Len()}
	for i, l := range n.Layers() {
		r.Layers = append(r.Layers, LayerResult{Layer: l, Spec: q.Spec(i), Path: q.layers[i].kernel.Path()})
	}
	threads := threadsOr(o.Threads)
	counting := make([]*fmaq, threads)
	modes := []struct {
		mode  Mode
		score *Score
		make  func(thread int) arithmetic
	}{
		{Float32, &r.Float32, func(int) arithmetic { return plain() }},
		{Operands, &r.Operands, func(int) arithmetic { return q.operands() }},
		{FMAq, &r.FMAq, func(thread int) arithmetic {
			counting[thread] = q.newFMAq(!o.NoStats)
			return counting[thread]
		}},
	}
	total, before := 0, 0
	for _, m := range modes {
		if o.Modes&m.mode != 0 {
			total += test.Len()
		}
	}
	for _, m := range modes {
		if o.Modes&m.mode == 0 {
			continue
		}
		score, err := n.score(ctx, test, threads, m.make, func(images int) {
			if o.Progress != nil {
				o.Progress(before+images, total)
			}
		})
		if err != nil {
			return nil, err
		}
		*m.score = score
		before += test.Len()
	}
	for _, a := range counting {
		if a == nil {
			continue
		}
		for i := range a.stats {
			r.Layers[i].Stats.Add(&a.stats[i])
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// Accuracy measures the network in float32, without any quantisation. progress may be nil; it is called as
// Options.Progress is.
func (n *Network) Accuracy(ctx context.Context, test *data.Set, progress func(done, total int)) (Score, error) {
	if err := n.Check(test); err != nil {
		return Score{}, err
	}
	return n.score(ctx, test, threadsOr(0), func(int) arithmetic { return plain() }, func(images int) {
		if progress != nil {
			progress(images, test.Len())
		}
	})
}

// score runs one mode.
func (n *Network) score(ctx context.Context, set *data.Set, threads int, make func(int) arithmetic, progress func(int)) (Score, error) {
	start := time.Now()
	perImage := size(n.output)
	var correct atomic.Int64
	err := n.over(ctx, set, threads, make, func(_ *runner, outputs []float32, first, images int) {
		for i := range images {
			if top(outputs[i*perImage:(i+1)*perImage]) == int(set.Labels[first+i]) {
				correct.Add(1)
			}
		}
	}, progress)
	return Score{Ran: true, Correct: int(correct.Load()), Seconds: time.Since(start).Seconds()}, err
}
