package synth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"fmaq/sim/external"
	"fmaq/verilog"
)

// FPGA is a design mapped to an FPGA.
type FPGA struct {
	Device    string  `json:"device"`
	LUTs      int     `json:"lut4"`
	Carries   int     `json:"carry_cells"`
	FlipFlops int     `json:"flip_flops"`
	Frequency float64 `json:"frequency_mhz,omitempty"` // placed and routed; 0 where unknown
	Note      string  `json:"note,omitempty"`          // why it is unknown
	Yosys     string  `json:"yosys"`
	NextPNR   string  `json:"nextpnr,omitempty"`
}

var (
	// Between registers, or from input to output where there are none.
	routedFrequency = regexp.MustCompile(`Max frequency for clock .*: ([0-9.]+) MHz`)
	routedDelay     = regexp.MustCompile(`Max delay <async> +-> <async> *: ([0-9.]+) ns`)
)

// ICE40 maps Verilog to an iCE40 HX8K, and places and routes it where nextpnr-ice40 is installed. The error is an
// [external.MissingToolError], an [external.ToolError], the context's, or one of files.
func ICE40(ctx context.Context, top string, files []verilog.File) (_ *FPGA, err error) {
	if err := external.Find(yosysTool); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "fmaq-synth-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f.Path))
		if err := os.WriteFile(filepath.Join(dir, names[len(names)-1]), f.Data, 0o666); err != nil {
			return nil, err
		}
	}
	version, err := command(ctx, dir, "yosys", "-V")
	if err != nil {
		return nil, err
	}
	_, err = yosys(ctx, dir, fmt.Sprintf("read_verilog %s\nsynth_ice40 -top %s -json ice40.json\n", strings.Join(names, " "), top))
	if err != nil {
		return nil, err
	}
	file, err := readModules(dir, "ice40.json")
	if err != nil {
		return nil, err
	}
	mapped, err := file.Module(top)
	if err != nil {
		return nil, external.Failed("yosys", nil, err.Error())
	}
	r := &FPGA{Device: "iCE40 HX8K", Yosys: strings.TrimPrefix(firstLine(version), "Yosys ")}
	for _, c := range mapped.Cells {
		switch {
		case c.Type == "SB_LUT4":
			r.LUTs++
		case c.Type == "SB_CARRY":
			r.Carries++
		case strings.HasPrefix(c.Type, "SB_DFF"):
			r.FlipFlops++
		}
	}
	return r, r.route(ctx, dir)
}

func (r *FPGA) route(ctx context.Context, dir string) error {
	const tool = "nextpnr-ice40"
	if _, err := exec.LookPath(tool); err != nil {
		r.Note = tool + " is not installed"
		return nil
	}
	out, err := command(ctx, dir, tool, "--version")
	if err != nil {
		return err
	}
	r.NextPNR = regexp.MustCompile(`[0-9]+\.[0-9.]+`).FindString(out)
	log, err := command(ctx, dir, tool, "--hx8k", "--package", "ct256", "--json", "ice40.json", "--seed", "1", "--pcf-allow-unconstrained")
	if err != nil {
		return err
	}
	// The last of each is that after routing.
	if all := routedFrequency.FindAllStringSubmatch(log, -1); all != nil {
		r.Frequency, err = strconv.ParseFloat(all[len(all)-1][1], 64)
	} else if all := routedDelay.FindAllStringSubmatch(log, -1); all != nil {
		var ns float64
		if ns, err = strconv.ParseFloat(all[len(all)-1][1], 64); ns > 0 {
			r.Frequency = round(1000/ns, 2)
		}
	}
	if r.Frequency == 0 {
		r.Note = tool + " gave none"
	}
	return err
}
