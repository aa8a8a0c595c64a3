package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fmaq/config"
	"fmaq/fp"
)

type explainCmd struct {
	tableFormat
	As     string   `enum:"accumulator,weight,activation" default:"accumulator" help:"Which of the configuration's formats: ${enum}." placeholder:"FORMAT"`
	Config string   `arg:"" help:"Preset, accumulator format or TOML file."`
	Values []string `arg:"" help:"Codes (0x5a3, 0b010110100011) or real values (3.1416, -1e-3, 0x1.8p3)."`
}

var negativeNumber = regexp.MustCompile(`^-(\.?[0-9]|inf$)`)

// shieldNumbers puts a space before explain's negative numbers, so that the parser does not take them for flags. Of what
// follows "--" nothing is one; the parser would take no more values after it, so that it goes.
func shieldNumbers(args []string) []string {
	if args[0] != "explain" {
		return args
	}
	var shielded []string
	flags := true
	for _, a := range args {
		switch {
		case flags && a == "--":
			flags = false
			continue
		case flags && negativeNumber.MatchString(a), !flags && strings.HasPrefix(a, "-"):
			a = " " + a
		}
		shielded = append(shielded, a)
	}
	return shielded
}

// formatInfo and codeInfo are what "explain --format json" prints.
type formatInfo struct {
	Name      string   `json:"name"`
	Role      string   `json:"role"`
	Bits      int      `json:"bits"`
	Bias      int      `json:"bias"`
	Largest   float64  `json:"r_of"`
	Underflow float64  `json:"r_uf"`
	Smallest  float64  `json:"smallest"`
	Zero      fp.Zero  `json:"zero"`
	Rounding  string   `json:"rounding,omitempty"` // of Q_acc; absent for operands
	Values    []answer `json:"values"`
}

type codeInfo struct {
	Code  string  `json:"code"`
	Value float64 `json:"value"`
}

// outcome is a result that Q_acc can give. Only stochastic rounding has two, the one toward zero first.
type outcome struct {
	codeInfo
	Probability float64 `json:"probability"`
}

type answer struct {
	Input      string    `json:"input"`
	IsCode     bool      `json:"is_code"`
	Code       string    `json:"code"`
	Bits       string    `json:"bits"`
	Sign       int       `json:"sign"`
	Exponent   int       `json:"exponent"`
	Mantissa   int       `json:"mantissa"`
	Value      float64   `json:"value"`
	ExactValue string    `json:"exact_value"`
	Binade     string    `json:"binade"`
	Below      *codeInfo `json:"below"` // next value toward minus infinity; absent at the end of the range
	Above      *codeInfo `json:"above"`
	Error      *float64  `json:"error,omitempty"` // value - input, for real input
	ErrorUlps  *float64  `json:"error_ulps,omitempty"`
	QAcc       []outcome `json:"q_acc,omitempty"` // of real input as an exact sum: what Q_acc makes of it under the configuration's rounding
	Note       string    `json:"note,omitempty"`
	number     float64   // that the input stands for
}

