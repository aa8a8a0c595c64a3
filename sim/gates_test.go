package sim

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fmaq/fp"
	"fmaq/gen"
	"fmaq/gen/rtl"
	"fmaq/gen/rtl/rtltest"
)

// TestTranspose against the definition, for every size of field.
func TestTranspose(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for n := 8; n <= 64; n *= 2 {
		m := make([]uint64, n)
		for i := range m {
			m[i] = rnd.Uint64()
		}
		want := make([]uint64, n)
		for i := range n {
			for field := 0; field < 64; field += n {
				for j := range n {
					want[j] |= m[i] >> (field + j) & 1 << (field + i)
				}
			}
		}
		transpose(m)
		assert.Equal(t, want, m, "fields of %d", n)
	}
}

// TestSliceLanes: bit b of word i comes to lane i of bit b, and back.
func TestSliceLanes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, width := range []int{1, 7, 8, 9, 12, 16, 17, 32, 33, 64} {
		for _, n := range []int{1, 63, 64, 65, 500, Lanes} {
			values := make([]uint64, n)
			for i := range values {
				values[i] = rnd.Uint64() >> (64 - width)
			}
			bits := make([]lanes, width)
			for i := range bits {
				bits[i][3] = 1 // left over
			}
			sliceLanes(values, width, bits)
			for b := range bits {
				for lane := range Lanes {
					want := uint64(0)
					if lane < n {
						want = values[lane] >> b & 1
					}
					if got := bits[b][lane/64] >> (lane % 64) & 1; got != want {
						require.Equal(t, want, got, "width %d, %d words, bit %d of lane %d", width, n, b, lane)
					}
				}
			}
			back := make([]uint64, n)
			unsliceLanes(bits, back)
			require.Equal(t, values, back)
		}
	}
}

// TestGateOperations: each operation computes its truth table, onto each of its operands too, and reads no more than it
// says.
func TestGateOperations(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 3))
	for op, o := range gateOpcodes {
		for _, d := range []uint16{0, 1, 2, 3} {
			var slots [4]lanes
			for i := range slots {
				for j := range slots[i] {
					slots[i][j] = rnd.Uint64()
				}
			}
			before := slots
			runGates([]gateOp{{gateOpcode(op), d, 0, 1, 2}}, slots[:])
			for lane := range Lanes {
				at := func(l *lanes) int { return int(l[lane/64] >> (lane % 64) & 1) }
				index := at(&before[0]) | at(&before[1])<<1 | at(&before[2])<<2
				require.Equal(t, int(o.table>>index&1), at(&slots[d]), "operation %d to slot %d for %03b", op, d, index)
			}
		}
		for i := o.operands; i < 3; i++ {
			for v := range 8 {
				require.Equal(t, o.table>>v&1, o.table>>(v^1<<i)&1, "operation %d reads operand %d", op, i)
			}
		}
	}
	assert.Panics(t, func() { runGates([]gateOp{{op: gateOpcode(len(gateOpcodes))}}, make([]lanes, 1)) })
}

// compareGates runs a design's gates beside the cycle model on random words, all lanes with words of their own.
func compareGates(t *testing.T, d *rtl.Design, seed uint64, cycles int) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 4))
	n := rtl.Lower(d)
	slow := map[rtl.Wire]bool{} // whether a bit is slow changes nothing but the order
	for _, p := range n.Inputs {
		for _, w := range p.Bits {
			slow[w] = rnd.IntN(2) == 0
		}
	}
	for _, s := range []*GateState{CompileGates(n).NewState(), compileGates(n, slow).NewState()} {
		require.Equal(t, n, s.gates.Netlist())
		const compared = 5
		lanes := [compared]int{0, 63, 64, 300, Lanes - 1}
		var models [compared]*Model
		for i := range models {
			var err error
			models[i], err = NewModel(d)
			require.NoError(t, err)
			models[i].Clear()
		}
		values := make([]uint64, Lanes)
		for cycle := range cycles {
			var in [compared][]uint64
			for p, port := range n.Inputs {
				if p == n.Clock {
					continue
				}
				for i := range values {
					values[i] = rnd.Uint64() >> (64 - len(port.Bits))
				}
				if p == n.Reset {
					clear(values)
					for i := range values {
						values[i] = bit(cycle%7 != 3)
					}
				}
				s.Set(p, values)
				for i, lane := range lanes {
					in[i] = append(in[i], values[lane])
				}
			}
			s.Settle()
			var want [compared][]uint64
			for i, m := range models {
				want[i] = make([]uint64, len(n.Outputs))
				m.Settle(in[i], want[i])
				m.Clock()
			}
			for p := range n.Outputs {
				s.Get(p, values)
				for i, lane := range lanes {
					require.Equal(t, want[i][p], values[lane], "%s, seed %d, cycle %d, lane %d, output %s", d.Top.Name, seed, cycle, lane, n.Outputs[p].Name)
				}
			}
			s.Clock()
		}
		s.Clear()
		for _, f := range s.gates.flops {
			assert.Zero(t, s.slots[f.q])
		}
	}
}

func TestGatesRandomDesigns(t *testing.T) {
	for seed := range uint64(60) {
		compareGates(t, rtltest.Random(seed, seed%2 == 0), seed, 12)
	}
}

// testSpec is the default specification of two formats.
func testSpec(t testing.TB, operand, accumulator string) fp.Spec {
	t.Helper()
	o, err := fp.ParseFormat(operand)
	require.NoError(t, err)
	a, err := fp.ParseFormat(accumulator)
	require.NoError(t, err)
	return fp.NewSpec(o, a)
}

// fmaqNetlist is the netlist of a FMAq.
func fmaqNetlist(t testing.TB, s fp.Spec, a gen.Arch) *rtl.Netlist {
	t.Helper()
	p := gen.NewParams(s)
	p.Arch = a
	d, err := gen.Build(p)
	require.NoError(t, err)
	return rtl.Lower(d)
}

func TestGatesFMAq(t *testing.T) {
	for _, f := range []string{"M7E4", "M10E5", "M23E8", "M0E2"} {
		for stages := range gen.MaxPipeline + 1 {
			p := gen.NewParams(testSpec(t, "M4E3", f))
			p.Arch.Pipeline = stages
			d, err := gen.Build(p)
			require.NoError(t, err)
			compareGates(t, d, uint64(stages), 4*stages+2)
		}
	}
}

func BenchmarkGates(b *testing.B) {
	for _, f := range []string{"M7E4", "M10E5", "M23E8"} {
		n := fmaqNetlist(b, testSpec(b, "M4E3", f), gen.Arch{})
		g := CompileGates(n)
		b.Run(fmt.Sprintf("%s %d gates %d operations %d slots", f, len(n.Gates), len(g.each), g.slots), func(b *testing.B) {
			s := g.NewState()
			for b.Loop() {
				s.Settle()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/Lanes, "ns/vector")
		})
	}
}
