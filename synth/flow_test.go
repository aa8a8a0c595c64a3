package synth

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/gen/rtl/rtltest"
	"fmaq/sim"
	"fmaq/sim/external"
	"fmaq/verilog"
)

func params(t testing.TB, accumulator string, pipeline int) gen.Params {
	t.Helper()
	operand, err := fp.ParseFormat("M1E2")
	require.NoError(t, err)
	format, err := fp.ParseFormat(accumulator)
	require.NoError(t, err)
	p := gen.NewParams(fp.NewSpec(operand, format))
	p.Arch.Pipeline = pipeline
	return p
}

func build(t testing.TB, p gen.Params) *rtl.Design {
	t.Helper()
	d, err := gen.Build(p)
	require.NoError(t, err)
	return d
}

// newFlow skips the test where library or tools are missing.
func newFlow(t testing.TB) *Flow {
	t.Helper()
	l, err := OpenTechnology("osu018")
	var gone *MissingLibraryError
	if errors.As(err, &gone) {
		t.Skip(err)
	}
	require.NoError(t, err)
	f, err := NewFlow(t.Context(), l)
	var missing *external.MissingToolError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	require.NoError(t, err)
	return f
}

// words are random ones for the data inputs of a design.
func words(d *rtl.Design, n int, seed uint64) Stimulus {
	rng := rand.New(rand.NewPCG(seed, 1))
	face := verilog.NewInterface(d)
	s := Stimulus{Source: "random words", Fixed: map[string]uint64{}}
	for _, in := range face.Inputs {
		s.Inputs = append(s.Inputs, in.Name)
	}
	if face.Reset != nil {
		s.Fixed[face.Reset.Name] = 1
	}
	if face.ValidIn != nil {
		s.Fixed[face.ValidIn.Name] = 1
	}
	for range n {
		var row []uint64
		for _, in := range face.Inputs {
			row = append(row, rng.Uint64()&(^uint64(0)>>(64-in.Width)))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// requireSame holds a mapped netlist to the cycle model of its design.
func requireSame(t *testing.T, d *rtl.Design, n *Netlist, l *Library, seed uint64) {
	t.Helper()
	s := words(d, 200, seed)
	model, err := sim.NewModel(d)
	require.NoError(t, err)
	var want [][]uint64
	in, out := make([]uint64, len(model.Inputs())), make([]uint64, len(model.Outputs()))
	for _, row := range s.Rows {
		for i, p := range model.Inputs() {
			in[i] = s.Fixed[p.Name]
			for k, name := range s.Inputs {
				if name == p.Name {
					in[i] = row[k]
				}
			}
		}
		model.Cycle(in, out)
		want = append(want, append([]uint64{}, out...))
	}
	port := map[string]int{}
	for i, p := range model.Outputs() {
		port[p.Name] = i
	}
	_, err = n.toggles(l, s, func(from, cycles int, value []uint64) {
		for k := range cycles {
			for _, p := range n.Outputs {
				var got uint64
				for i, net := range p.Bits {
					got |= value[net] >> k & 1 << i
				}
				require.Equal(t, want[from+k][port[p.Name]], got, "seed %d, cycle %d, %s", seed, from+k, p.Name)
			}
		}
	})
	require.NoError(t, err)
}

func TestAreaFlow(t *testing.T) {
	f := newFlow(t)
	f.Cache = &Cache{Dir: filepath.Join(t.TempDir(), "a", "b")}
	p := params(t, "M2E3", 0)
	d := build(t, p)
	r, err := f.Run(t.Context(), d, Area())
	require.NoError(t, err)
	require.False(t, r.Cached)
	require.Equal(t, d.Top.Name, r.Design)
	require.Len(t, r.Candidates, len(areaScripts))
	for _, c := range r.Candidates {
		require.GreaterOrEqual(t, c.NAND2, r.Winner.NAND2)
		require.True(t, *c.Equivalent, c.Script)
	}
	var area float64
	for _, c := range r.Cells {
		area += c.Area
	}
	require.Equal(t, r.Area, area)
	require.InDelta(t, r.Area/24, r.NAND2, 1e-9)
	require.Greater(t, r.NAND2, 60.0)
	require.InDelta(t, r.NAND2, r.Winner.NAND2, 1e-3)

	// Blocks stand in the order of the data flow, and together are larger than what is optimised as one.
	var names []string
	for _, b := range r.Blocks {
		names = append(names, b.Name)
	}
	require.Equal(t, []string{"multiplier", "exponent_adder"}, names[:2])
	require.Greater(t, r.BlockArea, r.Area)
	require.Equal(t, "multiplier", r.BlockPath[0].Block)
	var crossed float64
	for _, c := range r.BlockPath {
		crossed += c.Delay
	}
	require.InDelta(t, r.BlockTime, crossed, 1e-3)
	require.InDelta(t, 1000/r.Path.Delay, r.Frequency, 0.001)
	requireSame(t, d, r.Netlist, f.Library, 1)

	again, err := f.Run(t.Context(), d, Area())
	require.NoError(t, err)
	require.True(t, again.Cached)
	again.Cached = false
	require.Equal(t, r, again, "from the cache")

	// Another library, another tool, another circuit: nothing of it is in the cache.
	files, err := verilog.RTL(d, verilog.Options{})
	require.NoError(t, err)
	keys := map[string]bool{f.key(d.Top.Name, files, Area()): true, f.key(d.Top.Name, files, Delay()): true,
		f.key(d.Top.Name, files, Period(2)): true, f.key(d.Top.Name, files[1:], Area()): true}
	other := *f
	other.Tools.Yosys += "x"
	keys[other.key(d.Top.Name, files, Area())] = true
	require.Len(t, keys, 5)
}

func TestDelayAndPeriod(t *testing.T) {
	f := newFlow(t)
	d := build(t, params(t, "M1E2", 0))
	area, err := f.Run(t.Context(), d, Area())
	require.NoError(t, err)
	fast, err := f.Run(t.Context(), d, Delay())
	require.NoError(t, err)
	require.Less(t, fast.Path.Delay, area.Path.Delay)
	require.Greater(t, fast.Area, area.Area)
	requireSame(t, d, fast.Netlist, f.Library, 2)

	none := Period(0.01)
	none.swept = true
	missed, err := f.Run(t.Context(), d, none)
	require.NoError(t, err)
	require.False(t, *missed.Met)
	require.False(t, Period(1).better(&attempt{Candidate: Candidate{Delay: 3, NAND2: 1}}, &attempt{Candidate: Candidate{Delay: 2, NAND2: 9}}))
	require.True(t, Period(4).better(&attempt{Candidate: Candidate{Delay: 3, NAND2: 1}}, &attempt{Candidate: Candidate{Delay: 2, NAND2: 9}}))
}

func TestPipelineAndPower(t *testing.T) {
	f := newFlow(t)
	d := build(t, params(t, "M2E3", 2))
	j, m := mapOnce(t, f, d, ripple)
	n, _, err := j.netlist(m)
	require.NoError(t, err)
	requireSame(t, d, n, f.Library, 3)

	r := &Result{Netlist: n, library: f.Library}
	r.energies, err = j.energies(t.Context(), m)
	require.NoError(t, err)
	moving, err := r.Power(words(d, 1000, 4), 100)
	require.NoError(t, err)
	require.InDelta(t, moving.Energy*100e-3, moving.Dynamic, 1e-3)
	still := words(d, 1000, 4)
	for i := range still.Rows {
		still.Rows[i] = make([]uint64, len(still.Inputs))
	}
	idle, err := r.Power(still, 100)
	require.NoError(t, err)
	require.Less(t, idle.Energy, moving.Energy/2)
	require.Greater(t, idle.Energy, 0.0, "the clock")
	require.Equal(t, idle.Leakage, moving.Leakage)

	// Half the load capacitance times the square of the voltage, for a transition: an inverter that drives nothing takes less.
	for _, c := range n.Cells {
		e := r.energies[c.Name]
		require.GreaterOrEqual(t, e.Toggle, 0.0)
		require.Equal(t, f.Library.Cells[c.Cell].Flop != nil, e.Clock > 0, c.Cell)
		require.Less(t, e.Toggle, 3000.0)
	}

	lacking := words(d, 10, 1)
	lacking.Inputs[0] = "other"
	_, err = r.Power(lacking, 100)
	require.ErrorContains(t, err, "activity from random words has no input")
	lacking.Rows = lacking.Rows[:1]
	_, err = r.Power(lacking, 100)
	require.ErrorContains(t, err, "1 cycles: want 2 or more")
}

// mapOnce maps by the first round of one script.
func mapOnce(t *testing.T, f *Flow, d *rtl.Design, a adders) (*job, *mapped) {
	t.Helper()
	files, err := verilog.RTL(d, verilog.Options{})
	require.NoError(t, err)
	j, err := f.newJob(d, files)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.close()) })
	front, err := j.front(t.Context(), a, false)
	require.NoError(t, err)
	m, err := j.abc(t.Context(), front, areaScripts[1], 1, "", true)
	require.NoError(t, err)
	require.True(t, m.equivalent)
	return j, m
}

