package sim

import (
	"errors"
	"fmt"

	"fmaq/gen/rtl"
)

// Port is a port of the top module.
type Port struct {
	Name  string
	Width int // bits
}

// Signal is a named net of a model.
type Signal struct {
	Path  string // names of the instances from the top down and of the net, separated by dots
	Width int    // bits
	Stage int    // registers before it: a vector that enters in cycle t is here in cycle t + Stage
	slot  slot
}

// Model is the cycle model of a design. It is not safe for concurrent use; models of one design are independent.
type Model struct {
	inputs, outputs []Port
	in, out         []slot
	program         []operation       // what outputs and registers need
	asides          []operation       // what only signals need
	looked          bool              // asides have run since Settle
	registers       []register        // in the order of the cells: each reads only earlier ones
	state           *[maxSlots]uint64 // the word of every slot; nets that always have the same word share one
	signals         map[string]Signal
	blocks          []Signal
}

type register struct {
	d, q    slot
	cleared bool
	reset   slot // of the active-low reset, if cleared
}

// NewModel flattens a design. The error names what has no meaning in one clock domain: a clock that is computed or read as
// data, and a design that is too large (65 536 words, some hundred times the largest FMAq).
func NewModel(d *rtl.Design) (*Model, error) {
	m := &Model{state: new([maxSlots]uint64), signals: map[string]Signal{}}
	f := &flattener{model: m, zero: map[slot]bool{}, done: map[operation]slot{}, field: map[slot]operation{}}
	nets := make([]placed, len(d.Top.Inputs))
	for i, n := range d.Top.Inputs {
		nets[i] = placed{slot: f.slot(0)}
		if n == d.Top.Clock {
			f.clock = nets[i].slot
			continue
		}
		m.inputs = append(m.inputs, Port{n.Name, n.Width})
		m.in = append(m.in, nets[i].slot)
	}
	for i, p := range f.module(d.Top, "", nets) {
		o := d.Top.Outputs[i]
		m.outputs = append(m.outputs, Port{o.Name, o.Net.Width})
		m.out = append(m.out, p.slot)
		if p.slot == f.clock {
			f.fail("", "output %s is the clock", o.Name)
		}
	}
	if f.slots >= maxSlots {
		f.fail("", "%d words: want less than %d", f.slots, maxSlots)
	}
	if err := errors.Join(f.errs...); err != nil {
		return nil, err
	}
	f.split()
	return m, nil
}

// Inputs are the top module's inputs less the clock, Outputs its outputs, in the order of the words that [Model.Cycle] takes
// and gives.
func (m *Model) Inputs() []Port  { return m.inputs }
func (m *Model) Outputs() []Port { return m.outputs }

// Blocks are the output ports of every instance, those inside an instance before its own.
func (m *Model) Blocks() []Signal { return m.blocks }

// Signal finds a named net, or an output port of an instance, by its path.
func (m *Model) Signal(path string) (Signal, bool) {
	s, ok := m.signals[path]
	return s, ok
}

// Value is the word of a signal between Settle and Clock.
func (m *Model) Value(s Signal) uint64 {
	if !m.looked {
		m.run(m.asides)
		m.looked = true
	}
	return m.state[s.slot]
}

// Clear sets every register to zero, which the circuit does not promise at power-up.
func (m *Model) Clear() {
	for _, r := range m.registers {
		m.state[r.q] = 0
	}
}

// Cycle is a clock cycle: it settles the logic, stores the outputs and then clocks the registers. Words must fit their
// ports.
func (m *Model) Cycle(in, out []uint64) {
	m.Settle(in, out)
	m.Clock()
}

// Settle evaluates the logic for input words and the registers' present words, and stores the outputs.
func (m *Model) Settle(in, out []uint64) {
	for i, slot := range m.in {
		m.state[slot] = in[i]
	}
	m.run(m.program)
	m.looked = false
	for i, slot := range m.out {
		out[i] = m.state[slot]
	}
}

// Clock is the rising edge.
func (m *Model) Clock() {
	s := m.state
	for i := len(m.registers) - 1; i >= 0; i-- { // a register is written after all that read it
		r := &m.registers[i]
		s[r.q] = s[r.d]
		if r.cleared && s[r.reset] == 0 {
			s[r.q] = 0
		}
	}
}

// placed is a net of a module in its place in the hierarchy.
type placed struct {
	slot  slot
	stage int
}

// flattener builds a model.
type flattener struct {
	model   *Model
	slots   int
	clock   slot               // of the top module; slot 0, which nothing else has, if there is none
	zero    map[slot]bool      // constants of value 0
	done    map[operation]slot // results of operations, so that each is computed once
	field   map[slot]operation // those of opField
	program []operation
	errs    []error
}

// slot returns a new slot.
func (f *flattener) slot(value uint64) slot {
	f.slots++
	s := slot(f.slots)
	f.model.state[s] = value
	return s
}

func (f *flattener) fail(path, message string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("module at %q: %s", path, fmt.Sprintf(message, args...)))
}

// module appends a module whose inputs are given and returns its outputs. Path is empty or ends in a dot.
func (f *flattener) module(m *rtl.Module, path string, inputs []placed) []placed {
	nets := make([]placed, len(m.Nets))
	for i, n := range m.Inputs {
		nets[n.Index] = inputs[i]
	}
	if m.Clock != nil && nets[m.Clock.Index].slot != f.clock {
		f.fail(path, "clock %s is not the top module's", m.Clock.Name)
	}
	for _, c := range m.Cells {
		in := make([]placed, len(c.In))
		stage := 0
		for i, n := range c.In {
			in[i] = nets[n.Index]
			stage = max(stage, in[i].stage)
			if in[i].slot == f.clock && (c.Kind != rtl.Instance || n != m.Clock) {
				f.fail(path, "clock %s is read as data", n.Name)
			}
		}
		switch c.Kind {
		case rtl.Instance:
			for i, p := range f.module(c.Module, path+c.Name+".", in) {
				nets[c.Out[i].Index] = p
				o := c.Module.Outputs[i]
				s := Signal{path + c.Name + "." + o.Name, o.Net.Width, p.stage, p.slot}
				f.model.blocks = append(f.model.blocks, s)
				f.model.signals[s.Path] = s
			}
		case rtl.Register:
			r := register{d: in[0].slot, q: f.slot(0), cleared: c.Clear}
			if c.Clear {
				r.reset = nets[m.Reset.Index].slot
			}
			f.model.registers = append(f.model.registers, r)
			nets[c.Out[0].Index] = placed{r.q, stage + 1}
		default:
			nets[c.Out[0].Index] = placed{f.cell(c, in), stage}
		}
	}
	for _, n := range m.Nets {
		if n.Name != "" {
			f.model.signals[path+n.Name] = Signal{path + n.Name, n.Width, nets[n.Index].stage, nets[n.Index].slot}
		}
	}
	out := make([]placed, len(m.Outputs))
	for i, o := range m.Outputs {
		out[i] = nets[o.Net.Index]
	}
	return out
}
