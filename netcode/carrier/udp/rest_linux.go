package udp

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// alarm is a sleep of less than a millisecond, for one goroutine: a timerfd(2) that the runtime's poller waits for. The runtime's own timers are as
// coarse as a millisecond, and a sleep in a system call makes its monitor thread look after it every 20 µs, which costs more than
// what the sleep was to save.
type alarm struct {
	file *os.File
	raw  syscall.RawConn
	call func(fd uintptr) bool // a.wait, made once
	set  unix.ItimerSpec
	rung bool
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	a := &alarm{file: os.NewFile(uintptr(fd), "timerfd")}
	if a.raw, err = a.file.SyscallConn(); err != nil {
		a.file.Close()
		return nil, err
	}
	a.call = a.wait
	return a, nil
}

// sleep returns after d, or at once when the alarm was closed.
func (a *alarm) sleep(d time.Duration) {
	a.set.Value, a.rung = unix.NsecToTimespec(int64(d)), true
	_ = a.raw.Read(a.call)
}

// wait sets the alarm when it is called first and is called again when it rings. Setting it anew takes back that it rang.
func (a *alarm) wait(fd uintptr) (rang bool) {
	if a.rung {
		a.rung = false
		_, _, errno := unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&a.set)), 0, 0, 0)
		return errno != 0
	}
	return true
}
