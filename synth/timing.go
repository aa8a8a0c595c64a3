package synth

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"fmaq/sim/external"
)

// Path is the critical path: from an input or a register to an output or a register.
type Path struct {
	Delay float64 `json:"delay_ns"` // with the setup time of a register at its end
	From  string  `json:"from"`
	To    string  `json:"to"`
	Steps []Step  `json:"steps"`
}

// Step is a cell on a path.
type Step struct {
	Pin   string  `json:"pin"` // output, with the instances above it
	Cell  string  `json:"cell"`
	Delay float64 `json:"delay_ns"`
}

// Crossing is a stretch of a path inside one block.
type Crossing struct {
	Block string  `json:"block"`
	Cells int     `json:"cells"`
	Delay float64 `json:"delay_ns"`
}

// energy is what an instance takes, in fJ and nW.
type energy struct {
	Toggle  float64 `json:"toggle_fj"` // for a transition of its output, with the load it drives
	Clock   float64 `json:"clock_fj"`  // each cycle, whatever its output does
	Leakage float64 `json:"leakage_nw"`
}

// staPeriod is far longer than any path, so that slack tells the delay. Energies do not depend on it.
const staPeriod = 1000 // ns

// staScript reads the netlist in mapped.v and constrains it: everything starts and ends with one clock, the design's own or
// a virtual one.
func (j *job) staScript() (string, error) {
	liberty, err := j.liberty()
	if err != nil {
		return "", err
	}
	clock := ""
	if j.clock != "" {
		clock = fmt.Sprintf(" [get_ports %s]", j.clock)
	}
	return fmt.Sprintf(`read_liberty %s
read_verilog mapped.v
link_design %s
create_clock -name clk -period %d%s
foreach port [all_inputs] {
  if { [get_property $port full_name] != "%s" } { set_input_delay 0 -clock clk $port }
}
set_output_delay 0 -clock clk [all_outputs]
report_checks -path_delay max -format full -digits 5
`, liberty, j.top, staPeriod, clock, j.clock), nil
}

// time finds the critical path of a netlist; nil if nothing leads from an input to an output.
func (j *job) time(ctx context.Context, m *mapped) (*Path, error) {
	script, err := j.staScript()
	if err != nil {
		return nil, err
	}
	log, err := sta(ctx, m.dir, script)
	if err != nil {
		return nil, err
	}
	return readPath(log)
}

var (
	pathEnd   = regexp.MustCompile(`(?m)^(Startpoint|Endpoint): (\S+)`)
	pathStep  = regexp.MustCompile(`(?m)^ *(-?[0-9.]+) +-?[0-9.]+ [v^] (\S+) \((\S+)\)$`)
	pathSlack = regexp.MustCompile(`(?m)^ *(-?[0-9.]+) +slack`)
)

func readPath(log string) (*Path, error) {
	slack := pathSlack.FindStringSubmatch(log)
	if slack == nil {
		if strings.Contains(log, "No paths found") {
			return nil, nil
		}
		return nil, external.Failed("sta", nil, complaint(log))
	}
	p := &Path{}
	left, err := strconv.ParseFloat(slack[1], 64)
	if err != nil {
		return nil, external.Failed("sta", err, slack[0])
	}
	p.Delay = round(staPeriod-left, 5)
	for _, end := range pathEnd.FindAllStringSubmatch(log, -1) {
		if end[1] == "Startpoint" {
			p.From = end[2]
		} else {
			p.To = end[2]
		}
	}
	for _, s := range pathStep.FindAllStringSubmatch(log, -1) {
		delay, err := strconv.ParseFloat(s[1], 64)
		if err != nil {
			return nil, external.Failed("sta", err, s[0])
		}
		if s[3] != "in" && s[3] != "out" {
			p.Steps = append(p.Steps, Step{s[2], s[3], delay})
		}
	}
	return p, nil
}

// crossings are the blocks that a path passes, in order.
func (p *Path) crossings(top string) []Crossing {
	var all []Crossing
	for _, s := range p.Steps {
		block := top
		if parts := strings.Split(s.Pin, "/"); len(parts) > 2 {
			block = parts[0]
		}
		if len(all) == 0 || all[len(all)-1].Block != block {
			all = append(all, Crossing{Block: block})
		}
		last := &all[len(all)-1]
		last.Cells++
		last.Delay = round(last.Delay+s.Delay, 5)
	}
	return all
}

var powerLine = regexp.MustCompile(`(?m)^ *([0-9.e+-]+) +([0-9.e+-]+) +([0-9.e+-]+) +[0-9.e+-]+ (\S+)$`)

// energies asks OpenSTA for each instance's power without activity and with a transition a cycle on every net: the
// difference is what a transition takes. Activity by net cannot be told to it (2.0.17 ignores set_power_activity -pins), so
// what the nets really do is the caller's to apply.
func (j *job) energies(ctx context.Context, m *mapped) (map[string]energy, error) {
	script, err := j.staScript()
	if err != nil {
		return nil, err
	}
	const again = "puts {with activity}\n"
	for i, head := range []string{"", again} {
		script += fmt.Sprintf("%sset_power_activity -global -activity %d -duty 0.5\nreport_power -digits 9 -instances [get_cells *]\n", head, i)
	}
	log, err := sta(ctx, m.dir, script)
	if err != nil {
		return nil, err
	}
	still, moving, ok := strings.Cut(log, "with activity\n")
	if !ok {
		return nil, external.Failed("sta", nil, complaint(log))
	}
	const femto, nano = 1e15, 1e9
	all := map[string]energy{}
	for i, part := range []string{still, moving} {
		for _, s := range powerLine.FindAllStringSubmatch(part, -1) {
			var watts [3]float64
			for k := range watts {
				if watts[k], err = strconv.ParseFloat(s[k+1], 64); err != nil {
					return nil, external.Failed("sta", err, s[0])
				}
			}
			dynamic := (watts[0] + watts[1]) * staPeriod * 1e-9 * femto
			e := all[s[4]]
			if i == 0 {
				e.Clock, e.Leakage = dynamic, watts[2]*nano
			} else {
				e.Toggle = dynamic - e.Clock
			}
			all[s[4]] = e
		}
	}
	return all, nil
}
