package synth

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed techmap
var techmaps embed.FS

// techmapNames are the files of the folder techmap: what the front end makes of arithmetic.
var techmapNames = []string{"carry.v", "less.v", "ripple.v"}

// adders is the structure that the front end gives additions.
type adders string

const (
	ripple adders = "ripple" // as small as can be, as the tally of the gates has it
	prefix adders = "prefix" // Brent-Kung, of Yosys
)

// frontEnd is the Yosys script that reads Verilog and stops at single-bit gates, in front.il. Nothing may rewrite arithmetic
// before alumacc has seen it, or a carry in would become an adder of its own; and exclusive-ors stay gates, for as ANDs
// they would share one with the full adder's carry, which no mapper undoes.
func frontEnd(files []string, top string, a adders, keep, clocked bool, liberty string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "read_verilog %s\nhierarchy -check -top %s\nproc -noopt\n", strings.Join(files, " "), top)
	if !keep {
		b.WriteString("flatten\n")
	}
	if a == ripple {
		b.WriteString("techmap -map less.v\n")
	}
	b.WriteString("alumacc\nopt_clean\ntechmap -map carry.v\nmaccmap -unmap\n")
	if a == ripple {
		b.WriteString("techmap -map ripple.v -map +/techmap.v\n")
	} else {
		b.WriteString("techmap\n")
	}
	if clocked {
		fmt.Fprintf(&b, "dfflibmap -liberty %s\n", liberty)
	}
	b.WriteString("opt_expr\nopt_merge\nopt_clean\nwrite_ilang front.il\n")
	return b.String()
}

// mapping is the Yosys script that maps front.il by an ABC script. Cells get plain names, the same in both files.
func mapping(liberty, script string) string {
	return fmt.Sprintf("read_ilang ../front.il\nabc -liberty %s -script %s\nopt_clean -purge\nrename -enumerate -pattern cell_%%\n"+
		"write_json mapped.json\nwrite_verilog -simple-lhs -noattr -noexpr -nohex -nodec mapped.v\n", liberty, script)
}

// script is a chain of ABC commands. Each round ends in a mapped netlist; the next starts from it.
type script struct {
	name   string
	start  string
	rounds []string
}

// chain is a script of one round, as often as told: the first after start, the others after turning cells into logic again.
func chain(name, start, round string, times int) script {
	s := script{name, start, []string{round}}
	for range times - 1 {
		s.rounds = append(s.rounds, "strash; "+round)
	}
	return s
}

const (
	// amap's options: 20 rounds of area recovery each way, without exclusive-ors, whose cells cost more than the gates they
	// stand for. Not with -m as well: -x -m together makes wrong netlists in ABC 1.01.
	mapArea = "amap -x -F 20 -A 20"

	// compress2rs of abc.rc, whose aliases Yosys' ABC does not have.
	compress2rs = "balance -l; resub -K 6 -l; rewrite -l; resub -K 6 -N 2 -l; refactor -l; resub -K 8 -l; balance -l; " +
		"resub -K 8 -N 2 -l; rewrite -l; resub -K 10 -l; rewrite -z -l; resub -K 10 -N 2 -l; balance -l; resub -K 12 -l; " +
		"refactor -z -l; resub -K 12 -N 2 -l; rewrite -z -l; balance -l"

	clean = "strash; ifraig; scorr"
)

// areaScripts are tried for area, all of them.
var areaScripts = []script{
	chain("choices", "strash", "dch -C 500; "+mapArea, 4),
	chain("dc2", clean+"; dc2", "dch -C 500; "+mapArea, 4),
	chain("dc2 thrice", clean+"; dc2; dc2; dc2", "dch -C 500; "+mapArea, 4),
	chain("choices, dc2", clean+"; dch; dc2", "dch -C 500; "+mapArea, 3),
	chain("choices, dc2 each round", clean+"; dch", "dc2; dch -C 500; "+mapArea, 3),
	chain("compress2rs", clean+"; "+compress2rs, "dch -C 500; "+mapArea, 4),
	chain("resub", clean+"; resub -K 12 -N 3 -l", "ifraig; scorr; dch -C 500; "+mapArea, 5),
	{"choices, dc2, resub", clean + "; dch; dc2; resub -K 12 -N 3 -l", []string{
		"dch -C 500 -S 2000; " + mapArea,
		"strash; dc2; resub -K 12 -N 3 -l; dch -C 500; " + mapArea,
		"strash; dc2; " + compress2rs + "; dch -C 500; " + mapArea,
	}},
	{"don't-cares", "strash", []string{
		"dch -C 500; " + mapArea,
		"mfs2 -a -e -L 300 -W 10 -F 100 -D 50; strash; dch -C 500; " + mapArea,
	}},
}

const (
	mapDelay = "map -B 0.9; topo"
	flatten  = "if -g -K 6; strash; dch" // fewer levels, at the price of area
	syn4     = "&get -n; &syn4; &syn4; &put"
)

// delayScripts are tried for delay, on both kinds of adders, each for a part of the front of area over delay.
var delayScripts = []script{
	chain("dc2", clean+"; dc2", "dch -C 500; "+mapArea, 1),
	chain("levels", clean+"; dch", mapDelay, 1),
	chain("fewer levels, small", clean+"; dch; if -g -K 6; strash; dch -C 500", mapArea, 1),
	chain("fewer levels", clean+"; dch; "+flatten, mapDelay, 1),
	chain("least levels", clean+"; dch; "+flatten+"; "+flatten, mapDelay, 1),
	chain("syn4, small", clean+"; "+syn4+"; dch; "+flatten, mapArea, 1),
	chain("syn4, fewer levels", clean+"; "+syn4+"; dch; "+flatten, mapDelay, 1),
	chain("syn4, least levels", clean+"; "+syn4+"; dch; "+flatten+"; "+flatten, mapDelay, 1),
}

// sizing ends a script: buffers for high fan-out, then gates as large as the target asks for, and where there is room
// small ones again. Without a target it goes for speed alone.
func sizing(ps int) string {
	target := ""
	if ps > 0 {
		target = fmt.Sprintf(" -D %d", ps)
	}
	return fmt.Sprintf("buffer -c; topo; upsize%s; dnsize%s", target, target)
}

// abcScript is the first n rounds of a script, with the area after each in the log. With check it compares the outcome with
// what went in.
func (s script) abcScript(dir string, n int, size string, check bool) string {
	var b strings.Builder
	original := fmt.Sprintf("%s/original.blif", dir)
	if check {
		fmt.Fprintf(&b, "write_blif %s\n", original)
	}
	b.WriteString(lines(s.start))
	for _, round := range s.rounds[:n] {
		b.WriteString(lines(round) + "topo\nprint_gates\n")
	}
	if size != "" {
		b.WriteString(lines(size))
	}
	if check {
		fmt.Fprintf(&b, "topo\ncec %s\n", original)
	}
	return b.String()
}

func lines(commands string) string {
	return strings.ReplaceAll(commands, "; ", "\n") + "\n"
}
