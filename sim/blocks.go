package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fmaq/sim/external"
)

// explain fills in Mismatch.Blocks: it runs the last cycles before the first mismatch once more, on both sides, with the
// outputs of every instance.
func (c *comparison) explain(ctx context.Context, s Simulator, dir string, files []string) error {
	m := c.report.Mismatch
	lines, err := c.rerun(ctx, s, filepath.Join(dir, "blocks"), files)
	var failed *external.ToolError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &failed):
		m.BlocksNote = "no values of blocks: do the files have all instances and ports of the design?\n" + failed.Error()
		return nil
	case err != nil:
		return err
	}
	entered := len(lines) - 1 - c.face.Latency // the line of the cycle in which the vector enters
	for i, o := range m.Outputs {
		if lines[len(lines)-1].simulator[i] != o.Simulator {
			m.BlocksNote = fmt.Sprintf("a run of only the %d cycles up to the mismatch gives other results", len(lines))
		}
	}
	for i, b := range c.model.Blocks() {
		at := entered + b.Stage
		if at < 0 || at >= len(lines) {
			continue
		}
		m.Blocks = append(m.Blocks, Compared{b.Path, b.Width, lines[at].model[i], lines[at].simulator[len(m.Outputs)+i]})
	}
	return nil
}

// traced is a cycle of the second run: the blocks' words of the model; the outputs' and blocks' of the simulator.
type traced struct {
	model     []uint64
	simulator []Logic
}

// rerun runs the recent cycles with all blocks as outputs.
func (c *comparison) rerun(ctx context.Context, s Simulator, dir string, files []string) ([]traced, error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, err
	}
	model, err := NewModel(c.design)
	if err != nil {
		return nil, err
	}
	h := newHarness(c.design, model, model.Blocks())
	args, err := h.compile(ctx, s, dir, files)
	if err != nil {
		return nil, err
	}
	var lines []traced
	var input []byte
	out := make([]uint64, len(model.Outputs()))
	last := c.report.Mismatch.Cycle
	for cycle := last - min(last, uint64(len(c.recent)-1)); cycle <= last; cycle++ {
		in := c.recent[cycle%uint64(len(c.recent))]
		input = h.encode(input, in)
		model.Settle(in, out)
		var t traced
		for _, b := range model.Blocks() {
			t.model = append(t.model, model.Value(b))
		}
		model.Clock()
		lines = append(lines, t)
	}
	p, err := start(ctx, dir, args)
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = io.Copy(p.in, bytes.NewReader(input)) // if the simulator is gone, its results are short
		_ = p.in.Close()
	}()
	results, readErr := io.ReadAll(p.results)
	waitErr := p.cmd.Wait()
	_ = p.results.Close()
	if readErr == nil && len(results) != len(lines)*h.Line() {
		readErr = fmt.Errorf("%d bytes of results: want %d", len(results), len(lines)*h.Line())
	}
	if readErr != nil || waitErr != nil {
		return nil, external.Failed(args[0], errors.Join(readErr, waitErr), p.log.String())
	}
	for i := range lines {
		lines[i].simulator = make([]Logic, len(h.Outputs))
		if err := h.decode(results[i*h.Line():(i+1)*h.Line()], lines[i].simulator); err != nil {
			return nil, external.Failed(args[0], err, p.log.String())
		}
	}
	return lines, nil
}
