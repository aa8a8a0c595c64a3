package netlist

import (
	"fmt"
	"strings"
)

// group is a statement of a Liberty file with braces: what it is called, its arguments, and what is inside.
type group struct {
	kind       string
	args       []string
	line       int
	attributes []attribute
	groups     []*group
}

// attribute is "name : value;", or "name (values);".
type attribute struct {
	name, value string
	line        int
}

// get returns the last value of an attribute.
func (g *group) get(name string) (string, bool) {
	for i := len(g.attributes) - 1; i >= 0; i-- {
		if a := g.attributes[i]; a.name == name {
			return a.value, true
		}
	}
	return "", false
}

func (g *group) label() string { return strings.Join(g.args, ", ") }

// libertyParser reads the syntax of Liberty, which is regular enough to need no knowledge of the statements.
type libertyParser struct {
	text  string
	at    int
	line  int
	token string // the current one: a word, a string's contents, a punctuation mark, or empty at the end
	kind  byte   // 'w', 's', the punctuation mark, or 0
	begun int    // line of the token
}

// parseLiberty returns the one group of a file. The error tells the line.
func parseLiberty(text string) (*group, error) {
	p := &libertyParser{text: text, line: 1}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.token != "library" {
		return nil, fmt.Errorf("line %d: starts with %q: want \"library\", as Liberty files do", p.begun, clip(p.token))
	}
	g := &group{}
	if err := p.statement(g); err != nil {
		return nil, err
	}
	if p.kind != 0 {
		return nil, p.unexpected("the end of the file")
	}
	if len(g.groups) != 1 {
		return nil, fmt.Errorf("line 1: want one group library (NAME) { ... }")
	}
	return g.groups[0], nil
}

func (p *libertyParser) unexpected(want string) error {
	found := clip(p.token)
	if p.kind == 0 {
		found = "the end of the file"
	}
	return fmt.Errorf("line %d: found %s; want %s", p.begun, found, want)
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// next reads a token.
func (p *libertyParser) next() error {
	if err := p.blank(); err != nil {
		return err
	}
	p.begun = p.line
	if p.at == len(p.text) {
		p.token, p.kind = "", 0
		return nil
	}
	c := p.text[p.at]
	switch {
	case c == '"':
		end := strings.IndexByte(p.text[p.at+1:], '"')
		if end < 0 {
			return fmt.Errorf("line %d: a string does not end", p.line)
		}
		p.token, p.kind = p.text[p.at+1:p.at+1+end], 's'
		p.line += strings.Count(p.token, "\n")
		p.at += end + 2
	case strings.IndexByte(punctuation, c) >= 0:
		p.token, p.kind = p.text[p.at:p.at+1], c
		p.at++
	default:
		end := p.at + 1
		for end < len(p.text) && strings.IndexByte(punctuation+" \t\r\n\"\\", p.text[end]) < 0 {
			end++
		}
		p.token, p.kind = p.text[p.at:end], 'w'
		p.at = end
	}
	return nil
}

const punctuation = "(){}:;,"

// blank skips white space, continued lines and comments.
func (p *libertyParser) blank() error {
	for p.at < len(p.text) {
		rest := p.text[p.at:]
		switch {
		case rest[0] == '\n':
			p.line++
			p.at++
		case strings.IndexByte(" \t\r\\", rest[0]) >= 0:
			p.at++
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				return fmt.Errorf("line %d: a comment does not end", p.line)
			}
			p.line += strings.Count(rest[:end], "\n")
			p.at += end + 2
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			p.at += end
		default:
			return nil
		}
	}
	return nil
}

// statement reads an attribute or a group into g.
func (p *libertyParser) statement(g *group) error {
	name, line := p.token, p.begun
	if p.kind != 'w' {
		return p.unexpected("the name of an attribute or a group")
	}
	if err := p.next(); err != nil {
		return err
	}
	switch p.kind {
	case ':':
		return p.simple(g, name, line)
	case '(':
	default:
		return p.unexpected("a : or ( after " + name)
	}
	var args []string
	for {
		if err := p.next(); err != nil {
			return err
		}
		switch p.kind {
		case ',':
			continue
		case 'w', 's', ':': // a range has a colon
			args = append(args, p.token)
			continue
		case ')':
		default:
			return p.unexpected("a ) to end the arguments of " + name)
		}
		break
	}
	if err := p.next(); err != nil {
		return err
	}
	if p.kind != '{' {
		g.attributes = append(g.attributes, attribute{name, strings.Join(args, ", "), line})
		return p.semicolons()
	}
	if err := p.next(); err != nil {
		return err
	}
	inner := &group{kind: name, args: args, line: line}
	for p.kind != '}' {
		if p.kind == 0 {
			return fmt.Errorf("line %d: the file ends where \"}\" should stand", p.begun)
		}
		if err := p.statement(inner); err != nil {
			return err
		}
	}
	g.groups = append(g.groups, inner)
	if err := p.next(); err != nil {
		return err
	}
	return p.semicolons()
}

// simple reads the value of an attribute: up to the semicolon, or where there is none, the end of the line.
func (p *libertyParser) simple(g *group, name string, line int) error {
	end := p.begun
	var words []string
	for {
		if err := p.next(); err != nil {
			return err
		}
		if p.kind == ';' || p.kind == 0 || p.kind == '}' || len(words) > 0 && p.begun != end {
			break
		}
		words = append(words, p.token)
		end = p.line
	}
	if len(words) == 0 {
		return p.unexpected("a value of " + name)
	}
	g.attributes = append(g.attributes, attribute{name, strings.Join(words, " "), line})
	return p.semicolons()
}

func (p *libertyParser) semicolons() error {
	for p.kind == ';' {
		if err := p.next(); err != nil {
			return err
		}
	}
	return nil
}
