// Command fmaq generates, checks and measures low-bit floating-point accumulators. See "fmaq --help".
//
// Exit codes: 0 fine, 1 a check found a difference, 2 bad usage or input, 3 a tool is missing, 130 interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second interrupt ends the process at once, should anything hang after the first.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
