package config

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// document is a parsed TOML file of the two levels table and key. The reading methods gather every fault instead of
// stopping at the first, and whatever nobody read is unknown.
type document struct {
	file   string
	items  map[string]item     // by table and key as TOML writes them: table.key
	loose  map[string]item     // what stands outside tables, where nothing belongs
	tables map[string]int      // line of each table
	known  map[string][]string // keys asked for so far, by table
	errs   []*Error
}

type item struct {
	value any
	line  int
}

// parse reads the syntax. Its error is one of syntax; tables that are none are among the document's faults.
func parse(file string, data []byte) (*document, error) {
	d := &document{file: file, items: map[string]item{}, loose: map[string]item{}, tables: map[string]int{},
		known: map[string][]string{}}
	var top map[string]toml.Primitive
	meta, err := toml.Decode(string(data), &top)
	if err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return nil, &Error{File: file, Line: syntax.Position.Line, Want: syntax.Message}
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for table, content := range top {
		value, line := resolve(meta, content)
		if _, ok := value.(map[string]any); !ok {
			d.loose[table] = item{value, line}
			continue
		}
		d.tables[table] = line
		var keys map[string]toml.Primitive
		if err := meta.PrimitiveDecode(content, &keys); err != nil {
			return nil, fmt.Errorf("%s: table %s: %w", file, table, err)
		}
		for key, content := range keys {
			value, line := resolve(meta, content)
			d.items[toml.Key{table, key}.String()] = item{value, line}
			if first := d.tables[table]; first == 0 || line < first {
				d.tables[table] = line
			}
		}
	}
	return d, nil
}

// place is decoded into only to learn where a key stands: the TOML package tells positions in errors alone.
type place struct{}

func (place) UnmarshalTOML(any) error { return errors.New("no error, a question for the position") }

// resolve gives line 0 for a table that only dotted keys make: it has no place of its own.
func resolve(meta toml.MetaData, p toml.Primitive) (value any, line int) {
	var where toml.ParseError
	if errors.As(meta.PrimitiveDecode(p, &place{}), &where) {
		line = where.Position.Line
	}
	// Decoding into an empty interface takes any value.
	_ = meta.PrimitiveDecode(p, &value)
	return value, line
}

func (d *document) fail(key string, i item, want string) {
	d.errs = append(d.errs, &Error{File: d.file, Line: i.line, Key: key, Value: show(i.value), Want: want})
}

// find declares a key as known and returns it if the file has it.
func (d *document) find(key string) (item, bool) {
	table, name, _ := strings.Cut(key, ".")
	d.known[table] = append(d.known[table], name)
	i, ok := d.items[key]
	return i, ok
}

// integer reads a key with an inclusive range; unit follows the range in messages and may be empty. A faulty value
// reads as the default, so that what depends on it can still be checked.
func (d *document) integer(key string, otherwise, low, high int, unit string) int {
	i, ok := d.find(key)
	if !ok {
		return otherwise
	}
	v, ok := i.value.(int64)
	if !ok || v < int64(low) || v > int64(high) {
		d.fail(key, i, strings.TrimSpace(fmt.Sprintf("want an integer from %d to %d %s", low, high, unit)))
		return otherwise
	}
	return int(v)
}

// required is integer for a key that must be there.
func (d *document) required(key string, otherwise, low, high int, unit string) int {
	if _, ok := d.items[key]; !ok {
		d.errs = append(d.errs, &Error{File: d.file, Key: key,
			Want: strings.TrimSpace(fmt.Sprintf("missing; want an integer from %d to %d %s", low, high, unit))})
	}
	return d.integer(key, otherwise, low, high, unit)
}

// name reads one of a type's named values; without the key the value stays.
func (d *document) name(key string, v encoding.TextUnmarshaler, names ...string) {
	i, ok := d.find(key)
	if !ok {
		return
	}
	if s, ok := i.value.(string); !ok || v.UnmarshalText([]byte(s)) != nil {
		d.fail(key, i, fmt.Sprintf("want %s", alternatives(quote(names))))
	}
}

// text reads a string that check accepts; check's error says what is accepted.
func (d *document) text(key, otherwise string, check func(string) error) string {
	i, ok := d.find(key)
	if !ok {
		return otherwise
	}
	s, ok := i.value.(string)
	if !ok {
		d.fail(key, i, "want a string")
		return otherwise
	}
	if err := check(s); err != nil {
		d.fail(key, i, err.Error())
		return otherwise
	}
	return s
}

// finish faults what nobody read and returns all faults in the order of the file, missing keys last.
func (d *document) finish() error {
	for table, line := range d.tables {
		if _, ok := d.known[table]; !ok {
			d.errs = append(d.errs, &Error{File: d.file, Line: line, Key: "[" + table + "]",
				Want: unknown("table", table, sorted(d.known))})
		}
	}
	for name, i := range d.loose {
		if _, ok := d.known[name]; ok {
			d.fail(name, i, "want a table")
		} else {
			d.fail(name, i, unknown("key", name, sorted(d.known)))
		}
	}
	for key, i := range d.items {
		table, name, _ := strings.Cut(key, ".")
		if names, ok := d.known[table]; ok && !slices.Contains(names, name) {
			d.fail(key, i, unknown("key", name, names))
		}
	}
	slices.SortFunc(d.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(lineOrLast(a), lineOrLast(b)), cmp.Compare(a.Key, b.Key))
	})
	errs := make([]error, len(d.errs))
	for i, err := range d.errs {
		errs[i] = err
	}
	return errors.Join(errs...)
}

func lineOrLast(e *Error) int {
	if e.Line == 0 {
		return 1 << 30
	}
	return e.Line
}

func unknown(what, name string, known []string) string {
	s := fmt.Sprintf("unknown %s; want %s", what, alternatives(known))
	if close := near(name, known); len(close) > 0 {
		s += fmt.Sprintf(" (did you mean %s?)", alternatives(close))
	}
	return s
}

// show prints a value as TOML would, with composites left out.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case map[string]any:
		return "{...}"
	case []any, []map[string]any:
		return "[...]"
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".ein") {
			s += ".0" // keeps a float apart from the integer it may have been meant as
		}
		return s
	}
	return fmt.Sprint(v)
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func quote(names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return quoted
}

// alternatives joins names as "a, b or c".
func alternatives(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
