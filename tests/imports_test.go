package tests

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says, for every package, which others of the project it may import: the rule of ARCHITECTURE.md. A name that
// ends in "/..." stands for a package and all below it. A new package needs a line here.
var mayImport = []struct {
	pkg     string
	imports []string
}{
	{"fp", nil},
	{"fp/exact", []string{"fp"}},
	{"fp/vectors", []string{"fp"}},
	{"gen/rtl", nil},
	{"gen/rtl/netlist", []string{"gen/rtl"}},
	{"gen/rtl/rtltest", []string{"gen/rtl"}},
	{"gen", []string{"fp", "gen/rtl"}},
	{"verilog", []string{"gen/rtl"}},
	{"gatecount", []string{"fp", "gen/rtl"}},
	{"sim", []string{"gen/rtl", "gen/rtl/netlist", "verilog", "sim/external"}},
	{"sim/external", nil},
	{"synth", []string{"gen/rtl", "gen/rtl/netlist", "verilog", "sim/external"}},
	{"nn/...", []string{"nn/...", "fp"}},
	{"configs", nil},
	{"config", []string{"configs", "fp", "gen"}},
	{"cmd/fmaq", []string{"fp", "fp/vectors", "gen", "gen/rtl", "gen/rtl/netlist", "verilog", "gatecount", "sim", "sim/external", "synth", "nn/...", "config"}},
	{"tests", nil},
}

// standardOnly are the packages that import nothing but the standard library, and of the project what mayImport says.
var standardOnly = []string{"fp", "fp/exact", "fp/vectors", "gen/rtl", "gen/rtl/netlist", "gen", "sim/external"}

func TestImportDirections(t *testing.T) {
	command := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "fmaq/...")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], "fmaq/")
		if strings.HasPrefix(pkg, "build/") { // build is no part of the project; what lies there is nobody's rule
			continue
		}
		rule := slices.IndexFunc(mayImport, func(r struct {
			pkg     string
			imports []string
		}) bool {
			return matches(r.pkg, pkg)
		})
		if rule < 0 {
			t.Errorf("package %s has no rule", pkg)
			continue
		}
		for _, path := range fields[1:] {
			target, ours := strings.CutPrefix(path, "fmaq/")
			switch {
			case ours && !slices.ContainsFunc(mayImport[rule].imports, func(p string) bool { return matches(p, target) }):
				t.Errorf("%s imports %s: it may import %v", pkg, target, mayImport[rule].imports)
			case !ours && strings.Contains(path, ".") && slices.Contains(standardOnly, pkg):
				t.Errorf("%s imports %s: it may import the standard library only", pkg, path)
			}
		}
	}
}

func matches(pattern, pkg string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pkg == pattern
}

// The top folder is the first thing that a newcomer sees: a package more belongs below one of these, or here after thought.
func TestTopFolderStaysSmall(t *testing.T) {
	expected := strings.Fields(`.ci .git .gitignore .tools ARCHITECTURE.md CHANGELOG.md LICENSE Makefile README.md bin build cmd config
		configs docs fp gatecount gen go.mod go.sum nn script sim synth tests verilog`)
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(expected, e.Name()) {
			t.Errorf("%s: not expected in the top folder", e.Name())
		}
	}
}
