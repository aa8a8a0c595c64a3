package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"fmaq/nn/data"
)

// Options of a training run. The zero value of a field means its default.
type Options struct {
	Seed         uint64  // default 1
	Epochs       int     // passes over the set, default 20
	Batch        int     // images a step, default 64
	LearningRate float64 // of Adam's first step; it falls linearly to zero at the last. Default 0.002
	Shift        int     // each image moves by up to this many pixels in each direction; default 2, negative for none

	// Progress, if set, is called now and then with images done and in all, from one goroutine.
	Progress func(done, total int)
	// Epoch, if set, is called after each pass with its number from 1 and the mean loss over its images.
	Epoch func(epoch int, loss float64)
}

func (o Options) withDefaults() (Options, error) {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Epochs == 0 {
		o.Epochs = 20
	}
	if o.Batch == 0 {
		o.Batch = 64
	}
	if o.LearningRate == 0 {
		o.LearningRate = 0.002
	}
	switch {
	case o.Shift == 0:
		o.Shift = 2
	case o.Shift < 0:
		o.Shift = 0
	}
	switch {
	case o.Epochs < 0:
		return o, fmt.Errorf("epochs = %d: want 1 or more", o.Epochs)
	case o.Batch < 0:
		return o, fmt.Errorf("batch = %d: want 1 or more", o.Batch)
	case !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0):
		return o, fmt.Errorf("learning rate = %g: want a positive number", o.LearningRate)
	}
	return o, nil
}

// shards is how many parts a batch's gradient is summed in. It is fixed, and the parts are added in order, so that the
// number of processors changes no bit.
const shards = 8

// Run trains a LeNet on a set. It returns the context's error if that ends first, and an error that names the option
// that is out of range.
func Run(ctx context.Context, set *data.Set, options Options) (*Model, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if set.Rows < 16 || set.Cols < 16 {
		return nil, fmt.Errorf("%s: images of %d by %d: LeNet wants 16 by 16 or more", set.Name, set.Rows, set.Cols)
	}
	m := NewLeNet(set.Rows, set.Cols, data.Classes, o.Seed)
	t := &trainer{set: set, options: o, adam: newAdam(m.parameters())}
	for range shards {
		t.passes = append(t.passes, m.newPass())
	}
	rnd := rand.New(rand.NewPCG(o.Seed, orderStream))
	steps := o.Epochs * ((set.Len() + o.Batch - 1) / o.Batch)
	step := 0
	for epoch := range o.Epochs {
		t.draw(rnd)
		var loss float64
		for lo := 0; lo < set.Len(); lo += o.Batch {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			hi := min(lo+o.Batch, set.Len())
			loss += t.step(lo, hi, o.LearningRate*float64(steps-step)/float64(steps))
			step++
			if o.Progress != nil {
				o.Progress(epoch*set.Len()+hi, o.Epochs*set.Len())
			}
		}
		if o.Epoch != nil {
			o.Epoch(epoch+1, loss/float64(set.Len()))
		}
	}
	return m, nil
}

type trainer struct {
	set     *data.Set
	options Options
	passes  []*pass
	adam    *adam
	order   []int    // the epoch's order of images
	moves   [][2]int // and by how much each moves, down and right
}

// draw shuffles the images and draws their shifts.
func (t *trainer) draw(rnd *rand.Rand) {
	t.order = rnd.Perm(t.set.Len())
	t.moves = make([][2]int, t.set.Len())
	for i := range t.moves {
		s := t.options.Shift
		t.moves[i] = [2]int{rnd.IntN(2*s+1) - s, rnd.IntN(2*s+1) - s}
	}
}

// step learns from images lo to hi of the epoch's order and returns the sum of their losses.
func (t *trainer) step(lo, hi int, rate float64) float64 {
	var wait sync.WaitGroup
	for s, p := range t.passes {
		wait.Go(func() {
			p.reset()
			for i := lo + s; i < hi; i += shards {
				p.load(t.set, t.order[i], t.moves[i])
				p.learn(int(t.set.Labels[t.order[i]]))
			}
		})
	}
	wait.Wait()
	sum, loss := t.passes[0].gradients(), t.passes[0].loss
	for _, p := range t.passes[1:] {
		loss += p.loss
		for i, g := range p.gradients() {
			for j, v := range g {
				sum[i][j] += v
			}
		}
	}
	t.adam.step(sum, 1/float32(hi-lo), rate)
	return loss
}

// load sets p.image to image i, moved; what moves in is black.
func (p *pass) load(set *data.Set, i int, move [2]int) {
	n := set.Rows * set.Cols
	pixels := set.Pixels[i*n : (i+1)*n]
	clear(p.image)
	for y := range set.Rows {
		from := y - move[0]
		if from < 0 || from >= set.Rows {
			continue
		}
		for x := max(0, move[1]); x < min(set.Cols, set.Cols+move[1]); x++ {
			p.image[y*set.Cols+x] = float32(pixels[from*set.Cols+x-move[1]]) / 255
		}
	}
}

// adam is Kingma and Ba's optimiser (2015) with its usual constants.
type adam struct {
	parameters   [][]float32
	mean, square [][]float32
	power1       float64 // beta1^t, beta2^t
	power2       float64
}

const (
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-8
)

func newAdam(parameters [][]float32) *adam {
	a := &adam{parameters: parameters, power1: 1, power2: 1}
	for _, p := range parameters {
		a.mean = append(a.mean, make([]float32, len(p)))
		a.square = append(a.square, make([]float32, len(p)))
	}
	return a
}

// step moves the parameters by gradients times scale.
func (a *adam) step(gradients [][]float32, scale float32, rate float64) {
	a.power1 *= beta1
	a.power2 *= beta2
	step := float32(rate * math.Sqrt(1-a.power2) / (1 - a.power1))
	for i, gradient := range gradients {
		w, mean, square := a.parameters[i], a.mean[i], a.square[i]
		for j, g := range gradient {
			g *= scale
			mean[j] = float32(beta1*mean[j]) + float32((1-beta1)*g)
			square[j] = float32(beta2*square[j]) + float32((1-beta2)*float32(g*g))
			w[j] -= float32(step*mean[j]) / (float32(math.Sqrt(float64(square[j]))) + epsilon)
		}
	}
}
