package synth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"fmaq/gen/rtl"
	"fmaq/sim/external"
	"fmaq/verilog"
)

// Flow maps designs to a library.
type Flow struct {
	Library *Library
	Tools   ToolVersions
	Cache   *Cache // nil: none

	// Progress, if not nil, is called as candidates finish, one call at a time.
	Progress func(done, total int)
}

// NewFlow finds the tools. The error is an [external.MissingToolError] for the first that is not there, or an
// [external.ToolError].
func NewFlow(ctx context.Context, l *Library) (*Flow, error) {
	if err := external.Find(yosysTool, abcTool, staTool); err != nil {
		return nil, err
	}
	v, err := versions(ctx)
	return &Flow{Library: l, Tools: v}, err
}

// Run maps a design for a target and times it. Errors are an [external.ToolError], the context's, and those of files.
func (f *Flow) Run(ctx context.Context, d *rtl.Design, t Target) (*Result, error) {
	files, err := verilog.RTL(d, verilog.Options{})
	if err != nil {
		return nil, err
	}
	key := f.key(d.Top.Name, files, t)
	if r := f.Cache.load(key); r != nil {
		r.Cached = true
		r.library = f.Library
		return r, nil
	}
	r, err := f.run(ctx, d, files, t)
	if err != nil {
		return nil, err
	}
	return r, f.Cache.store(key, r)
}

// job is a design on its way through the tools, in a directory of its own.
type job struct {
	*Flow
	dir   string
	top   string
	clock string
	files []string
	order []string // instances of the top, in the order of the data flow
}

func (f *Flow) newJob(d *rtl.Design, files []verilog.File) (j *job, err error) {
	j = &job{Flow: f, top: d.Top.Name}
	if d.Top.Clock != nil {
		j.clock = d.Top.Clock.Name
	}
	for _, c := range d.Top.Cells {
		if c.Kind == rtl.Instance {
			j.order = append(j.order, c.Name)
		}
	}
	if j.dir, err = os.MkdirTemp("", "fmaq-synth-*"); err != nil {
		return nil, err
	}
	write := func(name string, data []byte) {
		err = errors.Join(err, os.WriteFile(filepath.Join(j.dir, name), data, 0o666))
	}
	for _, v := range files {
		name := filepath.Base(v.Path)
		j.files = append(j.files, "../"+name)
		write(name, v.Data)
	}
	for _, name := range techmapNames {
		data, readErr := techmaps.ReadFile("techmap/" + name)
		err = errors.Join(err, readErr)
		write(name, data)
	}
	if err != nil {
		return nil, errors.Join(err, j.close())
	}
	return j, nil
}

func (j *job) close() error { return os.RemoveAll(j.dir) }

// liberty is the library's path from anywhere.
func (j *job) liberty() (string, error) { return filepath.Abs(j.Library.File) }

// front runs a front end in a folder of its own and returns that.
func (j *job) front(ctx context.Context, a adders, keep bool) (string, error) {
	dir := filepath.Join(j.dir, fmt.Sprintf("%s-%v", a, keep))
	if err := os.Mkdir(dir, 0o777); err != nil {
		return "", err
	}
	for _, name := range techmapNames {
		if err := os.Symlink(filepath.Join(j.dir, name), filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	liberty, err := j.liberty()
	if err != nil {
		return "", err
	}
	_, err = yosys(ctx, dir, frontEnd(j.files, j.top, a, keep, j.clock != "", liberty))
	return dir, err
}

// mapped is a netlist in files, and what the log says of its making.
type mapped struct {
	dir        string    // with mapped.json and mapped.v
	areas      []float64 // after each round, before sizing, of all modules together
	equivalent bool      // checked, and so
}

var (
	totalLine = regexp.MustCompile(`(?m)^ABC: TOTAL .*Area = +([0-9.]+)`)
	abcRun    = regexp.MustCompile(`(?m)^ABC: \+ read_blif `)
	abcEqual  = regexp.MustCompile(`(?m)^ABC: Networks are equivalent`)
)

// abc maps what a front end made, by the first n rounds of a script.
func (j *job) abc(ctx context.Context, front string, s script, n int, size string, check bool) (*mapped, error) {
	dir, err := os.MkdirTemp(front, "abc-*")
	if err != nil {
		return nil, err
	}
	liberty, err := j.liberty()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "script.abc")
	if err := os.WriteFile(file, []byte(s.abcScript(dir, n, size, check)), 0o666); err != nil {
		return nil, err
	}
	log, err := yosys(ctx, dir, mapping(liberty, file))
	if err != nil {
		return nil, err
	}
	m := &mapped{dir: dir, areas: make([]float64, n)}
	for i, match := range totalLine.FindAllStringSubmatch(log, -1) {
		area, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			return nil, external.Failed("yosys-abc", err, match[0])
		}
		m.areas[i%n] += area
	}
	m.equivalent = check && len(abcEqual.FindAllString(log, -1)) == len(abcRun.FindAllString(log, -1))
	return m, nil
}

// netlist reads the flat netlist, and its Verilog.
func (j *job) netlist(m *mapped) (*Netlist, string, error) {
	file, err := readModules(m.dir, "mapped.json")
	if err != nil {
		return nil, "", err
	}
	top, err := file.Module(j.top)
	if err != nil {
		return nil, "", external.Failed("yosys", nil, err.Error())
	}
	n, err := newNetlist(top, j.Library)
	if err != nil {
		return nil, "", external.Failed("yosys", nil, err.Error())
	}
	text, err := os.ReadFile(filepath.Join(m.dir, "mapped.v"))
	return n, string(text), err
}
