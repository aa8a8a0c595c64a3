package netlist

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eval evaluates an expression for one case, the same in all of its 64.
func eval(e *Expression, level map[string]bool) bool {
	value := e.Eval(func(name string) uint64 {
		if level[name] {
			return ^uint64(0)
		}
		return 0
	})
	if value != 0 && value != ^uint64(0) {
		panic("the cases of an evaluation differ")
	}
	return value != 0
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

// TestEval has a case in each bit.
func TestEval(t *testing.T) {
	const a, b, c = 0b11110000, 0b11001100, 0b10101010
	pins := map[string]uint64{"A": a, "B": b, "C1": c}
	for text, want := range map[string]uint64{
		"A":               a,
		"!A":              ^uint64(a),
		"A'":              ^uint64(a),
		"(!(A B))":        ^uint64(a & b),
		"A*B+C1":          a&b | c,
		"A B + !A C1":     a&b | ^uint64(a)&c,
		"A ^ B & C1":      (a ^ b) & c,
		"(A + B)' | C1":   ^uint64(a|b) | c,
		"!(A & !(B|C1))":  ^uint64(a &^ (b | c)),
		"1":               ^uint64(0),
		"(A^B)^C1 * 1":    a ^ b ^ c,
		"((A B)+(B C1)')": a&b | ^uint64(b&c),
	} {
		e, err := parseExpression(text, []string{"A", "B", "C1"})
		require.NoError(t, err, text)
		require.Equal(t, want, e.Eval(func(p string) uint64 { return pins[p] }), text)
	}
}

func TestExpressionErrors(t *testing.T) {
	for text, message := range map[string]string{
		"":      `"": it ends too early; want pins`,
		"A+":    `"A+": it ends too early`,
		"(A":    `"(A": a ) is missing`,
		"(A B":  `a ) is missing`,
		"A ) B": `") B" is left over`,
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
