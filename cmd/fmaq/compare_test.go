package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The columns that need no synthesis are the first of each table, and those of the program as it is.
func TestComparisonShowsTheGatesOfNow(t *testing.T) {
	committed, err := os.ReadFile("../../docs/" + comparisonName)
	require.NoError(t, err)
	c, err := countComparison()
	require.NoError(t, err)
	require.Equal(t, []int{808, 1082, 2208}, []int{c.preset("m7e4").model, c.preset("fp16").model, c.preset("fp32").model},
		"the paper's published totals")

	rest := strings.Split(string(committed), "\n")
	tables := []*grid{c.presetGrid()}
	for _, s := range c.switches {
		tables = append(tables, s.grid(false))
	}
	for _, g := range tables {
		for _, line := range strings.Split(strings.TrimSpace(g.markdown()), "\n") {
			want := strings.TrimSuffix(line, "|")
			found := false
			for !found && len(rest) > 0 {
				found = strings.HasPrefix(rest[0], want)
				rest = rest[1:]
			}
			require.True(t, found, "docs/%s lacks, after what stands before it, %q: run make compare", comparisonName, want)
		}
	}
}

// Every circuit has its figures from one run, so that the tables cannot disagree about it.
func TestComparisonListsEveryCircuitOnce(t *testing.T) {
	c, err := countComparison()
	require.NoError(t, err)
	all, labels := c.circuits()
	require.Len(t, all, len(c.presets)+len(comparedFormats)*len(pricedSwitches))
	seen := map[string]bool{}
	for i, p := range all {
		require.False(t, seen[labels[i]], labels[i])
		seen[labels[i]] = true
		for _, q := range all[:i] {
			require.NotEqual(t, p.params, q.params, labels[i])
		}
	}
	require.Same(t, c.preset("fp16"), c.preset("m10e5"))
	for i, n := range []int{switchNearest, switchStochastic} {
		require.Equal(t, []string{"nearest-even", "stochastic"}[i], c.switches[0].variants[n].params.Spec.Rounding.String())
	}
	for _, p := range peers {
		require.Len(t, p.nand2, len(comparedFormats))
	}
}

func TestSigned(t *testing.T) {
	for _, c := range []struct {
		digits int
		x      float64
		want   figure
	}{{0, 12, "+12"}, {0, -3, "-3"}, {0, 0, "0"}, {1, -0.04, "0.0"}, {1, 0.05, "+0.1"}, {1, 100, "+100.0"}} {
		require.Equal(t, c.want, signed(c.digits, c.x))
	}
}
