package synth

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ReadVCD takes a stimulus from a waveform: the words of the named signals in the outermost scope that has them all. With a
// clock among the signals a row is what stands before each of its rising edges; without one, what stands at the end of
// each time at which any of them changed. Unknown bits are 0. Signals of other names are not looked at.
func ReadVCD(r io.Reader, source, clock string, inputs []string) (Stimulus, error) {
	s := Stimulus{Source: source, Inputs: inputs}
	fail := func(line int, format string, args ...any) (Stimulus, error) {
		return s, fmt.Errorf("%s: line %d: %s", source, line, fmt.Sprintf(format, args...))
	}
	var (
		scopes  []string
		names   = map[string]map[string]string{} // by scope, name to code
		order   []string
		column  = map[string][]int{} // by code
		words   = make([]uint64, len(inputs))
		wanted  = inputs
		line    int
		changed bool
		level   bool
		before  []uint64 // what stood before this time
	)
	if clock != "" {
		wanted = append(slices.Clone(inputs), clock)
	}
	sample := func() {
		if changed && clock == "" {
			s.Rows = append(s.Rows, slices.Clone(words))
		}
		changed = false
	}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		line++
		fields := strings.Fields(in.Text())
		if len(fields) == 0 {
			continue
		}
		switch word := fields[0]; {
		case word == "$scope" && len(fields) > 2:
			scopes = append(scopes, fields[2])
		case word == "$upscope" && len(scopes) > 0:
			scopes = scopes[:len(scopes)-1]
		case word == "$var" && len(fields) > 4:
			scope := strings.Join(scopes, ".")
			if names[scope] == nil {
				names[scope] = map[string]string{}
				order = append(order, scope)
			}
			name, _, _ := strings.Cut(fields[4], "[")
			names[scope][name] = fields[3]
		case word == "$enddefinitions":
			at := slices.IndexFunc(order, func(scope string) bool {
				return !slices.ContainsFunc(wanted, func(name string) bool { return names[scope][name] == "" })
			})
			if at < 0 {
				return fail(line, "no scope has all of %s", strings.Join(wanted, ", "))
			}
			for i, name := range wanted {
				code := names[order[at]][name]
				column[code] = append(column[code], i)
			}
		case word[0] == '#':
			sample()
			before = slices.Clone(words)
		case strings.IndexByte("01xXzZbB", word[0]) >= 0:
			text, code := word[:1], word[1:]
			if word[0] == 'b' || word[0] == 'B' {
				if len(fields) < 2 {
					return fail(line, "%q: a word without its signal", word)
				}
				text, code = word[1:], fields[1]
			}
			columns := column[code]
			if len(columns) == 0 {
				continue
			}
			v, err := strconv.ParseUint(strings.Map(known, text), 2, 64)
			if err != nil {
				return fail(line, "%q is no word of up to 64 bits", clip(text))
			}
			for _, i := range columns {
				if i < len(inputs) {
					changed = changed || words[i] != v
					words[i] = v
					continue
				}
				if v == 1 && !level && before != nil {
					s.Rows = append(s.Rows, before)
				}
				level = v == 1
			}
		}
	}
	sample()
	if err := in.Err(); err != nil {
		return s, fmt.Errorf("%s: %w", source, err)
	}
	if len(s.Rows) < 2 {
		return fail(line, "the inputs have fewer than two cycles")
	}
	return s, nil
}

func known(r rune) rune {
	if r != '1' {
		return '0'
	}
	return r
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
