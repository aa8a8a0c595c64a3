package sim

import (
	"fmt"
	"strings"
)

// Simulator is an external Verilog simulator.
type Simulator uint8

const (
	Icarus    Simulator = iota // starts at once, four-valued
	Verilator                  // compiles first, then many times faster; two-valued
)

var simulatorNames = []string{"icarus", "verilator"}

func (s Simulator) String() string { return simulatorNames[s] }

// MarshalText and UnmarshalText use the names "icarus" and "verilator".
func (s Simulator) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Simulator) UnmarshalText(text []byte) error {
	for i, name := range simulatorNames {
		if string(text) == name {
			*s = Simulator(i)
			return nil
		}
	}
	return fmt.Errorf("%q: want one of %q", text, simulatorNames)
}

// DefaultWaveCycles is how much of a run goes into the wave file unless Options.WaveCycles says otherwise.
const DefaultWaveCycles = 10_000

// Options of [Cosimulate]. The zero value simulates the design's own Verilog in Icarus.
type Options struct {
	Simulator Simulator

	// Files are Verilog files to simulate instead of freshly printed ones, such as edited copies. The top module must have
	// the design's name and ports; module and instance names inside may differ, at the price of Mismatch.Blocks.
	Files []string

	Wave       string // write a VCD file of everything below the top module here
	WaveCycles int    // of the first so many cycles; 0 means DefaultWaveCycles, less means all

	// Progress, if not nil, is called now and then with the vectors compared so far, from another goroutine than the
	// caller's, one call at a time.
	Progress func(vectors uint64)
}

// Report is the outcome of a co-simulation.
type Report struct {
	Simulator  Simulator
	Vectors    uint64    // results compared
	Cycles     uint64    // clock cycles, or evaluations of a combinational design; reset and bubbles included
	Latency    int       // cycles from a vector to its result
	Mismatches uint64    // cycles in which some output differs
	Mismatch   *Mismatch // the first, or nil
	WaveCycles uint64    // cycles in the wave file; 0 without one
}

// Logic is a word as a simulator shows it.
type Logic struct {
	Value   uint64 // unknown bits are 0
	Unknown uint64 // bits that are x or z
}

// Format prints a word of a width in hexadecimal, a digit with unknown bits as x.
func (w Logic) Format(width int) string {
	var b strings.Builder
	for i := (width+3)/4 - 1; i >= 0; i-- {
		if w.Unknown>>(4*i)&15 != 0 {
			b.WriteByte('x')
		} else {
			fmt.Fprintf(&b, "%x", w.Value>>(4*i)&15)
		}
	}
	return b.String()
}

// Value is a word of a port.
type Value struct {
	Port
	Word uint64
}

// Compared is a word on both sides.
type Compared struct {
	Name      string // port; of a block, path of the instance and port
	Width     int    // bits
	Model     uint64
	Simulator Logic
}

// Equal tells whether both sides agree in every bit.
func (c Compared) Equal() bool { return c.Simulator == Logic{Value: c.Model} }

// Mismatch is a cycle in which some output differs.
type Mismatch struct {
	Cycle   uint64     // from 0, as in the wave file, where cycle n starts at time 2n
	Vector  int64      // position in the sequence of the vector whose result is due in this cycle; -1 if none is
	Inputs  []Value    // that vector, or nil
	Outputs []Compared // all output ports in this cycle

	// Blocks are the outputs of every instance, each in the cycle in which it works on the vector, in the order of evaluation:
	// the first that differs is where to look. They come from a second, short run. If that could not be had, Blocks is nil
	// and BlocksNote says why; BlocksNote also says if the short run did not show the mismatch again.
	Blocks     []Compared
	BlocksNote string
}
