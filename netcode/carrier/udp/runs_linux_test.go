package udp

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A device that refuses runs gets single datagrams, at once and from then on.
func TestRefusedRunsGoSingly(t *testing.T) {
	for errno, trusted := range map[syscall.Errno]bool{unix.EIO: false, unix.EINVAL: false, unix.ENOPROTOOPT: false, unix.EMSGSIZE: true} {
		server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
		w := &client.batching.sender
		if !w.offload {
			t.Skip("this kernel has no UDP_SEGMENT")
		}
		runs := 0
		w.call = func(fd uintptr) bool {
			whole := w.last
			defer func() { w.last = whole }()
			for w.last = w.first; w.last < whole && w.counts[w.last] == 1; {
				w.last++ // the kernel tells of an error when nothing comes before it
			}
			if w.first < w.last {
				return w.send(fd)
			}
			runs++
			w.errno = errno
			return true
		}
		batch := datagrams(server.LocalAddr(), 10, 500, 500, 500, 900, 900, 20)
		for range 2 {
			write(t, client, batch)
			same(t, collect(t, server, len(batch)), batch, client.LocalAddr())
		}
		if w.offload != trusted {
			t.Errorf("%v: runs are used on: %v, want %v", errno, w.offload, trusted)
		}
		if want := map[bool]int{false: 1, true: 2}[trusted]; runs != want {
			t.Errorf("%v: %d runs tried, want %d", errno, runs, want)
		}
	}
}

func TestRuns(t *testing.T) {
	to := listen(t, "127.0.0.1:0").LocalAddr()
	other := listen(t, "127.0.0.1:0").LocalAddr()
	elsewhere := datagrams(to, 5, 5, 5)
	elsewhere[2].Addr = other
	for _, c := range []struct {
		want  int
		sizes []int
	}{
		{1, []int{7}}, {1, []int{0, 0}}, {1, []int{5, 6}}, {2, []int{6, 5, 5}}, {3, []int{9, 9, 9}},
		{64, sizes(80, 10)}, {44, sizes(50, 1452)}, {2, []int{9, 9, 0}},
	} {
		if got := run(datagrams(to, c.sizes...)); got != c.want {
			t.Errorf("a run of %d of sizes %v, want %d", got, c.sizes, c.want)
		}
	}
	if got := run(elsewhere); got != 2 {
		t.Errorf("a run of %d to two peers, want 2", got)
	}
}

// Runs are read as runs once a socket has seen what they save.
func TestRunsAreReadAsRuns(t *testing.T) {
	server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	r := &server.batching.receiver
	if !r.offload {
		t.Skip("this kernel has no UDP_SEGMENT")
	}
	batch := datagrams(server.LocalAddr(), sizes(64, 1000)...)
	for range 20 {
		write(t, client, batch)
		same(t, collect(t, server, len(batch)), batch, client.LocalAddr())
	}
	if !r.runs {
		t.Error("the kernel was not asked for runs")
	}
}

func TestLinkLocalZones(t *testing.T) {
	var z zones
	index := z.index("lo")
	if index == 0 || z.name(index) != "lo" {
		t.Errorf("lo has number %d, which is %q", index, z.name(index))
	}
	if z.index("17") != 17 || z.index("no such interface") != 0 {
		t.Error("numbers must stand for themselves")
	}
	for i := range uint32(3 * maxZones) {
		z.name(i + 1000)
	}
	if len(z.names) > maxZones || len(z.indexes) > maxZones {
		t.Errorf("%d zones remembered", len(z.names))
	}
}

func TestBuffersAreReadBack(t *testing.T) {
	if s := listen(t, "127.0.0.1:0").Stats(); s.ReceiveBuffer < 1<<16 || s.SendBuffer < 1<<16 {
		t.Errorf("%+v", s)
	}
	if !(Stats{ReceiveBuffer: 1 << 18}).Small() || (Stats{ReceiveBuffer: 2 * bufferSize}).Small() || (Stats{}).Small() {
		t.Error("Small")
	}
}
