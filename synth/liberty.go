package synth

import (
	"fmt"
	"strconv"
	"strings"
)

// group is a Liberty group, `kind (arg) { attributes and groups }`. Of complex attributes nothing is kept.
type group struct {
	kind, arg  string
	line       int
	attributes map[string]string
	groups     []*group
}

func (g *group) has(name string) bool { _, ok := g.attributes[name]; return ok }

func (g *group) number(name string) (float64, bool) {
	v, err := strconv.ParseFloat(g.attributes[name], 64)
	return v, err == nil
}

// libertyParser reads the statements of a Liberty file:
//
//	name : value ;        attribute
//	name ( values ) ;     complex attribute
//	name ( arg ) { ... }  group
type libertyParser struct {
	text string
	at   int
	line int
}

func parseLiberty(text string) (*group, error) {
	p := &libertyParser{text: text, line: 1}
	word := p.word()
	if word != "library" {
		return nil, fmt.Errorf("line %d: starts with %q: want \"library\", as Liberty files do", p.line, clip(word))
	}
	root := &group{kind: word, line: p.line, attributes: map[string]string{}}
	if err := p.head(root); err != nil {
		return nil, err
	}
	if word := p.word(); word != "{" {
		return nil, p.expected("{", word)
	}
	return root, p.body(root)
}

func (p *libertyParser) expected(want, got string) error {
	if got == "" {
		return fmt.Errorf("line %d: the file ends where %q should stand", p.line, want)
	}
	return fmt.Errorf("line %d: %q where %q should stand", p.line, clip(got), want)
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// head reads the argument of a group or complex attribute.
func (p *libertyParser) head(g *group) error {
	if word := p.word(); word != "(" {
		return p.expected("(", word)
	}
	var args []string
	for {
		switch word := p.word(); word {
		case "":
			return p.expected(")", word)
		case ")":
			g.arg = strings.Join(args, "")
			return nil
		default:
			args = append(args, word)
		}
	}
}

func (p *libertyParser) body(g *group) error {
	for {
		name := p.word()
		switch name {
		case "":
			return p.expected("}", name)
		case "}":
			return nil
		case ";":
			continue
		}
		line := p.line
		p.space()
		switch {
		case strings.HasPrefix(p.text[p.at:], ":"):
			p.at++
			p.space()
			end := strings.IndexAny(p.text[p.at:], ";\n}")
			if strings.HasPrefix(p.text[p.at:], `"`) {
				g.attributes[name] = p.word()
				continue
			}
			if end < 0 {
				return p.expected(";", "")
			}
			g.attributes[name] = strings.TrimSpace(p.text[p.at : p.at+end])
			p.at += end
		case strings.HasPrefix(p.text[p.at:], "("):
			sub := &group{kind: name, line: line, attributes: map[string]string{}}
			if err := p.head(sub); err != nil {
				return err
			}
			p.space()
			if !strings.HasPrefix(p.text[p.at:], "{") {
				continue
			}
			p.at++
			if err := p.body(sub); err != nil {
				return err
			}
			g.groups = append(g.groups, sub)
		default:
			return fmt.Errorf("line %d: %q is followed by neither \":\" nor \"(\"", line, clip(name))
		}
	}
}

// space skips blanks, comments and continued lines.
func (p *libertyParser) space() {
	for p.at < len(p.text) {
		rest := p.text[p.at:]
		switch {
		case rest[0] == '\n':
			p.line++
			p.at++
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				end = len(rest) - 2
			}
			p.line += strings.Count(rest[:end], "\n")
			p.at += end + 2
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			p.at += end
		case strings.IndexByte(" \t\r\\", rest[0]) >= 0:
			p.at++
		default:
			return
		}
	}
}

// word is the next name, number, string without its quotes or mark; "" at the end.
func (p *libertyParser) word() string {
	p.space()
	rest := p.text[p.at:]
	if rest == "" {
		return ""
	}
	if rest[0] == '"' {
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			p.at = len(p.text)
			return rest[1:]
		}
		p.line += strings.Count(rest[:end+1], "\n")
		p.at += end + 2
		return rest[1 : end+1]
	}
	end := strings.IndexAny(rest, "(){};:\", \t\r\n\\")
	switch {
	case end < 0:
		end = len(rest)
	case end == 0:
		end = 1
	}
	p.at += end
	return rest[:end]
}
