package sim

import (
	"math/rand/v2"

	"fmaq/gen/rtl"
	"fmaq/verilog"
)

// noVector marks a cycle without a vector.
const noVector = -1

// A stimulus turns vectors into cycles. With a pipeline: a cycle of reset during which valid_i is high, enough valid cycles
// to fill the pipeline, another cycle of reset to drop them, and silence until nothing can be left; then the
// vectors back to back, but for a bubble with random data in about one of eight cycles; then silence until the last result
// is out. Without valid_i there are no bubbles, without registers there is nothing but the vectors.
type stimulus struct {
	face   verilog.Interface
	from   []int // where each input of the model comes from: position in a vector, or fromReset, fromValid
	flight []int64
	bubble *rand.Rand
	in     []uint64
	idle   []uint64 // words of the data inputs in cycles without a vector
	armed  bool     // a reset has been seen, or there is none
	next   int64
	emit   func(in []uint64, due int64, armed bool) error
}

const (
	fromReset = -1
	fromValid = -2
)

// newStimulus drives a design through emit: the words of all inputs but the clock, the vector whose result is due in this
// very cycle or noVector, and whether valid_o has a defined value.
func newStimulus(d *rtl.Design, emit func(in []uint64, due int64, armed bool) error) *stimulus {
	s := &stimulus{face: verilog.NewInterface(d), bubble: rand.New(rand.NewPCG(1, 2)), emit: emit}
	s.flight = make([]int64, s.face.Latency+1)
	for i := range s.flight {
		s.flight[i] = noVector
	}
	vector := 0
	for _, n := range d.Top.Inputs {
		switch n {
		case s.face.Clock:
			continue
		case s.face.Reset:
			s.from = append(s.from, fromReset)
		case s.face.ValidIn:
			s.from = append(s.from, fromValid)
		default:
			s.from = append(s.from, vector)
			vector++
		}
	}
	s.in = make([]uint64, len(s.from))
	s.idle = make([]uint64, len(s.face.Inputs))
	return s
}

// cycle emits a cycle that carries a vector, or noVector with the idle words.
func (s *stimulus) cycle(reset bool, valid bool, vector int64, words []uint64) error {
	for i, from := range s.from {
		switch from {
		case fromReset:
			s.in[i] = bit(!reset)
		case fromValid:
			s.in[i] = bit(valid)
		default:
			s.in[i] = words[from]
		}
	}
	last := len(s.flight) - 1
	copy(s.flight[1:], s.flight[:last])
	s.flight[0] = vector
	err := s.emit(s.in, s.flight[last], s.armed)
	s.armed = s.armed || reset
	return err
}

// repeat emits cycles without a vector.
func (s *stimulus) repeat(n int, reset, valid bool) error {
	for range n {
		if err := s.cycle(reset, valid, noVector, s.idle); err != nil {
			return err
		}
	}
	return nil
}

// begin emits what comes before the first vector.
func (s *stimulus) begin() error {
	latency := s.face.Latency
	if s.face.Clock == nil {
		s.armed = true
		return nil
	}
	if s.face.Reset != nil {
		for _, phase := range []struct {
			cycles       int
			reset, valid bool
		}{{1, true, true}, {latency, false, true}, {1, true, true}} {
			if err := s.repeat(phase.cycles, phase.reset, phase.valid); err != nil {
				return err
			}
		}
	}
	err := s.repeat(latency+1, false, false)
	s.armed = true
	return err
}

// vector emits the next vector, after a bubble perhaps.
func (s *stimulus) vector(words []uint64) error {
	for s.face.ValidIn != nil && s.bubble.Uint32()%8 == 0 {
		for i, n := range s.face.Inputs {
			s.idle[i] = s.bubble.Uint64() & ones(n.Width)
		}
		if err := s.repeat(1, false, false); err != nil {
			return err
		}
	}
	s.next++
	return s.cycle(false, true, s.next-1, words)
}

// end emits what it takes for the last result to come out.
func (s *stimulus) end() error { return s.repeat(s.face.Latency, false, false) }