// The front ends have arithmetic of their own, which ABC's check does not see: random circuits hold them to the model.
func TestFrontEnds(t *testing.T) {
	f := newFlow(t)
	for seed := range uint64(8) {
		d := rtltest.Random(seed, false)
		for _, a := range []adders{ripple, prefix} {
			j, m := mapOnce(t, f, d, a)
			n, _, err := j.netlist(m)
			require.NoError(t, err)
			requireSame(t, d, n, f.Library, seed)
		}
	}
}

// amap with -x and -m makes a wrong netlist in ABC 1.01. If this fails, ABC has been mended, and mapArea may take -m.
func TestWrongNetlistIsFound(t *testing.T) {
	f := newFlow(t)
	d := build(t, gen.NewParams(fp.NewSpec(fp.Format{Mantissa: 4, Exponent: 3, Bias: 4}, fp.Format{Mantissa: 7, Exponent: 4, Bias: 8})))
	files, err := verilog.RTL(d, verilog.Options{})
	require.NoError(t, err)
	j, err := f.newJob(d, files)
	require.NoError(t, err)
	defer func() { require.NoError(t, j.close()) }()
	front, err := j.front(t.Context(), ripple, false)
	require.NoError(t, err)
	broken := &attempt{adders: ripple, script: chain("wrong", "strash", "amap -x -m", 1), Candidate: Candidate{Rounds: 1, Script: "wrong"}}
	_, err = j.explore(t.Context(), map[adders]string{ripple: front}, []*attempt{broken}, Area())
	require.ErrorContains(t, err, "does not find equivalent")
}

