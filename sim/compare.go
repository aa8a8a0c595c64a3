package sim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"fmaq/gen/rtl"
	"fmaq/sim/external"
	"fmaq/verilog"
)

const (
	batchCycles = 1024 // cycles that go between the goroutines at a time

	// queuedBatches bounds how far the model runs ahead of the comparison. It must be more cycles than a simulator can hold
	// in its output buffer, or both would wait for each other: 4 KiB of lines of 2 bytes are 2 batches.
	queuedBatches = 64
)

// batch is consecutive cycles: what went in, what the model gave, and what is due. Each cycle has a row of in and of out.
type batch struct {
	in, out []uint64
	due     []int64 // vector, or noVector
	armed   []bool
	bytes   []byte // in, for the simulator
}

// comparison is the state of a run. The caller's goroutine runs the model and feeds the simulator; another reads the
// simulator's results and compares.
type comparison struct {
	design   *rtl.Design
	face     verilog.Interface
	model    *Model
	harness  *harness
	progress func(uint64)
	report   Report
	recent   [][]uint64 // inputs of the last cycles, by cycle modulo their number, up to the first mismatch
}

func newComparison(d *rtl.Design, m *Model, h *harness, progress func(uint64)) *comparison {
	c := &comparison{design: d, face: verilog.NewInterface(d), model: m, harness: h, progress: progress}
	c.report.Latency = c.face.Latency
	// Enough for what is in flight when the mismatching vector enters to be as in the full run.
	c.recent = make([][]uint64, 4*c.face.Latency+8)
	for i := range c.recent {
		c.recent[i] = make([]uint64, len(m.Inputs()))
	}
	return c
}

// run sends all vectors through a simulation.
func (c *comparison) run(ctx context.Context, dir string, args []string, vectors iter.Seq[[]uint64]) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := start(running, dir, args)
	if err != nil {
		return err
	}
	queue := make(chan *batch, queuedBatches)
	compared := make(chan error, 1)
	go func() {
		err := c.compare(p.results, queue)
		if err != nil {
			cancel() // the producer may wait for room in the queue or in the pipe
		}
		compared <- err
	}()
	produceErr := c.produce(running, p.in, queue, vectors)
	if produceErr != nil {
		cancel()
	}
	close(queue)
	_ = p.in.Close() // if the simulator is gone, Wait tells
	compareErr := <-compared
	waitErr := p.cmd.Wait()
	if errors.Is(waitErr, context.Canceled) {
		waitErr = nil // ours, after a failure that is told anyway; the caller's is in ctx
	}
	_ = p.results.Close()

	var misfit *vectorError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(produceErr, &misfit):
		return misfit
	case compareErr != nil:
		return external.Failed(args[0], errors.Join(compareErr, waitErr), p.log.String())
	case produceErr != nil || waitErr != nil:
		return external.Failed(args[0], errors.Join(produceErr, waitErr), p.log.String())
	}
	return nil
}

// vectorError says that a vector does not fit the ports.
type vectorError struct{ message string }

func (e *vectorError) Error() string { return e.message }

// produce runs the model over all vectors; each batch goes to the comparison first and then to the simulator.
func (c *comparison) produce(ctx context.Context, simulator io.Writer, queue chan<- *batch, vectors iter.Seq[[]uint64]) error {
	b := &batch{}
	flush := func() error {
		select {
		case queue <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		_, err := simulator.Write(b.bytes)
		b = &batch{}
		return err
	}
	out := make([]uint64, len(c.model.Outputs()))
	s := newStimulus(c.design, func(in []uint64, due int64, armed bool) error {
		c.model.Cycle(in, out)
		b.in, b.out = append(b.in, in...), append(b.out, out...)
		b.due, b.armed = append(b.due, due), append(b.armed, armed)
		b.bytes = c.harness.encode(b.bytes, in)
		if len(b.due) == batchCycles {
			return flush()
		}
		return nil
	})
	if err := s.begin(); err != nil {
		return err
	}
	for v := range vectors {
		if err := c.check(s.next, v); err != nil {
			return err
		}
		if err := s.vector(v); err != nil {
			return err
		}
	}
	return errors.Join(s.end(), flush())
}

func (c *comparison) check(position int64, v []uint64) error {
	if len(v) != len(c.face.Inputs) {
		return &vectorError{fmt.Sprintf("vector %d: %d words: want %d", position, len(v), len(c.face.Inputs))}
	}
	for i, n := range c.face.Inputs {
		if v[i]&^ones(n.Width) != 0 {
			return &vectorError{fmt.Sprintf("vector %d: %s = %#x: want %d bits", position, n.Name, v[i], n.Width)}
		}
	}
	return nil
}

// compare reads the results of every batch.
func (c *comparison) compare(results io.Reader, queue <-chan *batch) error {
	r := bufio.NewReaderSize(results, 64<<10)
	line := make([]byte, c.harness.Line())
	got := make([]Logic, len(c.harness.Outputs))
	inputs, outputs := len(c.model.Inputs()), len(c.model.Outputs())
	for b := range queue {
		for i := range b.due {
			if _, err := io.ReadFull(r, line); err != nil {
				return fmt.Errorf("the simulation ended after %d cycles, before its input did", c.report.Cycles)
			}
			if err := c.harness.decode(line, got); err != nil {
				return err
			}
			c.cycle(b.in[i*inputs:(i+1)*inputs], b.out[i*outputs:(i+1)*outputs], got, b.due[i], b.armed[i])
		}
		if c.progress != nil {
			c.progress(c.report.Vectors)
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return errors.New("the simulation gave more results than it was asked for")
	}
	return nil
}

// cycle compares a cycle.
func (c *comparison) cycle(in, want []uint64, got []Logic, due int64, armed bool) {
	r := &c.report
	if r.Mismatch == nil {
		copy(c.recent[r.Cycles%uint64(len(c.recent))], in)
	}
	valid := due != noVector
	if c.face.ValidOut >= 0 {
		valid = armed && want[c.face.ValidOut] == 1
	}
	same := true
	for i, w := range want {
		if i == c.face.ValidOut {
			same = same && (!armed || got[i] == Logic{Value: w})
		} else {
			same = same && (!valid || got[i] == Logic{Value: w})
		}
	}
	if due != noVector {
		r.Vectors++
	}
	if !same {
		r.Mismatches++
		if r.Mismatch == nil {
			r.Mismatch = c.describe(want, got, due)
		}
	}
	r.Cycles++
}

// describe records the first mismatch.
func (c *comparison) describe(want []uint64, got []Logic, due int64) *Mismatch {
	m := &Mismatch{Cycle: c.report.Cycles, Vector: due}
	for i, p := range c.model.Outputs() {
		m.Outputs = append(m.Outputs, Compared{p.Name, p.Width, want[i], got[i]})
	}
	if due == noVector {
		return m
	}
	entered := c.recent[(c.report.Cycles-uint64(c.face.Latency))%uint64(len(c.recent))]
	for i, p := range c.model.Inputs() {
		if slices.ContainsFunc(c.face.Inputs, func(n *rtl.Net) bool { return n.Name == p.Name }) {
			m.Inputs = append(m.Inputs, Value{p, entered[i]})
		}
	}
	return m
}
