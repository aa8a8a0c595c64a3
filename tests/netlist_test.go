package tests

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/config"
	"fmaq/fp"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/gen/rtl/netlist"
	"fmaq/sim"
)

// osu018 is the library that script/setup installs.
const osu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"

// mapped has Yosys map a circuit, and reads the netlist.
func mapped(t *testing.T, p gen.Params, liberty string) (description, result *rtl.Netlist) {
	t.Helper()
	d, err := gen.Build(p)
	require.NoError(t, err)
	description = rtl.Lower(d)
	var library *netlist.Library
	if liberty != "" {
		text, err := os.ReadFile(liberty)
		require.NoError(t, err)
		library, err = netlist.ReadLiberty(liberty, text)
		require.NoError(t, err)
	}
	json, err := sim.Map(t.Context(), d, liberty)
	require.NoError(t, err)
	m, err := netlist.ReadJSON("mapped.json", json, library, description)
	require.NoError(t, err)
	return description, m.Netlist
}

// TestLoweringEqualsYosys: what we lower a description to equals what Yosys makes of the Verilog, of its own gates and
// mapped to a library, for every preset, and for pipelines, an offset port and the other roundings. The two ways from the
// description to gates have nothing in common.
func TestLoweringEqualsYosys(t *testing.T) {
	circuits := map[string]gen.Params{}
	for _, preset := range config.Presets() {
		circuits[preset.Name] = preset.Params
	}
	with := func(name, preset string, change func(*gen.Params)) {
		p := circuits[preset]
		change(&p)
		circuits[name] = p
	}
	for _, stages := range []int{1, gen.MaxPipeline} {
		with(fmt.Sprintf("m7e4 pipeline %d", stages), "m7e4", func(p *gen.Params) { p.Arch.Pipeline = stages })
	}
	with("fp16 port, nearest", "fp16", func(p *gen.Params) {
		p.Arch.Pipeline, p.Arch.Bias, p.Spec.Rounding = 2, gen.BiasPort, fp.NearestEven
	})
	with("m6e5 stochastic", "m6e5", func(p *gen.Params) { p.Spec.Rounding, p.Spec.RandomBits = fp.Stochastic, 5 })
	for name, p := range circuits {
		for library, path := range map[string]string{"generic": "", "osu018": osu018} {
			t.Run(name+"/"+library, func(t *testing.T) {
				t.Parallel()
				description, result := mapped(t, p, path)
				begun := time.Now()
				difference, err := sim.Equivalent(t.Context(), result, description)
				require.NoError(t, err)
				assert.Nil(t, difference)
				t.Logf("cec: %.2f s", time.Since(begun).Seconds())
			})
		}
	}
}
