package rtl

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// reference states every combinational kind over words of bits, or big integers where arithmetic is meant, without
// looking at Eval.
var reference = map[Kind]func(c *Cell, in []word) word{
	Const: func(c *Cell, in []word) word { return wordOf(c.Value, c.Out[0].Width) },
	Slice: func(c *Cell, in []word) word { return in[0][c.Low : c.Low+c.Out[0].Width] },
	Concat: func(c *Cell, in []word) word {
		var w word
		for i := len(in) - 1; i >= 0; i-- {
			w = append(w, in[i]...)
		}
		return w
	},
	ZeroExtend: func(c *Cell, in []word) word { return in[0].extend(c.Out[0].Width, false) },
	SignExtend: func(c *Cell, in []word) word { return in[0].extend(c.Out[0].Width, in[0][len(in[0])-1]) },
	Not:        eachBit(func(n, total int) bool { return n == 0 }),
	And:        eachBit(func(n, total int) bool { return n == total }),
	Or:         eachBit(func(n, total int) bool { return n > 0 }),
	Xor:        eachBit(func(n, total int) bool { return n%2 == 1 }),
	ReduceAnd:  func(c *Cell, in []word) word { return word{in[0].ones() == len(in[0])} },
	ReduceOr:   func(c *Cell, in []word) word { return word{in[0].ones() > 0} },
	ReduceXor:  func(c *Cell, in []word) word { return word{in[0].ones()%2 == 1} },
	Add: arithmetic(func(v []*big.Int) *big.Int {
		sum := new(big.Int)
		for _, x := range v {
			sum.Add(sum, x)
		}
		return sum
	}),
	Sub:  arithmetic(func(v []*big.Int) *big.Int { return new(big.Int).Sub(v[0], v[1]) }),
	Mul:  arithmetic(func(v []*big.Int) *big.Int { return new(big.Int).Mul(v[0], v[1]) }),
	Eq:   func(c *Cell, in []word) word { return word{in[0].int().Cmp(in[1].int()) == 0} },
	Less: func(c *Cell, in []word) word { return word{in[0].int().Cmp(in[1].int()) < 0} },
	Mux: func(c *Cell, in []word) word {
		if in[0][0] {
			return in[1]
		}
		return in[2]
	},
	ShiftLeft:  shift(-1),
	ShiftRight: shift(+1),
}

// word is bits, least significant first.
type word []bool

func wordOf(v uint64, width int) word {
	w := make(word, width)
	for i := range w {
		w[i] = v>>i&1 == 1
	}
	return w
}

func (w word) int() *big.Int {
	v := new(big.Int)
	for i, b := range w {
		if b {
			v.SetBit(v, i, 1)
		}
	}
	return v
}

func (w word) ones() (n int) {
	for _, b := range w {
		if b {
			n++
		}
	}
	return n
}

func (w word) extend(width int, with bool) word {
	out := append(word{}, w...)
	for len(out) < width {
		out = append(out, with)
	}
	return out
}

func eachBit(f func(ones, total int) bool) func(*Cell, []word) word {
	return func(c *Cell, in []word) word {
		out := make(word, len(in[0]))
		for i := range out {
			ones := 0
			for _, w := range in {
				if w[i] {
					ones++
				}
			}
			out[i] = f(ones, len(in))
		}
		return out
	}
}

func arithmetic(f func([]*big.Int) *big.Int) func(*Cell, []word) word {
	return func(c *Cell, in []word) word {
		v := make([]*big.Int, len(in))
		for i, w := range in {
			v[i] = w.int()
		}
		width := c.Out[0].Width
		r := f(v)
		r.Mod(r, new(big.Int).Lsh(big.NewInt(1), uint(width))) // Euclidean, so never negative
		return wordOf(r.Uint64(), width)
	}
}

func shift(direction int) func(*Cell, []word) word {
	return func(c *Cell, in []word) word {
		out := make(word, len(in[0]))
		by := in[1].int()
		for i := range out {
			from := new(big.Int).Mul(by, big.NewInt(int64(direction)))
			from.Add(from, big.NewInt(int64(i)))
			if from.IsInt64() && from.Int64() >= 0 && from.Int64() < int64(len(out)) {
				out[i] = in[0][from.Int64()]
			}
		}
		return out
	}
}

// randomCell draws a cell of a kind with legal widths up to MaxWidth, and its operand nets.
func randomCell(k Kind, rng *rand.Rand) *Cell {
	width := func(high int) int { return 1 + rng.IntN(high) }
	nets := func(widths ...int) []*Net {
		out := make([]*Net, len(widths))
		for i, w := range widths {
			out[i] = &Net{Width: w}
		}
		return out
	}
	n := width(MaxWidth)
	c := &Cell{Kind: k, In: nets(n), Out: nets(n)}
	switch k {
	case Const:
		c.In, c.Value = nil, rng.Uint64()&mask(n)
	case Slice:
		w := width(n)
		c.Out, c.Low = nets(w), rng.IntN(n-w+1)
	case Concat:
		a, b := width(20), width(20)
		c.In, c.Out = nets(a, b, 1), nets(a+b+1)
	case ZeroExtend, SignExtend:
		n = width(MaxWidth - 1)
		c.In, c.Out = nets(n), nets(n+width(MaxWidth-n))
	case And, Or, Xor:
		c.In = nets(n, n, n)[:2+rng.IntN(2)]
	case ReduceAnd, ReduceOr, ReduceXor:
		c.Out = nets(1)
	case Add, Sub:
		c.In = nets(n, n)
		c.Out = nets(min(n+rng.IntN(2), MaxWidth))
		if k == Add && rng.IntN(2) == 0 {
			c.In = nets(n, n, 1)
		}
	case Mul:
		a, b := width(MaxWidth/2), width(MaxWidth/2)
		c.In, c.Out = nets(a, b), nets(a+b)
	case Eq, Less:
		c.In, c.Out = nets(n, n), nets(1)
	case Mux:
		c.In = nets(1, n, n)
	case ShiftLeft, ShiftRight:
		c.In = nets(n, width(8))
	}
	return c
}

func TestEval(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, k := range Kinds() {
		if k == Register || k == Instance {
			continue
		}
		t.Run(k.String(), func(t *testing.T) {
			for range 3000 {
				c := randomCell(k, rng)
				require.NoError(t, c.check())
				in := make([]uint64, len(c.In))
				words := make([]word, len(c.In))
				for i, n := range c.In {
					in[i] = rng.Uint64() & mask(n.Width)
					switch rng.IntN(4) { // let ties, zeros and ones happen
					case 0:
						in[i] = []uint64{0, 1, mask(n.Width), in[0] & mask(n.Width)}[rng.IntN(4)]
					}
					words[i] = wordOf(in[i], n.Width)
				}
				got := wordOf(c.Eval(in), MaxWidth)
				want := reference[k](c, words).extend(MaxWidth, false)
				require.Equal(t, want, got, "%v of %#x, out %d bits, low %d", k, in, c.Out[0].Width, c.Low)
			}
		})
	}
}

func TestEvalNeedsAWord(t *testing.T) {
	for _, k := range []Kind{Register, Instance} {
		require.Panics(t, func() { (&Cell{Kind: k, Out: []*Net{{Width: 1}}}).Eval([]uint64{0}) })
	}
}

func TestKindsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		require.NotEmpty(t, k.String())
		require.False(t, seen[k.String()], "%v twice", k)
		seen[k.String()] = true
	}
}
