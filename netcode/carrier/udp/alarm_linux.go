package udp

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// alarm is a sleep of less than a millisecond, for one goroutine: a timerfd(2) that the runtime's poller waits for. The runtime's own
// timers are as coarse as a millisecond while all sleep. A sleep in a system call keeps its monitor thread awake, which then looks every 20 µs whether
// that call has ended: more work than the sleep saves.
type alarm struct {
	file *os.File
	raw  syscall.RawConn
	call func(fd uintptr) bool // a.wait, made once
	at   unix.ItimerSpec
	set  bool
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	a := &alarm{file: os.NewFile(uintptr(fd), "timerfd")}
	if a.raw, err = a.file.SyscallConn(); err != nil {
		a.close()
		return nil, err
	}
	a.call = a.wait
	return a, nil
}

// sleep returns after d, or when the alarm is closed.
func (a *alarm) sleep(d time.Duration) {
	a.at.Value, a.set = unix.NsecToTimespec(int64(d)), false
	_ = a.raw.Read(a.call)
}

// wait sets the alarm when it is called first. It is called again when the alarm rang; to set it anew takes that back,
// so that nothing need be read from it.
func (a *alarm) wait(fd uintptr) (done bool) {
	if a.set {
		return true
	}
	a.set = true
	_, _, errno := unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&a.at)), 0, 0, 0)
	return errno != 0
}

// close may be called while somebody sleeps.
func (a *alarm) close() { _ = a.file.Close() }
