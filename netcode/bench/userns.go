//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// inside is set in the environment of a bench that runs in a user namespace of its own.
const inside = "HALFTICK_BENCH_INSIDE"

// again runs this program once more in a user namespace, in which it is root and may make network namespaces. It reports
// whether that was possible.
func again() (done bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	if cmd.Start() != nil {
		return false, nil // not allowed here
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode()) // it has said why
	}
	return true, err
}
