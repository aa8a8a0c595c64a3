// Package synth measures the Verilog of a design after synthesis: Yosys reads it and ABC maps it to the cells of a Liberty
// library; OpenSTA times the mapped netlist and tells each cell's energies; package synth counts areas and simulates the
// netlist for its switching activity. It works on any design of package rtl.
//
//	library, err := synth.OpenLibrary(path)
//	flow, err := synth.NewFlow(ctx, library)       // external.MissingToolError where a tool is not there
//	r, err := flow.Run(ctx, design, synth.Area())  // or synth.Delay(), synth.Period(ns)
//	p, err := r.Power(vectors, 100)                // at 100 MHz
//
// # What decides the figures
//
// The mapping script moves areas by more than most changes of a circuit do, so every target tries a fixed list of scripts
// (see scripts.go) on a front end that keeps the adders as they are described, and the result says which one won. A script is a
// chain of rounds, and the best prefix counts. A netlist whose logic ABC's cec does not find equal to what went into
// mapping is never taken: some of ABC's mappers do go wrong.
//
// Timing has no wires: nets cost the capacitance of the pins they drive and nothing else, inputs come from an ideal driver,
// outputs drive nothing. Registers have an ideal clock. All of it is before placement.
//
// # Units
//
// Area is in the library's units, and in NAND2 equivalents: the area over that of the library's smallest two-input
// NAND. Delays are ns, frequencies MHz, energies fJ, leakage nW, power µW.
package synth
