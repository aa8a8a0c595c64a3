package netlist

import (
	"fmt"
	"slices"
	"strings"
)

// Expression is the function of a pin in terms of the cell's other pins and states.
type Expression struct {
	op   byte // '0', '1', 'v' a variable, '!', '^', '&', '|'
	name string
	args []*Expression
}

// Pin is the pin or state that an expression is, without any operator; "" if it is more than that.
func (e *Expression) Pin() string { return e.name }

// Eval computes 64 cases at once from those of the pins and states.
func (e *Expression) Eval(variable func(name string) uint64) uint64 {
	switch e.op {
	case '1':
		return ^uint64(0)
	case 'v':
		return variable(e.name)
	case '!':
		return ^e.args[0].Eval(variable)
	case '&':
		return e.args[0].Eval(variable) & e.args[1].Eval(variable)
	case '|':
		return e.args[0].Eval(variable) | e.args[1].Eval(variable)
	case '^':
		return e.args[0].Eval(variable) ^ e.args[1].Eval(variable)
	}
	return 0
}

// accepted is what a message says where an expression is not understood.
const accepted = "want pins, 0, 1, ( ), ! or ' for not, ^, & or * or a space for and, | or +"

// parseExpression reads a Liberty function. Inversion binds tightest, then ^, then and, then or. Names must be among
// the variables.
func parseExpression(text string, variables []string) (*Expression, error) {
	p := &expressionParser{rest: text}
	e, err := p.or()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("%q is left over", p.rest)
	}
	if err != nil {
		return nil, &malformed{fmt.Errorf("%q: %w; %s", text, err, accepted)}
	}
	for _, name := range p.names {
		if !slices.Contains(variables, name) {
			return nil, fmt.Errorf("%q: no pin or state %s; the cell has %s", text, name, strings.Join(variables, ", "))
		}
	}
	return e, nil
}

// mustParse is parseExpression for the cells that this package defines.
func mustParse(text string, variables ...string) *Expression {
	e, err := parseExpression(text, variables)
	if err != nil {
		panic("netlist: " + err.Error())
	}
	return e
}

type expressionParser struct {
	rest  string
	names []string
}

// peek returns the next character that is no space, 0 at the end.
func (p *expressionParser) peek() byte {
	p.rest = strings.TrimLeft(p.rest, " \t\n\r\\")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *expressionParser) take(set string) bool {
	if c := p.peek(); c == 0 || strings.IndexByte(set, c) < 0 {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// chain reads operands joined by an operator, as long as more tells that another follows.
func chain(op byte, operand func() (*Expression, error), more func() bool) (*Expression, error) {
	e, err := operand()
	for err == nil && more() {
		var next *Expression
		next, err = operand()
		e = &Expression{op: op, args: []*Expression{e, next}}
	}
	return e, err
}

func (p *expressionParser) or() (*Expression, error) {
	return chain('|', p.and, func() bool { return p.take("|+") })
}

func (p *expressionParser) and() (*Expression, error) {
	return chain('&', p.xor, func() bool {
		if p.take("&*") {
			return true
		}
		c := p.peek() // one operand right after another
		return c == '(' || c == '!' || isName(c)
	})
}

func (p *expressionParser) xor() (*Expression, error) {
	return chain('^', p.inverted, func() bool { return p.take("^") })
}

func (p *expressionParser) inverted() (*Expression, error) {
	if p.take("!") {
		e, err := p.inverted()
		return &Expression{op: '!', args: []*Expression{e}}, err
	}
	e, err := p.primary()
	for err == nil && p.take("'") {
		e = &Expression{op: '!', args: []*Expression{e}}
	}
	return e, err
}

func (p *expressionParser) primary() (*Expression, error) {
	if p.take("(") {
		e, err := p.or()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a ) is missing")
		}
		return e, err
	}
	c := p.peek()
	n := 0
	for n < len(p.rest) && isName(p.rest[n]) {
		n++
	}
	name := p.rest[:n]
	p.rest = p.rest[n:]
	switch {
	case name == "0" || name == "1":
		return &Expression{op: name[0]}, nil
	case n > 0:
		p.names = append(p.names, name)
		return &Expression{op: 'v', name: name}, nil
	case c == 0:
		return nil, fmt.Errorf("it ends too early")
	}
	return nil, fmt.Errorf("%q stands where a pin should", p.rest[:1])
}

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_[].$", c) >= 0
}
