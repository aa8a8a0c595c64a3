package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/sim"
)

type proveCmd struct {
	netlistFlags
	Config  string `arg:"" help:"Preset, accumulator format or TOML file."`
	Vectors int    `default:"10000000" placeholder:"N" help:"Vectors of the sample where the inputs are too many to prove (${default})."`
	Seed    uint64 `default:"1" placeholder:"S" help:"Seed of the sample (${default})."`
	Format  string `enum:"table,json" default:"table" placeholder:"FORMAT" help:"Output format: ${enum}."`
}

func (c *proveCmd) Run(w *world) error {
	if err := positive("vectors", c.Vectors); err != nil {
		return err
	}
	circuit, err := load(c.Config)
	if err != nil {
		return err
	}
	var p *proof
	switch {
	case c.netlistFlags.given():
		p, err = w.proveMapped(circuit, c.netlistFlags, c.Vectors, c.Seed)
	case c.Liberty != "":
		err = fmt.Errorf("--liberty %s: goes with --netlist or --mapped", c.Liberty)
	default:
		p, err = w.prove(circuit, c.Vectors, c.Seed)
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		if err := printJSON(w.stdout, p); err != nil {
			return err
		}
	} else {
		p.print(w.stdout)
	}
	return p.verdict()
}

// proof is what "prove --format json" prints: a proof, or a sample where the inputs are too many for one.
type proof struct {
	Configuration string       `json:"configuration"`
	Hash          string       `json:"hash"`
	Exhaustive    bool         `json:"exhaustive"` // false: a sample, which proves nothing
	InputBits     int          `json:"input_bits"`
	Cases         uint64       `json:"cases"`            // compared
	Seed          uint64       `json:"seed,omitempty"`   // of a sample
	Strata        string       `json:"strata,omitempty"` // of a sample: shares in 64ths
	Offset        *int         `json:"offset,omitempty"` // of a circuit with the offset as a port: held at this, in a sample for half of the vectors
	Latency       int          `json:"latency"`
	Workers       int          `json:"workers"`
	Seconds       float64      `json:"seconds"`
	Counter       *counterCase `json:"counterexample,omitempty"`
	Netlist       *netlistInfo `json:"netlist,omitempty"`     // whose gates they are; without: the description's
	Equivalence   *equivalence `json:"equivalence,omitempty"` // of netlist and description
}

// counterCase is a case in which the gates and the numerics differ.
type counterCase struct {
	Case    uint64        `json:"case"` // number of the case, or position in the sample
	Inputs  []decodedWord `json:"inputs"`
	Product float64       `json:"product"` // Q_prod(w*x)
	Got     []decodedWord `json:"got"`
	Want    []decodedWord `json:"want"`
}

// newProof is the proof of a circuit, not begun yet.
func newProof(c *circuit) *proof {
	spec := c.Params.Spec
	p := &proof{Configuration: c.Name, Hash: c.options().Hash, InputBits: spec.InputBits() + spec.RandomBits,
		Latency: c.Params.Arch.Pipeline, Workers: runtime.GOMAXPROCS(0)}
	p.Exhaustive = p.InputBits <= sim.MaxProofBits
	if c.Params.Arch.Bias == gen.BiasPort {
		offset := spec.Offset()
		p.Offset = &offset
	}
	return p
}

// prove compares a circuit, lowered to gates, with the numerics: on every input if they have at most
// [sim.MaxProofBits] bits, else on n stratified vectors.
func (w *world) prove(c *circuit, n int, seed uint64) (*proof, error) {
	p := newProof(c)
	return p, w.proveGates(p, c, rtl.Lower(c.design), n, seed)
}

// proveGates is prove for gates of the circuit.
func (w *world) proveGates(p *proof, c *circuit, netlist *rtl.Netlist, n int, seed uint64) error {
	s, err := c.stimulus(seed)
	if err != nil {
		return err
	}
	fixed := map[string]uint64{}
	for i, word := range s.words(vectors.Vector{Offset: c.Params.Spec.Offset()}) {
		if name := s.inputs[i].Name; name == "offset_i" {
			fixed[name] = word
		}
	}
	total, what := uint64(n), "sample "+c.Name
	if p.Exhaustive {
		total, what = 1<<p.InputBits, "proof "+c.Name
	} else {
		p.Seed, p.Strata = seed, strata()
	}
	bar := w.progress(what, int64(total))
	defer bar.close()
	o := sim.ProofOptions{Progress: func(done, _ uint64) { bar.set(int64(done)) }}

	begun := time.Now()
	var counter *sim.Counterexample
	if p.Exhaustive {
		o.Fixed = fixed
		counter, err = sim.Prove(w.ctx, netlist, s.unit.Cases, o)
		p.Cases = total
	} else {
		words := func(yield func([]uint64) bool) {
			for v := range s.source.First(n) {
				if !yield(s.words(v)) {
					return
				}
			}
		}
		p.Cases, counter, err = sim.Check(w.ctx, netlist, words, func(in []uint64) fp.Code { return s.result(s.vector(in)) }, o)
	}
	if err != nil {
		return err
	}
	p.Seconds = time.Since(begun).Seconds()
	if counter != nil {
		p.Counter = c.counterCase(s, counter)
	}
	return nil
}

