package rtl

// GateKind is what a single-bit gate does.
type GateKind uint8

// The kinds of gates. In are the operands in order.
const (
	GateZero  GateKind = iota // constant 0
	GateOne                   // constant 1
	GateInput                 // a bit of an input port
	GateNot                   // complement of In[0]
	GateAnd                   // In[0] and In[1]
	GateOr                    //
	GateXor                   //
	GateMux                   // In[1] where In[0] is 1, else In[2]
	GateFlop                  // In[0] before the clock edge; 0 if In[1] was 0 (Floating: no clear)

	gateKinds
)

var gateNames = [gateKinds]string{"zero", "one", "input", "not", "and", "or", "xor", "mux", "flop"}

func (k GateKind) String() string { return gateNames[k] }

// Operands is how many wires a gate of the kind reads. The clear of a flip-flop is the second, and may be [Floating].
func (k GateKind) Operands() int { return [gateKinds]int{0, 0, 0, 1, 2, 2, 2, 3, 2}[k] }

// Wire names the output of a gate by the gate's position in [Netlist.Gates].
type Wire int32

const (
	// Floating stands where a gate has no operand.
	Floating Wire = -1

	wireZero Wire = 0
	wireOne  Wire = 1
)

// Gate drives one bit.
type Gate struct {
	Kind  GateKind
	Block uint16  // position in Netlist.Blocks
	In    [3]Wire // Floating where the kind has fewer operands
}

// Block is a part of the design that the tally keeps apart: an instance directly below the top with everything inside
// it, or what is in the top itself.
type Block struct {
	Name   string // the instance's; the module's for the top itself
	Module string
}

// Port is a port of the netlist.
type Port struct {
	Name string
	Bits []Wire // least significant first
}

// Netlist is a design as single-bit gates, flat. Gates 0 and 1 are the constants, the input ports' bits follow, then
// every gate stands after those it reads, flip-flops included, since the word-level description has no feedback.
type Netlist struct {
	Name    string
	Gates   []Gate
	Blocks  []Block // the top itself first, then its instances in order
	Inputs  []Port  // the top's, in order; clock and reset included
	Outputs []Port
	Clock   int // position in Inputs, or -1
	Reset   int // position in Inputs of the active-low synchronous reset, or -1
}

// Latency is the largest number of flip-flops between an input and an output: the cycles from an input to the output
// word that depends on it, in a pipeline.
func (n *Netlist) Latency() int {
	stage := make([]int, len(n.Gates))
	for i, g := range n.Gates {
		// The clear is no data path.
		operands := g.In[:g.Kind.Operands()]
		if g.Kind == GateFlop {
			operands = g.In[:1]
		}
		for _, w := range operands {
			stage[i] = max(stage[i], stage[w])
		}
		if g.Kind == GateFlop {
			stage[i]++
		}
	}
	latency := 0
	for _, p := range n.Outputs {
		for _, w := range p.Bits {
			latency = max(latency, stage[w])
		}
	}
	return latency
}
