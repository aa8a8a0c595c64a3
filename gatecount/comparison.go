// Package gatecount tallies the gates of a FMAq block by block, in two ways that answer different questions and are
// shown side by side, never mixed: [Model], the paper's analytic model, and [Structure], the gates of the circuit that
// is really emitted. Both weigh gates alike; what synthesis makes of the circuit is package synth's to say.
package gatecount

import (
	"errors"
	"fmt"
	"slices"

	"fmaq/fp"
	"fmaq/gen/rtl"
)

// Weights of gates, in two-input gates.
const (
	And       = 1
	Or        = 1
	Xor       = 3
	Mux       = 3                    // two inputs and a select
	HalfAdder = Xor + And            // 4
	FullAdder = 2*Xor + 2*And + 1*Or // 9
)

// Configuration is a circuit to tally.
type Configuration struct {
	Name    string // such as "m7e4", unique among those compared
	Spec    fp.Spec
	Netlist *rtl.Netlist // may be nil: the model alone
}

// Comparison holds the tallies of several configurations.
type Comparison struct {
	Note    string  `json:"note"` // what the model's figures are: [Reconstruction]
	Entries []Entry `json:"configurations"`
}

// Entry is one configuration's tallies. The blocks of model and structure stand in the order of the data flow but do not
// correspond name by name: the circuit cuts its blocks its own way.
type Entry struct {
	Name        string     `json:"name"`
	Operands    string     `json:"operands"`    // format name
	Accumulator string     `json:"accumulator"` // format name of product and accumulator
	Model       Model      `json:"model"`
	Structure   *Structure `json:"structure,omitempty"`
	Ratios      []Ratio    `json:"ratios,omitempty"` // to each reference, in their order
}

// Ratio is a configuration's gates over a reference's.
type Ratio struct {
	To        string   `json:"to"`
	Model     float64  `json:"model"`
	Structure *float64 `json:"structure,omitempty"` // where both have one
}

// Compare tallies configurations and sets each against the references, which are names among them. The error names every
// repeated name, every reference that is not there, and every specification that is not valid.
func Compare(configurations []Configuration, references ...string) (Comparison, error) {
	var errs []error
	byName := map[string]int{}
	result := Comparison{Note: Reconstruction}
	for i, c := range configurations {
		if _, ok := byName[c.Name]; ok {
			errs = append(errs, fmt.Errorf("configuration %q stands twice", c.Name))
		}
		byName[c.Name] = i
		if err := c.Spec.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("configuration %q: %w", c.Name, err))
			continue
		}
		e := Entry{Name: c.Name, Operands: c.Spec.Weight.String(), Accumulator: c.Spec.Accumulator.String(), Model: NewModel(c.Spec)}
		if c.Netlist != nil {
			s := NewStructure(c.Netlist)
			e.Structure = &s
		}
		result.Entries = append(result.Entries, e)
	}
	for i, r := range references {
		if _, ok := byName[r]; !ok {
			errs = append(errs, fmt.Errorf("reference %q is not among the configurations", r))
		}
		if slices.Contains(references[:i], r) {
			errs = append(errs, fmt.Errorf("reference %q stands twice", r))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Comparison{}, err
	}
	for i := range result.Entries {
		e := &result.Entries[i]
		for _, r := range references {
			e.Ratios = append(e.Ratios, ratio(e, &result.Entries[byName[r]]))
		}
	}
	return result, nil
}

func ratio(e, reference *Entry) Ratio {
	r := Ratio{To: reference.Name, Model: float64(e.Model.Total) / float64(reference.Model.Total)}
	if e.Structure != nil && reference.Structure != nil && reference.Structure.Total.Gates > 0 {
		v := float64(e.Structure.Total.Gates) / float64(reference.Structure.Total.Gates)
		r.Structure = &v
	}
	return r
}
