package sim_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fmaq/gen/rtl"
	"fmaq/gen/rtl/rtltest"
	"fmaq/sim"
	"fmaq/sim/external"
	"fmaq/verilog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// random gives n vectors of random words, the same slice each time.
func random(d *rtl.Design, n int) iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) {
		rnd := rand.New(rand.NewPCG(1, 3))
		inputs := verilog.NewInterface(d).Inputs
		v := make([]uint64, len(inputs))
		for range n {
			for i, p := range inputs {
				v[i] = rnd.Uint64() >> (64 - p.Width)
			}
			if !yield(v) {
				return
			}
		}
	}
}

// edited writes a design's Verilog with one replacement, which must apply, and returns the files.
func edited(t *testing.T, d *rtl.Design, old, new string) []string {
	t.Helper()
	files, err := verilog.RTL(d, verilog.Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	var paths []string
	found := false
	for _, f := range files {
		text := string(f.Data)
		found = found || strings.Contains(text, old)
		path := filepath.Join(dir, filepath.Base(f.Path))
		require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, old, new)), 0o666))
		paths = append(paths, path)
	}
	require.True(t, found, "%q is not in the Verilog", old)
	return paths
}

// TestRandomDesigns: what the Verilog says in a simulator is what the description means.
func TestRandomDesigns(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := rtltest.Random(seed, seed%2 == 0)
			r, err := sim.Cosimulate(t.Context(), d, sim.Options{}, random(d, 500))
			require.NoError(t, err)
			require.Nil(t, r.Mismatch)
			assert.EqualValues(t, 500, r.Vectors)
			assert.Equal(t, rtltest.Latency(d.Top), r.Latency)
		})
	}
}

func TestRandomDesignsVerilator(t *testing.T) {
	d := rtltest.Random(100, true)
	r, err := sim.Cosimulate(t.Context(), d, sim.Options{Simulator: sim.Verilator}, random(d, 20_000))
	require.NoError(t, err)
	assert.Nil(t, r.Mismatch)
	assert.EqualValues(t, 20_000, r.Vectors)
}

func TestReport(t *testing.T) {
	d := pipeline()
	var progress []uint64
	r, err := sim.Cosimulate(t.Context(), d, sim.Options{Progress: func(n uint64) { progress = append(progress, n) }}, random(d, 3000))
	require.NoError(t, err)
	assert.Nil(t, r.Mismatch)
	assert.EqualValues(t, 3000, r.Vectors)
	assert.Equal(t, 2, r.Latency)
	assert.Greater(t, r.Cycles, uint64(3200), "bubbles")
	assert.Less(t, r.Cycles, uint64(3700))
	assert.EqualValues(t, 3000, progress[len(progress)-1])
}

// TestMismatch edits the Verilog in ways that a comparison must find, in either simulator.
func TestMismatch(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		simulator      sim.Simulator
		blocks         []string // that differ
		outputs        []string // that differ
	}{
		{"first stage", "+ {1'b0, b_i}", "| {1'b0, b_i}", sim.Icarus, []string{"u_add.sum_o", "u_triple.y_o"}, []string{"y_o"}},
		{"second stage", "* 7'd3", "* 7'd5", sim.Icarus, []string{"u_triple.y_o"}, []string{"y_o"}},
		{"second stage, Verilator", "* 7'd3", "* 7'd5", sim.Verilator, []string{"u_triple.y_o"}, []string{"y_o"}},
		{"between blocks", "<= y;", "<= ~y;", sim.Icarus, nil, []string{"y_o"}},
		{"unknown", "* 7'd3", "* {6'd1, 1'bx}", sim.Icarus, []string{"u_triple.y_o"}, []string{"y_o"}},
		{"valid without reset", "valid_q <= 1'b0;", "valid_q <= valid_i;", sim.Icarus, nil, []string{"valid_o"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := pipeline()
			r, err := sim.Cosimulate(t.Context(), d, sim.Options{Simulator: test.simulator, Files: edited(t, d, test.old, test.new)}, random(d, 2000))
			require.NoError(t, err)
			m := r.Mismatch
			require.NotNil(t, m)
			assert.Positive(t, r.Mismatches)
			assert.Empty(t, m.BlocksNote)
			differ := func(all []sim.Compared) (names []string) {
				for _, c := range all {
					if !c.Equal() {
						names = append(names, c.Name)
					}
				}
				return names
			}
			assert.Equal(t, test.outputs, differ(m.Outputs))
			assert.Equal(t, test.blocks, differ(m.Blocks))
			if m.Vector < 0 {
				assert.Empty(t, m.Inputs)
				return
			}
			require.Len(t, m.Inputs, 2)
			assert.Equal(t, m.Blocks[0].Model, m.Inputs[0].Word+m.Inputs[1].Word, "blocks work on the vector reported")
			assert.Equal(t, m.Outputs[0].Model, 3*(m.Inputs[0].Word+m.Inputs[1].Word))
		})
	}
}

