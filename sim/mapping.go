package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fmaq/gen/rtl"
	"fmaq/sim/external"
)

// Map has Yosys synthesise the Verilog of a design, by a plain flow, and returns the netlist as Yosys's JSON: flat, of the
// cells of a Liberty library, or if its path is empty, of Yosys's own gates.
//
// Errors are an [external.MissingToolError], an [external.ToolError], the context's, and those of files.
func Map(ctx context.Context, d *rtl.Design, liberty string) (_ []byte, err error) {
	if err := external.Find(external.MissingToolError{Tool: "yosys", Package: "yosys", For: "to map a circuit to cells"}); err != nil {
		return nil, err
	}
	dir, err := scratch()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err := compilable(d, nil, dir)
	if err != nil {
		return nil, err
	}
	for i, path := range files {
		files[i] = filepath.Base(path)
	}
	script := fmt.Sprintf("read_verilog %s\nhierarchy -check -top %s\nsynth -flatten -top %[2]s\n", strings.Join(files, " "), d.Top.Name)
	if liberty != "" {
		// Under a name of our own: in a script of Yosys a space would end a path.
		if liberty, err = filepath.Abs(liberty); err != nil {
			return nil, err
		}
		if err := os.Symlink(liberty, filepath.Join(dir, "cells.lib")); err != nil {
			return nil, err
		}
		script += "dfflibmap -liberty cells.lib\nabc -liberty cells.lib\n"
	}
	script += "clean\nwrite_json mapped.json\n"
	if err := os.WriteFile(filepath.Join(dir, "map.ys"), []byte(script), 0o600); err != nil {
		return nil, err
	}
	if err := run(ctx, dir, "yosys", "-q", "-s", "map.ys"); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "mapped.json"))
}
