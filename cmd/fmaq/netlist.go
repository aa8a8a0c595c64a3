package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"fmaq/gen/rtl"
	"fmaq/gen/rtl/netlist"
	"fmaq/sim"
	"fmaq/sim/external"
	"fmaq/synth"
)

// netlistFlags say which netlist a subcommand looks at instead of the description's gates.
type netlistFlags struct {
	Netlist string `xor:"netlist" placeholder:"FILE" help:"Check a netlist mapped from the circuit: the JSON of Yosys, flat."`
	Mapped  bool   `xor:"netlist" help:"Check the netlist that Yosys and ABC map the emitted Verilog to."`
	Liberty string `placeholder:"FILE" help:"Library of the netlist's cells; with --mapped, osu018 unless given."`
}

func (f netlistFlags) given() bool { return f.Netlist != "" || f.Mapped }

// netlistInfo is what a proof tells of the netlist.
type netlistInfo struct {
	File    string         `json:"file,omitempty"` // none: mapped for the occasion
	Creator string         `json:"creator"`
	Library string         `json:"library,omitempty"`
	Cells   int            `json:"cells"`
	Kinds   map[string]int `json:"kinds"`
	Area    float64        `json:"area"` // in the library's units
}

// equivalence is the verdict on netlist and description.
type equivalence struct {
	Tool       string      `json:"tool"`
	Equivalent bool        `json:"equivalent"` // proved
	Seconds    float64     `json:"seconds"`
	Difference *difference `json:"difference,omitempty"` // if not
}

// difference is inputs for which the netlist gives something else than the description.
type difference struct {
	Inputs      []decodedWord `json:"inputs"`
	Netlist     []decodedWord `json:"netlist"`
	Description []decodedWord `json:"description"`
}

// read returns the netlist of a circuit whose gates are given.
func (f netlistFlags) read(w *world, c *circuit, description *rtl.Netlist) (*netlist.Mapped, *netlistInfo, error) {
	info := &netlistInfo{File: f.Netlist}
	liberty := f.Liberty
	if liberty == "" && f.Mapped {
		osu018 := synth.Technologies[0]
		if _, err := os.Stat(osu018.Path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, &external.MissingToolError{Tool: osu018.Path, Package: osu018.Package,
				For: "to map the circuit to cells; or give another with --liberty"}
		}
		liberty = osu018.Path
	}
	var library *netlist.Library
	if liberty != "" {
		text, err := os.ReadFile(liberty)
		if err != nil {
			return nil, nil, fmt.Errorf("--liberty: %w", err)
		}
		if library, err = netlist.ReadLiberty(liberty, text); err != nil {
			return nil, nil, err
		}
		info.Library = library.Name
	}
	var text []byte
	var err error
	name := f.Netlist
	if f.Mapped {
		name = "netlist of Yosys"
		text, err = sim.Map(w.ctx, c.design, liberty)
	} else if text, err = os.ReadFile(name); err != nil {
		err = fmt.Errorf("--netlist: %w", err)
	}
	if err != nil {
		return nil, nil, err
	}
	m, err := netlist.ReadJSON(name, text, library, description)
	if err != nil {
		return nil, nil, err
	}
	info.Creator, info.Cells, info.Kinds, info.Area = m.Creator, m.Total(), m.Cells, m.Area
	return m, info, nil
}

// proveMapped is prove for a netlist. Where the numerics cannot be tried on every input, ABC proves first that the netlist
// equals the description.
func (w *world) proveMapped(c *circuit, f netlistFlags, n int, seed uint64) (*proof, error) {
	description := rtl.Lower(c.design)
	mapped, info, err := f.read(w, c, description)
	if err != nil {
		return nil, err
	}
	// Results are looked for where the netlist gives them, so this has to be seen apart.
	if got, want := mapped.Latency(), description.Latency(); got != want {
		return nil, differs("%s: the netlist's latency is %d, the description's %d", c.Name, got, want)
	}
	p := newProof(c)
	var equal *equivalence
	if !p.Exhaustive || p.Offset != nil {
		if equal, err = w.equivalent(c, mapped.Netlist, description); err != nil {
			return nil, err
		}
	}
	if equal == nil || equal.Equivalent {
		err = w.proveGates(p, c, mapped.Netlist, n, seed)
	}
	p.Netlist, p.Equivalence = info, equal
	return p, err
}

func (w *world) equivalent(c *circuit, mapped, description *rtl.Netlist) (*equivalence, error) {
	begun := time.Now()
	d, err := sim.Equivalent(w.ctx, mapped, description)
	if err != nil {
		return nil, err
	}
	e := &equivalence{Tool: "ABC cec", Equivalent: d == nil, Seconds: time.Since(begun).Seconds()}
	if d != nil {
		e.Difference = &difference{c.decodeAll(d.Inputs), c.decodeAll(d.A), c.decodeAll(d.B)}
	}
	return e, nil
}

// decodeAll decodes words of ports, those of unrolled pipelines too.
func (c *circuit) decodeAll(values []sim.Value) (all []decodedWord) {
	for _, v := range values {
		port, before := netlist.Before(v.Name)
		word := c.decode(port, v.Word)
		switch {
		case before == 1:
			word.Name += ", a cycle before"
		case before > 1:
			word.Name += fmt.Sprintf(", %d cycles before", before)
		}
		all = append(all, word)
	}
	return all
}

func (n *netlistInfo) inWords() string {
	var b strings.Builder
	b.WriteString("The gates are those of ")
	if n.File != "" {
		b.WriteString(n.File)
	} else {
		b.WriteString("the netlist mapped by " + n.Creator)
	}
	fmt.Fprintf(&b, ": %s cells", grouped(int64(n.Cells), true))
	if n.Library != "" {
		fmt.Fprintf(&b, " of %s, area %s", n.Library, grouped(int64(n.Area+0.5), true))
	}
	return b.String() + "."
}

func (e *equivalence) inWords() string {
	if !e.Equivalent {
		return "netlist and description differ"
	}
	return fmt.Sprintf("equivalent: the netlist equals the description on all inputs (%s, %.1f s)", e.Tool, e.Seconds)
}

func (d *difference) grid() *grid {
	g := &grid{header: []string{"counterexample", "netlist", "description"}}
	for _, i := range d.Inputs {
		g.add(i.Name, i.String(), i.String())
	}
	for i := range d.Netlist {
		g.add(d.Netlist[i].Name, d.Netlist[i].String(), d.Description[i].String())
	}
	return g
}
