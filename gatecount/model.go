package gatecount

import (
	"fmt"
	"math/bits"

	"fmaq/fp"
)

// Reconstruction is to stand wherever figures of [Model] are shown.
const Reconstruction = "reconstruction of the paper's model from its three published totals, not its own expressions"

// Model is the paper's analytic tally of a FMAq: Blumenfeld, Hubara, Soudry, "Towards Cheaper Inference in Deep Networks
// with Lower Bit-Width Accumulators", ICLR 2024, appendix on hardware, after van Baalen et al. 2023. The paper publishes
// three totals (M4E3 operands; fp32 2208, fp16 1082, M7E4 808); the expressions here are a reconstruction: standard ones
// for each block it names that give all three to the gate.
//
// It counts neither flip-flops nor inverters, and depends on the formats' widths alone: biases, rounding, zero and
// alignment change nothing.
type Model struct {
	Canvas      int          `json:"canvas"`       // F, bits of the widest sum
	MaxShift    int          `json:"max_shift"`    // k_max, places that a shifter can move, no shift included
	ShiftLevels int          `json:"shift_levels"` // k, rows of multiplexers in a shifter
	Blocks      []ModelBlock `json:"blocks"`
	Total       int          `json:"total"` // gates
}

// ModelBlock is a row of [Model].
type ModelBlock struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	Gates      int    `json:"gates"`
}

// NewModel returns the tally of a specification: operands of m mantissa and e exponent bits, product and accumulator of
// M and E. With one exponent place to shift by (k = 0) a shifter costs nothing.
func NewModel(s fp.Spec) Model {
	m, e := s.Weight.Mantissa, s.Weight.Exponent
	M, E := s.Accumulator.Mantissa, s.Accumulator.Exponent
	F := max(2*M+1, M+2*m+1)
	kmax := min(1<<E, F)
	k := bits.Len(uint(kmax - 1))
	const (
		and, or, xor = And, Or, Xor
		mux, ha, fa  = Mux, HalfAdder, FullAdder
	)
	t := Model{Canvas: F, MaxShift: kmax, ShiftLevels: k, Blocks: []ModelBlock{
		{"exponent adder", "(e-1) FA + HA", (e-1)*fa + ha},
		{"exponent differ", "(E-1) FA + HA", (E-1)*fa + ha},
		{"exponent max", "E MUX", E * mux},
		{"mantissa multiplier", "(m+1)^2 (AND + FA)", (m + 1) * (m + 1) * (and + fa)},
		{"sort exponent", "2 (M+E) MUX", 2 * (M + E) * mux},
		{"1st shift (align)", "(M+1) k MUX - (kmax-1) (MUX - AND)", (M+1)*k*mux - (kmax-1)*(mux-and)},
		{"mantissa adder", "(M+1) FA + (F-M-1) HA", (M+1)*fa + (F-M-1)*ha},
		{"leading zero detector", "F (AND + OR)", F * (and + or)},
		{"2nd shift (normalise)", "F k MUX - (kmax-1) (MUX - AND)", F*k*mux - (kmax-1)*(mux-and)},
		{"exponent rebase", "(E-1) FA + HA", (E-1)*fa + ha},
		{"final incrementor", "(M+1) HA", (M + 1) * ha},
	}}
	for _, b := range t.Blocks {
		t.Total += b.Gates
	}
	return t
}

// Legend explains the letters of the expressions for one specification.
func (t Model) Legend(s fp.Spec) string {
	return fmt.Sprintf("m=%d e=%d M=%d E=%d F=max(2M+1, M+2m+1)=%d kmax=min(2^E, F)=%d k=ceil(log2 kmax)=%d",
		s.Weight.Mantissa, s.Weight.Exponent, s.Accumulator.Mantissa, s.Accumulator.Exponent, t.Canvas, t.MaxShift, t.ShiftLevels)
}
