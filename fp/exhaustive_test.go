package fp_test

import (
	"flag"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/fp/exact"
)

// Every (w, x, a), and every r, of every pair of operand and accumulator format whose inputs total at most some number
// of bits, events included:
//
//	default biases, truncate, zero code, align exact      22 bits
//	default biases, every other combination of switches   -bits, 15
//	the biasings of oracle_test.go, every combination     -bits less 3
//
// with stochastic rounding of 1 and 2 random bits, which do not count as inputs here.
var bitsFlag = flag.Int("bits", 15, "input bits, at most, that TestExhaustive covers with other switches than the default")

func TestExhaustive(t *testing.T) {
	full, some := 22, *bitsFlag
	if testing.Short() {
		full, some = 16, 13
	}
	all := switches(truncate, nearestEven, stochastic(1), stochastic(2))
	t.Run("default", func(t *testing.T) {
		exhaust(t, full, all[:1], nil)
	})
	t.Run("switches", func(t *testing.T) {
		exhaust(t, some, all[1:], nil)
	})
	t.Run("biases", func(t *testing.T) {
		exhaust(t, some-3, all, biasings)
	})
}

// exhaust compares all cases of all formats up to a number of input bits, for each set of switches and each biasing;
// without any, for the default biases.
func exhaust(t *testing.T, bits int, sets []fp.Spec, biasings []biasing) {
	type job struct {
		accumulator fp.Format
		switches    fp.Spec
		bias        func(fp.Spec) fp.Spec
	}
	biases := []func(fp.Spec) fp.Spec{func(s fp.Spec) fp.Spec { return s }}
	if biasings != nil {
		biases = nil
	}
	for _, b := range biasings {
		biases = append(biases, b.of)
	}
	const narrowest = 1 + fp.MinExponent
	var jobs []job
	for width := narrowest; 2*narrowest+width <= bits; width++ {
		for _, f := range formats(width) {
			for _, set := range sets {
				for _, bias := range biases {
					jobs = append(jobs, job{f, set, bias})
				}
			}
		}
	}
	require.NotEmpty(t, jobs)
	parallel(t, jobs, func(j job) error {
		memos := map[fp.Spec]*memo{}
		for width := narrowest; 2*width+j.accumulator.Width() <= bits; width++ {
			for _, operand := range formats(width) {
				s := j.bias(withSwitches(fp.NewSpec(operand, j.accumulator), j.switches))
				u, err := fp.New(s)
				if err != nil {
					return fmt.Errorf("%s: %w", describe(s), err)
				}
				// A memo serves all operand formats whose accumulator and product have the same biases.
				key := s
				key.Weight, key.Activation = fp.Format{}, fp.Format{}
				if memos[key] == nil {
					memos[key] = newMemo(s)
				}
				if err := memos[key].compare(u); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// memo holds the oracle's results for one accumulator. The result of an FMAq depends on w and x through Q_prod(w*x)
// alone, of which there are few: the oracle computes one row, of all a and r, for each.
type memo struct {
	spec    fp.Spec // its operands are never used
	addends []*big.Rat
	rows    map[float64][]result
}

// result is a code, with the events above bit 24.
type result uint32

const eventsAt = 24

func newMemo(s fp.Spec) *memo {
	m := &memo{spec: s, rows: map[float64][]result{}}
	for a := range fp.Code(1) << s.Accumulator.Width() {
		m.addends = append(m.addends, exact.Decode(s.Accumulator, a, s.Zero))
	}
	return m
}

// mirrorAbove is the accumulator width above which the oracle computes rows for p >= 0 only. -p and -a give the
// negative result: exact takes magnitudes and puts signs back. The narrower accumulators do not rely on it.
const mirrorAbove = 9

// row returns the results of adding p to each a, with each r, in the order of a<<k + r.
func (m *memo) row(p float64) []result {
	row, ok := m.rows[p]
	switch {
	case ok:
		return row
	case p < 0 && m.spec.Accumulator.Width() > mirrorAbove:
		row = m.mirror(m.row(-p))
	default:
		value := rational(p)
		for _, a := range m.addends {
			for r := range uint32(1) << m.spec.RandomBits {
				c, e := exact.Accumulate(m.spec, value, a, r)
				row = append(row, result(c)|result(e)<<eventsAt)
			}
		}
	}
	m.rows[p] = row
	return row
}

// mirror returns the row of -p from that of p.
func (m *memo) mirror(row []result) []result {
	mirrored := make([]result, len(row))
	sign := 1 << (m.spec.Accumulator.Width() - 1)
	for i, v := range row {
		if v&(1<<eventsAt-1) != 0 {
			v ^= result(sign)
		}
		mirrored[i^sign<<m.spec.RandomBits] = v
	}
	return mirrored
}

// product is what becomes of one value of w*x.
type product struct {
	value float64 // of Q_prod
	event fp.Event
	row   []result
}

// compare compares all (w, x, a, r) of a unit whose accumulator is the memo's.
func (m *memo) compare(u *fp.Unit) error {
	s := u.Spec()
	codes := fp.Code(1) << s.Weight.Width()
	ws, err := floats(s.Weight, s.Zero)
	if err != nil {
		return err
	}
	xs, err := floats(s.Activation, s.Zero)
	if err != nil {
		return err
	}
	products := map[float64]product{}
	for w := range codes {
		for x := range codes {
			// Two significands of at most 9 bits: the float64 product is the exact one.
			wx := ws[w] * xs[x]
			p, ok := products[wx]
			if !ok {
				q := exact.QProd(s, rational(wx))
				if p.value, ok = q.Float64(); !ok {
					return fmt.Errorf("%s: product %v is no float64", describe(s), q)
				}
				p.event = exact.ProductEvent(s, rational(wx))
				p.row = m.row(p.value)
				products[wx] = p
			}
			if value, event := u.Product(w, x); value != p.value || event != p.event {
				return fmt.Errorf("%s: product of w %#x = %v and x %#x = %v:\nwant %v, events %05b\ngot  %v, events %05b",
					describe(s), w, ws[w], x, xs[x], p.value, p.event, value, event)
			}
			events, k := result(p.event)<<eventsAt, s.RandomBits
			for i, want := range p.row {
				a, r := fp.Code(i>>k), uint32(i)&(1<<k-1)
				if c, e := u.Trace(w, x, a, r); result(c)|result(e)<<eventsAt != want|events {
					return mismatch(s, w, x, a, r, c, e)
				}
			}
		}
	}
	return nil
}

// floats returns the values of all codes of a format, which are float64s.
func floats(f fp.Format, zero fp.Zero) ([]float64, error) {
	var values []float64
	for c := range fp.Code(1) << f.Width() {
		v, ok := exact.Decode(f, c, zero).Float64()
		if !ok {
			return nil, fmt.Errorf("%v: %#x is no float64", f, c)
		}
		values = append(values, v)
	}
	return values, nil
}
