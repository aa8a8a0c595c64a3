package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"fmaq/synth"
)

// tool is a program outside the project.
type tool struct {
	commands []string // the first one found counts
	args     []string // what makes it print its version
	required bool     // for make demo and make test
	purpose  string
	pkg      string // Debian package that has it; none for Go
}

// goSource is where Go comes from: Debian's own is too old for long.
const goSource = "Go 1.26 or later, https://go.dev/dl/"

var tools = []tool{
	{[]string{"go"}, []string{"version"}, true, "builds and tests the project", ""},
	{[]string{"make"}, []string{"--version"}, true, "make demo, make test", "make"},
	{[]string{"iverilog"}, []string{"-V"}, true, "fmaq sim: compiles the emitted Verilog", "iverilog"},
	{[]string{"vvp"}, []string{"-V"}, true, "fmaq sim: runs what iverilog compiled", "iverilog"},
	{[]string{"verilator"}, []string{"--version"}, false, "fmaq sim --simulator verilator; lint of the emitted Verilog", "verilator"},
	{[]string{"g++", "clang++", "c++"}, []string{"--version"}, false, "compiles what verilator emits", "g++"},
	{[]string{"yosys"}, []string{"-V"}, false, "fmaq synth, fmaq prove --mapped: maps the emitted Verilog to cells", "yosys"},
	{[]string{"yosys-abc"}, []string{"-q", "version"}, false, "fmaq synth: optimises and maps logic; fmaq prove --netlist, --mapped: equivalence of wide formats", "yosys"},
	{[]string{"sta"}, []string{"-version"}, false, "fmaq synth: OpenSTA, timing and power", "opensta"},
	{[]string{"nextpnr-ice40"}, []string{"--version"}, false, "fmaq synth --fpga ice40: frequency", "nextpnr-ice40"},
}

type doctorCmd struct {
	tableFormat
}

// toolInfo is a row of "fmaq doctor --format json".
type toolInfo struct {
	Tool     string `json:"tool"`
	Found    bool   `json:"found"`
	Path     string `json:"path,omitempty"`
	Version  string `json:"version,omitempty"`
	Required bool   `json:"required"`
	Purpose  string `json:"purpose"`
	Package  string `json:"debian_package,omitempty"`
	Source   string `json:"source,omitempty"` // where else to get it
}

func (c *doctorCmd) Run(w *world) error {
	infos := make([]toolInfo, len(tools))
	var wait sync.WaitGroup
	for i, t := range tools {
		wait.Go(func() { infos[i] = t.inspect(w.ctx) })
	}
	wait.Wait()
	for _, t := range synth.Technologies {
		infos = append(infos, libraryInfo(t))
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	g := &grid{header: []string{"tool", "state", "version", "needed", "for", "get it from"}}
	var gone []string
	for _, i := range infos {
		state, needed := "found", "optional"
		if i.Required {
			needed = "required"
		}
		if !i.Found {
			state = "missing"
			if i.Required {
				gone = append(gone, i.Tool)
			}
		}
		from := i.Source
		if i.Package != "" {
			from = "Debian package " + i.Package
		}
		g.add(i.Tool, state, i.Version, needed, i.Purpose, from)
	}
	if err := c.print(w.stdout, g, infos); err != nil {
		return err
	}
	if len(gone) > 0 {
		return missing(fmt.Errorf("required tools are missing: %s; script/setup installs them", strings.Join(gone, ", ")))
	}
	return nil
}

// libraryInfo shows a cell library as a tool without a version.
func libraryInfo(t synth.Technology) toolInfo {
	i := toolInfo{Tool: t.Name, Purpose: "fmaq synth --tech " + t.Name + ": " + t.About, Package: t.Package}
	if _, err := os.Stat(t.Path); err == nil {
		i.Found, i.Path = true, t.Path
	}
	return i
}

var versionNumber = regexp.MustCompile(`[0-9]+\.[0-9]+(\.[0-9]+)?`)

func (t tool) inspect(ctx context.Context) toolInfo {
	info := toolInfo{Tool: t.commands[0], Required: t.required, Purpose: t.purpose, Package: t.pkg}
	if t.pkg == "" {
		info.Source = goSource
	}
	for _, name := range t.commands {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		info.Tool, info.Found, info.Path = name, true, path
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, t.args...).CombinedOutput()
		info.Version = versionNumber.FindString(string(out))
		if info.Version == "" {
			info.Version = "unknown"
			if err != nil {
				info.Version = failure(err)
			}
		}
		break
	}
	return info
}

func failure(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Sprintf("does not run: exit code %d", exit.ExitCode())
	}
	return "does not run: " + err.Error()
}