// TestMismatchLatency moves results by a cycle: in the first run everything is off, and the second shows why.
func TestMismatchLatency(t *testing.T) {
	d := pipeline()
	r, err := sim.Cosimulate(t.Context(), d, sim.Options{Files: edited(t, d, "assign y_o     = y_q;", "assign y_o = y;")}, random(d, 100))
	require.NoError(t, err)
	assert.Greater(t, r.Mismatches, uint64(80))
}

// TestMismatchWithoutBlocks renames an instance: the outputs are compared all the same.
func TestMismatchWithoutBlocks(t *testing.T) {
	d := pipeline()
	files := edited(t, d, "add u_add (", "add renamed (")
	r, err := sim.Cosimulate(t.Context(), d, sim.Options{Files: files}, random(d, 100))
	require.NoError(t, err)
	assert.Nil(t, r.Mismatch)

	text, err := os.ReadFile(files[1])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[1], []byte(strings.Replace(string(text), "7'd3", "7'd1", 1)), 0o666))
	r, err = sim.Cosimulate(t.Context(), d, sim.Options{Files: files}, random(d, 100))
	require.NoError(t, err)
	require.NotNil(t, r.Mismatch)
	assert.Nil(t, r.Mismatch.Blocks)
	assert.Contains(t, r.Mismatch.BlocksNote, "u_add")
}

func TestWave(t *testing.T) {
	for _, simulator := range []sim.Simulator{sim.Icarus, sim.Verilator} {
		t.Run(simulator.String(), func(t *testing.T) {
			d := pipeline()
			path := filepath.Join(t.TempDir(), "w.vcd")
			r, err := sim.Cosimulate(t.Context(), d, sim.Options{Simulator: simulator, Wave: path, WaveCycles: 20}, random(d, 1000))
			require.NoError(t, err)
			assert.EqualValues(t, 20, r.WaveCycles)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Contains(t, string(text), "u_triple")
			assert.Contains(t, string(text), "#39\n")
			assert.NotContains(t, string(text), "#41\n")
			entries, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			assert.Len(t, entries, 1)
		})
	}
	_, err := sim.Cosimulate(t.Context(), pipeline(), sim.Options{Wave: filepath.Join(t.TempDir(), "none", "w.vcd")}, random(pipeline(), 1))
	assert.ErrorContains(t, err, filepath.Join("none", "w.vcd"))
}

func TestMissingTool(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for simulator, want := range map[sim.Simulator]string{sim.Icarus: "iverilog", sim.Verilator: "verilator"} {
		_, err := sim.Cosimulate(t.Context(), pipeline(), sim.Options{Simulator: simulator}, random(pipeline(), 1))
		var missing *external.MissingToolError
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, want, missing.Tool)
	}
}

// TestSimulatorFails: what goes wrong outside is an error with the tool's own words, never a hang and never a pass.
func TestSimulatorFails(t *testing.T) {
	var failed *external.ToolError
	for _, test := range []struct{ name, old, new, tool, want string }{
		{"syntax error", "endmodule", "endmodul", "iverilog", "syntax error"},
		{"early end", "assign y_o     = y_q;", "assign y_o = y_q; initial #999 $finish(0);", "vvp", "ended after"},
		{"fatal", "assign y_o     = y_q;", "assign y_o = y_q; initial #999 $fatal(1, \"no more\");", "vvp", "no more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := pipeline()
			_, err := sim.Cosimulate(t.Context(), d, sim.Options{Files: edited(t, d, test.old, test.new)}, random(d, 1_000_000))
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, test.tool, failed.Tool)
			assert.ErrorContains(t, err, test.want)
		})
	}
	t.Run("no file", func(t *testing.T) {
		_, err := sim.Cosimulate(t.Context(), pipeline(), sim.Options{Files: []string{"missing.v"}}, random(pipeline(), 1))
		assert.ErrorContains(t, err, "missing.v")
	})
}

func TestVectorDoesNotFit(t *testing.T) {
	for want, v := range map[string][]uint64{"vector 1: b_i = 0x10: want 4 bits": {1, 16}, "vector 1: 3 words: want 2": {1, 2, 3}} {
		_, err := sim.Cosimulate(t.Context(), pipeline(), sim.Options{}, func(yield func([]uint64) bool) {
			_ = yield([]uint64{1, 2}) && yield(v)
		})
		assert.EqualError(t, err, want)
	}
}

// TestCancel ends a run that would not end by itself, and looks for what it leaves behind.
func TestCancel(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d := pipeline()
	for _, simulator := range []sim.Simulator{sim.Icarus, sim.Verilator} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		start := time.Now()
		_, err := sim.Cosimulate(ctx, d, sim.Options{Simulator: simulator}, random(d, 1<<40))
		cancel()
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Less(t, time.Since(start), 5*time.Second)
		entries, err := os.ReadDir(os.Getenv("TMPDIR"))
		require.NoError(t, err)
		assert.Empty(t, entries)
	}
}
