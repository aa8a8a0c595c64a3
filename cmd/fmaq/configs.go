package main

import "fmaq/config"

type configsCmd struct {
	tableFormat
}

// presetInfo is a row of "fmaq configs --format json".
type presetInfo struct {
	Name        string `json:"name"`
	Operand     string `json:"operand"`
	Accumulator string `json:"accumulator"`
	Bits        int    `json:"bits"`
	Hash        string `json:"hash"`
	About       string `json:"about"`
}

func (c *configsCmd) Run(w *world) error {
	g := &grid{header: []string{"preset", "operand", "accumulator", "bits", "about"}}
	var infos []presetInfo
	for _, p := range config.Presets() {
		s := p.Params.Spec
		i := presetInfo{p.Name, s.Weight.String(), s.Accumulator.String(), s.Accumulator.Width(),
			config.ShortHash(p.Params), p.About}
		infos = append(infos, i)
		g.add(i.Name, i.Operand, i.Accumulator, i.Bits, i.About)
	}
	return c.print(w.stdout, g, infos)
}
