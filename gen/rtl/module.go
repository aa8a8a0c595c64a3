// Package rtl is a word-level description of synchronous circuits: nets, cells, modules and registers with one clock. It
// knows no floating point. A [Module] is built cell by cell, each reading only nets that exist already, so that there
// are no combinational loops and the cells stand in an order in which they can be evaluated; [NewDesign] validates the
// whole and freezes it. Everything else (Verilog, gates, simulation) reads the result.
package rtl

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// MaxWidth is the widest net in bits: a word of the simulator.
const MaxWidth = 64

// Net is a word of wires, driven by one cell or input port. A net without a name is written in place by readers that
// print text; a net that is sliced must have a name or be an input.
type Net struct {
	Name  string // unique in the module, or empty
	Width int    // bits, 1 to MaxWidth
	Index int    // position in Module.Nets
}

// Output is an output port and the net that drives it.
type Output struct {
	Name string
	Net  *Net
}

// Module is a circuit with ports. Fields are for reading; the methods build.
type Module struct {
	Name    string
	Doc     string // what the module is, for the head of its Verilog; may span lines
	Inputs  []*Net
	Outputs []Output
	Clock   *Net    // the input that clocks the registers, or nil
	Reset   *Net    // the active-low synchronous reset of registers with Clear, or nil
	Nets    []*Net  // all, inputs included
	Cells   []*Cell // each after the drivers of its inputs

	names  map[string]bool
	driver map[*Net]*Cell
	note   string
	frozen bool
}

// Ports names nets of a module that instantiates another: input ports to the nets that feed them.
type Ports map[string]*Net

