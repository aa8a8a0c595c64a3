package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"fmaq/gen/rtl"
)

// Cosimulate drives the Verilog of a design and its cycle model with the same vectors and compares their outputs in every
// cycle: valid_o in all, from the first reset on, the others where a result is due. A vector holds a word for each of
// verilog.NewInterface(d).Inputs; it may be reused by the iterator. The stream begins with a reset with operations in
// flight and has bubbles between the vectors.
//
// A mismatch is no error: it is in the report. Errors are an [external.MissingToolError], an [external.ToolError], the
// context's, those of files, and a vector that does not fit the ports.
func Cosimulate(ctx context.Context, d *rtl.Design, o Options, vectors iter.Seq[[]uint64]) (_ *Report, err error) {
	model, err := NewModel(d)
	if err != nil {
		return nil, err
	}
	dir, err := scratch()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err := compilable(d, o.Files, dir)
	if err != nil {
		return nil, err
	}
	h := newHarness(d, model, nil)
	var wave *os.File
	if o.Wave != "" {
		// Made now, so that a path that cannot be written is known before a long run.
		if wave, err = os.CreateTemp(filepath.Dir(o.Wave), ".fmaq-*.vcd"); err != nil {
			return nil, fmt.Errorf("wave file %s: %w", o.Wave, err)
		}
		defer func() { err = errors.Join(err, discard(wave)) }()
		h.Dump, h.Dumped = true, o.WaveCycles
		if h.Dumped == 0 {
			h.Dumped = DefaultWaveCycles
		}
	}
	args, err := h.compile(ctx, o.Simulator, dir, files)
	if err != nil {
		return nil, err
	}
	c := newComparison(d, model, h, o.Progress)
	if err := c.run(ctx, dir, args, vectors); err != nil {
		return nil, err
	}
	r := &c.report
	r.Simulator = o.Simulator
	if wave != nil {
		if err := install(filepath.Join(dir, waveName), wave, o.Wave); err != nil {
			return nil, err
		}
		r.WaveCycles = r.Cycles
		if h.Dumped > 0 {
			r.WaveCycles = min(r.WaveCycles, uint64(h.Dumped))
		}
	}
	if r.Mismatch != nil {
		if err := c.explain(ctx, o.Simulator, dir, files); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// install copies a file into an open temporary one and renames that.
func install(from string, to *os.File, path string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, source)
	if err := errors.Join(err, source.Close(), to.Chmod(0o644), to.Close()); err != nil {
		return fmt.Errorf("wave file %s: %w", path, err)
	}
	return os.Rename(to.Name(), path)
}

// discard closes and removes a temporary file, if install has not.
func discard(f *os.File) error {
	_ = f.Close()
	if err := os.Remove(f.Name()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
