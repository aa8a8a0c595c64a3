package synth

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"

	"fmaq/sim/external"
)

// ToolVersions are what the tools say of themselves. ABC comes with Yosys.
type ToolVersions struct {
	Yosys string `json:"yosys"`
	STA   string `json:"opensta,omitempty"`
}

var (
	yosysTool = external.MissingToolError{Tool: "yosys", Package: "yosys", For: "for synthesis"}
	abcTool   = external.MissingToolError{Tool: "yosys-abc", Package: "yosys", For: "to map logic to library cells"}
	staTool   = external.MissingToolError{Tool: "sta", Package: "opensta", For: "for timing and power"}
)

// command runs a tool in a directory and returns what it wrote.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	out, err := external.Command(ctx, dir, name, args...).CombinedOutput()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return string(out), external.Failed(name, err, complaint(string(out)))
	}
	return string(out), nil
}

var errorLine = regexp.MustCompile(`(?mi)^\S*\s*error\b.*$`)

// complaint is what a log has to say of a failure: from its first line with an error on, or its end.
func complaint(log string) string {
	const most = 600
	if at := errorLine.FindStringIndex(log); at != nil {
		log = log[at[0]:]
		return strings.TrimSpace(log[:min(len(log), most)])
	}
	return strings.TrimSpace(log[max(0, len(log)-most):])
}

func yosys(ctx context.Context, dir, script string) (string, error) {
	file, err := os.CreateTemp(dir, "*.ys")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(script)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	return command(ctx, dir, "yosys", "-QT", file.Name())
}

// sta runs OpenSTA, which goes on after errors and then calls it a success.
func sta(ctx context.Context, dir, script string) (string, error) {
	file, err := os.CreateTemp(dir, "*.tcl")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(script + "exit\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	out, err := command(ctx, dir, "sta", "-no_init", "-no_splash", "-exit", file.Name())
	if err == nil && errorLine.MatchString(out) {
		err = external.Failed("sta", nil, complaint(out))
	}
	return out, err
}

func versions(ctx context.Context) (v ToolVersions, err error) {
	out, err := command(ctx, "", "yosys", "-V")
	if err != nil {
		return v, err
	}
	v.Yosys = strings.TrimPrefix(firstLine(out), "Yosys ")
	if out, err = command(ctx, "", "sta", "-version"); err != nil {
		return v, err
	}
	v.STA = firstLine(out)
	return v, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
