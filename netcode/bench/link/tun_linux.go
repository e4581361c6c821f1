package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// tunLink carries IP packets between TUN devices in two namespaces. One thread does it all: it waits with ppoll, whose
// timeouts are in nanoseconds, and keeps time better than goroutines and timers do.
type tunLink struct {
	ends  [2]*namespace
	tun   [2]int
	stop  int // an eventfd
	ended chan struct{}

	mu   sync.Mutex // guards what follows
	way  [2]*direction
	late time.Duration
}

// The addresses of the client's and of the server's device.
var hosts = [2]netip.Prefix{netip.MustParsePrefix("10.77.7.1/24"), netip.MustParsePrefix("10.77.7.2/24")}

func openTun(shape Shape, seed uint64) (Link, error) {
	l := &tunLink{tun: [2]int{-1, -1}, stop: -1, ended: make(chan struct{})}
	err := l.open(shape, seed)
	if err != nil {
		l.release()
		return nil, err
	}
	up := make(chan struct{})
	go func() {
		defer close(l.ended)
		runtime.LockOSThread()
		raise()
		close(up)
		l.carry()
	}()
	<-up
	return l, nil
}

func (l *tunLink) open(shape Shape, seed uint64) (err error) {
	for end := range l.ends {
		if l.ends[end], err = newNamespace(); err != nil {
			return err
		}
		if l.tun[end], err = l.ends[end].openTun(hosts[end]); err != nil {
			return err
		}
		l.way[end] = newDirection(shape, seed, uint64(end))
	}
	l.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC)
	return err
}

func (l *tunLink) CarriesTCP() bool { return true }

func (l *tunLink) Start(end int, cmd *exec.Cmd) error { return l.ends[end].do(cmd.Start) }

func (l *tunLink) Addr() (listen, dial string) {
	addr := hosts[Server].Addr().String() + ":" + Port
	return addr, addr
}

func (l *tunLink) Counts() [2]Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	return [2]Count{l.way[0].count, l.way[1].count}
}

func (l *tunLink) Late() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	late := l.late
	l.late = 0
	return late
}

func (l *tunLink) Close() error {
	if _, err := unix.Write(l.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return fmt.Errorf("stop the link: %w", err)
	}
	<-l.ended
	l.release()
	return nil
}

func (l *tunLink) release() {
	for end := range l.ends {
		if l.tun[end] >= 0 {
			unix.Close(l.tun[end])
		}
		if l.ends[end] != nil && l.ends[end].file != nil {
			l.ends[end].Close()
		}
	}
	if l.stop >= 0 {
		unix.Close(l.stop)
	}
}

// carry moves packets until the link is closed.
func (l *tunLink) carry() {
	began := time.Now()
	var on flights
	var buf [2048]byte
	for {
		var wait *unix.Timespec
		if due, ok := on.next(); ok {
			t := unix.NsecToTimespec(int64(max(0, due-time.Since(began))))
			wait = &t
		}
		poll := []unix.PollFd{{Fd: int32(l.tun[0]), Events: unix.POLLIN}, {Fd: int32(l.tun[1]), Events: unix.POLLIN}, {Fd: int32(l.stop), Events: unix.POLLIN}}
		if _, err := unix.Ppoll(poll, wait, nil); err != nil && !errors.Is(err, unix.EINTR) {
			panic("link: ppoll: " + err.Error()) // no descriptor of ours can cause it
		}
		if poll[2].Revents != 0 {
			return
		}
		l.mu.Lock()
		for end := range l.tun {
			for poll[end].Revents != 0 {
				n, err := unix.Read(l.tun[end], buf[:])
				if err != nil {
					break
				}
				l.enter(&on, time.Since(began), end, buf[:n])
			}
		}
		l.leave(&on, time.Since(began))
		l.mu.Unlock()
	}
}

// enter takes a packet from an end. IPv6 is the kernel talking to itself: it is not counted and goes nowhere.
func (l *tunLink) enter(on *flights, now time.Duration, end int, packet []byte) {
	if len(packet) == 0 || packet[0]>>4 != 4 {
		return
	}
	if due, ok := l.way[end].take(now, len(packet)); ok {
		on.add(due, 1-end, packet)
	}
}

// leave lets out what is due.
func (l *tunLink) leave(on *flights, now time.Duration) {
	for {
		due, ok := on.next()
		if !ok || due > now {
			return
		}
		l.late = max(l.late, now-due)
		p := on.land()
		_, _ = unix.Write(l.tun[p.to], p.bytes) // a device that is going away takes nothing more
		on.recycle(p.bytes)
	}
}
