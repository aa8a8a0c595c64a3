// Package netlist reads circuits that a synthesiser has mapped to cells, as the gates of package rtl, so that whatever runs
// on the gates of a description (proof, tally) runs on them unchanged.
//
//	library, err := netlist.ReadLiberty("cells.lib", text)
//	mapped, err := netlist.ReadJSON("mapped.json", json, library, rtl.Lower(design))
//	// mapped.Netlist has the ports of the description, clock and reset included
//
// A netlist is the JSON of Yosys (write_json), flat. Its cells are those of a Liberty library, by their functions, and the
// gates of Yosys's own library ($_AND_, $_DFF_P_, ...). Every cell becomes the gates that its function spells out; nothing
// is optimised, so that a fault cannot be simplified away.
//
// What the files say is there for others too: a cell's area and the cases of its functions ([Expression.Eval]), and modules as
// they are written ([ParseJSON]).
//
// [Unroll] makes a pipeline combinational, and [WriteBLIF] writes gates for other tools.
package netlist
