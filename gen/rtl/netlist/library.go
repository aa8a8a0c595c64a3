package netlist

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Library is cells by name.
type Library struct {
	Name  string
	File  string
	Cells map[string]*Cell
	Volts float64 // nominal; 0 where the file does not say

	malformed []error
}

// Cell is what a cell computes.
type Cell struct {
	Name    string
	Area    float64 // in the library's units
	Inputs  []string
	Outputs []Output
	Flop    *Flop

	// Refused says why nothing is known of what the cell does, nil for most. Its area is known all the same.
	Refused error
}

// Output is an output pin and its function of the input pins and of the flip-flop's state.
type Output struct {
	Pin      string
	Function *Expression
}

// Flop is the flip-flop in a cell. Clear and preset are asynchronous, and nil where there is none.
type Flop struct {
	State, Inverse             string // variables in the functions of the outputs
	Clock, Next, Clear, Preset *Expression
}

// ReadLiberty reads a library. The error is one of syntax, with file and line. A cell that does something beyond
// combinational functions and edge-triggered flip-flops is an error only of the netlist that has it; [Library.Check] finds
// cells that are written wrongly.
func ReadLiberty(file string, text []byte) (*Library, error) {
	top, err := parseLiberty(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	l := &Library{Name: top.label(), File: file, Cells: map[string]*Cell{}}
	volts, _ := top.get("nom_voltage")
	l.Volts, _ = strconv.ParseFloat(volts, 64)
	var errs []error
	for _, g := range top.groups {
		if g.kind != "cell" {
			continue
		}
		name := g.label()
		if _, twice := l.Cells[name]; twice || len(g.args) != 1 {
			errs = append(errs, fmt.Errorf("%s: line %d: cell (%s): want a name that no other cell has", file, g.line, name))
			continue
		}
		c, err := readCell(name, g)
		if err != nil {
			c.Refused = fmt.Errorf("%s: line %d: cell %s: %w", file, g.line, name, err)
			var bad *malformed
			if errors.As(err, &bad) {
				l.malformed = append(l.malformed, c.Refused)
			}
		}
		l.Cells[name] = c
	}
	if len(l.Cells) == 0 && errs == nil {
		errs = append(errs, fmt.Errorf("%s: library %s has no cells", file, l.Name))
	}
	return l, errors.Join(errs...)
}

// Check gathers the cells whose area is no number, or with a function that cannot be parsed.
func (l *Library) Check() error { return errors.Join(l.malformed...) }

// malformed is what is wrong in any library, whatever the cell does.
type malformed struct{ error }

// notCells are groups of a cell that make it something else than gates and a flip-flop.
var notCells = map[string]string{
	"latch": "is a latch", "latch_bank": "has latches", "ff_bank": "has a bank of flip-flops", "statetable": "has a state table",
	"memory": "is a memory", "bus": "has a bus", "bundle": "has a bundle of pins",
}

// readCell returns the cell as far as it is understood, and an error if that is not far enough.
func readCell(name string, g *group) (*Cell, error) {
	c := &Cell{Name: name}
	if text, ok := g.get("area"); ok {
		area, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return c, &malformed{fmt.Errorf("area %q: want a number", text)}
		}
		c.Area = area
	}
	var outputs []*group
	var flop *group
	for _, part := range g.groups {
		if what, ok := notCells[part.kind]; ok {
			return c, fmt.Errorf("it %s; want combinational functions or one flip-flop", what)
		}
		switch part.kind {
		case "pin":
			direction, _ := part.get("direction")
			switch direction {
			case "input":
				c.Inputs = append(c.Inputs, part.args...)
			case "output":
				outputs = append(outputs, part)
			case "internal":
			default:
				return c, fmt.Errorf("pin %s: direction %q: want input or output", part.label(), direction)
			}
		case "ff":
			if flop != nil || len(part.args) != 2 {
				return c, fmt.Errorf("ff (%s): want one flip-flop with two states, (IQ, IQN)", part.label())
			}
			flop = part
		}
	}
	variables := c.Inputs
	if flop != nil {
		c.Flop = &Flop{State: flop.args[0], Inverse: flop.args[1]}
		variables = append(variables[:len(variables):len(variables)], flop.args...)
		if err := c.Flop.read(flop, c.Inputs); err != nil {
			return c, err
		}
	}
	for _, pin := range outputs {
		if _, ok := pin.get("three_state"); ok {
			return c, fmt.Errorf("pin %s: it is three-state; want it driven always", pin.label())
		}
		text, ok := pin.get("function")
		if !ok {
			return c, fmt.Errorf("pin %s: it has no function", pin.label())
		}
		f, err := parseExpression(text, variables)
		if err != nil {
			return c, fmt.Errorf("pin %s: function %w", pin.label(), err)
		}
		for _, p := range pin.args {
			c.Outputs = append(c.Outputs, Output{p, f})
		}
	}
	return c, nil
}

