package netlist

import (
	"fmt"
	"slices"
	"strings"
)

// expression is the function of a pin in terms of the cell's other pins and states.
type expression struct {
	op   byte // '0', '1', 'v' a variable, '!', '^', '&', '|'
	name string
	args []*expression
}

// accepted is what a message says where an expression is not understood.
const accepted = "want pins, 0, 1, ( ), ! or ' for not, ^, & or * or a space for and, | or +"

// parseExpression reads a Liberty function. Inversion binds tightest, then ^, then and, then or. Names must be among
// the variables.
func parseExpression(text string, variables []string) (*expression, error) {
	p := &expressionParser{rest: text}
	e, err := p.or()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("%q is left over", p.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w; %s", text, err, accepted)
	}
	for _, name := range p.names {
		if !slices.Contains(variables, name) {
			return nil, fmt.Errorf("%q: no pin or state %s; the cell has %s", text, name, strings.Join(variables, ", "))
		}
	}
	return e, nil
}

// mustParse is parseExpression for the cells that this package defines.
func mustParse(text string, variables ...string) *expression {
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
func chain(op byte, operand func() (*expression, error), more func() bool) (*expression, error) {
	e, err := operand()
	for err == nil && more() {
		var next *expression
		next, err = operand()
		e = &expression{op: op, args: []*expression{e, next}}
	}
	return e, err
}

func (p *expressionParser) or() (*expression, error) {
	return chain('|', p.and, func() bool { return p.take("|+") })
}

func (p *expressionParser) and() (*expression, error) {
	return chain('&', p.xor, func() bool {
		if p.take("&*") {
			return true
		}
		c := p.peek() // one operand right after another
		return c == '(' || c == '!' || isName(c)
	})
}

func (p *expressionParser) xor() (*expression, error) {
	return chain('^', p.inverted, func() bool { return p.take("^") })
}

func (p *expressionParser) inverted() (*expression, error) {
	if p.take("!") {
		e, err := p.inverted()
		return &expression{op: '!', args: []*expression{e}}, err
	}
	e, err := p.primary()
	for err == nil && p.take("'") {
		e = &expression{op: '!', args: []*expression{e}}
	}
	return e, err
}

func (p *expressionParser) primary() (*expression, error) {
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
		return &expression{op: name[0]}, nil
	case n > 0:
		p.names = append(p.names, name)
		return &expression{op: 'v', name: name}, nil
	case c == 0:
		return nil, fmt.Errorf("it ends too early")
	}
	return nil, fmt.Errorf("%q stands where a pin should", p.rest[:1])
}

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_[].$", c) >= 0
}
