package synth

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/gen"
	"fmaq/gen/rtl"
)

func design(t testing.TB, accumulator string, pipeline int) *rtl.Design {
	t.Helper()
	operand, err := fp.ParseFormat("M4E3")
	require.NoError(t, err)
	format, err := fp.ParseFormat(accumulator)
	require.NoError(t, err)
	p := gen.NewParams(fp.NewSpec(operand, format))
	p.Arch.Pipeline = pipeline
	d, err := gen.Build(p)
	require.NoError(t, err)
	return d
}

func flow(t testing.TB) *Flow {
	t.Helper()
	l, err := OpenTechnology("osu018")
	var gone *MissingLibraryError
	if errors.As(err, &gone) {
		t.Skip(err)
	}
	require.NoError(t, err)
	f, err := NewFlow(t.Context(), l)
	var missing *MissingToolError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	require.NoError(t, err)
	return f
}

func TestExperiment(t *testing.T) {
	f := flow(t)
	for _, name := range []string{"M7E4"} {
		for _, target := range []Target{Area(), Delay(), Period(8)} {
			r, err := f.Run(t.Context(), design(t, name, 0), target)
			require.NoError(t, err)
			text, _ := json.MarshalIndent(r, "", " ")
			t.Logf("%s", text)
		}
	}
}
