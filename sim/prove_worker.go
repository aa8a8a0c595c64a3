package sim

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"fmaq/gen/rtl"
	"fmaq/verilog"
)

// Cases come in pieces: what the reference computes in one call, and in a pipeline what follows one another without a
// reset. The first pieceBits of a case's number change within a piece of a combinational circuit. Of a pipeline, pieces
// are longer, as filling and emptying it is lost time.
const (
	pieceBits         = 12
	pipelinePieceBits = 15
)

// proof is what all workers share: a compiled netlist and what its ports are for.
type proof struct {
	netlist    *rtl.Netlist
	gates      *Gates
	latency    int
	reset      int // input ports, by position; -1 without
	validIn    int
	validOut   int            // output port, or -1
	inputs     []int          // input ports that vectors drive
	fixed      map[int]uint64 // of those, the ones that hold a word
	index      []rtl.Wire     // bits of a case's number, the least significant first
	results    []int          // output ports
	resultBits int
}

// newProof sorts the ports. The error names every fixed port that is not there or does not fit, and results that W cannot
// hold.
func newProof[W Unsigned](n *rtl.Netlist, fixed map[string]uint64) (*proof, error) {
	p := &proof{netlist: n, latency: n.Latency(), reset: n.Reset, validIn: -1, validOut: -1, fixed: map[int]uint64{}}
	var errs []error
	names := map[string]bool{}
	for i, port := range n.Inputs {
		switch {
		case i == n.Clock || i == n.Reset:
			continue
		case n.Clock >= 0 && port.Name == verilog.ValidIn && len(port.Bits) == 1:
			p.validIn = i
			continue
		}
		p.inputs = append(p.inputs, i)
		names[port.Name] = true
		if v, ok := fixed[port.Name]; ok {
			p.fixed[i] = v
			if bits.Len64(v) > len(port.Bits) {
				errs = append(errs, fmt.Errorf("fixed %s = %#x: want at most %d bits", port.Name, v, len(port.Bits)))
			}
		}
	}
	for name := range fixed {
		if !names[name] {
			errs = append(errs, fmt.Errorf("fixed %s: no such input", name))
		}
	}
	for _, port := range slices.Backward(p.inputs) {
		if _, ok := p.fixed[port]; !ok {
			p.index = append(p.index, n.Inputs[port].Bits...)
		}
	}
	for i, port := range n.Outputs {
		if port.Name == verilog.ValidOut && len(port.Bits) == 1 && p.validIn >= 0 {
			p.validOut = i
			continue
		}
		p.results = append(p.results, i)
		p.resultBits += len(port.Bits)
	}
	if most := bits.Len64(uint64(^W(0))); p.resultBits > most {
		errs = append(errs, fmt.Errorf("results of %d bits: the reference gives %d", p.resultBits, most))
	}
	return p, errors.Join(errs...)
}

func (p *proof) compile(n *rtl.Netlist, slow map[rtl.Wire]bool) { p.gates = compileGates(n, slow) }

// slow names the inputs that stand still for 2^pieceBits cases.
func (p *proof) slow() map[rtl.Wire]bool {
	slow := map[rtl.Wire]bool{}
	for i, w := range p.index {
		slow[w] = i >= pieceBits
	}
	for port := range p.fixed {
		for _, w := range p.netlist.Inputs[port].Bits {
			slow[w] = true
		}
	}
	return slow
}

func (p *proof) pieceCases() uint64 {
	if p.latency > 0 {
		return 1 << pipelinePieceBits
	}
	return 1 << pieceBits
}

// values pairs words with the input ports.
func (p *proof) values(words []uint64) []Value {
	all := make([]Value, len(words))
	for i, port := range p.inputs {
		q := p.netlist.Inputs[port]
		all[i] = Value{Port{q.Name, len(q.Bits)}, words[i]}
	}
	return all
}

// inputsOf are the words of a case.
func (p *proof) inputsOf(number uint64) []Value {
	words := make([]uint64, len(p.inputs))
	for i, port := range slices.Backward(p.inputs) {
		if v, ok := p.fixed[port]; ok {
			words[i] = v
			continue
		}
		width := len(p.netlist.Inputs[port].Bits)
		words[i] = number & (1<<width - 1)
		number >>= width
	}
	return p.values(words)
}

// split cuts results that stand side by side into the words of the output ports.
func (p *proof) split(results uint64) []Value {
	all := make([]Value, len(p.results))
	for i, port := range slices.Backward(p.results) {
		q := p.netlist.Outputs[port]
		all[i] = Value{Port{q.Name, len(q.Bits)}, results & (1<<len(q.Bits) - 1)}
		results >>= len(q.Bits)
	}
	return all
}

type proofWorker[W Unsigned] struct {
	*proof
	state   *GateState
	want    []W      // results that are due, of the piece at work
	results []uint16 // slots, the least significant first
	counter []uint16 // slots of the bits of a case's number
}

func newProofWorker[W Unsigned](p *proof) *proofWorker[W] {
	w := &proofWorker[W]{proof: p, state: p.gates.NewState()}
	for _, port := range slices.Backward(p.results) {
		w.results = append(w.results, p.gates.out[port]...)
	}
	for _, port := range slices.Backward(p.inputs) {
		if v, ok := p.fixed[port]; ok {
			w.state.Fill(port, v)
		} else {
			w.counter = append(w.counter, p.gates.in[port]...)
		}
	}
	return w
}

