package alarm

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Alarm is a timerfd(2) for which the runtime's poller waits, or a timer of the runtime when the process may open no more files. Set is for one
// goroutine at a time, and so is Wait; Close may be called at any time. Neither allocates. The zero Alarm is of no use: see New.
type Alarm struct {
	file *os.File
	raw  syscall.RawConn
	c    *coarse // instead

	at     unix.ItimerSpec
	set    func(fd uintptr)      // a.settime, made once
	rings  func(fd uintptr) bool // a.read, made once
	expiry uint64                // how often it rang, as read(2) has it
}

// New returns an alarm that is not set.
func New() *Alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return &Alarm{c: newCoarse()}
	}
	a := &Alarm{file: os.NewFile(uintptr(fd), "timerfd")}
	a.raw, _ = a.file.SyscallConn() // fails for a nil file alone
	a.set, a.rings = a.settime, a.read
	return a
}

// Set makes the alarm ring after d, at once when that is not positive, instead of when it was set to before.
func (a *Alarm) Set(d time.Duration) {
	if a.c != nil {
		a.c.timer.Reset(d)
		return
	}
	a.at.Value = unix.NsecToTimespec(int64(max(1, d))) // 0 would switch it off
	_ = a.raw.Control(a.set)
}

// Wait returns true once the alarm has rung, false when it is closed.
func (a *Alarm) Wait() bool {
	if a.c != nil {
		return a.c.wait()
	}
	return a.raw.Read(a.rings) == nil
}

// Close ends a Wait, now and later. Closing again does nothing.
func (a *Alarm) Close() {
	if a.c != nil {
		a.c.close()
		return
	}
	_ = a.file.Close()
}

// The calls below cannot block, so the scheduler need not know of them.

func (a *Alarm) settime(fd uintptr) {
	unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&a.at)), 0, 0, 0)
}

// read takes back that the alarm rang; false when it did not.
func (a *Alarm) read(fd uintptr) bool {
	_, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&a.expiry)), unsafe.Sizeof(a.expiry))
	return errno != unix.EAGAIN && errno != unix.EINTR
}
