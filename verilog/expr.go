package verilog

import (
	"fmt"
	"strings"

	"fmaq/gen/rtl"
)

// expr is a Verilog expression whose operands all have the width that their operator needs.
type expr interface{ isExpr() }

type (
	// bitsOf is bits high down to low of a net that has a name.
	bitsOf struct {
		net       *rtl.Net
		name      string
		high, low int
	}
	literal struct {
		width int
		value uint64
	}
	unary struct { // ~ & | ^ and ~& ~| ~^
		op string
		a  expr
	}
	infix struct { // a op b op c
		op   string
		args []expr
	}
	conditional struct{ sel, then, otherwise expr }
	concat      struct{ parts []expr }
	repeat      struct { // {n{a}}
		n int
		a expr
	}
)

func (bitsOf) isExpr()      {}
func (literal) isExpr()     {}
func (unary) isExpr()       {}
func (infix) isExpr()       {}
func (conditional) isExpr() {}
func (concat) isExpr()      {}
func (repeat) isExpr()      {}

// walk visits an expression and all its operands.
func walk(e expr, visit func(expr)) {
	visit(e)
	switch e := e.(type) {
	case unary:
		walk(e.a, visit)
	case infix:
		for _, a := range e.args {
			walk(a, visit)
		}
	case conditional:
		walk(e.sel, visit)
		walk(e.then, visit)
		walk(e.otherwise, visit)
	case concat:
		for _, p := range e.parts {
			walk(p, visit)
		}
	case repeat:
		walk(e.a, visit)
	}
}

// lineWidth is the column at which an expression is broken into one operand a line.
const lineWidth = 118

// format prints an expression whose first character stands in the given column; lines after the first start there too.
func format(e expr, column int) string {
	line := text(e)
	if column+len(line) < lineWidth {
		return line
	}
	newline := "\n" + strings.Repeat(" ", column)
	switch e := e.(type) {
	case unary:
		if c, ok := e.a.(concat); ok {
			return e.op + format(c, column+len(e.op))
		}
	case infix:
		parts := make([]string, len(e.args))
		for i, a := range e.args {
			parts[i] = operand(a, e.op, i)
		}
		return fill(parts, " "+e.op, " ", newline, column)
	case concat:
		parts := make([]string, len(e.parts))
		for i, p := range e.parts {
			parts[i] = part(p)
		}
		return "{" + fill(parts, ",", " ", newline+" ", column+1) + "}"
	case conditional:
		var b strings.Builder
		for {
			b.WriteString(selector(e.sel) + " ? " + branch(e.then) + " :" + newline)
			next, ok := e.otherwise.(conditional)
			if !ok {
				b.WriteString(text(e.otherwise))
				return b.String()
			}
			e = next
		}
	}
	return line
}

// fill puts as many parts on a line as fit, a separator after each but the last.
func fill(parts []string, separator, space, newline string, column int) string {
	var b strings.Builder
	at := column
	for i, p := range parts {
		if i < len(parts)-1 {
			p += separator
		}
		switch {
		case i == 0:
		case at+len(space)+len(p) >= lineWidth:
			b.WriteString(newline)
			at = column
		default:
			b.WriteString(space)
			at += len(space)
		}
		b.WriteString(p)
		at += len(p)
	}
	return b.String()
}

// text prints an expression on one line.
func text(e expr) string {
	switch e := e.(type) {
	case bitsOf:
		switch {
		case e.low == 0 && e.high == e.net.Width-1:
			return e.name
		case e.low == e.high:
			return fmt.Sprintf("%s[%d]", e.name, e.low)
		}
		return fmt.Sprintf("%s[%d:%d]", e.name, e.high, e.low)
	case literal:
		switch {
		case e.width <= 4:
			return fmt.Sprintf("%d'b%0*b", e.width, e.width, e.value)
		case e.value == 0:
			return fmt.Sprintf("%d'd0", e.width)
		}
		return fmt.Sprintf("%d'h%0*x", e.width, (e.width+3)/4, e.value)
	case unary:
		return e.op + primary(e.a)
	case infix:
		parts := make([]string, len(e.args))
		for i, a := range e.args {
			parts[i] = operand(a, e.op, i)
		}
		return strings.Join(parts, " "+e.op+" ")
	case conditional:
		return selector(e.sel) + " ? " + branch(e.then) + " : " + text(e.otherwise)
	case concat:
		parts := make([]string, len(e.parts))
		for i, p := range e.parts {
			parts[i] = part(p)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case repeat:
		return fmt.Sprintf("{%d{%s}}", e.n, part(e.a))
	}
	panic(fmt.Sprintf("verilog: no text for a %T", e))
}

// Parentheses go around everything whose grouping a reader would have to look up. Only chains of one associative
// operator, `~` on an operand and a conditional's last branch go without, and they mean the same by precedence.

// operand prints the i-th operand of an infix operator.
func operand(e expr, op string, i int) string {
	switch e := e.(type) {
	case unary:
		if e.op == "~" {
			return text(e)
		}
	case infix:
		if e.op == op && (i == 0 || strings.Contains("&|^", op)) && strings.Contains("&|^+", op) {
			return text(e)
		}
	case literal:
		if strings.Contains("&|^", op) {
			break
		}
		return fmt.Sprintf("%d'd%d", e.width, e.value) // arithmetic is read in decimal
	}
	return primary(e)
}

// primary prints the operand of a unary operator.
func primary(e expr) string {
	switch e.(type) {
	case bitsOf, literal, concat, repeat:
		return text(e)
	}
	return "(" + text(e) + ")"
}

// selector prints a conditional's first operand.
func selector(e expr) string {
	if u, ok := e.(unary); ok {
		return text(u)
	}
	return primary(e)
}

// branch prints a conditional's second operand.
func branch(e expr) string {
	if _, ok := e.(conditional); ok {
		return "(" + text(e) + ")"
	}
	return text(e)
}

// part prints an element of a concatenation.
func part(e expr) string { return branch(e) }
