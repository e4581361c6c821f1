package tcp

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

func TestHostilePeers(t *testing.T) {
	const brief = 20 * time.Millisecond
	for _, c := range []struct {
		name  string
		limit func(*carrier.Limits)
		act   func(*testing.T, net.Conn)
		want  error
		count func(carrier.Stats) uint64
	}{{
		"sends nothing", func(l *carrier.Limits) { l.FirstRecord = brief },
		func(*testing.T, net.Conn) {},
		carrier.ErrSilent, func(s carrier.Stats) uint64 { return s.Silent },
	}, {
		"sends half of its first record", func(l *carrier.Limits) { l.FirstRecord = brief },
		func(t *testing.T, c net.Conn) { write(t, c, 3, 0, 1) },
		carrier.ErrSilent, func(s carrier.Stats) uint64 { return s.Silent },
	}, {
		"never opens a session", func(l *carrier.Limits) { l.Authenticate = brief },
		func(t *testing.T, c net.Conn) { write(t, c, 1, 0, 9) },
		carrier.ErrUnauthenticated, func(s carrier.Stats) uint64 { return s.Unopened },
	}, {
		"leaves a record half sent", func(l *carrier.Limits) { l.Record = brief },
		func(t *testing.T, c net.Conn) { write(t, c, 1, 0, 9, 3, 0, 1) },
		carrier.ErrSlow, func(s carrier.Stats) uint64 { return s.Slow },
	}, {
		"leaves a length half sent", func(l *carrier.Limits) { l.Record = brief },
		func(t *testing.T, c net.Conn) { write(t, c, 1, 0, 9, 3) },
		carrier.ErrSlow, func(s carrier.Stats) uint64 { return s.Slow },
	}, {
		"announces too much", func(*carrier.Limits) {},
		func(t *testing.T, c net.Conn) { write(t, c, 0xad, 0x05) }, // 1453
		carrier.ErrOversize, func(s carrier.Stats) uint64 { return s.Oversize },
	}, {
		"speaks another protocol", func(*carrier.Limits) {},
		func(t *testing.T, c net.Conn) { write(t, c, []byte("GET / HTTP/1.1\r\n\r\n")...) },
		carrier.ErrOversize, func(s carrier.Stats) uint64 { return s.Oversize },
	}, {
		"announces nothing", func(*carrier.Limits) {},
		func(t *testing.T, c net.Conn) { write(t, c, 1, 0, 9, 0, 0) },
		carrier.ErrEmpty, func(s carrier.Stats) uint64 { return s.Empty },
	}, {
		"hangs up within a record", func(*carrier.Limits) {},
		func(t *testing.T, c net.Conn) { write(t, c, 3, 0, 1); c.Close() },
		carrier.ErrTruncated, func(s carrier.Stats) uint64 { return s.Truncated },
	}, {
		"hangs up within a length", func(*carrier.Limits) {},
		func(t *testing.T, c net.Conn) { write(t, c, 3); c.Close() },
		carrier.ErrTruncated, func(s carrier.Stats) uint64 { return s.Truncated },
	}} {
		t.Run(c.name, func(t *testing.T) {
			limits := patient()
			c.limit(&limits)
			l := listen(t, limits)
			peer := hostile(t, l)
			conn := accept(t, l)
			c.act(t, peer)
			wantEnd(t, conn, c.want)
			if n := c.count(l.Stats()); n != 1 {
				t.Errorf("counted %d times, want once: %+v", n, l.Stats())
			}
			if s := l.Stats(); s.Pending != 0 || s.Open != 0 {
				t.Errorf("the stream is still counted as open: %+v", s)
			}
		})
	}
}

