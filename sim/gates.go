package sim

import "fmaq/gen/rtl"

// Lanes is how many independent vectors [GateState] runs at once: laneWords words of 64 lanes in each bit of the circuit.
const (
	Lanes     = 64 * laneWords
	laneWords = 8
)

// lanes is a bit of the circuit in every lane: lane i is bit i%64 of word i/64.
type lanes [laneWords]uint64

// Gates is a netlist compiled for bit-parallel evaluation. It is immutable; states made from it are independent.
//
//	s := sim.CompileGates(rtl.Lower(design)).NewState()
//	s.Set(0, values) // up to Lanes words for input port 0, one a lane
//	s.Settle()
//	s.Get(0, values) // output port 0
//	s.Clock()        // flip-flops take their data
type Gates struct {
	netlist *rtl.Netlist
	slots   int
	once    []gateOp // gates that read slow inputs alone; see compile
	each    []gateOp
	in, out [][]uint16 // slots of the ports' bits
	flops   []gateFlop // each before those whose output it reads
}

type gateFlop struct {
	d, q  uint16
	reset uint16 // slotOne without a clear
}

// GateState is the bits of a netlist in all lanes. It starts with every input and flip-flop 0. It is not safe for
// concurrent use.
type GateState struct {
	gates *Gates
	slots []lanes
}

// NewState returns a fresh state.
func (g *Gates) NewState() *GateState {
	s := &GateState{gates: g, slots: make([]lanes, g.slots)}
	for i := range s.slots[slotOne] {
		s.slots[slotOne][i] = ^uint64(0)
	}
	return s
}

// Netlist returns what was compiled.
func (g *Gates) Netlist() *rtl.Netlist { return g.netlist }

// Set gives an input port of the netlist, by position, a word in each of the first len(values) lanes, at most [Lanes],
// and 0 in the others.
func (s *GateState) Set(port int, values []uint64) {
	var bits [64]lanes
	slots := s.gates.in[port]
	sliceLanes(values, len(slots), bits[:])
	for i, slot := range slots {
		s.slots[slot] = bits[i]
	}
}

// Fill gives an input port the same word in every lane.
func (s *GateState) Fill(port int, value uint64) {
	for i, slot := range s.gates.in[port] {
		s.fillBit(slot, value>>i&1 == 1)
	}
}

func (s *GateState) fillBit(slot uint16, one bool) {
	s.slots[slot] = lanes{}
	if one {
		s.slots[slot] = s.slots[slotOne]
	}
}

// Get reads an output port of the netlist, by position, in the first len(values) lanes.
func (s *GateState) Get(port int, values []uint64) {
	var bits [64]lanes
	slots := s.gates.out[port]
	for i, slot := range slots {
		bits[i] = s.slots[slot]
	}
	unsliceLanes(bits[:len(slots)], values)
}

// Settle evaluates all gates for the inputs and flip-flops as they stand.
func (s *GateState) Settle() {
	runGates(s.gates.once, s.slots)
	runGates(s.gates.each, s.slots)
}

// Clock passes an edge: every flip-flop takes the data, or the clear, of the last Settle.
func (s *GateState) Clock() {
	for _, f := range s.gates.flops {
		d, q, r := &s.slots[f.d], &s.slots[f.q], &s.slots[f.reset]
		for i := range q {
			q[i] = d[i] & r[i]
		}
	}
}

// Clear sets every flip-flop to 0.
func (s *GateState) Clear() {
	for _, f := range s.gates.flops {
		s.slots[f.q] = lanes{}
	}
}