func TestFailures(t *testing.T) {
	f := newFlow(t)
	d := build(t, params(t, "M2E3", 0))
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := f.Run(ctx, d, Area())
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("library that only we can read", func(t *testing.T) {
		l, err := ParseLibrary("small.lib", []byte(small))
		require.NoError(t, err)
		l.File = filepath.Join(t.TempDir(), "small.lib")
		require.NoError(t, os.WriteFile(l.File, []byte("nonsense"), 0o666))
		g := *f
		g.Library = l
		_, err = g.Run(t.Context(), d, Area())
		var failed *external.ToolError
		require.ErrorAs(t, err, &failed)
		require.NotEmpty(t, failed.Log)
	})
	t.Run("tools", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := NewFlow(t.Context(), f.Library)
		require.EqualError(t, err, "yosys is not installed; it is needed for synthesis (Debian package: yosys)")
		_, err = ICE40(t.Context(), "x", nil)
		require.ErrorContains(t, err, "yosys is not installed")
	})
	t.Run("cache", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o666))
		c := &Cache{Dir: file}
		require.ErrorContains(t, c.store("k", &Result{}), "cache: ")
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(file), "k.json"), []byte("{"), 0o666))
		require.Nil(t, (&Cache{Dir: filepath.Dir(file)}).load("k"))
	})
}
