package gatecount

import "fmaq/gen/rtl"

// Structure is the tally of the gates of a circuit as [rtl.Lower] makes them: the circuit really emitted, cell by cell,
// before any synthesis. The netlist is flat: a gate that two blocks would both have, such as those of the leading zero
// detector that the renormaliser needs too, counts once, in the block that comes first.
type Structure struct {
	Design  string           `json:"design"`
	Latency int              `json:"latency"` // cycles
	Blocks  []StructureBlock `json:"blocks"`  // the top's instances in order, then the top itself if it has gates of its own
	Total   Tally            `json:"total"`
}

// StructureBlock is a row of [Structure].
type StructureBlock struct {
	Name   string `json:"name"`
	Module string `json:"module"`
	Tally
}

// Tally is numbers of gates. Gates weighs and, or, xor and mux as the paper does; inverters (weight 0, as the paper
// counts none) and flip-flops (which it leaves out) stand apart.
type Tally struct {
	And       int `json:"and"`
	Or        int `json:"or"`
	Xor       int `json:"xor"`
	Mux       int `json:"mux"`
	Gates     int `json:"gates"` // weighted
	Not       int `json:"not"`
	FlipFlops int `json:"flip_flops"`
}

// NewStructure counts a netlist.
func NewStructure(n *rtl.Netlist) Structure {
	tallies := make([]Tally, len(n.Blocks))
	for _, g := range n.Gates {
		tallies[g.Block].count(g.Kind)
	}
	s := Structure{Design: n.Name, Latency: n.Latency()}
	for i, b := range n.Blocks {
		s.Total.add(tallies[i])
		if i > 0 {
			s.Blocks = append(s.Blocks, StructureBlock{b.Name, b.Module, tallies[i]})
		}
	}
	if tallies[0] != (Tally{}) {
		s.Blocks = append(s.Blocks, StructureBlock{n.Blocks[0].Name, n.Blocks[0].Module, tallies[0]})
	}
	return s
}

func (t *Tally) count(k rtl.GateKind) {
	switch k {
	case rtl.GateAnd:
		t.And++
		t.Gates += And
	case rtl.GateOr:
		t.Or++
		t.Gates += Or
	case rtl.GateXor:
		t.Xor++
		t.Gates += Xor
	case rtl.GateMux:
		t.Mux++
		t.Gates += Mux
	case rtl.GateNot:
		t.Not++
	case rtl.GateFlop:
		t.FlipFlops++
	}
}

func (t *Tally) add(u Tally) {
	t.And += u.And
	t.Or += u.Or
	t.Xor += u.Xor
	t.Mux += u.Mux
	t.Gates += u.Gates
	t.Not += u.Not
	t.FlipFlops += u.FlipFlops
}
