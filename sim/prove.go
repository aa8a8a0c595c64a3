package sim

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fmaq/gen/rtl"
)

// MaxProofBits is how many input bits [Prove] takes at most: 2^32 cases.
const MaxProofBits = 32

// TooManyCasesError says that a circuit has too many inputs for a proof. [Check] runs a sample instead, which is no proof.
type TooManyCasesError struct {
	Bits int // of input
}

func (e *TooManyCasesError) Error() string {
	return fmt.Sprintf("%d input bits: a proof takes at most %d", e.Bits, MaxProofBits)
}

// ProofOptions of [Prove] and [Check]. The zero value will do.
type ProofOptions struct {
	Workers int               // goroutines; 0 means one for each processor
	Fixed   map[string]uint64 // Prove only: input ports that hold one word, and take no part in the cases

	// Progress, if not nil, is called now and then with the cases done and, by Prove, the total (by Check 0): from other
	// goroutines than the caller's, one call at a time, and once at the end.
	Progress func(done, total uint64)
}

// Counterexample is the first case in which a circuit's results differ from the reference.
type Counterexample struct {
	Case      uint64  // number of the case, or position of the vector
	Inputs    []Value // all input ports but clock, reset and valid_i
	Got, Want []Value // results; or valid_o, if that is what differs
}

// String is one line for people: words in hexadecimal.
func (c *Counterexample) String() string {
	text := fmt.Sprintf("case %d:", c.Case)
	for _, v := range c.Inputs {
		text += fmt.Sprintf(" %s = %#x", v.Name, v.Word)
	}
	for i, v := range c.Got {
		text += fmt.Sprintf(", %s = %#x, want %#x", v.Name, v.Word, c.Want[i].Word)
	}
	return text
}

// Prove compares a netlist with a reference on every input there is, and returns the lowest case in which they differ,
// the same one in every run; nil if there is none, which is the proof.
//
// The number of a case is the words of the input ports side by side, first port most significant; clock, reset, valid_i
// and the fixed ports do not count. The reference fills want[i] with the results of case first+i: the words of the output
// ports without valid_o, again side by side. It is called from all workers, for pieces of up to 2^15 cases that start at
// multiples of their length.
//
// In a pipeline the cases follow one another cycle by cycle and results are due as many cycles later as the netlist's
// latency says; bubbles stand between some, and valid_o is checked in every cycle, after a reset too. Every piece is
// driven from the same state, all flip-flops 0, so that what is found does not depend on the workers.
//
// The error is a [*TooManyCasesError], or names a port that does not fit, or is that of the context.
func Prove[W Unsigned](ctx context.Context, n *rtl.Netlist, reference func(first uint64, want []W), o ProofOptions) (*Counterexample, error) {
	p, err := newProof[W](n, o.Fixed)
	if err != nil {
		return nil, err
	}
	bits := len(p.index)
	if bits > MaxProofBits {
		return nil, &TooManyCasesError{bits}
	}
	total := uint64(1) << bits
	piece := min(total, p.pieceCases())
	p.compile(n, p.slow())

	t := newTally(total, o.Progress)
	var next atomic.Uint64
	var found finding
	var stopped atomic.Bool
	inParallel(o.Workers, func() {
		w := newProofWorker[W](p)
		w.count(piece)
		for {
			if ctx.Err() != nil {
				stopped.Store(true)
				return
			}
			first := (next.Add(1) - 1) * piece
			if first >= total || first > found.lowest() {
				return
			}
			reference(first, w.want)
			load := func(block int) { w.countFrom(first + uint64(block)*Lanes) }
			if c := w.piece(int(piece), load); c != nil {
				c.Case += first
				c.Inputs = p.inputsOf(c.Case)
				found.report(c)
			}
			t.add(piece)
		}
	})
	if stopped.Load() {
		return nil, ctx.Err() // whatever was found may not be the lowest
	}
	t.finish()
	return found.first, nil
}

// finding keeps the lowest counterexample of all workers.
type finding struct {
	mutex sync.Mutex
	first *Counterexample
}

// lowest is the case that needs no more looking beyond.
func (f *finding) lowest() uint64 {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.first == nil {
		return math.MaxUint64
	}
	return f.first.Case
}

func (f *finding) report(c *Counterexample) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.first == nil || c.Case < f.first.Case {
		f.first = c
	}
}

func inParallel(workers int, work func()) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var wait sync.WaitGroup
	for range workers {
		wait.Go(work)
	}
	wait.Wait()
}

// tally reports progress, ten times a second at most.
type tally struct {
	total    uint64
	progress func(done, total uint64)
	done     atomic.Uint64
	mutex    sync.Mutex
	last     time.Time
}

func newTally(total uint64, progress func(done, total uint64)) *tally {
	return &tally{total: total, progress: progress, last: time.Now()}
}

func (t *tally) add(cases uint64) {
	t.done.Add(cases)
	if t.progress == nil || !t.mutex.TryLock() {
		return
	}
	defer t.mutex.Unlock()
	if time.Since(t.last) >= 100*time.Millisecond {
		t.progress(t.done.Load(), t.total)
		t.last = time.Now()
	}
}

func (t *tally) finish() {
	if t.progress != nil {
		t.progress(t.done.Load(), t.total)
	}
}
