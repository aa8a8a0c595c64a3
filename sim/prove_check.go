package sim

import (
	"context"
	"fmt"
	"iter"
	"math/bits"
	"sync"

	"fmaq/gen/rtl"
)

// Check compares a netlist with a reference on vectors: one word for each input port but clock, reset and valid_i, in
// port order, each within its port's width; a yielded slice may be used again. The reference returns the results for a
// vector, as [Prove] takes them, and is called from all workers. Check returns how many vectors it compared and the first
// in which they differ, the same one in every run. It stops there, at the end of the vectors, or when the context does.
//
// Pipelines are driven as in Prove. The error names a port or a vector that does not fit, or is that of the context.
func Check[W Unsigned](ctx context.Context, n *rtl.Netlist, vectors iter.Seq[[]uint64], reference func(in []uint64) W, o ProofOptions) (uint64, *Counterexample, error) {
	p, err := newProof[W](n, nil)
	if err != nil {
		return 0, nil, err
	}
	p.compile(n, nil)
	var found finding
	t := newTally(0, o.Progress)
	work := make(chan *sample)
	pool := sync.Pool{New: func() any { return newSample(len(p.inputs), int(p.pieceCases())) }}

	var wait sync.WaitGroup
	wait.Go(func() {
		inParallel(o.Workers, func() {
			w := newProofWorker[W](p)
			in := make([]uint64, len(p.inputs))
			for s := range work {
				w.want = w.want[:0]
				for i := range s.n {
					w.want = append(w.want, reference(s.vector(i, in)))
				}
				load := func(block int) {
					for j, port := range p.inputs {
						w.state.Set(port, s.words[j][Lanes*block:min(Lanes*(block+1), s.n)])
					}
				}
				if c := w.piece(s.n, load); c != nil {
					c.Inputs = p.values(s.vector(int(c.Case), in))
					c.Case += s.first
					found.report(c)
				}
				t.add(uint64(s.n))
				pool.Put(s)
			}
		})
	})

	// One sample after another, so that all before a counterexample are checked.
	var count uint64
	s := pool.Get().(*sample)
	s.first, s.n = 0, 0
	for v := range vectors {
		if err = p.fit(v); err != nil {
			err = fmt.Errorf("vector %d: %w", count, err)
			break
		}
		s.add(v)
		count++
		if s.n == cap(s.words[0]) {
			work <- s
			s = pool.Get().(*sample)
			s.first, s.n = count, 0
			if found.lowest() < count || ctx.Err() != nil {
				break
			}
		}
	}
	if s.n > 0 && ctx.Err() == nil && err == nil {
		work <- s
	}
	close(work)
	wait.Wait()
	switch {
	case found.first != nil:
		return t.done.Load(), found.first, nil
	case err != nil:
		return t.done.Load(), nil, err
	case ctx.Err() != nil:
		return t.done.Load(), nil, ctx.Err()
	}
	t.finish()
	return t.done.Load(), nil, nil
}

// sample is some vectors in a row, port by port.
type sample struct {
	first uint64
	n     int
	words [][]uint64
}

func newSample(ports, capacity int) *sample {
	s := &sample{words: make([][]uint64, ports)}
	for i := range s.words {
		s.words[i] = make([]uint64, capacity)
	}
	return s
}

func (s *sample) add(v []uint64) {
	for i, w := range v {
		s.words[i][s.n] = w
	}
	s.n++
}

func (s *sample) vector(i int, in []uint64) []uint64 {
	for j := range in {
		in[j] = s.words[j][i]
	}
	return in
}

// fit reports the first word that does not fit its port.
func (p *proof) fit(v []uint64) error {
	if len(v) != len(p.inputs) {
		return fmt.Errorf("%d words: want %d", len(v), len(p.inputs))
	}
	for i, port := range p.inputs {
		if q := p.netlist.Inputs[port]; bits.Len64(v[i]) > len(q.Bits) {
			return fmt.Errorf("%s = %#x: want at most %d bits", q.Name, v[i], len(q.Bits))
		}
	}
	return nil
}
