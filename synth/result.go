package synth

import "math"

// Result is a design mapped for a target.
type Result struct {
	Target  Target       `json:"target"`
	Design  string       `json:"design"`  // top module
	Tools   ToolVersions `json:"tools"`   //
	Library LibraryInfo  `json:"library"` //
	Cached  bool         `json:"cached"`  // taken from the cache

	Winner     Candidate   `json:"winner"`
	Candidates []Candidate `json:"candidates"` // all that were tried, the best round of each

	Area      float64     `json:"area"`           // flattened, library units
	NAND2     float64     `json:"nand2"`          // the same in NAND2 equivalents
	Cells     []CellCount `json:"cells"`          // by kind, the largest share of the area first
	Path      *Path       `json:"path,omitempty"` // of the flattened netlist
	Frequency float64     `json:"frequency_mhz"`  // 1 / Path.Delay; 0 without a path
	Met       *bool       `json:"met,omitempty"`  // of a period: whether it holds

	// The same with every block mapped by itself: larger and slower, but every cell has a block.
	Blocks    []Block    `json:"blocks"`
	BlockArea float64    `json:"block_area"` // sum, library units
	BlockPath []Crossing `json:"block_path"` // blocks on the critical path
	BlockTime float64    `json:"block_delay_ns"`

	Netlist *Netlist `json:"-"`
	Verilog string   `json:"-"` // of the flattened netlist

	energies map[string]energy
	library  *Library
}

// LibraryInfo names a library.
type LibraryInfo struct {
	Name      string  `json:"name"`
	SHA256    string  `json:"sha256"`
	NAND2     string  `json:"nand2_cell"`
	NAND2Area float64 `json:"nand2_area"`
	Volts     float64 `json:"volts,omitempty"`
}

func (l *Library) info() LibraryInfo {
	return LibraryInfo{l.Name, l.SHA256, l.NAND2.Name, l.NAND2.Area, l.Volts}
}

// Candidate is a way of mapping that was tried.
type Candidate struct {
	Script     string  `json:"script"`
	Adders     string  `json:"adders"`               // ripple or prefix
	Rounds     int     `json:"rounds"`               // of the script
	Sized      string  `json:"sized,omitempty"`      // "for speed", or for a delay
	NAND2      float64 `json:"nand2"`                // equivalents
	Delay      float64 `json:"delay_ns,omitempty"`   // where it was timed
	Equivalent *bool   `json:"equivalent,omitempty"` // to what went into mapping, where it was checked
}

func round(x float64, digits int) float64 {
	p := math.Pow(10, float64(digits))
	return math.Round(x*p) / p
}