// A record of 1000 bytes, one a millisecond, is longer on its way than the limit of 50 ms.
func TestOneByteAtATime(t *testing.T) {
	limits := patient()
	limits.Record = 50 * time.Millisecond
	l := listen(t, limits)
	peer := hostile(t, l)
	conn := accept(t, l)
	conn.Authenticated() // the limit holds for these too
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		write(t, peer, 1000&0xff, 1000>>8)
		for range 1000 {
			if _, err := peer.Write([]byte{1}); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	wantEnd(t, conn, carrier.ErrSlow)
	<-gone
}

func TestPeerThatReadsNothing(t *testing.T) {
	limits := patient()
	limits.Write = 30 * time.Millisecond
	l := listen(t, limits)
	hostile(t, l)
	conn := accept(t, l)
	var err error
	for record, n := make([]byte, carrier.MaxRecord), 0; err == nil && n < 1<<20; n++ {
		err = conn.WriteRecord(record)
	}
	if err != carrier.ErrStalled || l.Stats().Stalled != 1 {
		t.Errorf("got %v, %+v, want ErrStalled, counted once", err, l.Stats())
	}
}

func TestAuthenticatedLiftsTheLimits(t *testing.T) {
	l := listen(t, patient())
	peer := hostile(t, l)
	conn := accept(t, l)
	if _, reason := conn.InForce(); reason != carrier.ErrSilent && reason != carrier.ErrUnauthenticated {
		t.Fatalf("limit in force at first: %v", reason)
	}
	got := make(chan error)
	go func() {
		_, err := conn.ReadRecord(make([]byte, carrier.MaxRecord))
		got <- err
	}()
	conn.Authenticated()
	conn.Authenticated()
	if _, reason := conn.InForce(); reason != nil && reason != carrier.ErrSlow {
		t.Errorf("limit in force for an authenticated peer: %v", reason)
	}
	write(t, peer, 1, 0, 9)
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	if at, _ := conn.InForce(); !at.IsZero() {
		t.Errorf("the reader waits until %v only", at)
	}
	if s := l.Stats(); s.Pending != 0 || s.Open != 1 {
		t.Errorf("%+v, want none pending, one open", s)
	}
}

// Three may be pending: of six that come at once the rest is reset. A place is free again when one
// is authenticated, and when one ends.
func TestPendingPerAddress(t *testing.T) {
	limits := patient()
	limits.PendingPerAddr = 3
	l := listen(t, limits)
	accepted := make(chan *Conn)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			accepted <- c
		}
	}()
	var in []*Conn
	for range 3 {
		hostile(t, l)
		in = append(in, <-accepted)
	}
	for range 3 {
		wantRefused(t, l)
	}
	if s := l.Stats(); s.RefusedAddr != 3 || s.Accepted != 3 || s.Pending != 3 {
		t.Errorf("%+v, want 3 refused, 3 pending", s)
	}
	in[0].Authenticated()
	in[1].Close()
	for range 2 {
		hostile(t, l)
		in = append(in, <-accepted)
	}
	wantRefused(t, l)
	if s := l.Stats(); s.RefusedAddr != 4 || s.Accepted != 5 || s.Pending != 3 || s.Open != 4 {
		t.Errorf("%+v, want 4 refused, 5 accepted, 3 pending, 4 open", s)
	}
	l.Close()
	for range accepted {
		t.Error("accepted after Close")
	}
	if _, err := in[0].conn.Write([]byte{1, 0, 9}); err != nil {
		t.Errorf("the streams did not survive the listener: %v", err)
	}
}

// wantRefused dials and waits for the reset, which may come before the dialling is done.
func wantRefused(t *testing.T, l *Listener) {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a refused stream gave data")
	}
}

func TestCleanEndBetweenRecords(t *testing.T) {
	l := listen(t, patient())
	peer := hostile(t, l)
	conn := accept(t, l)
	write(t, peer, 1, 0, 9)
	peer.Close()
	wantEnd(t, conn, io.EOF)
	if s := l.Stats(); s.Truncated != 0 {
		t.Errorf("a clean end was counted: %+v", s)
	}
}