func (c *circuit) counterCase(s *stimulus, found *sim.Counterexample) *counterCase {
	k := &counterCase{Case: found.Case}
	k.Inputs, k.Got, k.Want = c.decodeAll(found.Inputs), c.decodeAll(found.Got), c.decodeAll(found.Want)
	words := make([]uint64, len(found.Inputs))
	for i, v := range found.Inputs {
		words[i] = v.Word
	}
	v := s.vector(words)
	k.Product, _ = s.source.Unit(v.Offset).Product(v.W, v.X)
	return k
}

// strata names the families of a sample with their shares.
func strata() string {
	var parts []string
	for _, s := range vectors.Strata() {
		parts = append(parts, fmt.Sprintf("%v %d/64", s, s.Share()))
	}
	return strings.Join(parts, ", ")
}

// title is what it was, in a word or two.
func (p *proof) title() string {
	if p.Exhaustive {
		return "proof"
	}
	return "sample, no proof"
}

func (p *proof) outcome() string {
	scope := "all " + grouped(int64(p.Cases), true) + " inputs"
	if p.Offset != nil {
		scope += fmt.Sprintf(" with offset_i = %d", *p.Offset)
	}
	if !p.Exhaustive {
		scope = fmt.Sprintf("%s of 2^%d inputs", grouped(int64(p.Cases), true), p.InputBits)
	}
	if p.Counter != nil {
		return fmt.Sprintf("gates and numerics differ in case %d", p.Counter.Case)
	}
	return fmt.Sprintf("gates equal the numerics on %s (%.1f s)", scope, p.Seconds)
}

func (p *proof) inWords() string { return p.title() + ": " + p.outcome() }

// scope tells what was compared, and for a sample why it is no proof.
func (p *proof) scope() string {
	var b strings.Builder
	if p.Exhaustive {
		fmt.Fprintf(&b, "Every one of the 2^%d = %s inputs, gates against the numerics, on %d cores.", p.InputBits,
			grouped(1<<p.InputBits, true), p.Workers)
	} else {
		fmt.Fprintf(&b, "%d input bits are more than the %d of which a proof can try every case. This is a stratified sample of %s "+
			"vectors, seed %d (%s): it proves nothing.", p.InputBits, sim.MaxProofBits, grouped(int64(p.Cases), true), p.Seed, p.Strata)
	}
	switch {
	case p.Offset == nil:
	case p.Exhaustive:
		fmt.Fprintf(&b, " The port offset_i was held at %d: fmaq sim drives it to other values.", *p.Offset)
	default:
		fmt.Fprintf(&b, " The port offset_i was at %d for half of them, and anywhere for the others.", *p.Offset)
	}
	if p.Latency > 0 {
		fmt.Fprintf(&b, " The pipeline of %d stages ran with bubbles and a reset, valid_o checked in every cycle.", p.Latency)
	}
	if p.Netlist != nil {
		b.WriteString(" " + p.Netlist.inWords())
	}
	return b.String()
}

func (p *proof) print(w io.Writer) {
	if e := p.Equivalence; e != nil {
		fmt.Fprintf(w, "%s: %s\n", p.Configuration, e.inWords())
		if !e.Equivalent {
			fmt.Fprintf(w, "%s\n\n%s", p.Netlist.inWords(), e.Difference.grid().text())
			return
		}
	}
	fmt.Fprintf(w, "%s: %s\n%s\n", p.Configuration, p.inWords(), p.scope())
	if p.Counter != nil {
		io.WriteString(w, "\n"+p.Counter.grid().text())
	}
}

func (p *proof) markdown() string {
	s := p.scope() + "\n\nOutcome: " + p.outcome() + ".\n"
	if p.Counter != nil {
		s += "\n" + p.Counter.grid().markdown()
	}
	return s
}

func (k *counterCase) grid() *grid {
	g := &grid{header: []string{"counterexample", "gates", "numerics"}}
	for _, i := range k.Inputs {
		g.add(i.Name, i.String(), "")
	}
	g.add("Q_prod(w*x)", "", real(k.Product))
	for i := range k.Got {
		g.add(k.Got[i].Name, k.Got[i].String(), k.Want[i].String())
	}
	return g
}

// verdict is the error of a counterexample.
func (p *proof) verdict() error {
	if p.Equivalence != nil && !p.Equivalence.Equivalent {
		return differs("%s: the netlist and the description differ", p.Configuration)
	}
	if p.Counter == nil {
		return nil
	}
	return differs("%s: the gates and the numerics differ in case %d", p.Configuration, p.Counter.Case)
}
