//go:build unix

package sim

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a command the leader of a process group, all of which is killed when its context ends: Verilator starts
// make, and make starts compilers.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
