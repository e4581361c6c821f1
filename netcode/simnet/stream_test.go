package simnet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/simnet"
)

// streams returns both ends of a real stream, the first one impaired.
func streams(t *testing.T, up, down simnet.Conditions) (*simnet.ImpairedConn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := simnet.ImpairConn(near, up, down, 1)
	t.Cleanup(func() { c.Close(); far.Close() })
	return c, far
}

func TestStreamKeepsItsBytesInOrder(t *testing.T) {
	bad := simnet.Conditions{Delay: 2 * ms, Jitter: 5 * ms, Reorder: 0.2, Duplicate: 0.2, Corrupt: 0.2}
	c, far := streams(t, bad, bad)
	data := make([]byte, 300_000)
	for i, r := 0, rand.New(rand.NewPCG(1, 1)); i < len(data); i++ {
		data[i] = byte(r.Uint32())
	}
	go func() { // far sends all back and hangs up
		_, _ = io.CopyN(far, far, int64(len(data)))
		far.Close()
	}()
	go func() { _, _ = c.Write(data) }()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d of %d bytes came back, equal %v, %v", len(got), len(data), bytes.Equal(got, data), err)
	}
}

func TestStreamIsNeverEarly(t *testing.T) {
	c, far := streams(t, simnet.Conditions{Delay: 30 * ms}, simnet.Conditions{Delay: 20 * ms})
	start := time.Now()
	if _, err := c.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	if n, err := far.Read(buf); n != 1 || err != nil || time.Since(start) < 30*ms {
		t.Errorf("up: %d bytes, %v, after %v", n, err, time.Since(start))
	}
	start = time.Now()
	if _, err := far.Write([]byte{2}); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(buf); n != 1 || err != nil || time.Since(start) < 20*ms {
		t.Errorf("down: %d bytes, %v, after %v", n, err, time.Since(start))
	}
}

func TestStreamDeadlines(t *testing.T) {
	c, far := streams(t, simnet.Conditions{Delay: time.Minute}, simnet.Conditions{})
	buf := make([]byte, 10)
	_ = c.SetReadDeadline(time.Now().Add(10 * ms))
	if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read: %v", err)
	}
	_ = c.SetReadDeadline(time.Time{})
	result := make(chan error)
	go func() {
		_, err := c.Read(buf)
		result <- err
	}()
	_ = c.SetDeadline(time.Unix(1, 0)) // long ago, while Read waits
	if err := <-result; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read: %v", err)
	}
	_ = c.SetDeadline(time.Time{})
	if _, err := far.Write([]byte{7}); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(buf); n != 1 || err != nil || buf[0] != 7 {
		t.Errorf("Read: %d, %v", n, err)
	}
}

// A writer gets 64 KiB ahead of its reader and no further.
func TestStreamWriterWaitsForRoom(t *testing.T) {
	c, _ := streams(t, simnet.Conditions{Delay: time.Minute}, simnet.Conditions{})
	_ = c.SetWriteDeadline(time.Now().Add(50 * ms))
	var err error
	total := 0
	for n := 0; err == nil; total += n {
		n, err = c.Write(make([]byte, 10_000))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) || total > 64<<10+1400 {
		t.Errorf("%d bytes were taken, then %v", total, err)
	}
}

func TestStreamClose(t *testing.T) {
	c, far := streams(t, simnet.Conditions{}, simnet.Conditions{Delay: time.Minute})
	result := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 10))
		result <- err
	}()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err != net.ErrClosed {
		t.Errorf("Read: %v, want net.ErrClosed", err)
	}
	if _, err := c.Write([]byte{1}); err != net.ErrClosed {
		t.Errorf("Write: %v, want net.ErrClosed", err)
	}
	if _, err := far.Read(make([]byte, 10)); err != io.EOF {
		t.Errorf("the peer reads %v, want EOF", err)
	}
}

func TestStreamTellsThatTheRealOneBroke(t *testing.T) {
	near, far := net.Pipe()
	far.Close()
	c := simnet.ImpairConn(near, simnet.Conditions{}, simnet.Conditions{}, 1)
	defer c.Close()
	var err error
	for err == nil {
		_, err = c.Write([]byte{1})
	}
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Write: %v, want that of the pipe", err)
	}
}

func TestRecordsOverAnImpairedStream(t *testing.T) {
	l, err := tcp.Listen("127.0.0.1:0", carrier.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := tcp.Dial(context.Background(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bad := simnet.Conditions{Delay: 5 * ms, Jitter: 5 * ms}
	client.Wrap(func(c net.Conn) net.Conn { return simnet.ImpairConn(c, bad, bad, 1) })
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for i := range 200 {
			_ = client.WriteRecord(bytes.Repeat([]byte{byte(i)}, 1+i*5))
		}
	}()
	buf := make([]byte, carrier.MaxRecord)
	for i := range 200 {
		n, err := server.ReadRecord(buf)
		if err != nil || n != 1+i*5 || buf[0] != byte(i) || buf[n-1] != byte(i) {
			t.Fatalf("record %d: %d bytes, %v", i, n, err)
		}
	}
}
