package synth

import (
	"fmt"
	"strconv"
	"strings"
)

// Target is what mapping aims at.
type Target struct {
	kind   string
	period float64 // ns
	swept  bool    // of a sweep, which has tried what needs no sizing
}

// Area aims at the least area, Delay at the least delay, Period at the least area with a critical path of so many ns.
func Area() Target             { return Target{kind: "area"} }
func Delay() Target            { return Target{kind: "delay"} }
func Period(ns float64) Target { return Target{kind: "period", period: ns} }

// ParseTarget reads "area", "delay" or a period such as "7.5" or "7.5ns".
func ParseTarget(s string) (Target, error) {
	switch s {
	case "area":
		return Area(), nil
	case "delay":
		return Delay(), nil
	}
	ns, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(s, "ns")), 64)
	if err != nil || !(ns > 0 && ns <= 1e6) {
		return Target{}, fmt.Errorf("target %q: want area, delay or a period in ns, such as 7.5", s)
	}
	return Period(ns), nil
}

func (t Target) String() string {
	if t.kind == "period" {
		return fmt.Sprintf("%g ns", t.period)
	}
	return t.kind
}

// MarshalText gives what String does.
func (t Target) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what [ParseTarget] does.
func (t *Target) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTarget(string(text))
	return err
}
