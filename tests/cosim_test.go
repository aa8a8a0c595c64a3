package tests

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"fmaq/config"
	"fmaq/fp"
	"fmaq/fp/vectors"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/sim"
	"fmaq/verilog"
)

// vectorsEach is how many vectors each configuration gets here; the nightly amount is fmaq sim's.
const vectorsEach = 3000

// The presets of different circuits and ten random legal configurations, combinational and in every pipeline: Icarus, the
// cycle model and the numerics agree in every bit.
func TestVerilogModelAndNumericsAgree(t *testing.T) {
	for _, name := range []string{"m7e4", "fp16", "fp32", "bf16", "m4e3"} {
		c, err := config.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, stages := range []int{0, 3} {
			p := c.Params
			p.Arch.Pipeline = stages
			t.Run(fmt.Sprintf("%s/%d", name, stages), func(t *testing.T) { agree(t, p) })
		}
	}
	const seed = 2024
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 10 {
		p := randomParams(r)
		for _, stages := range []int{0, 1 + i%gen.MaxPipeline} {
			p.Arch.Pipeline = stages
			t.Run(fmt.Sprintf("random%d/%d", i, stages), func(t *testing.T) {
				t.Logf("seed %d, configuration:\n%s", seed, config.Canonical(p))
				agree(t, p)
			})
		}
	}
}

// randomParams draws every parameter, small mantissas often, biases about the defaults.
func randomParams(r *rand.Rand) gen.Params {
	mantissa := func(most int) int {
		if r.IntN(2) == 0 {
			return r.IntN(4)
		}
		return r.IntN(most + 1)
	}
	operand := fp.Format{Mantissa: mantissa(10), Exponent: fp.MinExponent + r.IntN(4)}
	accumulator := fp.Format{Mantissa: mantissa(fp.MaxMantissa), Exponent: fp.MinExponent + r.IntN(fp.MaxExponent-fp.MinExponent+1)}
	p := gen.NewParams(fp.NewSpec(operand, accumulator))
	s := &p.Spec
	for _, bias := range []*int{&s.Weight.Bias, &s.Activation.Bias, &s.Product.Bias, &s.Accumulator.Bias} {
		*bias += r.IntN(9) - 4
	}
	s.Rounding = fp.Rounding(r.IntN(3))
	if s.Rounding == fp.Stochastic {
		s.RandomBits = 1 + r.IntN(10)
	}
	s.Zero = fp.Zero(r.IntN(2))
	s.Align = fp.Align(r.IntN(2))
	p.Arch.Bias = gen.Bias(r.IntN(2))
	return p
}

// subject is what a configuration is tested with: its circuit, driven, and vectors with what the numerics make of them.
func subject(t *testing.T, p gen.Params, seed uint64) (*driver, *vectors.Source) {
	t.Helper()
	d, err := gen.Build(p)
	if err != nil {
		t.Fatal(err)
	}
	source, err := vectors.New(p.Spec, seed)
	if p.Arch.Bias == gen.BiasPort {
		source, err = vectors.NewPort(p.Spec, seed, p.OffsetWidth())
	}
	if err != nil {
		t.Fatal(err)
	}
	return newDriver(t, d), source
}

func agree(t *testing.T, p gen.Params) {
	t.Parallel()
	drive, source := subject(t, p, 1)
	for v := range source.First(vectorsEach) {
		want := source.Result(v)
		if got := drive.run(v); got != want {
			t.Fatalf("%s: w %#x, x %#x, a %#x, r %#x: %#x, want %#x", v.Stratum, v.W, v.X, v.A, v.R, got, want)
		}
	}
	drive.cosimulate(source.First(vectorsEach))
}

// driver runs vectors through a circuit, in Go one at a time and in Icarus in one go.
type driver struct {
	t      *testing.T
	design *rtl.Design
	model  *sim.Model
	face   verilog.Interface
	in     []uint64
	out    []uint64
	place  map[string]int
	result int
}

func newDriver(t *testing.T, d *rtl.Design) *driver {
	t.Helper()
	m, err := sim.NewModel(d)
	if err != nil {
		t.Fatal(err)
	}
	r := &driver{t: t, design: d, model: m, face: verilog.NewInterface(d), in: make([]uint64, len(m.Inputs())),
		out: make([]uint64, len(m.Outputs())), place: map[string]int{}}
	for i, port := range m.Inputs() {
		r.place[port.Name] = i
		if port.Name == "rst_ni" || port.Name == verilog.ValidIn {
			r.in[i] = 1
		}
	}
	for i, port := range m.Outputs() {
		if port.Name == "acc_o" {
			r.result = i
		}
	}
	return r
}

// words are the data inputs of a vector, as the design's interface orders them.
func (r *driver) words(v vectors.Vector) []uint64 {
	var words []uint64
	for _, n := range r.face.Inputs {
		all := map[string]uint64{"w_i": uint64(v.W), "x_i": uint64(v.X), "acc_i": uint64(v.A), "rnd_i": uint64(v.R),
			"offset_i": uint64(v.Offset) & (1<<n.Width - 1)}
		word, ok := all[n.Name]
		if !ok {
			r.t.Fatalf("no word for input %s", n.Name)
		}
		words = append(words, word)
	}
	return words
}

// run gives the result of one vector, held at the inputs until it comes out.
func (r *driver) run(v vectors.Vector) fp.Code {
	for i, word := range r.words(v) {
		r.in[r.place[r.face.Inputs[i].Name]] = word
	}
	for range r.face.Latency + 1 {
		r.model.Cycle(r.in, r.out)
	}
	return fp.Code(r.out[r.result])
}

// cosimulate fails unless Icarus agrees with the cycle model on every vector.
func (r *driver) cosimulate(all iter.Seq[vectors.Vector]) {
	r.t.Helper()
	report, err := sim.Cosimulate(context.Background(), r.design, sim.Options{}, func(yield func([]uint64) bool) {
		for v := range all {
			if !yield(r.words(v)) {
				return
			}
		}
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if report.Mismatch != nil {
		r.t.Fatalf("%d mismatches, the first: %+v", report.Mismatches, report.Mismatch)
	}
}
