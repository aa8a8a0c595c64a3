// Package sim runs a design of package rtl.
//
// [Model] is the cycle model: the design as a flat program over words, evaluated in Go. It is what the description says,
// by the one definition of each cell in [rtl.Cell.Eval].
//
//	m, err := sim.NewModel(design)
//	out := make([]uint64, len(m.Outputs()))
//	m.Cycle(in, out) // in: a word for each of m.Inputs(), the top module's inputs less the clock
//
// [Cosimulate] runs the Verilog of a design in Icarus Verilog or Verilator beside the model and compares them in every
// cycle. All vectors go through one simulator process.
//
//	report, err := sim.Cosimulate(ctx, design, sim.Options{Simulator: sim.Icarus}, vectors)
//	switch {
//	case err != nil: // external.MissingToolError, external.ToolError, ctx.Err(), ...
//	case report.Mismatch != nil: // the circuits differ: Mismatch tells where
//	}
//
// A vector is one word for each of verilog.NewInterface(design).Inputs, in that order: without clock, reset and valid_i,
// which Cosimulate drives itself.
package sim
