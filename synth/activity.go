package synth

import (
	"fmt"
	"math/bits"
	"slices"
)

// Stimulus is what stands at a design's inputs, cycle by cycle.
type Stimulus struct {
	Source string            // in words: what a figure of power is to be shown with
	Inputs []string          // ports
	Rows   [][]uint64        // a word for each of Inputs, a row a cycle
	Fixed  map[string]uint64 // inputs that keep one value, such as valid_i
}

// toggles simulates a netlist without delays and returns the transitions of each cell's outputs from cycle to cycle, on
// average over the outputs. Without delays there are no glitches. Clocks are no signals here: they reach flip-flops only,
// whose energy for them is counted apart. Flip-flops start at 0, and there may be no feedback.
//
// observe, if not nil, sees up to 64 cycles of all nets at a time.
func (n *Netlist) toggles(l *Library, s Stimulus, observe func(from, cycles int, value []uint64)) ([]float64, error) {
	order, err := n.order(l)
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range s.Inputs {
		column[name] = i
	}
	clocks := n.clocks(l)
	for _, p := range n.Inputs {
		_, fixed := s.Fixed[p.Name]
		if _, ok := column[p.Name]; !ok && !fixed && !(len(p.Bits) == 1 && clocks[p.Bits[0]]) {
			return nil, fmt.Errorf("activity from %s has no input %s", s.Source, p.Name)
		}
	}
	// Each word holds 64 cycles of a net, the first of them lowest.
	value := make([]uint64, n.Nets)
	value[1] = ^uint64(0)
	last := make([]uint64, n.Nets)        // the cycle before the word, in bit 0
	state := make([]uint64, len(n.Cells)) // what flip-flops take over from it
	total := make([]float64, len(n.Cells))
	for from := 0; from < len(s.Rows); from += 64 {
		rows := s.Rows[from:min(from+64, len(s.Rows))]
		valid := ^uint64(0) >> (64 - len(rows))
		for _, p := range n.Inputs {
			for i, net := range p.Bits {
				var word uint64
				if at, ok := column[p.Name]; ok {
					for k, row := range rows {
						word |= row[at] >> i & 1 << k
					}
				} else {
					word = -(s.Fixed[p.Name] >> i & 1)
				}
				value[net] = word
			}
		}
		for _, i := range order {
			c := &n.Cells[i]
			cell := l.Cells[c.Cell]
			pin := func(name string) uint64 { return value[c.Pins[name]] }
			if f := cell.Flop; f != nil {
				next := f.Next.Eval(pin)
				q := next<<1 | state[i]
				state[i] = next >> (len(rows) - 1) & 1
				pin = func(name string) uint64 {
					if name == f.Inverse {
						return ^q
					}
					return q
				}
			}
			changes, outputs := 0, 0
			for _, o := range cell.Outputs {
				net, ok := c.Pins[o.Pin]
				if !ok {
					continue
				}
				v := o.Function.Eval(pin)
				moved := (v ^ (v<<1 | last[net])) & valid
				if from == 0 {
					moved &^= 1
				}
				changes += bits.OnesCount64(moved)
				outputs++
				value[net], last[net] = v, v>>(len(rows)-1)&1
			}
			total[i] += float64(changes) / float64(max(outputs, 1))
		}
		if observe != nil {
			observe(from, len(rows), value)
		}
	}
	return total, nil
}

// clocks are the nets that clock flip-flops.
func (n *Netlist) clocks(l *Library) map[Net]bool {
	all := map[Net]bool{}
	for _, c := range n.Cells {
		if f := l.Cells[c.Cell].Flop; f != nil {
			if net, ok := c.Pins[f.Clock.Pin()]; ok {
				all[net] = true
			}
		}
	}
	return all
}

// order sorts the cells so that each comes after those it reads, flip-flops too.
func (n *Netlist) order(l *Library) ([]int, error) {
	driver := map[Net]int{}
	for i, c := range n.Cells {
		cell := l.Cells[c.Cell]
		if cell.Refused != nil {
			return nil, fmt.Errorf("cell %s is not simulated: %w", c.Name, cell.Refused)
		}
		if f := cell.Flop; f != nil && (f.Clear != nil || f.Preset != nil) {
			return nil, fmt.Errorf("cell %s is a %s, with clear or preset: not simulated", c.Name, c.Cell)
		}
		for _, o := range cell.Outputs {
			if net, ok := c.Pins[o.Pin]; ok {
				driver[net] = i
			}
		}
	}
	var (
		order []int
		mark  = make([]byte, len(n.Cells)) // 1: on the way, 2: done
		visit func(i int) error
	)
	visit = func(i int) error {
		switch mark[i] {
		case 1:
			return fmt.Errorf("cell %s is part of a loop", n.Cells[i].Name)
		case 2:
			return nil
		}
		mark[i] = 1
		for _, pin := range l.Cells[n.Cells[i].Cell].Inputs {
			if from, ok := driver[n.Cells[i].Pins[pin]]; ok {
				if err := visit(from); err != nil {
					return err
				}
			}
		}
		mark[i] = 2
		order = append(order, i)
		return nil
	}
	for i := range n.Cells {
		if err := visit(i); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// Power is what a netlist takes under some activity.
type Power struct {
	Source    string  `json:"activity"` // what the activity comes from
	Cycles    int     `json:"cycles"`
	Frequency float64 `json:"frequency_mhz"`
	Toggles   float64 `json:"toggles_per_cell"`    // transitions of a cell's output a cycle, on average
	Energy    float64 `json:"energy_fj_per_cycle"` // dynamic
	Dynamic   float64 `json:"dynamic_uw"`
	Leakage   float64 `json:"leakage_nw"`
}

// Power applies a stimulus, at a frequency in MHz: how often each cell's output moves times its energy for that, and what
// clocks and leakage take. The nets of the inputs are their drivers' to move. The error names an input that the
// stimulus lacks, or a cell that cannot be simulated.
func (r *Result) Power(s Stimulus, mhz float64) (*Power, error) {
	if len(s.Rows) < 2 {
		return nil, fmt.Errorf("activity from %s: %d cycles: want 2 or more", s.Source, len(s.Rows))
	}
	if i := slices.IndexFunc(s.Rows, func(row []uint64) bool { return len(row) != len(s.Inputs) }); i >= 0 {
		return nil, fmt.Errorf("activity from %s: row %d has %d words: want %d", s.Source, i, len(s.Rows[i]), len(s.Inputs))
	}
	toggles, err := r.Netlist.toggles(r.library, s, nil)
	if err != nil {
		return nil, err
	}
	steps := float64(len(s.Rows) - 1)
	p := &Power{Source: s.Source, Cycles: len(s.Rows), Frequency: mhz}
	for i, c := range r.Netlist.Cells {
		e, ok := r.energies[c.Name]
		if !ok {
			return nil, fmt.Errorf("OpenSTA gave no energy for cell %s", c.Name)
		}
		rate := toggles[i] / steps
		p.Toggles += rate / float64(len(r.Netlist.Cells))
		p.Energy += rate*e.Toggle + e.Clock
		p.Leakage += e.Leakage
	}
	p.Dynamic = round(p.Energy*mhz*1e-3, 6) // fJ * MHz = nW
	p.Toggles, p.Energy, p.Leakage = round(p.Toggles, 6), round(p.Energy, 4), round(p.Leakage, 6)
	return p, nil
}
