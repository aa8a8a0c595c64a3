package fp_test

import (
	"flag"
	"fmt"
	"math/big"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
)

// What the tests of this package share: the sets of specifications, and the comparison with package exact.

var seed = flag.Uint64("seed", 1, "seed of the random tests")

// source returns the random source of one named part of a test, and prints the seed if the test fails.
func source(t *testing.T, part int) *rand.Rand {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run again with: go test ./fp -run '^%s$' -seed %d", t.Name(), *seed)
		}
	})
	return rand.New(rand.NewPCG(*seed, uint64(part)))
}

// formats returns every format of a width, with the default bias.
func formats(width int) []fp.Format {
	var all []fp.Format
	for e := fp.MinExponent; e <= fp.MaxExponent; e++ {
		if m := width - 1 - e; m >= 0 && m <= fp.MaxMantissa {
			all = append(all, fp.Format{Mantissa: m, Exponent: e, Bias: fp.DefaultBias(e)})
		}
	}
	return all
}

func format(t testing.TB, name string) fp.Format {
	f, err := fp.ParseFormat(name)
	require.NoError(t, err)
	return f
}

// switches returns every combination of the given roundings with both zero codes and both alignments. A rounding is a
// specification with only Rounding and RandomBits.
func switches(roundings ...fp.Spec) []fp.Spec {
	var all []fp.Spec
	for _, r := range roundings {
		for _, r.Zero = range []fp.Zero{fp.ZeroCode, fp.ZeroExponent} {
			for _, r.Align = range []fp.Align{fp.AlignExact, fp.AlignLazy} {
				all = append(all, r)
			}
		}
	}
	return all
}

var (
	truncate    = fp.Spec{Rounding: fp.Truncate}
	nearestEven = fp.Spec{Rounding: fp.NearestEven}
)

func stochastic(k int) fp.Spec { return fp.Spec{Rounding: fp.Stochastic, RandomBits: k} }

// withSwitches returns s with the switches of another.
func withSwitches(s, from fp.Spec) fp.Spec {
	s.Rounding, s.RandomBits, s.Zero, s.Align = from.Rounding, from.RandomBits, from.Zero, from.Align
	return s
}

// biasing places the operands' products on the product format's binades, and those on the accumulator's.
type biasing struct {
	name  string
	apply func(operandTop, top int) (offset, shift int) // from the largest exponent fields
}

// A product's exponent field lies between -offset and 2*operandTop+1-offset before Q_prod, and its field in the
// accumulator is less by shift.
var biasings = []biasing{
	{"no product underflow, shift 0", func(_, _ int) (int, int) { return 0, 0 }},
	{"middle of the products at the underflow edge, shift 1", func(o, _ int) (int, int) { return o, 1 }},
	{"middle of the products at the overflow edge, shift -1", func(o, t int) (int, int) { return o - t, -1 }},
	{"no product overflow, middle of the binades at the accumulator's underflow edge", func(o, t int) (int, int) { return 2*o + 1 - t, t/2 + 1 }},
	{"middle of the binades at the accumulator's overflow edge", func(o, t int) (int, int) { return o - t/2, -t / 2 }},
	{"every product underflows", func(o, _ int) (int, int) { return 2*o + 2, 2 }},
	{"every product overflows", func(_, t int) (int, int) { return -t - 1, 2 }},
	{"every product below the accumulator", func(o, t int) (int, int) { return o - t/2, t + 1 }},
	{"every product above the accumulator", func(o, t int) (int, int) { return o - t/2, -t - 1 }},
}

// of returns s with the biases of the operands and of the accumulator moved. The product's bias stays, and with it,
// whatever the operands are, the accumulator's.
func (b biasing) of(s fp.Spec) fp.Spec {
	offset, shift := b.apply(1<<s.Weight.Exponent-1, 1<<s.Accumulator.Exponent-1)
	both := offset + s.Product.Bias
	s.Weight.Bias = both/2 + 1
	s.Activation.Bias = both - s.Weight.Bias
	s.Accumulator.Bias = s.Product.Bias - shift
	return s
}

// describe is a specification with everything that decides a result bit.
func describe(s fp.Spec) string {
	return fmt.Sprintf("%v, biases w %d x %d product %d accumulator %d, chunk %d, rounding %v (k = %d), zero %v, align %v",
		s, s.Weight.Bias, s.Activation.Bias, s.Product.Bias, s.Accumulator.Bias, s.Chunk, s.Rounding, s.RandomBits, s.Zero, s.Align)
}

// mismatch is the error of a case in which fp and exact differ.
func mismatch(s fp.Spec, w, x, a fp.Code, r uint32, got fp.Code, gotEvents fp.Event) error {
	want, wantEvents := exact.Trace(s, w, x, a, r)
	decode := func(f fp.Format, c fp.Code) string {
		v, _ := exact.Decode(f, c, s.Zero).Float64()
		return fmt.Sprintf("%#x = %v (%x)", uint32(c), v, v)
	}
	return fmt.Errorf("%s:\nw %s\nx %s\na %s\nr %#x\nwant %s, events %05b\ngot  %s, events %05b", describe(s),
		decode(s.Weight, w), decode(s.Activation, x), decode(s.Accumulator, a), r,
		decode(s.Accumulator, want), wantEvents, decode(s.Accumulator, got), gotEvents)
}

// compare checks one case of every function that computes an FMAq, and returns the events.
func compare(u *fp.Unit, w, x, a fp.Code, r uint32) (fp.Event, error) {
	s := u.Spec()
	want, wantEvents := exact.Trace(s, w, x, a, r)
	got, events := u.Trace(w, x, a, r)
	if got != want || events != wantEvents {
		return events, mismatch(s, w, x, a, r, got, events)
	}
	if got := u.FMAqRandom(w, x, a, r); got != want {
		return events, fmt.Errorf("FMAqRandom is not Trace: %w", mismatch(s, w, x, a, r, got, events))
	}
	if s.Rounding != fp.Stochastic || r == 0 {
		if got := u.FMAq(w, x, a); got != want {
			return events, fmt.Errorf("FMAq is not Trace: %w", mismatch(s, w, x, a, r, got, events))
		}
	}
	return events, nil
}

// parallel runs the jobs on all cores and fails the test with the first error of each worker.
func parallel[T any](t *testing.T, jobs []T, run func(T) error) {
	t.Helper()
	queue := make(chan T)
	failed := make(chan struct{})
	errs := make([]error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	var once sync.Once
	for i := range errs {
		wg.Go(func() {
			for job := range queue {
				if errs[i] = run(job); errs[i] != nil {
					once.Do(func() { close(failed) })
					return
				}
			}
		})
	}
feed:
	for _, job := range jobs {
		select {
		case queue <- job:
		case <-failed:
			break feed
		}
	}
	close(queue)
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// rational is the value of a float64 that is finite.
func rational(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }

// rationalProduct is the exact w*x.
func rationalProduct(s fp.Spec, w, x fp.Code) *big.Rat {
	return new(big.Rat).Mul(exact.Decode(s.Weight, w, s.Zero), exact.Decode(s.Activation, x, s.Zero))
}
