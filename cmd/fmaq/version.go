package main

import (
	"fmt"
	"runtime"
)

// version is that of the newest entry of CHANGELOG.md. It stands in the header of every emitted file.
const version = "0.1.0"

type versionCmd struct{}

func (versionCmd) Run(w *world) error {
	fmt.Fprintf(w.stdout, "fmaq %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
