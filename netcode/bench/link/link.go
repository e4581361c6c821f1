package link

import (
	"errors"
	"io/fs"
	"os/exec"
	"runtime"
	"time"
)

// The two ends of a link.
const (
	Client = 0
	Server = 1
)

// Link is a network between two processes. Its methods are for one goroutine.
type Link interface {
	// CarriesTCP reports whether TCP meets the link too, not UDP alone.
	CarriesTCP() bool
	// Start starts a command at an end of the link.
	Start(end int, cmd *exec.Cmd) error
	// Addr is the address a server listens on, and the one a client reaches it by.
	Addr() (listen, dial string)
	// Counts returns what each end offered to the link so far.
	Counts() [2]Count
	// Late is the most that a packet came out too late since the last call: how far to trust what was measured.
	Late() time.Duration
	// Close ends the link. The commands have ended before.
	Close() error
}

// Port is what servers listen on in a namespace of their own.
const Port = "7777"

// Open returns a link of that shape between two network namespaces; without the right to make them, one that carries UDP
// alone. With a nil shape both ends meet on a loopback device.
func Open(shape *Shape, seed uint64) (Link, error) {
	if shape == nil {
		return openLoopback()
	}
	l, err := openTun(*shape, seed)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return openRelay(*shape, seed)
	}
	return l, err
}

// onThread runs f on a thread that is thrown away afterwards, whatever f did to it.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		done <- f()
	}()
	return <-done
}
