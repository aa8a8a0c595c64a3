package gatecount

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

func spec(t *testing.T, operand, accumulator string) fp.Spec {
	t.Helper()
	o, err := fp.ParseFormat(operand)
	require.NoError(t, err)
	a, err := fp.ParseFormat(accumulator)
	require.NoError(t, err)
	return fp.NewSpec(o, a)
}

// TestModel holds the model to the paper's totals, and its blocks to the figures of the reconstruction.
func TestModel(t *testing.T) {
	for _, test := range []struct {
		accumulator           string
		canvas, kmax, k, want int
		blocks                []int
	}{
		{"M7E4", 16, 16, 4, 808, []int{22, 31, 12, 250, 66, 66, 104, 32, 162, 31, 32}},
		{"M10E5", 21, 21, 5, 1082, []int{22, 40, 15, 250, 90, 125, 139, 42, 275, 40, 44}},
		{"M23E8", 47, 47, 6, 2208, []int{22, 67, 24, 250, 186, 340, 308, 94, 754, 67, 96}},
	} {
		t.Run(test.accumulator, func(t *testing.T) {
			m := NewModel(spec(t, "M4E3", test.accumulator))
			var blocks []int
			for _, b := range m.Blocks {
				blocks = append(blocks, b.Gates)
			}
			assert.Equal(t, test.blocks, blocks)
			assert.Equal(t, test.want, m.Total)
			assert.Equal(t, test.canvas, m.Canvas)
			assert.Equal(t, test.kmax, m.MaxShift)
			assert.Equal(t, test.k, m.ShiftLevels)
		})
	}
}

// TestModelSmall: the expressions stay sensible where a shifter has nothing to do.
func TestModelSmall(t *testing.T) {
	m := NewModel(spec(t, "M0E2", "M0E2"))
	assert.Equal(t, 1, m.Canvas)
	assert.Equal(t, 0, m.ShiftLevels)
	for _, b := range m.Blocks {
		assert.GreaterOrEqual(t, b.Gates, 0, b.Name)
	}
}

// pair is a design with two blocks, a register and something of its own, small enough to count by hand.
func pair(t *testing.T) *rtl.Netlist {
	t.Helper()
	adder := rtl.NewModule("adder", "")
	adder.Output("y_o", adder.Add("", 5, adder.Input("a_i", 4), adder.Input("b_i", 4)))
	chooser := rtl.NewModule("chooser", "")
	x := chooser.Input("x_i", 5)
	chooser.Output("y_o", chooser.Mux("", chooser.Input("s_i", 1), x, chooser.Not("", x)))
	top := rtl.NewModule("top", "")
	top.ClockInput("clk_i")
	sum := top.Instance("sum", adder, rtl.Ports{"a_i": top.Input("a_i", 4), "b_i": top.Input("b_i", 4)})["y_o"]
	s := top.Input("s_i", 1)
	top.Output("q_o", top.Register("", top.Instance("choice", chooser, rtl.Ports{"x_i": sum, "s_i": s})["y_o"], false))
	d, err := rtl.NewDesign(top)
	require.NoError(t, err)
	return rtl.Lower(d)
}

func TestStructure(t *testing.T) {
	s := NewStructure(pair(t))
	assert.Equal(t, Structure{
		Design:  "top",
		Latency: 1,
		Blocks: []StructureBlock{
			{"sum", "adder", Tally{And: 7, Or: 3, Xor: 7, Gates: 3*FullAdder + HalfAdder}},
			{"choice", "chooser", Tally{Xor: 5, Gates: 15, Not: 5}}, // a word or its complement is an exclusive-or
			{"top", "top", Tally{FlipFlops: 5}},
		},
		Total: Tally{And: 7, Or: 3, Xor: 12, Gates: 3*FullAdder + HalfAdder + 15, Not: 5, FlipFlops: 5},
	}, s)
}

func TestCompare(t *testing.T) {
	n := pair(t)
	c, err := Compare([]Configuration{
		{"m7e4", spec(t, "M4E3", "M7E4"), n},
		{"fp16", spec(t, "M4E3", "M10E5"), nil},
		{"fp32", spec(t, "M4E3", "M23E8"), n},
	}, "fp32", "fp16")
	require.NoError(t, err)
	var percent []float64
	for _, e := range c.Entries {
		require.Len(t, e.Ratios, 2)
		assert.Equal(t, "fp32", e.Ratios[0].To)
		percent = append(percent, math.Round(100*e.Ratios[0].Model))
	}
	assert.Equal(t, []float64{37, 49, 100}, percent)
	require.NotNil(t, c.Entries[0].Ratios[0].Structure)
	assert.Equal(t, 1.0, *c.Entries[0].Ratios[0].Structure)
	assert.Nil(t, c.Entries[0].Ratios[1].Structure)
	assert.Nil(t, c.Entries[1].Ratios[0].Structure)
	assert.Contains(t, c.Note, "reconstruction")
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"accumulator":"M7E4","model":{"canvas":16,"max_shift":16,"shift_levels":4,"blocks":[{"name":"exponent adder","expression":"(e-1) FA + HA","gates":22}`)
	assert.Contains(t, string(text), `{"name":"sum","module":"adder","and":7,"or":3,"xor":7,"mux":0,"gates":31,"not":0,"flip_flops":0}`)
}

func TestCompareErrors(t *testing.T) {
	bad := spec(t, "M4E3", "M7E4")
	bad.Chunk = -1
	_, err := Compare([]Configuration{{"a", spec(t, "M4E3", "M7E4"), nil}, {"a", bad, nil}}, "b", "a", "a")
	require.Error(t, err)
	for _, want := range []string{`"a" stands twice`, `configuration "a": chunk = -1`, `reference "b" is not`, `reference "a" stands twice`} {
		assert.ErrorContains(t, err, want)
	}
}