func (c *explainCmd) Run(w *world) error {
	cfg, err := config.Resolve(strings.TrimSpace(c.Config))
	if err != nil {
		return err
	}
	s := cfg.Params.Spec
	f := map[string]fp.Format{"accumulator": s.Accumulator, "weight": s.Weight, "activation": s.Activation}[c.As]
	info := formatInfo{Name: f.String(), Role: c.As, Bits: f.Width(), Bias: f.Bias, Largest: f.Max(),
		Underflow: math.Ldexp(1, -f.Bias), Smallest: f.Smallest(s.Zero), Zero: s.Zero}
	if c.As == "accumulator" {
		info.Rounding = s.Rounding.String()
	}
	var errs []error
	for _, v := range c.Values {
		a, err := explain(f, s.Zero, strings.TrimSpace(v))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if c.As == "accumulator" && !a.IsCode {
			a.QAcc = quantise(s, a.number)
		}
		info.Values = append(info.Values, a)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if c.Format == "json" {
		return printJSON(w.stdout, info)
	}
	if c.Format != "table" {
		return c.print(w.stdout, info.grid(), nil)
	}
	// A few values a table, so that lines stay readable.
	for i, some := range slices.Collect(slices.Chunk(info.Values, 3)) {
		if i > 0 {
			fmt.Fprintln(w.stdout)
		}
		part := info
		part.Values = some
		g := part.grid()
		if i > 0 {
			g.title = ""
		}
		if err := c.print(w.stdout, g, nil); err != nil {
			return err
		}
	}
	return nil
}

// explain takes a code (0x, 0b) or a real value.
func explain(f fp.Format, z fp.Zero, input string) (answer, error) {
	lower := strings.ToLower(input)
	if (strings.HasPrefix(lower, "0x") && !strings.Contains(lower, "p")) || strings.HasPrefix(lower, "0b") {
		code, err := strconv.ParseUint(input, 0, 64)
		if err != nil {
			return answer{}, fmt.Errorf("code %q: want hexadecimal (0x5a3) or binary (0b0101) digits", input)
		}
		if code > uint64(f.Mask()) {
			return answer{}, fmt.Errorf("code %s: has %d bits, %v only %d (0 to %#x)", input, bitLen(code), f, f.Width(), uint32(f.Mask()))
		}
		a := describe(f, z, fp.Code(code))
		a.Input, a.IsCode = input, true
		if f.IsZero(fp.Code(code), z) && code != 0 {
			a.Note = "accepted as zero; every operation returns the all-zero code"
		}
		return a, nil
	}
	v, err := strconv.ParseFloat(input, 64)
	if err != nil && !math.IsInf(v, 0) || math.IsNaN(v) {
		return answer{}, fmt.Errorf("value %q: want a code (0x5a3, 0b0101) or a finite number (3.1416, -1e-3)", input)
	}
	return encode(f, z, input, v), nil
}

func encode(f fp.Format, z fp.Zero, input string, v float64) answer {
	a := describe(f, z, f.Encode(v, z))
	a.Input, a.number = input, v
	switch {
	case math.IsInf(v, 0) || math.Abs(v) > f.Max():
		a.Note = "beyond R_OF: saturated"
	case a.Value == 0 && v != 0:
		a.Note = "below half of the smallest magnitude: zero"
	case v != 0 && math.Abs(v) < f.Smallest(z):
		a.Note = "below the smallest magnitude: rounded up to it"
	}
	if math.IsInf(v, 0) {
		return a
	}
	e := a.Value - v
	a.Error = &e
	if a.Value != 0 {
		ulps := math.Ldexp(e, f.Bias+f.Mantissa-a.Exponent)
		a.ErrorUlps = &ulps
	}
	return a
}

// quantise tells what Q_acc gives for a sum of the exact value v: rounded to the accumulator's significand without
// regard to its range, then flushed to zero or saturated.
func quantise(s fp.Spec, v float64) []outcome {
	f := s.Accumulator
	if v == 0 {
		return []outcome{{codeInfo{hexCode(f, 0), 0}, 1}}
	}
	if math.IsInf(v, 0) {
		c := f.Encode(v, s.Zero)
		return []outcome{{codeInfo{hexCode(f, c), f.Decode(c, s.Zero)}, 1}}
	}
	fraction, exp := math.Frexp(math.Abs(v)) // fraction in [1/2, 1)
	scaled := math.Ldexp(fraction, f.Mantissa+1)
	of := func(sig, p float64) outcome {
		c := inRange(f, s.Zero, math.Signbit(v), exp-1+f.Bias, int(sig))
		return outcome{codeInfo{hexCode(f, c), f.Decode(c, s.Zero)}, p}
	}
	low := math.Floor(scaled)
	switch s.Rounding {
	case fp.NearestEven:
		return []outcome{of(math.RoundToEven(scaled), 1)}
	case fp.Stochastic:
		k := s.RandomBits
		up := math.Ldexp(math.Floor(math.Ldexp(scaled-low, k)), -k)
		toward, away := of(low, 1-up), of(low+1, up)
		if up > 0 && toward.codeInfo != away.codeInfo {
			return []outcome{toward, away}
		}
	}
	return []outcome{of(low, 1)}
}

// inRange is the last step of Q_acc: the code of sig * 2^(field-bias-M), sig of M+1 bits or just above them.
func inRange(f fp.Format, z fp.Zero, negative bool, field, sig int) fp.Code {
	if sig>>(f.Mantissa+1) != 0 {
		sig >>= 1
		field++
	}
	largest := 1<<f.Exponent - 1
	switch {
	case field > largest:
		return f.Pack(negative, largest, 1<<f.Mantissa-1)
	case field < 0:
		return 0
	}
	c := f.Pack(negative, field, sig&(1<<f.Mantissa-1))
	if f.IsZero(c, z) {
		return 0
	}
	return c
}

func describe(f fp.Format, z fp.Zero, c fp.Code) answer {
	negative, field, mantissa := f.Unpack(c)
	a := answer{Code: hexCode(f, c), Bits: bitFields(f, c), Exponent: field, Mantissa: mantissa, Value: f.Decode(c, z)}
	a.number = a.Value
	if negative {
		a.Sign = 1
	}
	if f.IsZero(c, z) {
		a.Binade, a.ExactValue = "none", "0"
	} else {
		low := math.Ldexp(1, field-f.Bias)
		a.Binade = fmt.Sprintf("2^%d: [%s, %s)", field-f.Bias, real(low), real(2*low))
		sig := 1<<f.Mantissa | mantissa
		if negative {
			sig = -sig
		}
		a.ExactValue = fmt.Sprintf("%d * 2^%d", sig, field-f.Bias-f.Mantissa)
	}
	a.Below, a.Above = neighbour(f, z, c, -1), neighbour(f, z, c, +1)
	return a
}

// neighbour is the code of the next value up (+1) or down (-1), nil at the end of the range.
func neighbour(f fp.Format, z fp.Zero, c fp.Code, step int) *codeInfo {
	sign := fp.Code(1) << (f.Width() - 1)
	smallest := f.Encode(f.Smallest(z), z)
	magnitude, negative := int64(c&^sign), c&sign != 0
	// On the line of signed magnitudes, with the codes between zero and the smallest left out.
	at := magnitude - int64(smallest) + 1
	if f.IsZero(c, z) {
		at = 0
	} else if negative {
		at = -at
	}
	at += int64(step)
	var n fp.Code
	switch {
	case at > 0:
		n = fp.Code(at-1) + smallest
	case at < 0:
		n = fp.Code(-at-1) + smallest
	}
	if n >= sign {
		return nil
	}
	if at < 0 {
		n |= sign
	}
	return &codeInfo{hexCode(f, n), f.Decode(n, z)}
}

func (i formatInfo) grid() *grid {
	g := &grid{
		header: []string{""},
		title: fmt.Sprintf("%s as %s: %d bits, bias %d\nR_OF = %s (largest), R_UF = %s, smallest magnitude %s",
			i.Name, i.Role, i.Bits, i.Bias, real(i.Largest), real(i.Underflow), real(i.Smallest)),
	}
	rows := []struct {
		name string
		cell func(answer) string
	}{
		{"code", func(a answer) string { return a.Code + " = " + a.Bits }},
		{"sign", func(a answer) string { return strconv.Itoa(a.Sign) }},
		{"exponent field", func(a answer) string { return strconv.Itoa(a.Exponent) }},
		{"mantissa field", func(a answer) string { return strconv.Itoa(a.Mantissa) }},
		{"binade", func(a answer) string { return a.Binade }},
		{"value", func(a answer) string { return real(a.Value) + " = " + a.ExactValue }},
		{"rounding error", func(a answer) string { return a.rounding() }},
		{"Q_acc (" + i.Rounding + ")", func(a answer) string { return a.quantised() }},
		{"next below", func(a answer) string { return a.Below.String() }},
		{"next above", func(a answer) string { return a.Above.String() }},
		{"note", func(a answer) string { return a.Note }},
	}
	for _, a := range i.Values {
		g.header = append(g.header, a.Input)
	}
	for _, r := range rows {
		cells, some := []any{r.name}, false
		for _, a := range i.Values {
			c := r.cell(a)
			some = some || c != "" && c != none
			cells = append(cells, c)
		}
		if some {
			g.add(cells...)
		}
	}
	return g
}

const none = "-"

func (c *codeInfo) String() string {
	if c == nil {
		return none
	}
	return fmt.Sprintf("%s = %s", c.Code, real(c.Value))
}

// quantised is what Q_acc gives; where chance decides, both results.
func (a answer) quantised() string {
	var parts []string
	for _, o := range a.QAcc {
		s := o.String()
		if o.Probability < 1 {
			s += fmt.Sprintf(" (%.4g %%)", 100*o.Probability)
		}
		parts = append(parts, s)
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, ", ")
}

func (a answer) rounding() string {
	switch {
	case a.Error == nil:
		return none
	case *a.Error == 0:
		return "0 (exact)"
	case a.ErrorUlps == nil:
		return fmt.Sprintf("%.4g", *a.Error)
	}
	return fmt.Sprintf("%.4g (%.3g ulp)", *a.Error, *a.ErrorUlps)
}

// real prints a value exactly and short.
func real(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func hexCode(f fp.Format, c fp.Code) string {
	return fmt.Sprintf("0x%0*x", (f.Width()+3)/4, uint32(c))
}

// bitFields is the code in binary, its fields set apart by underscores; Go and explain itself read it.
func bitFields(f fp.Format, c fp.Code) string {
	negative, field, mantissa := f.Unpack(c)
	sign := 0
	if negative {
		sign = 1
	}
	s := fmt.Sprintf("0b%d_%0*b", sign, f.Exponent, field)
	if f.Mantissa > 0 {
		s += fmt.Sprintf("_%0*b", f.Mantissa, mantissa)
	}
	return s
}

func bitLen(n uint64) int { return len(strconv.FormatUint(n, 2)) }
