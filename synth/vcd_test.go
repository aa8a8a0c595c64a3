package synth

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const wave = `$timescale 1s $end
$scope module bench $end
$var wire 4 a other [3:0] $end
$scope module dut $end
$var wire 4 ! w_i [3:0] $end
$var wire 1 " x_i $end
$var wire 1 # clk_i $end
$upscope $end
$upscope $end
$enddefinitions $end
$dumpvars
bx !
x"
0#
$end
#1
b101 !
1"
#5
1#
b1 !
#7
b1111 !
0#
#10
1#
#11
b1111 a
`

func TestReadVCD(t *testing.T) {
	s, err := ReadVCD(strings.NewReader(wave), "w.vcd", "", []string{"x_i", "w_i"})
	require.NoError(t, err)
	require.Equal(t, [][]uint64{{1, 5}, {1, 1}, {1, 15}}, s.Rows)
	require.Equal(t, "w.vcd", s.Source)

	s, err = ReadVCD(strings.NewReader(wave), "w.vcd", "clk_i", []string{"x_i", "w_i"})
	require.NoError(t, err)
	require.Equal(t, [][]uint64{{1, 5}, {1, 15}}, s.Rows, "what stands before each rising edge")

	for name, c := range map[string]struct{ text, clock, message string }{
		"no such signal": {strings.ReplaceAll(wave, "x_i", "y_i"), "", "w.vcd: line 10: no scope has all of x_i, w_i"},
		"no clock":       {wave, "clock", "no scope has all of x_i, w_i, clock"},
		"empty":          {"", "", "fewer than two cycles"},
		"odd word":       {strings.Replace(wave, "b101 !", "b"+strings.Repeat("1", 65)+" !", 1), "", "no word of up to 64 bits"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadVCD(strings.NewReader(c.text), "w.vcd", c.clock, []string{"x_i", "w_i"})
			require.ErrorContains(t, err, c.message)
		})
	}
}

func TestFront(t *testing.T) {
	yes, no := true, false
	points := front([]Candidate{
		{Script: "slow and small", Delay: 9, NAND2: 400, Equivalent: &yes},
		{Script: "fast and large", Delay: 5, NAND2: 900, Equivalent: &yes},
		{Script: "wrong", Delay: 1, NAND2: 1, Equivalent: &no},
		{Script: "between", Delay: 7, NAND2: 600, Equivalent: &yes},
		{Script: "slow and large", Delay: 8, NAND2: 600, Equivalent: &yes},
	})
	var names []string
	for _, p := range points {
		names = append(names, p.Candidate.Script)
	}
	require.Equal(t, []string{"fast and large", "between", "slow and small"}, names)
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{"area": Area(), "delay": Delay(), "7.5": Period(7.5), "7.5ns": Period(7.5), "7.5 ns": Period(7.5)} {
		got, err := ParseTarget(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		again, err := ParseTarget(got.String())
		require.NoError(t, err)
		require.Equal(t, want, again)
	}
	for _, text := range []string{"", "speed", "0", "-1", "NaN", "Inf", "1e9", "5 ps"} {
		_, err := ParseTarget(text)
		require.ErrorContains(t, err, "want area, delay or a period in ns", text)
	}
}
