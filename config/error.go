package config

import (
	"fmt"
	"strings"
)

// Error is one thing wrong with a configuration file. A file with several faults gives one of each, joined.
type Error struct {
	File string
	Line int // from 1; 0 where the fault is that something is missing
	Key  string
	// Value as it would stand in TOML; empty for a fault of syntax or a missing key.
	Value string
	Want  string // what is accepted
}

// Error gives file:line, key, value and what is accepted, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Key != "" {
		fmt.Fprintf(&b, ": %s", e.Key)
		if e.Value != "" {
			fmt.Fprintf(&b, " = %s", e.Value)
		}
	}
	fmt.Fprintf(&b, ": %s", e.Want)
	return b.String()
}
