package netlist

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"fmaq/gen/rtl"
)

// reader turns cells into gates, from the outputs back.
type reader struct {
	module  *Module
	modules map[string]*Module
	library *Library
	gates   *gates
	errs    []error

	types    map[string]*Cell // of the module's cells
	driver   map[Bit]driver
	wires    map[Bit]rtl.Wire    // of nets, once they are made
	flops    map[string]rtl.Wire // states of cells, once they are made
	visiting map[string]bool     // cells whose inputs are being made
	path     []string            // those, in order
	clock    rtl.Wire
}

// driver is the output of a cell.
type driver struct {
	cell   string
	output int
}

func (r *reader) fail(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// ports holds the module's ports to those of the description, and makes the inputs.
func (r *reader) ports(like *rtl.Netlist) {
	known := map[string]bool{}
	check := func(p rtl.Port, direction string) Port {
		known[p.Name] = true
		got, ok := r.module.Ports[p.Name]
		switch {
		case !ok:
			r.fail("port %s is missing: want an %s of %d bits", p.Name, direction, len(p.Bits))
		case got.Direction != direction || len(got.Bits) != len(p.Bits):
			r.fail("port %s is an %s of %d bits: want an %s of %d", p.Name, got.Direction, len(got.Bits), direction, len(p.Bits))
		}
		return got
	}
	n := r.gates.netlist
	n.Clock, n.Reset, r.clock = like.Clock, like.Reset, rtl.Floating
	for i, p := range like.Inputs {
		port := rtl.Port{Name: p.Name}
		for _, b := range check(p, "input").Bits {
			w := r.gates.add(rtl.GateInput)
			port.Bits = append(port.Bits, w)
			if _, twice := r.wires[b]; twice || b < 0 {
				r.fail("port %s: it drives a net that has a driver already", p.Name)
			}
			r.wires[b] = w
			if i == like.Clock {
				r.clock = w
			}
		}
		n.Inputs = append(n.Inputs, port)
	}
	for _, p := range like.Outputs {
		check(p, "output")
	}
	for _, name := range slices.Sorted(maps.Keys(r.module.Ports)) {
		if !known[name] {
			r.fail("port %s: the description has no such port", name)
		}
	}
}

// cells gives the module's cells with their types, in order of name, and reports unknown types once each.
func (r *reader) cells() iter.Seq2[string, *Cell] {
	r.types = map[string]*Cell{}
	unknown := map[string][]string{}
	names := slices.Sorted(maps.Keys(r.module.Cells))
	for _, name := range names {
		kind := r.module.Cells[name].Type
		if c := r.cell(kind); c != nil && c.Refused == nil {
			r.types[name] = c
		} else {
			unknown[kind] = append(unknown[kind], name)
		}
	}
	var foreign []string
	for _, kind := range slices.Sorted(maps.Keys(unknown)) {
		who := "cell " + unknown[kind][0]
		if n := len(unknown[kind]); n > 1 {
			who += fmt.Sprintf(" and %d more", n-1)
		}
		switch c := r.cell(kind); {
		case c != nil:
			r.fail("%s: %w", who, c.Refused)
		case r.modules[kind] != nil && len(r.modules[kind].Cells) > 0:
			r.fail("%s: %s is a module: flatten the netlist (yosys -p \"read_json ...; flatten; write_json ...\")", who, kind)
		case strings.HasPrefix(kind, "$"):
			r.fail("%s: type %s: of Yosys's own cells, want those of one bit without enable: map the netlist (synth, dfflibmap, abc)",
				who, kind)
		case r.library == nil:
			foreign = append(foreign, kind)
		default:
			r.fail("%s: type %q is not among the %d cells of %s", who, kind, len(r.library.Cells), r.library.File)
		}
	}
	if foreign != nil {
		r.fail("cells of types %s: want the Liberty library that tells what they do", some(foreign))
	}
	return func(yield func(string, *Cell) bool) {
		for _, name := range names {
			if c := r.types[name]; c != nil && !yield(name, c) {
				return
			}
		}
	}
}

// cell looks a type up.
func (r *reader) cell(kind string) *Cell {
	if r.library != nil {
		if c, ok := r.library.Cells[kind]; ok {
			return c
		}
	}
	return yosysGates.Cells[kind]
}

// pins checks the connections of a cell and notes what it drives.
func (r *reader) pins(name string, c *Cell) {
	connections := r.module.Cells[name].Connections
	known := map[string]bool{}
	for _, pin := range c.Inputs {
		known[pin] = true
		if len(connections[pin]) != 1 {
			r.fail("cell %s (%s): input %s has %d connections: want 1", name, c.Name, pin, len(connections[pin]))
		}
	}
	for i, o := range c.Outputs {
		known[o.Pin] = true
		for _, b := range connections[o.Pin] {
			_, driven := r.wires[b]
			if _, twice := r.driver[b]; twice || driven || b < 0 {
				r.fail("cell %s (%s): output %s drives a net that has a driver already", name, c.Name, o.Pin)
			}
			r.driver[b] = driver{name, i}
		}
	}
	for _, pin := range slices.Sorted(maps.Keys(connections)) {
		if !known[pin] {
			r.fail("cell %s: type %s has no pin %s", name, c.Name, pin)
		}
	}
}

// outputs makes all that the outputs depend on.
func (r *reader) outputs(like *rtl.Netlist) {
	n := r.gates.netlist
	for _, p := range like.Outputs {
		port := rtl.Port{Name: p.Name}
		for i, b := range r.module.Ports[p.Name].Bits {
			port.Bits = append(port.Bits, r.net(b, func() string { return fmt.Sprintf("port %s: bit %d", p.Name, i) }))
		}
		n.Outputs = append(n.Outputs, port)
	}
}

// net makes the wire of a net; reader is who reads it, for messages.
func (r *reader) net(b Bit, reader func() string) rtl.Wire {
	switch b {
	case BitZero:
		return wireZero
	case BitOne:
		return wireOne
	case BitUndefined:
		r.fail("%s is undefined (x): want a net or a constant", reader())
		return wireZero
	}
	if w, ok := r.wires[b]; ok {
		return w
	}
	d, ok := r.driver[b]
	if !ok {
		r.fail("%s reads net %d, which has no driver", reader(), b)
		r.wires[b] = wireZero
		return wireZero
	}
	c := r.types[d.cell]
	w := r.within(d.cell, func() rtl.Wire {
		if c.Flop == nil {
			return r.make(d.cell, c.Outputs[d.output].Function, rtl.Floating)
		}
		return r.make(d.cell, c.Outputs[d.output].Function, r.flop(d.cell, c.Flop))
	})
	r.wires[b] = w
	return w
}

// within makes something of a cell, unless that is under way already: then there is a loop.
func (r *reader) within(cell string, do func() rtl.Wire) rtl.Wire {
	if r.visiting[cell] {
		loop := r.path[slices.Index(r.path, cell):]
		r.fail("cells %s form a loop: want a circuit without feedback", some(loop))
		return wireZero
	}
	r.visiting[cell] = true
	r.path = append(r.path, cell)
	w := do()
	r.path = r.path[:len(r.path)-1]
	delete(r.visiting, cell)
	return w
}

// make makes an expression over the pins of a cell.
func (r *reader) make(cell string, e *Expression, state rtl.Wire) rtl.Wire {
	switch e.op {
	case '0':
		return wireZero
	case '1':
		return wireOne
	case 'v':
		if f := r.types[cell].Flop; f != nil {
			switch e.name {
			case f.State:
				return state
			case f.Inverse:
				return r.gates.not(state)
			}
		}
		return r.net(r.module.Cells[cell].Connections[e.name][0], func() string {
			return fmt.Sprintf("cell %s (%s): pin %s", cell, r.types[cell].Name, e.name)
		})
	}
	in := make([]rtl.Wire, len(e.args))
	for i, a := range e.args {
		in[i] = r.make(cell, a, state)
	}
	switch e.op {
	case '!':
		return r.gates.not(in[0])
	case '&':
		return r.gates.and(in[0], in[1])
	case '|':
		return r.gates.or(in[0], in[1])
	}
	return r.gates.xor(in[0], in[1])
}

// flop makes the state of a cell's flip-flop.
func (r *reader) flop(cell string, f *Flop) rtl.Wire {
	if w, ok := r.flops[cell]; ok {
		return w
	}
	kind := r.types[cell].Name
	clock := r.make(cell, f.Clock, rtl.Floating)
	switch {
	case r.clock == rtl.Floating:
		r.fail("cell %s (%s): a flip-flop, but the description has no clock", cell, kind)
	case r.gates.bare(clock) != r.clock:
		r.fail("cell %s (%s): it is not clocked by the rising edge of %s", cell, kind, r.gates.netlist.Inputs[r.gates.netlist.Clock].Name)
	}
	for _, a := range []struct {
		name string
		when *Expression
	}{{"clear", f.Clear}, {"preset", f.Preset}} {
		if a.when != nil && r.make(cell, a.when, rtl.Floating) != wireZero {
			r.fail("cell %s (%s): its asynchronous %s is not tied inactive", cell, kind, a.name)
		}
	}
	w := r.gates.add(rtl.GateFlop, r.make(cell, f.Next, rtl.Floating))
	r.flops[cell] = w
	return w
}
