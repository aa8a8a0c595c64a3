package synth

import (
	"fmt"
	"strings"
)

// Function is the Boolean function of an output pin.
type Function struct {
	op   byte // '!', '&', '|', '^', '0', '1', or 'p' for a pin
	pin  string
	x, y *Function
}

// eval computes 64 cases at once from those of the pins.
func (f *Function) eval(pin func(string) uint64) uint64 {
	switch f.op {
	case '!':
		return ^f.x.eval(pin)
	case '&':
		return f.x.eval(pin) & f.y.eval(pin)
	case '|':
		return f.x.eval(pin) | f.y.eval(pin)
	case '^':
		return f.x.eval(pin) ^ f.y.eval(pin)
	case '1':
		return ^uint64(0)
	case 'p':
		return pin(f.pin)
	}
	return 0
}

// functionParser reads Liberty's expressions: ! and ' invert, * & and a blank are and, + and | are or. Exclusive-or binds
// tighter than and, and tighter than or.
type functionParser struct {
	text string
	at   int
}

func parseFunction(text string) (*Function, error) {
	p := &functionParser{text: text}
	f, err := p.or()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("%q", p.text[p.at:])
	}
	if err != nil {
		return nil, fmt.Errorf("function %q: unexpected %w", text, err)
	}
	return f, nil
}

func (p *functionParser) peek() byte {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n\\", p.text[p.at]) >= 0 {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *functionParser) or() (*Function, error) {
	x, err := p.and()
	for err == nil && (p.peek() == '+' || p.peek() == '|') {
		p.at++
		var y *Function
		y, err = p.and()
		x = &Function{op: '|', x: x, y: y}
	}
	return x, err
}

func (p *functionParser) and() (*Function, error) {
	x, err := p.xor()
	for err == nil {
		switch c := p.peek(); {
		case c == '*' || c == '&':
			p.at++
		case c == '!' || c == '(' || isName(c):
		default:
			return x, nil
		}
		var y *Function
		y, err = p.xor()
		x = &Function{op: '&', x: x, y: y}
	}
	return x, err
}

func (p *functionParser) xor() (*Function, error) {
	x, err := p.factor()
	for err == nil && p.peek() == '^' {
		p.at++
		var y *Function
		y, err = p.factor()
		x = &Function{op: '^', x: x, y: y}
	}
	return x, err
}

func (p *functionParser) factor() (f *Function, err error) {
	switch c := p.peek(); {
	case c == '!':
		p.at++
		x, err := p.factor()
		return &Function{op: '!', x: x}, err
	case c == '(':
		p.at++
		if f, err = p.or(); err != nil {
			return nil, err
		}
		if p.peek() != ')' {
			return nil, fmt.Errorf("end: a parenthesis is open")
		}
		p.at++
	case isName(c):
		from := p.at
		for p.at < len(p.text) && isName(p.text[p.at]) {
			p.at++
		}
		name := p.text[from:p.at]
		f = &Function{op: 'p', pin: name}
		if name == "0" || name == "1" {
			f = &Function{op: name[0]}
		}
	case c == 0:
		return nil, fmt.Errorf("end")
	default:
		return nil, fmt.Errorf("%q", string(c))
	}
	for p.peek() == '\'' {
		p.at++
		f = &Function{op: '!', x: f}
	}
	return f, nil
}

func isName(c byte) bool {
	return c == '_' || c == '[' || c == ']' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
