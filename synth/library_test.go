package synth

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const small = `/* a library
 of two lines */
library (small) {
  nom_voltage : 1.8;
  capacitive_load_unit (1,pf);
  lu_table_template(t) { variable_1 : x; index_1 ("1, 2"); }
  cell (ND2) { area : 4; pin(A) { direction : input; } pin(B) { direction : input; }
    pin(Y) { direction : output; function : "!(A B)"; timing() { values ( \
      "1, 2", \
      "3, 4"); } } }
  cell ("ND2B") { area : 6.5
    pin("A", "B") { direction : "input"; }
    pin(Y) { direction : output; function : "A'+B'"; } }
  cell (DFF) { area : 16; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin(D) { direction : input; } pin(CK) { direction : input; clock : true; }
    pin(Q) { direction : output; function : "IQ"; } }
}`

func TestLibrary(t *testing.T) {
	l, err := ParseLibrary("small.lib", []byte(small))
	require.NoError(t, err)
	require.Equal(t, "small", l.Name)
	require.Equal(t, 1.8, l.Volts)
	require.Len(t, l.Cells, 3)
	require.Equal(t, "ND2", l.NAND2.Name)
	require.Equal(t, 6.5, l.Cells["ND2B"].Area)
	require.Equal(t, []string{"A", "B"}, l.Cells["ND2B"].Inputs)
	require.Equal(t, "IQ", l.Cells["DFF"].Flop.State)
	require.Equal(t, "IQN", l.Cells["DFF"].Flop.Inverse)
	require.Equal(t, "CK", l.Cells["DFF"].Flop.Clock.Pin())
}

func TestBrokenLibrary(t *testing.T) {
	for name, c := range map[string]struct{ text, message string }{
		"empty":       {"", `line 1: starts with "": want "library"`},
		"other":       {"#!/bin/sh\n", `line 1: starts with "#!/bin/sh"`},
		"cut short":   {"library (x) {\n cell (A) {\n area : 1;\n", `line 4: the file ends where "}" should stand`},
		"no cells":    {"library (x) { }", "no cells"},
		"bad area":    {"library (x) {\n cell (A) { area : big; } }", `line 2: cell A: area "big": want a number`},
		"no NAND":     {"library (x) { cell (A) { area : 1; } }", "no two-input NAND"},
		"bad formula": {`library (x) { cell (A) { pin(Y) { direction : output; function : "A+"; } } }`, `cell A: pin Y: function "A+"`},
		"bad word":    {"library (x) {\n area 1; }", `line 2: found 1; want a : or ( after area`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseLibrary("small.lib", []byte(c.text))
			require.ErrorContains(t, err, c.message)
		})
	}
}

func TestTechnologies(t *testing.T) {
	nand := map[string]string{"osu018": "NAND2X1", "osu035": "NAND2X1", "osu050": "NAND2X1"}
	for _, technology := range Technologies {
		if _, err := os.Stat(technology.Path); err != nil {
			t.Logf("%s is not installed", technology.Package)
			continue
		}
		l, err := OpenTechnology(technology.Name)
		require.NoError(t, err)
		require.Equal(t, nand[technology.Name], l.NAND2.Name)
		require.Greater(t, len(l.Cells), 30)
	}
	_, err := OpenTechnology("tsmc7")
	require.ErrorContains(t, err, "want one of osu018, osu035, osu050")
}

// Cells whose behaviour is beyond a simulation by cycles count in the area, and are an error of whoever wants activity.
func TestNotSimulated(t *testing.T) {
	const odd = `cell (LAT) { area : 9; latch (Q, QN) { enable : "A"; } }
  cell (DFFR) { ff (IQ, IQN) { next_state : "D"; clocked_on : "D"; clear : "D"; } pin(D) { direction : input; } } }`
	l, err := ParseLibrary("small.lib", []byte(strings.TrimSuffix(small, "}")+odd))
	require.NoError(t, err)
	for kind, message := range map[string]string{
		"LAT":  "cell u is not simulated: small.lib: line 17: cell LAT: it is a latch",
		"DFFR": "cell u is a DFFR, with clear or preset: not simulated",
	} {
		n := &Netlist{Cells: []Instance{{Name: "u", Cell: kind}}, Nets: 2}
		_, err := n.toggles(l, Stimulus{}, nil)
		require.ErrorContains(t, err, message)
		_, area := n.cellCounts(l)
		require.Equal(t, l.Cells[kind].Area, area)
	}
}
