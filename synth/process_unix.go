//go:build unix

package synth

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a command the leader of a process group, all of which is killed when its context ends: Yosys starts
// ABC.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
