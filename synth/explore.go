package synth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"fmaq/gen/rtl"
	"fmaq/sim/external"
	"fmaq/verilog"
)

// attempt is a candidate with what it takes to make it.
type attempt struct {
	Candidate
	adders adders
	script script
	size   string

	mapped *mapped
	path   *Path
}

// attempts are the ways to try for a target.
func attempts(t Target) []*attempt {
	var all []*attempt
	add := func(a adders, s script, size, sized string) {
		all = append(all, &attempt{Candidate: Candidate{Script: s.name, Adders: string(a), Rounds: len(s.rounds), Sized: sized},
			adders: a, script: s, size: size})
	}
	if t.kind == "area" {
		for _, s := range areaScripts {
			add(ripple, s, "", "")
		}
		return all
	}
	for _, a := range []adders{ripple, prefix} {
		for _, s := range delayScripts {
			if t.kind == "period" {
				add(a, s, sizing(int(1000*t.period)), fmt.Sprintf("for %g ns", t.period))
			} else {
				add(a, s, sizing(0), "for speed")
			}
		}
	}
	if t.kind == "period" && !t.swept { // a lax period needs no sizing
		for _, s := range areaScripts {
			add(ripple, s, "", "")
		}
	}
	return all
}

func (f *Flow) run(ctx context.Context, d *rtl.Design, files []verilog.File, t Target) (_ *Result, err error) {
	j, err := f.newJob(d, files)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	all := attempts(t)
	fronts := map[adders]string{}
	for _, a := range all {
		if fronts[a.adders] == "" {
			if fronts[a.adders], err = j.front(ctx, a.adders, false); err != nil {
				return nil, err
			}
		}
	}
	best, err := j.explore(ctx, fronts, all, t)
	if err != nil {
		return nil, err
	}
	r := &Result{Target: t, Design: j.top, Tools: f.Tools, Library: f.Library.info(), Winner: best.Candidate, library: f.Library}
	for _, a := range all {
		r.Candidates = append(r.Candidates, a.Candidate)
	}
	if err := j.fill(ctx, r, best); err != nil {
		return nil, err
	}
	return r, j.byBlock(ctx, r, best)
}

// explore maps every attempt and returns the best one that is equivalent to its source.
func (j *job) explore(ctx context.Context, fronts map[adders]string, all []*attempt, t Target) (*attempt, error) {
	err := parallel(len(all), func(i int) error {
		a := all[i]
		order, err := j.prefixes(ctx, fronts[a.adders], a)
		if err != nil {
			return err
		}
		for _, n := range order {
			if a.mapped, err = j.abc(ctx, fronts[a.adders], a.script, n, a.size, true); err != nil {
				return err
			}
			a.Rounds, a.Equivalent = n, &a.mapped.equivalent
			if a.mapped.equivalent {
				break
			}
		}
		return j.measure(ctx, a)
	}, j.Progress)
	if err != nil {
		return nil, err
	}
	var best *attempt
	for _, a := range all {
		if a.mapped.equivalent && (best == nil || t.better(a, best)) {
			best = a
		}
	}
	if best == nil {
		return nil, external.Failed("yosys-abc", nil, "every script made a netlist that cec does not find equivalent to its source")
	}
	return best, nil
}

// prefixes are the numbers of rounds of a script, the one with the least area first.
func (j *job) prefixes(ctx context.Context, front string, a *attempt) ([]int, error) {
	if a.Rounds == 1 {
		return []int{1}, nil
	}
	m, err := j.abc(ctx, front, a.script, a.Rounds, a.size, false)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(m.areas))
	for i := range order {
		order[i] = i + 1
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(m.areas[x-1], m.areas[y-1]) })
	return order, nil
}

// better orders attempts: strictly, so that of equals the first stays.
func (t Target) better(a, b *attempt) bool {
	switch t.kind {
	case "delay":
		return a.Delay < b.Delay || a.Delay == b.Delay && a.NAND2 < b.NAND2
	case "period":
		am, bm := a.Delay <= t.period, b.Delay <= t.period
		if am != bm {
			return am
		}
		if !am {
			return a.Delay < b.Delay
		}
	}
	return a.NAND2 < b.NAND2 || a.NAND2 == b.NAND2 && a.Delay < b.Delay
}

func (j *job) measure(ctx context.Context, a *attempt) error {
	n, _, err := j.netlist(a.mapped)
	if err != nil {
		return err
	}
	_, area := n.cellCounts(j.Library)
	a.NAND2 = round(area/j.Library.NAND2.Area, 4)
	if a.path, err = j.time(ctx, a.mapped); a.path != nil {
		a.Delay = a.path.Delay
	}
	return err
}

// fill puts the best attempt into the result.
func (j *job) fill(ctx context.Context, r *Result, best *attempt) (err error) {
	if r.Netlist, r.Verilog, err = j.netlist(best.mapped); err != nil {
		return err
	}
	r.Cells, r.Area = r.Netlist.cellCounts(j.Library)
	r.NAND2 = r.Area / j.Library.NAND2.Area
	r.Path = best.path
	if r.Path != nil {
		r.Frequency = round(1000/r.Path.Delay, 3)
	}
	if r.Target.kind == "period" {
		met := r.Path == nil || r.Path.Delay <= r.Target.period
		r.Met = &met
	}
	r.energies, err = j.energies(ctx, best.mapped)
	return err
}

// byBlock maps every module by itself with the winner's script.
func (j *job) byBlock(ctx context.Context, r *Result, best *attempt) error {
	front, err := j.front(ctx, best.adders, true)
	if err != nil {
		return err
	}
	m, err := j.abc(ctx, front, best.script, best.Rounds, best.size, true)
	if err != nil {
		return err
	}
	if !m.equivalent {
		return external.Failed("yosys-abc", nil, "a block mapped by itself is not equivalent to its source")
	}
	file, err := readModules(m.dir, "mapped.json")
	if err != nil {
		return err
	}
	if r.Blocks, err = blocks(file, j.Library, j.top, j.order); err != nil {
		return err
	}
	for _, b := range r.Blocks {
		r.BlockArea += b.Area
	}
	path, err := j.time(ctx, m)
	if path != nil {
		r.BlockPath, r.BlockTime = path.crossings(j.top), path.Delay
	}
	return err
}

// parallel runs n tasks, as many at a time as there are processors, and returns the first error.
func parallel(n int, task func(int) error, progress func(done, total int)) error {
	var (
		wait  sync.WaitGroup
		mutex sync.Mutex
		first error
		next  int
		done  int
	)
	take := func() (int, bool) {
		mutex.Lock()
		defer mutex.Unlock()
		if first != nil || next == n {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				err := task(i)
				mutex.Lock()
				if first == nil {
					first = err
				}
				done++
				if progress != nil {
					progress(done, n)
				}
				mutex.Unlock()
			}
		})
	}
	wait.Wait()
	return first
}
