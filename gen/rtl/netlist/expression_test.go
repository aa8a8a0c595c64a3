package netlist

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eval evaluates an expression by its definition.
func eval(e *expression, level map[string]bool) bool {
	switch e.op {
	case '0', '1':
		return e.op == '1'
	case 'v':
		return level[e.name]
	case '!':
		return !eval(e.args[0], level)
	case '&':
		return eval(e.args[0], level) && eval(e.args[1], level)
	case '|':
		return eval(e.args[0], level) || eval(e.args[1], level)
	}
	return eval(e.args[0], level) != eval(e.args[1], level)
}

// TestExpressions: every notation, on all levels of its pins.
func TestExpressions(t *testing.T) {
	for _, c := range []struct {
		text string
		want func(a, b, c bool) bool
	}{
		{"A", func(a, b, c bool) bool { return a }},
		{"!A", func(a, b, c bool) bool { return !a }},
		{"A'", func(a, b, c bool) bool { return !a }},
		{"A''", func(a, b, c bool) bool { return a }},
		{"!A'", func(a, b, c bool) bool { return a }},
		{"!!A", func(a, b, c bool) bool { return a }},
		{"A & B", func(a, b, c bool) bool { return a && b }},
		{"A*B*C", func(a, b, c bool) bool { return a && b && c }},
		{"(A B)", func(a, b, c bool) bool { return a && b }},
		{"A !B", func(a, b, c bool) bool { return a && !b }},
		{"(A)(B+C)", func(a, b, c bool) bool { return a && (b || c) }},
		{"A' B", func(a, b, c bool) bool { return !a && b }},
		{"A+B C", func(a, b, c bool) bool { return a || b && c }},
		{"A B|C", func(a, b, c bool) bool { return a && b || c }},
		{"A B^C", func(a, b, c bool) bool { return a && b != c }},
		{"A^B & C", func(a, b, c bool) bool { return a != b && c }},
		{"A ^ B + C", func(a, b, c bool) bool { return a != b || c }},
		{"!A^B", func(a, b, c bool) bool { return a == b }},
		{"!(A^B^C)'", func(a, b, c bool) bool { return a != b != c }},
		{"(A*1)+0", func(a, b, c bool) bool { return a }},
		{"(!((A B)+(B\\\n C)))", func(a, b, c bool) bool { return !(a && b || b && c) }},
	} {
		e, err := parseExpression(c.text, []string{"A", "B", "C"})
		require.NoError(t, err, c.text)
		for i := range 8 {
			a, b, third := i&1 != 0, i&2 != 0, i&4 != 0
			assert.Equal(t, c.want(a, b, third), eval(e, map[string]bool{"A": a, "B": b, "C": third}), "%s at %03b", c.text, i)
		}
	}
}

func TestExpressionErrors(t *testing.T) {
	for text, message := range map[string]string{
		"":      `"": it ends too early; want pins`,
		"A+":    `"A+": it ends too early`,
		"(A":    `"(A": a ) is missing`,
		"A)":    `"A)": ")" is left over`,
		"A ? B": `"? B" is left over`,
		"+A":    `"+" stands where a pin should`,
		"A&D":   `"A&D": no pin or state D; the cell has A, B`,
	} {
		_, err := parseExpression(text, []string{"A", "B"})
		assert.ErrorContains(t, err, message)
	}
	deep := strings.Repeat("(", 1000) + "A" + strings.Repeat(")", 1000)
	_, err := parseExpression(deep, []string{"A"})
	assert.NoError(t, err)
}