// NewModule starts an empty module.
func NewModule(name, doc string) *Module {
	return &Module{Name: name, Doc: doc, names: map[string]bool{}, driver: map[*Net]*Cell{}}
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (m *Module) claim(name string) {
	if m.frozen {
		panic(fmt.Sprintf("rtl: module %s is frozen; %q comes too late", m.Name, name))
	}
	if !identifier.MatchString(name) {
		panic(fmt.Sprintf("rtl: module %s: %q is no lower-case identifier", m.Name, name))
	}
	if m.names[name] {
		panic(fmt.Sprintf("rtl: module %s has two things named %s", m.Name, name))
	}
	m.names[name] = true
}

func (m *Module) net(name string, width int) *Net {
	if name != "" || m.frozen {
		m.claim(name)
	}
	n := &Net{Name: name, Width: width, Index: len(m.Nets)}
	m.Nets = append(m.Nets, n)
	return n
}

// Driver returns the cell that drives a net, or nil for an input.
func (m *Module) Driver(n *Net) *Cell { return m.driver[n] }

// Note puts a comment before the next named cell.
func (m *Module) Note(format string, args ...any) { m.note = fmt.Sprintf(format, args...) }

// Input adds an input port.
func (m *Module) Input(name string, width int) *Net {
	n := m.net(name, width)
	m.Inputs = append(m.Inputs, n)
	return n
}

// ClockInput adds the clock port; ResetInput the port of the active-low synchronous reset.
func (m *Module) ClockInput(name string) *Net { m.Clock = m.Input(name, 1); return m.Clock }
func (m *Module) ResetInput(name string) *Net { m.Reset = m.Input(name, 1); return m.Reset }

// Output adds an output port driven by a net.
func (m *Module) Output(name string, n *Net) {
	m.claim(name)
	m.own(n)
	m.Outputs = append(m.Outputs, Output{name, n})
}

func (m *Module) own(n *Net) {
	if n == nil || n.Index >= len(m.Nets) || m.Nets[n.Index] != n {
		panic(fmt.Sprintf("rtl: module %s reads a net that is not its own", m.Name))
	}
}

// add makes a cell with one output. If every operand is constant, so is the result: Eval folds it.
func (m *Module) add(name string, width int, c Cell) *Net {
	for _, n := range c.In {
		m.own(n)
	}
	out := &Net{Name: name, Width: width}
	c.Out = []*Net{out}
	if err := c.check(); err != nil {
		panic(fmt.Sprintf("rtl: module %s: %v", m.Name, err))
	}
	if v, ok := m.fold(&c); ok {
		c = Cell{Kind: Const, Value: v}
	}
	n := m.net(name, width)
	c.Out = []*Net{n}
	m.append(&c, name != "")
	return n
}

func (m *Module) append(c *Cell, named bool) {
	if named {
		c.Doc, m.note = m.note, ""
	}
	for _, n := range c.Out {
		m.driver[n] = c
	}
	m.Cells = append(m.Cells, c)
}

func (m *Module) fold(c *Cell) (uint64, bool) {
	if c.Kind == Const || c.Kind == Register {
		return 0, false
	}
	in := make([]uint64, len(c.In))
	for i, n := range c.In {
		d := m.driver[n]
		if d == nil || d.Kind != Const {
			return 0, false
		}
		in[i] = d.Value
	}
	return c.Eval(in), true
}

// The methods below add a cell of the kind they are named after and return its output. An empty name leaves the net
// unnamed. They panic on widths that the kind does not allow.

func (m *Module) Const(width int, value uint64) *Net {
	return m.add("", width, Cell{Kind: Const, Value: value})
}

// Slice takes bits high down to low. The whole of an operand is the operand itself, which takes the name if it has none;
// only if it has another does the name get a net of its own. A slice of an unnamed slice is one of what that one slices.
func (m *Module) Slice(name string, a *Net, high, low int) *Net {
	m.own(a)
	if low == 0 && high == a.Width-1 && (name == "" || a.Name == "") {
		if name != "" {
			m.claim(name)
			a.Name = name
		}
		return a
	}
	if d := m.driver[a]; d != nil && d.Kind == Slice && a.Name == "" {
		return m.Slice(name, d.In[0], high+d.Low, low+d.Low)
	}
	return m.add(name, high-low+1, Cell{Kind: Slice, In: []*Net{a}, Low: low})
}

// Bit is the one-bit slice at a position, unnamed.
func (m *Module) Bit(a *Net, i int) *Net { return m.Slice("", a, i, i) }

func (m *Module) Concat(name string, parts ...*Net) *Net {
	width := 0
	for _, p := range parts {
		width += p.Width
	}
	return m.add(name, width, Cell{Kind: Concat, In: parts})
}

// ZeroExtend and SignExtend widen an operand; at the width it has already, they return it.
func (m *Module) ZeroExtend(name string, width int, a *Net) *Net {
	return m.extend(ZeroExtend, name, width, a)
}

func (m *Module) SignExtend(name string, width int, a *Net) *Net {
	return m.extend(SignExtend, name, width, a)
}

func (m *Module) extend(k Kind, name string, width int, a *Net) *Net {
	if width == a.Width {
		return m.Slice(name, a, width-1, 0)
	}
	return m.add(name, width, Cell{Kind: k, In: []*Net{a}})
}

func (m *Module) Not(name string, a *Net) *Net {
	return m.add(name, a.Width, Cell{Kind: Not, In: []*Net{a}})
}
func (m *Module) And(name string, in ...*Net) *Net {
	return m.add(name, in[0].Width, Cell{Kind: And, In: in})
}
func (m *Module) Or(name string, in ...*Net) *Net {
	return m.add(name, in[0].Width, Cell{Kind: Or, In: in})
}
func (m *Module) Xor(name string, in ...*Net) *Net {
	return m.add(name, in[0].Width, Cell{Kind: Xor, In: in})
}
func (m *Module) ReduceAnd(name string, a *Net) *Net {
	return m.add(name, 1, Cell{Kind: ReduceAnd, In: []*Net{a}})
}
func (m *Module) ReduceOr(name string, a *Net) *Net {
	return m.add(name, 1, Cell{Kind: ReduceOr, In: []*Net{a}})
}
func (m *Module) ReduceXor(name string, a *Net) *Net {
	return m.add(name, 1, Cell{Kind: ReduceXor, In: []*Net{a}})
}

// Add gives width bits, one more than the operands' for the carry out; carry is an optional carry in.
func (m *Module) Add(name string, width int, a, b *Net, carry ...*Net) *Net {
	return m.add(name, width, Cell{Kind: Add, In: append([]*Net{a, b}, carry...)})
}

// Sub gives width bits, one more than the operands' for the borrow.
func (m *Module) Sub(name string, width int, a, b *Net) *Net {
	return m.add(name, width, Cell{Kind: Sub, In: []*Net{a, b}})
}
func (m *Module) Mul(name string, a, b *Net) *Net {
	return m.add(name, a.Width+b.Width, Cell{Kind: Mul, In: []*Net{a, b}})
}
func (m *Module) Eq(name string, a, b *Net) *Net {
	return m.add(name, 1, Cell{Kind: Eq, In: []*Net{a, b}})
}
func (m *Module) Less(name string, a, b *Net) *Net {
	return m.add(name, 1, Cell{Kind: Less, In: []*Net{a, b}})
}
func (m *Module) Mux(name string, sel, then, otherwise *Net) *Net {
	return m.add(name, then.Width, Cell{Kind: Mux, In: []*Net{sel, then, otherwise}})
}
func (m *Module) ShiftLeft(name string, a, amount *Net) *Net {
	return m.add(name, a.Width, Cell{Kind: ShiftLeft, In: []*Net{a, amount}})
}
func (m *Module) ShiftRight(name string, a, amount *Net) *Net {
	return m.add(name, a.Width, Cell{Kind: ShiftRight, In: []*Net{a, amount}})
}

// Register holds a word for a cycle; clear gives it the module's reset.
func (m *Module) Register(name string, d *Net, clear bool) *Net {
	return m.add(name, d.Width, Cell{Kind: Register, In: []*Net{d}, Clear: clear})
}

// Instance instantiates a module and returns the nets of its outputs by port name. The nets are named after the ports,
// less a final "_o"; where that name is taken, the instance's name goes before it.
func (m *Module) Instance(name string, sub *Module, in Ports) map[string]*Net {
	m.claim(name)
	c := &Cell{Kind: Instance, Module: sub, Name: name}
	for _, p := range sub.Inputs {
		n, ok := in[p.Name]
		if !ok {
			panic(fmt.Sprintf("rtl: module %s: instance %s: input %s is not connected", m.Name, name, p.Name))
		}
		m.own(n)
		c.In = append(c.In, n)
	}
	if len(in) != len(sub.Inputs) {
		panic(fmt.Sprintf("rtl: module %s: instance %s: %d connections for %d inputs", m.Name, name, len(in), len(sub.Inputs)))
	}
	out := map[string]*Net{}
	for _, p := range sub.Outputs {
		label := strings.TrimSuffix(p.Name, "_o")
		if m.names[label] {
			label = name + "_" + label
		}
		n := m.net(label, p.Net.Width)
		c.Out = append(c.Out, n)
		out[p.Name] = n
	}
	if err := c.check(); err != nil {
		panic(fmt.Sprintf("rtl: module %s: %v", m.Name, err))
	}
	m.append(c, true)
	return out
}

// Design is a validated, frozen circuit.
type Design struct {
	Top     *Module
	Modules []*Module // each once, every one after the modules it instantiates; Top last
}

// NewDesign collects the modules below top, validates and freezes them. The error names every module and net that
// breaks a rule; it means a fault in the generator, not in its input.
func NewDesign(top *Module) (*Design, error) {
	d := &Design{Top: top}
	var errs []error
	names := map[string]*Module{}
	var visit func(m *Module)
	visit = func(m *Module) {
		if other, ok := names[m.Name]; ok {
			if other != m {
				errs = append(errs, fmt.Errorf("two modules named %s", m.Name))
			}
			return
		}
		names[m.Name] = m
		for _, c := range m.Cells {
			if c.Kind == Instance {
				visit(c.Module)
			}
		}
		errs = append(errs, m.validate())
		m.frozen = true
		d.Modules = append(d.Modules, m)
	}
	visit(top)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return d, nil
}

func (m *Module) validate() error {
	var errs []error
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("module %s: %s", m.Name, fmt.Sprintf(format, args...)))
	}
	if !identifier.MatchString(m.Name) {
		fail("the name is no lower-case identifier")
	}
	if len(m.Outputs) == 0 {
		fail("no output")
	}
	driven := make([]bool, len(m.Nets))
	for _, n := range m.Inputs {
		driven[n.Index] = true
	}
	for _, c := range m.Cells {
		if err := c.check(); err != nil {
			fail("%v", err)
		}
		for _, n := range c.In {
			if !driven[n.Index] {
				fail("%v %s reads a net before it is driven", c.Kind, c.label())
			}
			if d := m.driver[n]; c.Kind == Slice && d != nil && n.Name == "" {
				fail("slice %s of an unnamed %v", c.label(), d.Kind)
			}
		}
		for _, n := range c.Out {
			if driven[n.Index] {
				fail("net %s is driven twice", c.label())
			}
			driven[n.Index] = true
		}
		if c.Kind == Register && (m.Clock == nil || c.Clear && m.Reset == nil) {
			fail("register %s without a clock or reset port", c.label())
		}
	}
	for i, ok := range driven {
		if !ok {
			fail("net %d %s is not driven", i, m.Nets[i].Name)
		}
	}
	return errors.Join(errs...)
}
