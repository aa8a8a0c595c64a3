package nn

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"fmaq/nn/data"
)

// Check reports whether the network takes a data set's images, and answers with as many numbers as there are classes.
func (n *Network) Check(set *data.Set) error {
	if !slices.Equal(n.input, set.Shape()) && size(n.input) != size(set.Shape()) {
		return fmt.Errorf("%s takes images of shape %v, but those of %s have shape %v (channels, rows, columns)",
			n.name, n.input, set.Name, set.Shape())
	}
	if size(n.output) != data.Classes {
		return fmt.Errorf("%s answers with shape %v: want %d numbers, one a class of %s", n.name, n.output, data.Classes, set.Name)
	}
	return nil
}

// over runs all images of a set, in blocks, on several goroutines, and calls done with each block's outputs: images first
// to first+n of the set, through runner r. make makes the arithmetic of one goroutine. Calls of done come from several
// goroutines, in any order. progress, if set, is called with the number of images done, from one goroutine at a time and
// never with fewer than before.
func (n *Network) over(ctx context.Context, set *data.Set, threads int, make func(thread int) arithmetic,
	done func(r *runner, outputs []float32, first, n int), progress func(images int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	var mutex sync.Mutex
	finished, perImage := 0, size(n.input)
	for t := range threads {
		wait.Go(func() {
			r := n.newRunner(make(t))
			for ctx.Err() == nil {
				first := int(next.Add(block)) - block
				if first >= set.Len() {
					return
				}
				images := min(block, set.Len()-first)
				for i := range images {
					set.Image(first+i, r.input()[i*perImage:(i+1)*perImage])
				}
				done(r, r.run(first, images, nil), first, images)
				mutex.Lock()
				finished += images
				if progress != nil {
					progress(finished)
				}
				mutex.Unlock()
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// threadsOr is the number of goroutines of an option: as many as there are processors if it is not positive.
func threadsOr(threads int) int {
	if threads > 0 {
		return threads
	}
	return runtime.GOMAXPROCS(0)
}

// top is the class with the largest number, the first of several.
func top(outputs []float32) int {
	best := 0
	for i, v := range outputs {
		if v > outputs[best] {
			best = i
		}
	}
	return best
}

// Outputs computes the network's output for every image of a set in float32, image after image.
func (n *Network) Outputs(ctx context.Context, set *data.Set) ([]float32, error) {
	if err := n.Check(set); err != nil {
		return nil, err
	}
	perImage := size(n.output)
	all := make([]float32, set.Len()*perImage)
	err := n.over(ctx, set, threadsOr(0), func(int) arithmetic { return plain() },
		func(_ *runner, outputs []float32, first, _ int) { copy(all[first*perImage:], outputs) }, nil)
	return all, err
}
