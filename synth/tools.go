package synth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// MissingToolError says that a program is not installed.
type MissingToolError struct {
	Tool    string // program, such as yosys
	Package string // Debian package that has it
	For     string // what it is needed for
}

func (e *MissingToolError) Error() string {
	return fmt.Sprintf("%s is not installed; it is needed %s (Debian package: %s)", e.Tool, e.For, e.Package)
}

// ToolError says that a tool failed.
type ToolError struct {
	Tool string
	Err  error  // how it ended; nil where the tool called its own run a success
	Log  string // what it said of it
}

func (e *ToolError) Error() string {
	message := e.Tool
	if e.Err != nil {
		message += ": " + e.Err.Error()
	}
	if e.Log != "" {
		message += "\n" + e.Log
	}
	return message
}

func (e *ToolError) Unwrap() error { return e.Err }

// ToolVersions are what the tools say of themselves. ABC comes with Yosys.
type ToolVersions struct {
	Yosys string `json:"yosys"`
	STA   string `json:"opensta,omitempty"`
}

var (
	yosysTool = MissingToolError{"yosys", "yosys", "for synthesis"}
	abcTool   = MissingToolError{"yosys-abc", "yosys", "to map logic to library cells"}
	staTool   = MissingToolError{"sta", "opensta", "for timing and power"}
)

func findTools(tools ...MissingToolError) error {
	for _, tool := range tools {
		if _, err := exec.LookPath(tool.Tool); err != nil {
			return &tool
		}
	}
	return nil
}

// command runs a tool in a directory and returns what it wrote. When the context ends, it dies with everything that it
// started.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return string(out), &ToolError{name, err, complaint(string(out))}
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
		err = &ToolError{"sta", nil, complaint(out)}
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
