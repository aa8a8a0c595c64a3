package gen

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"fmaq/fp"
)

// triples yields every (w, x, a) if there are at most limit, else limit of them drawn at random, with accumulators near
// the cancelling product half of the time.
func triples(s fp.Spec, limit int, rng *rand.Rand, yield func(w, x, a fp.Code)) {
	wBits, aBits := s.Weight.Width(), s.Accumulator.Width()
	if n := s.InputBits(); n < 40 && 1<<n <= limit {
		for i := range 1 << n {
			yield(fp.Code(i)&s.Weight.Mask(), fp.Code(i>>wBits)&s.Activation.Mask(), fp.Code(i>>(2*wBits))&s.Accumulator.Mask())
		}
		return
	}
	u, err := fp.New(s)
	if err != nil {
		panic(err)
	}
	for range limit {
		w, x := fp.Code(rng.Uint32())&s.Weight.Mask(), fp.Code(rng.Uint32())&s.Activation.Mask()
		a := fp.Code(rng.Uint32()) & s.Accumulator.Mask()
		if rng.IntN(2) == 0 {
			a = u.FMAq(w, x, 0) ^ 1<<(aBits-1)
			a = (a + fp.Code(rng.IntN(9)) - 4) & s.Accumulator.Mask()
			if rng.IntN(2) == 0 {
				a ^= 1 << rng.IntN(aBits)
			}
		}
		yield(w, x, a)
	}
}

// requireEqual holds the circuit of p against fp.
func requireEqual(t *testing.T, p Params, limit int, seed uint64) {
	t.Helper()
	d, err := Build(p)
	require.NoError(t, err)
	u, err := fp.New(p.Spec)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 1))
	in := make([]uint64, len(d.Top.Inputs))
	port := map[string]int{}
	for i, n := range d.Top.Inputs {
		port[n.Name] = i
	}
	set := func(name string, v uint64) {
		if i, ok := port[name]; ok {
			in[i] = v
		}
	}
	set("rst_ni", 1)
	set("valid_i", 1)
	set("offset_i", uint64(p.Spec.Offset())&(1<<p.OffsetWidth()-1))
	specified := u
	triples(p.Spec, limit, rng, func(w, x, a fp.Code) {
		r := rng.Uint32() & (1<<p.Spec.RandomBits - 1)
		if p.Arch.Bias == BiasPort {
			// Any offset that the port takes, as if the weights' bias were another.
			s := p.Spec
			offset := rng.IntN(1<<p.OffsetWidth()) - 1<<(p.OffsetWidth()-1)
			s.Weight.Bias += offset - s.Offset()
			if u, err = fp.New(s); err != nil || rng.IntN(2) == 0 {
				u, offset = specified, p.Spec.Offset()
			}
			set("offset_i", uint64(offset)&(1<<p.OffsetWidth()-1))
		}
		set("w_i", uint64(w))
		set("x_i", uint64(x))
		set("acc_i", uint64(a))
		set("rnd_i", uint64(r))
		out := evaluate(d.Top, in)
		got := fp.Code(out[len(out)-1])
		if want := u.FMAqRandom(w, x, a, r); got != want {
			t.Fatalf("%+v seed %d: w %#x x %#x a %#x r %#x: got %#x (%g), want %#x (%g); product %v", p, seed, w, x, a, r,
				got, p.Spec.Accumulator.Decode(got, p.Spec.Zero), want, p.Spec.Accumulator.Decode(want, p.Spec.Zero),
				func() float64 { v, _ := u.Product(w, x); return v }())
		}
	})
}

func spec(m, e, M, E int) fp.Spec {
	return fp.NewSpec(fp.Format{Mantissa: m, Exponent: e}, fp.Format{Mantissa: M, Exponent: E})
}

func TestDefaults(t *testing.T) {
	for _, f := range [][2]int{{7, 4}, {10, 5}, {23, 8}, {7, 8}, {4, 3}, {6, 5}, {0, 2}, {1, 2}, {23, 2}} {
		for pipeline := range MaxPipeline + 1 {
			for _, bias := range []Bias{BiasFixed, BiasPort} {
				p := NewParams(spec(4, 3, f[0], f[1]))
				p.Arch = Arch{Pipeline: pipeline, Bias: bias}
				t.Run(fmt.Sprintf("M%dE%d/pipeline=%d/bias=%v", f[0], f[1], pipeline, bias), func(t *testing.T) {
					requireEqual(t, p, 4000, 1)
				})
			}
		}
	}
}

// randomParams draws legal parameters of every kind, small formats and odd biases often among them.
func randomParams(rng *rand.Rand) Params {
	pick := func(low, high, small int) int {
		if rng.IntN(2) == 0 {
			return low + rng.IntN(small-low+1)
		}
		return low + rng.IntN(high-low+1)
	}
	s := spec(pick(0, fp.MaxMantissa, 3), pick(fp.MinExponent, fp.MaxExponent, 3), pick(0, fp.MaxMantissa, 5), pick(fp.MinExponent, fp.MaxExponent, 4))
	s.Zero = fp.Zero(rng.IntN(2))
	s.Align = fp.Align(rng.IntN(2))
	s.Rounding = fp.Rounding(max(0, rng.IntN(5)-2))
	if s.Rounding == fp.Stochastic {
		s.RandomBits = pick(1, fp.MaxRandomBits, 4)
	}
	spread := []int{0, 3, 40, 600}[rng.IntN(4)]
	move := func(f *fp.Format) {
		f.Bias = min(max(f.Bias+rng.IntN(2*spread+1)-spread, f.MinBias()), fp.MaxBias)
	}
	move(&s.Weight)
	move(&s.Activation)
	move(&s.Product)
	move(&s.Accumulator)
	p := NewParams(s)
	p.Arch.Pipeline = rng.IntN(MaxPipeline + 1)
	if lim := 1 << (p.OffsetWidth() - 1); s.Offset() >= -lim && s.Offset() < lim {
		p.Arch.Bias = Bias(rng.IntN(2))
	}
	return p
}

func TestRandomParams(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 1000 {
		requireEqual(t, randomParams(rng), 600, uint64(i))
	}
}

func TestSmallExhaustive(t *testing.T) {
	for m := range 3 {
		for M := range 5 {
			for _, zero := range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
				for _, align := range []fp.Align{fp.AlignExact, fp.AlignLazy} {
					for offset := -4; offset <= 4; offset += 2 {
						for shift := -3; shift <= 3; shift += 3 {
							s := spec(m, 2, M, 2)
							s.Zero, s.Align = zero, align
							s.Product.Bias = s.Weight.Bias + s.Activation.Bias - offset
							s.Accumulator.Bias = s.Product.Bias - shift
							if s.InputBits() <= 13 {
								requireEqual(t, NewParams(s), 1<<13, 1)
							}
						}
					}
				}
			}
		}
	}
}
