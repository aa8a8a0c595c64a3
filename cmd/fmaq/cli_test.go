package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"fmaq/fp"
)

func fmaq(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(ctx, args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

func TestInterruptEndsQuietly(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"prove", "fp32", "--vectors", "2000000000"},
		{"prove", "bf16"},
		{"infer"},
		{"train", "-o", dir + "/new/never.onnx"},
		{"gen", "m7e4", "-o", dir + "/rtl", "--vectors", "2000000"},
		{"sim", "m7e4", "--vectors", "2000000000"},
	} {
		t.Run(args[0], func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begun := time.Now()
			code, stdout, stderr := fmaq(ctx, args...)
			if code == exitMissingTool {
				t.Fatalf("a tool that every test machine must have is missing; script/setup installs it: %s", stderr)
			}
			if code != exitInterrupted || stderr != "fmaq: interrupted\n" || stdout != "" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
			if d := time.Since(begun); d > 20*time.Second {
				t.Errorf("took %v to end", d)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// A default is told once, in the flag's sentence, not by kong a second time.
func TestHelpTellsDefaultsOnce(t *testing.T) {
	valueForName := regexp.MustCompile(`--[a-z-]+=[0-9."].*`)
	for _, name := range []string{"run", "gen", "gates", "sim", "prove", "train", "infer", "configs", "explain", "doctor"} {
		code, stdout, _ := fmaq(t.Context(), name, "--help")
		if twice := valueForName.FindAllString(stdout, -1); code != exitFine || twice != nil {
			t.Errorf("%s: exit code %d, %q", name, code, twice)
		}
	}
}

// A circuit of one specification held to another: the counterexample is told in full, and the exit code is 1.
func TestCounterexampleIsTold(t *testing.T) {
	for _, name := range []string{"m4e3", "fp32"} {
		c, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		c.Params.Spec.Align = fp.AlignLazy
		w := &world{ctx: t.Context(), stderr: &bytes.Buffer{}}
		p, err := w.prove(c, 100_000, 1)
		if err != nil {
			t.Fatal(err)
		}
		if p.Counter == nil {
			t.Fatalf("%s: exact and lazy alignment do not differ", name)
		}
		var text bytes.Buffer
		p.print(&text)
		for _, want := range []string{`gates and numerics differ in case \d+`, `(?m)^w_i +0x[0-9a-f]+ = `, `(?m)^acc_i +0x`,
			`(?m)^Q_prod\(w\*x\) +-?[0-9]`, `(?m)^acc_o +0x[0-9a-f]+ = \S+ +0x[0-9a-f]+ = \S+$`} {
			if !regexp.MustCompile(want).MatchString(text.String()) {
				t.Errorf("%s: %q is not in\n%s", name, want, text.String())
			}
		}
		var e *exitError
		if err := p.verdict(); !errors.As(err, &e) || e.code != exitDifferent {
			t.Errorf("%s: verdict %v", name, err)
		}
		if strings.HasPrefix(p.inWords(), "proof") == (name == "fp32") {
			t.Errorf("%s: %s", name, p.inWords())
		}
	}
}

// JSON is read by other programs: its keys are lower case with underscores, whoever they come from.
func TestJSONKeys(t *testing.T) {
	key := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	var check func(t *testing.T, v any)
	check = func(t *testing.T, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				if !key.MatchString(k) {
					t.Errorf("key %q", k)
				}
				check(t, inner)
			}
		case []any:
			for _, inner := range v {
				check(t, inner)
			}
		}
	}
	for _, args := range [][]string{
		{"configs"}, {"doctor"}, {"explain", "m7e4", "3", "0x12"}, {"gates", "m7e4", "--vs", "fp32"},
		{"prove", "m4e3"}, {"prove", "fp32", "--vectors", "100"}, {"infer", "--images", "10"}, {"synth", "m4e3", "--fpga", "ice40"},
	} {
		t.Run(args[0], func(t *testing.T) {
			_, stdout, _ := fmaq(t.Context(), append(args, "--format", "json")...)
			var v any
			if err := json.Unmarshal([]byte(stdout), &v); err != nil {
				t.Fatalf("%v in\n%s", err, stdout)
			}
			check(t, v)
		})
	}
}