// read reads the functions of a flip-flop, which are of the input pins alone: one that reads its own state cannot be
// part of a circuit without feedback.
func (f *Flop) read(g *group, inputs []string) error {
	for _, a := range []struct {
		name     string
		to       **Expression
		required bool
	}{
		{"clocked_on", &f.Clock, true}, {"next_state", &f.Next, true}, {"clear", &f.Clear, false}, {"preset", &f.Preset, false},
	} {
		text, ok := g.get(a.name)
		if !ok {
			if a.required {
				return fmt.Errorf("ff: it has no %s", a.name)
			}
			continue
		}
		var err error
		if *a.to, err = parseExpression(text, inputs); err != nil {
			return fmt.Errorf("ff: %s %w", a.name, err)
		}
	}
	return nil
}

// yosysGates is the part of Yosys's own library of single-bit gates that has no feedback: section "Gates" of the chapter
// "Internal cell library" of its manual. $_DFFE_ and the like keep their state by an enable.
var yosysGates = func() *Library {
	l := &Library{Name: "Yosys's gates", Cells: map[string]*Cell{}}
	for name, function := range map[string]string{
		"BUF": "A", "NOT": "!A",
		"AND": "A B", "NAND": "!(A B)", "ANDNOT": "A !B",
		"OR": "A + B", "NOR": "!(A + B)", "ORNOT": "A + !B",
		"XOR": "A ^ B", "XNOR": "!(A ^ B)",
		"MUX": "(S B) + (!S A)", "NMUX": "!((S B) + (!S A))",
		"AOI3": "!((A B) + C)", "OAI3": "!((A + B) C)", "AOI4": "!((A B) + (C D))", "OAI4": "!((A + B) (C + D))",
		"MUX4": "!T ((S B) + (!S A)) + T ((S D) + (!S C))",
	} {
		c := &Cell{Name: "$_" + name + "_"}
		for _, pin := range []string{"A", "B", "C", "D", "S", "T"} {
			if strings.Contains(function, pin) {
				c.Inputs = append(c.Inputs, pin)
			}
		}
		c.Outputs = []Output{{"Y", mustParse(function, c.Inputs...)}}
		l.Cells[c.Name] = c
	}
	flop := func(name, clock, next, clear, preset string) {
		c := &Cell{Name: name, Inputs: []string{"C", "D"}, Flop: &Flop{State: "IQ", Inverse: "IQN"}}
		if strings.Contains(next+clear+preset, "R") {
			c.Inputs = append(c.Inputs, "R")
		}
		c.Flop.Clock, c.Flop.Next = mustParse(clock, "C"), mustParse(next, c.Inputs...)
		if clear != "" {
			c.Flop.Clear = mustParse(clear, "R")
		}
		if preset != "" {
			c.Flop.Preset = mustParse(preset, "R")
		}
		c.Outputs = []Output{{"Q", mustParse("IQ", "IQ")}}
		l.Cells[name] = c
	}
	level := map[string]string{"P": "", "N": "!"}
	for c, edge := range level {
		flop("$_DFF_"+c+"_", edge+"C", "D", "", "")
		for r, active := range level {
			flop("$_DFF_"+c+r+"0_", edge+"C", "D", active+"R", "")
			flop("$_DFF_"+c+r+"1_", edge+"C", "D", "", active+"R")
			flop("$_SDFF_"+c+r+"0_", edge+"C", "D !("+active+"R)", "", "")
			flop("$_SDFF_"+c+r+"1_", edge+"C", "D + "+active+"R", "", "")
		}
	}
	return l
}()
