// Package external starts the programs of others: simulators, Yosys, ABC, OpenSTA. A command dies with everything that it
// started when its context ends. What is not installed is a [MissingToolError]; what fails, a [ToolError].
package external

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// MissingToolError says that a program is not installed.
type MissingToolError struct {
	Tool    string // program, such as iverilog
	Package string // Debian package that has it
	For     string // what it is needed for
}

func (e *MissingToolError) Error() string {
	return fmt.Sprintf("%s is not installed; it is needed %s (Debian package: %s)", e.Tool, e.For, e.Package)
}

// ToolError says that a tool failed, or that a simulation ended before its time.
type ToolError struct {
	Tool string
	Err  error  // how it ended; nil where the tool called its own run a success
	Log  string // what it said of it, or the end of what it wrote
}

// Failed returns a [ToolError].
func Failed(tool string, err error, log string) error { return &ToolError{tool, err, log} }

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

// Find returns the first of some tools that is not there as a [MissingToolError], or nil.
func Find(tools ...MissingToolError) error {
	for _, tool := range tools {
		if _, err := exec.LookPath(tool.Tool); err != nil {
			return &tool
		}
	}
	return nil
}

// Command is a tool that is to run in a directory.
func Command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // a compiler that is killed leaves its files where they are swept up
	cmd.WaitDelay = time.Second                   // for grandchildren that hold the pipes open
	ownGroup(cmd)
	return cmd
}
