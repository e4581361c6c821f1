package tcp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode/carrier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient are limits that no test on the slowest machine reaches; tests shorten the one they are about.
func patient() carrier.Limits {
	return carrier.Limits{FirstRecord: time.Minute, Authenticate: time.Minute, Record: time.Minute, Write: time.Minute}
}

func listen(t testing.TB, limits carrier.Limits) *Listener {
	t.Helper()
	l, err := Listen("127.0.0.1:0", limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func accept(t testing.TB, l *Listener) *Conn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// hostile opens a plain stream to l.
func hostile(t testing.TB, l *Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// pair returns both ends of a stream.
func pair(t testing.TB, limits carrier.Limits) (l *Listener, client, server *Conn) {
	t.Helper()
	l = listen(t, limits)
	client, err := Dial(context.Background(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return l, client, accept(t, l)
}

func write(t testing.TB, w io.Writer, b ...byte) {
	t.Helper()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
}

// wantEnd reads until the stream ends and checks the reason.
func wantEnd(t *testing.T, c *Conn, want error) {
	t.Helper()
	buf := make([]byte, carrier.MaxRecord)
	for {
		if _, err := c.ReadRecord(buf); err != nil {
			if !errors.Is(err, want) {
				t.Fatalf("stream ended with %v, want %v", err, want)
			}
			break
		}
	}
	if _, err := c.ReadRecord(buf); err == nil {
		t.Fatal("a closed stream gave a record")
	}
}

func TestManyRecordsBothWays(t *testing.T) {
	_, client, server := pair(t, patient())
	const seed, records = 7, 3000
	record := func(r *rand.Rand) []byte {
		b := make([]byte, 1+r.IntN(carrier.MaxRecord))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	echoed := make(chan error, 1)
	go func() { // the server sends each record back
		buf := make([]byte, carrier.MaxRecord)
		for {
			n, err := server.ReadRecord(buf)
			if err == nil {
				err = server.WriteRecord(buf[:n])
			}
			if err != nil {
				echoed <- err
				return
			}
		}
	}()
	sent := make(chan error, 1)
	go func() {
		r := rand.New(rand.NewPCG(seed, 0))
		for range records {
			if err := client.WriteRecord(record(r)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	r, buf := rand.New(rand.NewPCG(seed, 0)), make([]byte, carrier.MaxRecord)
	for i := range records {
		n, err := client.ReadRecord(buf)
		if want := record(r); err != nil || !bytes.Equal(buf[:n], want) {
			t.Fatalf("seed %d: record %d: %d bytes, %v; want %d bytes", seed, i, n, err, len(want))
		}
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	client.Close()
	if err := <-echoed; err != io.EOF {
		t.Errorf("the server's stream ended with %v, want EOF", err)
	}
}

func TestRecordSizes(t *testing.T) {
	_, client, server := pair(t, patient())
	for _, size := range []int{0, carrier.MaxRecord + 1} {
		if err := client.WriteRecord(make([]byte, size)); err != carrier.ErrRecordSize {
			t.Errorf("%d bytes: %v, want ErrRecordSize", size, err)
		}
	}
	if err := client.WriteRecord([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := server.ReadRecord(buf[:4]); err != io.ErrShortBuffer {
		t.Errorf("got %v, want io.ErrShortBuffer", err)
	}
	if n, err := server.ReadRecord(buf); err != nil || string(buf[:n]) != "whole" {
		t.Errorf("got %q, %v: the record was to be kept", buf[:n], err)
	}
}

func TestRecordByteByByte(t *testing.T) {
	l := listen(t, patient())
	c := hostile(t, l)
	s := accept(t, l)
	go func() {
		for _, b := range appendFrame(appendFrame(nil, []byte("one")), []byte("two")) {
			_, _ = c.Write([]byte{b})
		}
	}()
	buf := make([]byte, carrier.MaxRecord)
	for _, want := range []string{"one", "two"} {
		if n, err := s.ReadRecord(buf); err != nil || string(buf[:n]) != want {
			t.Fatalf("got %q, %v, want %q", buf[:n], err, want)
		}
	}
}

func TestCloseEndsRead(t *testing.T) {
	_, client, server := pair(t, patient())
	result := make(chan error)
	go func() {
		_, err := server.ReadRecord(make([]byte, carrier.MaxRecord))
		result <- err
	}()
	server.Close()
	if err := <-result; err != net.ErrClosed {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
	wantEnd(t, client, io.EOF)
	if err := client.WriteRecord([]byte{1}); err != net.ErrClosed {
		t.Errorf("write after the end: %v, want net.ErrClosed", err)
	}
}

func TestWrapAndAddresses(t *testing.T) {
	l, client, server := pair(t, patient())
	client.Wrap(nil)
	client.Wrap(func(c net.Conn) net.Conn { return countedConn{c, new(int)} })
	if err := client.WriteRecord([]byte("hi")); err != nil {
		t.Fatal(err)
	}
	if got := *client.conn.(countedConn).written; got != 4 {
		t.Errorf("%d bytes went through the layer, want 4", got)
	}
	if client.RemoteAddr() != l.Addr() || !server.RemoteAddr().Addr().IsLoopback() {
		t.Errorf("addresses %v and %v", client.RemoteAddr(), server.RemoteAddr())
	}
}

type countedConn struct {
	net.Conn
	written *int
}

func (c countedConn) Write(b []byte) (int, error) {
	*c.written += len(b)
	return c.Conn.Write(b)
}

func TestDialErrors(t *testing.T) {
	l := listen(t, carrier.Limits{})
	l.Close()
	if _, err := Dial(context.Background(), l.Addr().String()); err == nil {
		t.Error("dialled a closed listener")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Dial(ctx, l.Addr().String()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestAddressInUse(t *testing.T) {
	first := listen(t, carrier.Limits{})
	_, err := Listen(first.Addr().String(), carrier.Limits{})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.HasPrefix(err.Error(), "tcp "+first.Addr().String()+" in use: ") {
		t.Errorf("got %v", err)
	}
}

func TestNoAllocs(t *testing.T) {
	_, client, server := pair(t, patient())
	out, in := make([]byte, carrier.MaxRecord), make([]byte, carrier.MaxRecord)
	allocs := testing.AllocsPerRun(200, func() {
		if err := client.WriteRecord(out); err != nil {
			t.Fatal(err)
		}
		if _, err := server.ReadRecord(in); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations per record, want 0", allocs)
	}
}

func BenchmarkRecord(b *testing.B) {
	_, client, server := pair(b, patient())
	buf := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		if err := client.WriteRecord(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := server.ReadRecord(buf); err != nil {
			b.Fatal(err)
		}
	}
}
