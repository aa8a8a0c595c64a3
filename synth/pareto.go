package synth

import (
	"cmp"
	"slices"
)

// Point is a place on the front of area over delay: no candidate is both smaller and faster.
type Point struct {
	Delay     float64   `json:"delay_ns"`
	NAND2     float64   `json:"nand2"` // equivalents
	Candidate Candidate `json:"candidate"`
}

// paretoSteps is how many delay targets a sweep tries between the fastest netlist and the smallest.
const paretoSteps = 4

// Pareto maps a design for area, for delay and for periods between, and returns the front of all candidates by delay.
// What run maps is up to the caller; r may be one of the results already.
func (f *Flow) Pareto(r *Result, run func(Target) (*Result, error)) ([]Point, error) {
	seen := slices.Clone(r.Candidates)
	ends := [2]*Result{}
	for i, t := range []Target{Delay(), Area()} {
		e, err := run(t)
		if err != nil {
			return nil, err
		}
		ends[i] = e
		seen = append(seen, e.Candidates...)
	}
	if ends[0].Path != nil && ends[1].Path != nil {
		fast, slow := ends[0].Path.Delay, ends[1].Path.Delay
		for i := 1; i < paretoSteps; i++ {
			t := Period(round(fast+(slow-fast)*float64(i)/paretoSteps, 2))
			t.swept = true
			e, err := run(t)
			if err != nil {
				return nil, err
			}
			seen = append(seen, e.Candidates...)
		}
	}
	return front(seen), nil
}

func front(all []Candidate) []Point {
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Delay, b.Delay), cmp.Compare(a.NAND2, b.NAND2))
	})
	var points []Point
	for _, c := range all {
		if c.Equivalent == nil || !*c.Equivalent {
			continue
		}
		if len(points) == 0 || c.NAND2 < points[len(points)-1].NAND2 {
			points = append(points, Point{c.Delay, c.NAND2, c})
		}
	}
	return points
}
