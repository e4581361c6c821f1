package link

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// namespace is a network namespace without a name. It lasts as long as its file is open or a process is in it.
type namespace struct{ file *os.File }

func newNamespace() (*namespace, error) {
	ns := new(namespace)
	err := onThread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("new network namespace: %w", err)
		}
		if ns.file, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		return configure("lo", netip.Prefix{}, 0)
	})
	return ns, err
}

// do runs f on a thread in the namespace.
func (ns *namespace) do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(ns.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter network namespace: %w", err)
		}
		return f()
	})
}

// openTun makes a TUN device with the given address in the namespace and returns its descriptor, which does not block.
func (ns *namespace) openTun(addr netip.Prefix) (fd int, err error) {
	err = ns.do(func() (err error) {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return fmt.Errorf("open /dev/net/tun: %w", err)
		}
		req, err := unix.NewIfreq("bench0")
		if err != nil {
			return err
		}
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil {
			return fmt.Errorf("TUNSETIFF: %w", err)
		}
		return configure("bench0", addr, 1500)
	})
	return fd, err
}

// configure gives a device of the thread's namespace its address and MTU, where they are not zero, and brings it up.
func configure(device string, addr netip.Prefix, mtu uint32) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	set := func(what uint, prepare func(*unix.Ifreq) error) error {
		req, err := unix.NewIfreq(device)
		if err == nil {
			err = prepare(req)
		}
		if err == nil {
			err = unix.IoctlIfreq(s, what, req)
		}
		if err != nil {
			return fmt.Errorf("configure %s (ioctl %#x): %w", device, what, err)
		}
		return nil
	}
	if addr.IsValid() {
		ip := addr.Addr().As4()
		mask := netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), addr.Bits()).Masked().Addr().As4()
		if err := set(unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(ip[:]) }); err != nil {
			return err
		}
		if err := set(unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr(mask[:]) }); err != nil {
			return err
		}
	}
	if mtu > 0 {
		if err := set(unix.SIOCSIFMTU, func(r *unix.Ifreq) error { r.SetUint32(mtu); return nil }); err != nil {
			return err
		}
	}
	return set(unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error {
		if err := unix.IoctlIfreq(s, unix.SIOCGIFFLAGS, r); err != nil {
			return err
		}
		r.SetUint16(r.Uint16() | unix.IFF_UP)
		return nil
	})
}

func (ns *namespace) Close() error { return ns.file.Close() }

// raise gives the calling thread a place before the ordinary ones, and before those of the processes at the ends, so that it
// wakes in time on a busy machine. Without the right to do so it changes nothing: Late tells what came of it.
func raise() {
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 20}, 0)
}