// countBits is log2(Lanes): bits of a case's number that differ between lanes.
const countBits = 9

// count makes room for a piece's results and lets the lanes count.
func (w *proofWorker[W]) count(piece uint64) {
	w.want = make([]W, piece)
	var lane [Lanes]uint64
	for i := range lane {
		lane[i] = uint64(i)
	}
	var pattern [countBits]lanes
	sliceLanes(lane[:], countBits, pattern[:])
	for i, slot := range w.counter[:min(countBits, len(w.counter))] {
		w.state.slots[slot] = pattern[i]
	}
}

// countFrom sets the other bits of the number, the same in all lanes.
func (w *proofWorker[W]) countFrom(first uint64) {
	for i := countBits; i < len(w.counter); i++ {
		w.state.fillBit(w.counter[i], first>>i&1 == 1)
	}
}

// piece runs n cases, of which load brings each block of Lanes to the inputs. It returns the first that differs from
// w.want, its number counted within the piece, without its inputs.
func (w *proofWorker[W]) piece(n int, load func(block int)) *Counterexample {
	blocks := (n + Lanes - 1) / Lanes
	if w.latency > 0 {
		return w.pipelinePiece(n, blocks, load)
	}
	s := w.state
	for block := range blocks {
		load(block)
		if block%(1<<(pieceBits-countBits)) == 0 {
			runGates(s.gates.once, s.slots)
		}
		runGates(s.gates.each, s.slots)
		if c := w.compare(block, n); c != nil {
			return c
		}
	}
	return nil
}

// pipelinePiece drives a block each cycle and looks at its results when they are due.
func (w *proofWorker[W]) pipelinePiece(n, blocks int, load func(block int)) *Counterexample {
	s := w.state
	all, none, some := s.slots[slotOne], lanes{}, lanes{}
	for i := range some {
		some[i] = 0xaaaa5555cccc3333 << i
	}
	// entry is the block at the inputs in a cycle, and which of its lanes are valid. The first enters twice, as a bubble
	// in some lanes too.
	type entry struct {
		block int
		valid *lanes
	}
	schedule := []entry{{0, &all}, {0, &some}}
	for block := 1; block < blocks; block++ {
		schedule = append(schedule, entry{block, &all})
	}
	// A reset with valid data at the door: none of it gets through.
	s.Clear()
	load(0)
	w.setReset(0)
	w.settle(&all)
	s.Clock()
	w.setReset(1)
	for t := range len(schedule) + w.latency {
		enter, due := entry{0, &none}, entry{0, &none}
		if t < len(schedule) {
			enter = schedule[t]
			load(enter.block)
		}
		if t >= w.latency {
			due = schedule[t-w.latency]
		}
		w.settle(enter.valid)
		if c := w.compareValid(due.valid, due.block); c != nil {
			return c
		}
		if due.valid == &all {
			if c := w.compare(due.block, n); c != nil {
				return c
			}
		}
		s.Clock()
	}
	return nil
}

func (w *proofWorker[W]) setReset(level uint64) {
	if w.reset >= 0 {
		w.state.Fill(w.reset, level)
	}
}

func (w *proofWorker[W]) settle(valid *lanes) {
	if w.validIn >= 0 {
		w.state.slots[w.gates.in[w.validIn][0]] = *valid
	}
	w.state.Settle()
}

// compare holds the results of a block to those wanted; n is the length of the piece.
func (w *proofWorker[W]) compare(block, n int) *Counterexample {
	first := block * Lanes
	count := min(Lanes, n-first)
	var want [64]lanes
	sliceLanes(w.want[first:first+count], w.resultBits, want[:])
	var differ lanes
	for i, slot := range w.results {
		got, due := &w.state.slots[slot], &want[i]
		for j := range differ {
			differ[j] |= got[j] ^ due[j]
		}
	}
	lane := lowestLane(&differ)
	if lane >= count {
		return nil
	}
	var got uint64
	for i, slot := range w.results {
		got |= w.state.slots[slot][lane/64] >> (lane % 64) & 1 << i
	}
	return &Counterexample{Case: uint64(first + lane), Got: w.split(got), Want: w.split(uint64(w.want[first+lane]))}
}

// compareValid holds valid_o to what is due.
func (w *proofWorker[W]) compareValid(due *lanes, block int) *Counterexample {
	if w.validOut < 0 {
		return nil
	}
	got := w.state.slots[w.gates.out[w.validOut][0]]
	var differ lanes
	for j := range differ {
		differ[j] = got[j] ^ due[j]
	}
	lane := lowestLane(&differ)
	if lane == Lanes {
		return nil
	}
	value := func(l *lanes) []Value {
		return []Value{{Port{verilog.ValidOut, 1}, l[lane/64] >> (lane % 64) & 1}}
	}
	return &Counterexample{Case: uint64(block * Lanes), Got: value(&got), Want: value(due)}
}

// lowestLane is the first lane that is set, or Lanes.
func lowestLane(l *lanes) int {
	for i, v := range l {
		if v != 0 {
			return 64*i + bits.TrailingZeros64(v)
		}
	}
	return Lanes
}
