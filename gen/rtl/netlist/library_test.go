package netlist

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadLiberty(t *testing.T) {
	l, err := ReadLiberty("a.lib", []byte(`/* a comment
 of two lines */
library ("small") {
  define (drive, cell, float);
  time_unit : "1ns"
  capacitive_load_unit (1, pf);
  // another
  cell ("AOI") {
    area : 2.5;
    pin (A, B) { direction : input; capacitance : 0.1 }
    pin ("C") { direction : "input"; }
    pin (Y) {
      direction : output;
      function : "!(A B + C)";
      timing () { cell_rise (t) { values ("1, 2", \
        "3, 4"); } }
    };
  }
  cell (DFF) {
    ff (IQ, IQN) { clocked_on : "!CK"; next_state : "D"; clear : "RN'"; }
    pin (CK) { direction : input; clock : true; }
    pin (D) { direction : input; }
    pin (RN) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; }
    pin (QN) { direction : output; function : "IQN"; }
  }
}
`))
	require.NoError(t, err)
	assert.Equal(t, "small", l.Name)
	aoi := l.Cells["AOI"]
	require.NoError(t, aoi.Refused)
	assert.Equal(t, 2.5, aoi.Area)
	assert.Equal(t, []string{"A", "B", "C"}, aoi.Inputs)
	require.Len(t, aoi.Outputs, 1)
	assert.True(t, eval(aoi.Outputs[0].Function, map[string]bool{"A": true}))
	assert.False(t, eval(aoi.Outputs[0].Function, map[string]bool{"A": true, "B": true}))
	dff := l.Cells["DFF"]
	require.NoError(t, dff.Refused)
	assert.Len(t, dff.Outputs, 2)
	assert.True(t, eval(dff.Flop.Clear, map[string]bool{}))
	assert.True(t, eval(dff.Flop.Clock, map[string]bool{}))
	assert.Nil(t, dff.Flop.Preset)
}

func TestReadLibertyErrors(t *testing.T) {
	for text, message := range map[string]string{
		"":                              `line 1: starts with "": want "library"`,
		"cell (A) { }":                  `line 1: starts with "cell": want "library"`,
		"library (l) { }":               "library l has no cells",
		"library (l) {\n cell (A) {":    `line 2: the file ends where "}" should stand`,
		"library (l) {\n cell (A { } }": "line 2: found {; want a ) to end the arguments of cell",
		"library (l) {\n area 2; }":     "line 2: found 2; want a : or ( after area",
		"library (l) {\n area : ; }":    "line 2: found ;; want a value of area",
		"library (l) { /* }":            "line 1: a comment does not end",
		"library (l) { } }":             "line 1: found }; want the end of the file",
		"library (l) { cell (A) { area : x; } cell (A) { } }": "line 1: cell (A): want a name that no other cell has",
	} {
		_, err := ReadLiberty("a.lib", []byte(text))
		assert.ErrorContains(t, err, "a.lib: ", text)
		assert.ErrorContains(t, err, message, text)
	}
}

// TestRefusedCells: what a cell does beyond gates and a flip-flop is kept as the reason why a netlist cannot have it.
func TestRefusedCells(t *testing.T) {
	const pins = `pin (A) { direction : input; } `
	for body, message := range map[string]string{
		`area : big;`:                                                               `area "big": want a number`,
		`latch (IQ, IQN) { enable : "A"; }`:                                         "it is a latch; want combinational functions or one flip-flop",
		pins + `bus (B) { }`:                                                        "it has a bus",
		pins + `pin (P) { direction : inout; }`:                                     `pin P: direction "inout": want input or output`,
		pins + `pin (Y) { direction : output; }`:                                    "pin Y: it has no function",
		pins + `pin (Y) { direction : output; function : "A+B"; }`:                  `pin Y: function "A+B": no pin or state B; the cell has A`,
		pins + `pin (Y) { direction : output; function : "A"; three_state : "A"; }`: "pin Y: it is three-state",
		pins + `ff (IQ, IQN) { next_state : "A"; }`:                                 "ff: it has no clocked_on",
		pins + `ff (IQ) { }`:                                                        "ff (IQ): want one flip-flop with two states",
		pins + `ff (IQ, IQN) { clocked_on : "A"; next_state : "A IQ"; }`:            `ff: next_state "A IQ": no pin or state IQ`,
	} {
		l, err := ReadLiberty("a.lib", []byte("library (l) {\n cell (X) { "+body+" } }"))
		require.NoError(t, err, body)
		assert.ErrorContains(t, l.Cells["X"].Refused, "a.lib: line 2: cell X: "+message, body)
	}
}

// TestCheck: what is wrong in any library, against what is only beyond this package.
func TestCheck(t *testing.T) {
	l, err := ReadLiberty("a.lib", []byte(`library (l) {
  nom_voltage : 1.8;
  cell (L) { area : 3; latch (IQ, IQN) { enable : "A"; } }
  cell (F) { pin (A) { direction : input; } pin (Y) { direction : output; function : "A+B"; } }
}`))
	require.NoError(t, err)
	assert.NoError(t, l.Check())
	assert.Equal(t, 1.8, l.Volts)
	assert.Equal(t, 3.0, l.Cells["L"].Area)
	l, err = ReadLiberty("a.lib", []byte(`library (l) {
  cell (B) { area : big; }
  cell (C) { pin (Y) { direction : output; function : "A+"; } }
}`))
	require.NoError(t, err)
	assert.Zero(t, l.Volts)
	assert.ErrorContains(t, l.Check(), `a.lib: line 2: cell B: area "big"`)
	assert.ErrorContains(t, l.Check(), `a.lib: line 3: cell C: pin Y: function "A+": it ends too early`)
}

// TestOSU018 reads a library as it is in use.
func TestOSU018(t *testing.T) {
	const path = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
	text, err := os.ReadFile(path)
	require.NoError(t, err, "script/setup installs it")
	l, err := ReadLiberty(path, text)
	require.NoError(t, err)
	assert.Equal(t, "osu018_stdcells", l.Name)
	assert.Len(t, l.Cells, 32)
	var refused []string
	for name, c := range l.Cells {
		if c.Refused != nil {
			refused = append(refused, name)
		}
	}
	assert.ElementsMatch(t, []string{"LATCH", "TBUFX1", "TBUFX2"}, refused)
	for _, c := range []struct {
		cell, pin string
		level     map[string]bool
		want      bool
	}{
		{"FAX1", "YC", map[string]bool{"A": true, "C": true}, true},
		{"FAX1", "YS", map[string]bool{"A": true, "C": true}, false},
		{"MUX2X1", "Y", map[string]bool{"S": true, "A": true}, false},
		{"MUX2X1", "Y", map[string]bool{"S": true, "B": true}, true},
		{"OAI22X1", "Y", map[string]bool{"A": true, "D": true}, false},
	} {
		for _, o := range l.Cells[c.cell].Outputs {
			if o.Pin == c.pin {
				assert.Equal(t, c.want, eval(o.Function, c.level), "%s %s", c.cell, c.pin)
			}
		}
	}
	assert.Equal(t, 24.0, l.Cells["NAND2X1"].Area)
}
