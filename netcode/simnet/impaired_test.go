package simnet_test

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/simnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

func socket(t testing.TB) *udp.Socket {
	t.Helper()
	s, err := udp.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func impair(t testing.TB, up, down simnet.Conditions, seed uint64) *simnet.Impaired {
	t.Helper()
	m := simnet.Impair(socket(t), up, down, seed)
	t.Cleanup(func() { m.Close() })
	return m
}

// number sends i; readNumber reads one.
func number(t testing.TB, s carrier.Datagrams, i uint32, to netip.AddrPort) {
	t.Helper()
	if err := write(s, binary.LittleEndian.AppendUint32(nil, i), to); err != nil {
		t.Fatal(err)
	}
}

func readNumber(t testing.TB, s carrier.Datagrams) (i uint32, from netip.AddrPort) {
	t.Helper()
	var one [1]carrier.Datagram
	if _, err := s.ReadBatch(one[:]); err != nil || len(one[0].Data) != 4 {
		t.Fatalf("read %d bytes, %v", len(one[0].Data), err)
	}
	return binary.LittleEndian.Uint32(one[0].Data), one[0].Addr
}

func TestImpairedIsNeverEarly(t *testing.T) {
	server := socket(t)
	client := impair(t, simnet.Conditions{Delay: 30 * ms}, simnet.Conditions{Delay: 20 * ms, Jitter: 5 * ms}, 1)
	for i := range uint32(3) {
		start := time.Now()
		number(t, client, i, server.LocalAddr())
		got, from := readNumber(t, server)
		if took := time.Since(start); got != i || from != client.LocalAddr() || took < 30*ms {
			t.Errorf("up: %d from %v after %v", got, from, took)
		}
		start = time.Now()
		number(t, server, i, from)
		got, from = readNumber(t, client)
		if took := time.Since(start); got != i || from != server.LocalAddr() || took < 20*ms {
			t.Errorf("down: %d from %v after %v", got, from, took)
		}
	}
}

// survivors sends n datagrams through a lossy client and returns those that came through.
func survivors(t *testing.T, n uint32, seed uint64) (got []uint32) {
	t.Helper()
	server := socket(t)
	client := impair(t, simnet.Conditions{Loss: 0.5, Duplicate: 0.2}, simnet.Conditions{}, seed)
	for i := range n {
		number(t, client, i, server.LocalAddr())
	}
	up, down := client.Stats()
	if up.Sent != uint64(n) || up.Sent+up.Duplicated != up.Delivered+up.Dropped() || down != (simnet.Stats{}) {
		t.Fatalf("counters up %+v, down %+v", up, down)
	}
	for range up.Delivered {
		i, _ := readNumber(t, server)
		got = append(got, i)
	}
	slices.Sort(got)
	return got
}

func TestImpairedLosesTheSameUnderOneSeed(t *testing.T) {
	const n = 500
	first := survivors(t, n, 7)
	if !slices.Equal(survivors(t, n, 7), first) {
		t.Error("the same seed lost others")
	}
	if slices.Equal(survivors(t, n, 8), first) {
		t.Error("another seed lost the same")
	}
}

func TestImpairedConditionsChangeWhileRunning(t *testing.T) {
	server := socket(t)
	client := impair(t, simnet.Conditions{}, simnet.Conditions{}, 1)
	number(t, client, 1, server.LocalAddr())
	readNumber(t, server)
	all := simnet.Conditions{Loss: 1}
	client.Set(all, simnet.Conditions{})
	if up, down := client.Conditions(); up != all || down != (simnet.Conditions{}) {
		t.Errorf("conditions %v and %v", up, down)
	}
	number(t, client, 2, server.LocalAddr())
	client.Set(simnet.Conditions{}, simnet.Conditions{})
	client.Outage(time.Hour)
	number(t, client, 3, server.LocalAddr())
	if up, _ := client.Stats(); up.Sent != 3 || up.Lost != 1 || up.Outage != 1 {
		t.Errorf("%+v, want one lost and one in the outage", up)
	}
}

func TestImpairedQueueIsBounded(t *testing.T) {
	const limit, more = 4096, 10
	client := impair(t, simnet.Conditions{Delay: time.Minute}, simnet.Conditions{}, 1)
	for i := range uint32(limit + more) {
		number(t, client, i, client.LocalAddr())
	}
	if up, _ := client.Stats(); up.Full != more || up.Delivered != limit || up.Sent != up.Delivered+up.Dropped() {
		t.Errorf("%+v, want %d delivered, %d without room", up, limit, more)
	}
}

func TestImpairedClose(t *testing.T) {
	client := impair(t, simnet.Conditions{Delay: time.Minute}, simnet.Conditions{Delay: time.Minute}, 1)
	number(t, client, 1, client.LocalAddr())
	result := make(chan error)
	go func() {
		_, err := client.ReadBatch(make([]carrier.Datagram, 1))
		result <- err
	}()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err != net.ErrClosed {
		t.Errorf("ReadBatch: %v, want net.ErrClosed", err)
	}
	if err := write(client, []byte{1}, client.LocalAddr()); err != net.ErrClosed {
		t.Errorf("WriteBatch: %v, want net.ErrClosed", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// write sends one datagram.
func write(s carrier.Datagrams, b []byte, to netip.AddrPort) error {
	_, err := s.WriteBatch([]carrier.Datagram{{Data: b, Addr: to}})
	return err
}

// broken is a socket that can do nothing.
type broken struct{ refused chan struct{} }

var errBroken = errors.New("broken")

func (b broken) ReadBatch([]carrier.Datagram) (int, error) { return 0, errBroken }
func (b broken) LocalAddr() netip.AddrPort                 { return netip.AddrPort{} }
func (b broken) Close() error                              { return nil }
func (b broken) WriteBatch(batch []carrier.Datagram) (int, error) {
	b.refused <- struct{}{}
	return len(batch), nil
}

func TestImpairedOverABrokenSocket(t *testing.T) {
	b := broken{make(chan struct{})}
	m := simnet.Impair(b, simnet.Conditions{}, simnet.Conditions{}, 1)
	if _, err := m.ReadBatch(make([]carrier.Datagram, 1)); err != errBroken {
		t.Errorf("ReadBatch: %v, want the error of the socket", err)
	}
	if err := write(m, []byte{1}, netip.AddrPort{}); err != nil {
		t.Errorf("WriteBatch: %v", err)
	}
	<-b.refused
	m.Close()
	if m.Failed() != 1 {
		t.Errorf("%d failed, want 1", m.Failed())
	}
}
