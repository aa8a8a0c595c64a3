package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The figures that visitors see first are those of the program as it is.
func TestReadmeShowsTheGatesOfNow(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../docs/" + chartName)
	if err != nil {
		t.Fatal(err)
	}
	gates, chart, err := readmeGatesSection()
	if err != nil {
		t.Fatal(err)
	}
	filled, err := fill(string(readme), "gates", gates)
	if err != nil {
		t.Fatal(err)
	}
	if filled != string(readme) || !bytes.Equal(chart, committed) {
		t.Error("README.md or docs/gates.svg is not what the program gives now: run make readme")
	}
}

func TestFill(t *testing.T) {
	const text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb <!-- end -->\n"
	got, err := fill(text, "x", "new\n")
	if want := "a\n<!-- generated: x -->\n\nnew\n\n<!-- end -->\nb <!-- end -->\n"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if again, err := fill(got, "x", "new\n"); err != nil || again != got {
		t.Errorf("filling again gives %q, %v", again, err)
	}
	for _, bad := range []string{"none", strings.ReplaceAll(text, "<!-- end -->", "")} {
		if got, err := fill(bad, "x", "new"); err == nil {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}

func TestVersionIsTheChangelogs(t *testing.T) {
	changelog, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	_, newest, _ := strings.Cut(string(changelog), "\n## ")
	if newest, _, _ = strings.Cut(newest, "\n"); strings.TrimSpace(newest) != version {
		t.Errorf("the newest entry of CHANGELOG.md is %q, the version %q", newest, version)
	}
}
