package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"fmaq/sim/external"
	"fmaq/synth"
)

// The exit codes.
const (
	exitFine        = 0
	exitDifferent   = 1
	exitBadInput    = 2
	exitMissingTool = 3
	exitInterrupted = 130 // as shells have it: 128 + SIGINT
)

// cli is the command line: a field and a file each subcommand.
type cli struct {
	Run     runCmd     `cmd:"" help:"Do everything for a configuration: RTL, gates, co-simulation, proof, network accuracy, report."`
	Gen     genCmd     `cmd:"" help:"Write the Verilog, its self-checking bench, file list and manifest."`
	Gates   gatesCmd   `cmd:"" help:"Count gates by block: the paper's model and the circuit really emitted."`
	Synth   synthCmd   `cmd:"" help:"Map the circuit to a cell library: area, timing and power; or to an FPGA."`
	Compare compareCmd `cmd:"" help:"Write the comparison of formats and switches: gates, mapped area, area over delay."`
	Sim     simCmd     `cmd:"" help:"Co-simulate the circuit with the emitted Verilog on stratified vectors."`
	Prove   proveCmd   `cmd:"" help:"Check the circuit's gates against the numerics on every input."`
	Train   trainCmd   `cmd:"" help:"Train the MNIST network and write it as ONNX."`
	Infer   inferCmd   `cmd:"" help:"Measure a network's accuracy under a configuration's numerics."`
	Configs configsCmd `cmd:"" help:"List the presets."`
	Explain explainCmd `cmd:"" help:"Decode codes and encode values of a format."`
	Doctor  doctorCmd  `cmd:"" help:"Tell which tools are installed, which are missing and what each is for."`
	Version versionCmd `cmd:"" help:"Print the version."`
	Readme  readmeCmd  `cmd:"" hidden:""`
}

const description = `Low-bit floating-point accumulators (FMAq): generate the circuit, count it, prove it, and run a network on it.

CONFIG is the name of a preset (see "fmaq configs"), an accumulator format such as M6E5, or a TOML file.

Exit codes: 0 fine, 1 a check found a difference, 2 bad usage or input, 3 a tool is missing.`

// world is what a subcommand has of its surroundings.
type world struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

// exitError is an error with the exit code it leads to; any other error is bad input.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// differs is the error of a check that found a difference, which the subcommand has printed already.
func differs(format string, args ...any) error {
	return &exitError{exitDifferent, fmt.Errorf(format, args...)}
}

// missing is the error of a tool that is not installed.
func missing(err error) error { return &exitError{exitMissingTool, err} }

// exited carries the exit code that kong asks for (after --help) out of the parser.
type exited int

// run is the whole program: it returns the exit code, and writes every error as one message to stderr. Nothing reads
// standard input.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("fmaq"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		panic(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(shieldNumbers(args))
	if err != nil {
		fmt.Fprintf(stderr, "fmaq: %v; \"fmaq --help\" tells more\n", err)
		return exitBadInput
	}
	err = command.Run(&world{ctx, stdout, stderr})
	return report(ctx, err, stderr)
}

// report prints an error and returns its exit code.
func report(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitFine
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "fmaq: interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "fmaq: %v\n", err)
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	var (
		tool    *external.MissingToolError
		library *synth.MissingLibraryError
	)
	if errors.As(err, &tool) || errors.As(err, &library) {
		return exitMissingTool
	}
	return exitBadInput
}
