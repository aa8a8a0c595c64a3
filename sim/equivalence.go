package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fmaq/gen/rtl"
	"fmaq/gen/rtl/netlist"
	"fmaq/sim/external"
)

// abcName is ABC as Yosys brings it along.
const abcName = "yosys-abc"

// abcSeconds is what ABC may take. It takes one or two for the widest FMAq.
const abcSeconds = 3600

// Difference is inputs for which two circuits give different outputs. In a pipeline the outputs are those of one cycle; an
// input of k cycles before is named as [netlist.Unroll] does, port@k.
type Difference struct {
	Inputs []Value
	A, B   []Value // all outputs of each
}

// String is one line for people: words in hexadecimal.
func (d *Difference) String() string {
	var parts []string
	for _, v := range d.Inputs {
		parts = append(parts, fmt.Sprintf("%s = %#x", v.Name, v.Word))
	}
	for i, v := range d.A {
		if v != d.B[i] {
			parts = append(parts, fmt.Sprintf("%s = %#x and %#x", v.Name, v.Word, d.B[i].Word))
		}
	}
	return strings.Join(parts, ", ")
}

// Equivalent has ABC prove that two circuits with the same ports give equal outputs for all inputs (command cec), or find
// inputs for which they do not, which are then evaluated here. Pipelines are compared unrolled, from the cycle on in which
// nothing depends any more on what registers held at first.
//
// Nil is the proof. Errors are an [external.MissingToolError], an [external.ToolError] if ABC fails or does not decide, the
// context's, and ports that differ.
func Equivalent(ctx context.Context, a, b *rtl.Netlist) (_ *Difference, err error) {
	if err := samePorts(a, b); err != nil {
		return nil, err
	}
	if err := external.Find(external.MissingToolError{Tool: abcName, Package: "yosys", For: "to compare circuits"}); err != nil {
		return nil, err
	}
	dir, err := scratch()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	both := netlist.Unroll(a, b)
	for i, name := range []string{"a.blif", "b.blif"} {
		var text bytes.Buffer
		if err := netlist.WriteBLIF(&text, both[i]); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o600); err != nil {
			return nil, err
		}
	}
	// Inputs and outputs are matched by name, and both files name and order them alike. The limit on conflicts is out of
	// reach: cec ends with a verdict or with its time.
	script := fmt.Sprintf("cec -T %d -C 2000000000 a.blif b.blif", abcSeconds)
	cmd, log := command(ctx, dir, abcName, "-s", "-q", script)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, external.Failed(abcName, err, log.String())
	}
	equal, set, err := readVerdict(log.String())
	if err != nil || equal {
		return nil, err
	}
	d := evaluateBoth(both[0], both[1], set)
	if slices.Equal(d.A, d.B) {
		return nil, external.Failed(abcName, errors.New("the inputs for which it says that the circuits differ give equal outputs"), log.String())
	}
	return d, nil
}

// samePorts wants equal ports, clock and reset.
func samePorts(a, b *rtl.Netlist) error {
	describe := func(n *rtl.Netlist) string {
		var text strings.Builder
		for i, p := range n.Inputs {
			fmt.Fprintf(&text, "input %s, %d bits%s; ", p.Name, len(p.Bits), map[int]string{n.Clock: ", clock"}[i])
		}
		for _, p := range n.Outputs {
			fmt.Fprintf(&text, "output %s, %d bits; ", p.Name, len(p.Bits))
		}
		return strings.TrimSuffix(text.String(), "; ")
	}
	if x, y := describe(a), describe(b); x != y {
		return fmt.Errorf("circuits of different ports: %s has %s; %s has %s", a.Name, x, b.Name, y)
	}
	return nil
}

var (
	verdictLine = regexp.MustCompile(`(?m)^Networks are (.*?)[. ]*(?:Time =.*)?$`)
	patternLine = regexp.MustCompile(`(?m)^Input pattern: *((?: *i[0-9]+=[01])*) *$`)
)

// readVerdict understands what cec prints: one verdict, and where it is that the networks differ, the inputs by number that
// are 1. Inputs that it does not tell do not matter to the output that it found.
func readVerdict(log string) (equal bool, set map[int]bool, err error) {
	fail := func(what string) (bool, map[int]bool, error) {
		return false, nil, external.Failed(abcName, errors.New(what), log)
	}
	verdicts := verdictLine.FindAllStringSubmatch(log, -1)
	if len(verdicts) != 1 {
		return fail("cec gave no verdict")
	}
	switch verdicts[0][1] {
	case "equivalent", "equivalent after structural hashing":
		return true, nil, nil
	case "NOT EQUIVALENT", "NOT EQUIVALENT after structural hashing":
	default:
		return fail("cec did not decide")
	}
	pattern := patternLine.FindStringSubmatch(log)
	if pattern == nil {
		return fail("cec told no inputs")
	}
	set = map[int]bool{}
	for _, field := range strings.Fields(pattern[1]) {
		name, level, _ := strings.Cut(field, "=")
		i, err := strconv.Atoi(name[1:])
		if err != nil {
			return fail("cec told an input of another name")
		}
		set[i] = level == "1"
	}
	return false, set, nil
}

// evaluateBoth gives two combinational circuits of the same inputs the input bits that are set, counted through all ports.
func evaluateBoth(a, b *rtl.Netlist, set map[int]bool) *Difference {
	d := &Difference{}
	at := 0
	for _, p := range a.Inputs {
		v := Value{Port: Port{p.Name, len(p.Bits)}}
		for i := range p.Bits {
			if set[at] {
				v.Word |= 1 << i
			}
			at++
		}
		d.Inputs = append(d.Inputs, v)
	}
	evaluate := func(n *rtl.Netlist) (all []Value) {
		s := CompileGates(n).NewState()
		for i, v := range d.Inputs {
			s.Fill(i, v.Word)
		}
		s.Settle()
		for i, p := range n.Outputs {
			var word [1]uint64
			s.Get(i, word[:])
			all = append(all, Value{Port{p.Name, len(p.Bits)}, word[0]})
		}
		return all
	}
	d.A, d.B = evaluate(a), evaluate(b)
	return d
}
