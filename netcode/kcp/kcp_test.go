package kcp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/simnet"
)

// kcp-go starts its scheduler when it is imported and never ends it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

func testConfig() netcode.Config {
	return netcode.Config{App: "kcp test", Channels: []netcode.Channel{
		{Name: "events", Kind: netcode.ReliableOrdered},
		{Name: "state", Kind: netcode.Sequenced},
		{Name: "chat", Kind: netcode.ReliableOrdered, MaxMessage: 4 << 10},
	}}
}

// pair returns both ends of a session over loopback, through a bad network when conditions says so.
func pair(t *testing.T, conditions string, opt Options) (client, server *Conn) {
	t.Helper()
	l, err := Listen("127.0.0.1:0", testConfig(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	way, err := simnet.Parse(conditions)
	if err != nil {
		t.Fatal(err)
	}
	opt.Dialer.Transport = netcode.OnlyUDP // a carrier that loses the race would be the first session of the server
	opt.Dialer.WrapUDP = func(d carrier.Datagrams) carrier.Datagrams { return simnet.Impair(d, way, way, 1) }
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if client, err = Dial(ctx, "kcp://"+l.Addr().String(), testConfig(), opt); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// recv returns the next message on a channel and ignores others.
func recv(t *testing.T, c *Conn, channel int) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		m, err := c.Recv(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if m.Channel == channel {
			return m.Data
		}
	}
}

func numbered(i int) []byte {
	b := bytes.Repeat([]byte{byte(i)}, 4+i*37%3000)
	binary.LittleEndian.PutUint32(b, uint32(i))
	return b
}

// TestExactlyOnce: over a link that loses, delays and reorders, with parity and without, every reliable message
// arrives once, whole and in order, both ways.
func TestExactlyOnce(t *testing.T) {
	for name, opt := range map[string]Options{"plain": {}, "parity": {DataShards: 3, ParityShards: 3}} {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t, "delay=5ms,jitter=5ms,loss=10%,reorder=5%", opt)
			const n = 150
			for i := range n {
				for _, c := range []*Conn{client, server} {
					for errors.Is(c.Send(2, numbered(i)), netcode.ErrQueueFull) {
						time.Sleep(time.Millisecond) // the application's own pace
					}
				}
			}
			for _, c := range []*Conn{server, client} {
				for i := range n {
					if got := recv(t, c, 2); !bytes.Equal(got, numbered(i)) {
						t.Fatalf("message %d: got number %d with %d bytes", i, binary.LittleEndian.Uint32(got), len(got))
					}
				}
			}
			s := client.Stats()
			if s.ReliableSent != n || s.ReliableDelivered != n || opt.DataShards == 0 && s.Retransmitted == 0 || s.RTT == 0 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

func TestOtherChannelsGoBeside(t *testing.T) {
	client, server := pair(t, "delay=1ms", Options{})
	if err := client.Send(1, []byte("newest")); err != nil {
		t.Fatal(err)
	}
	if got := recv(t, server, 1); string(got) != "newest" {
		t.Errorf("got %q", got)
	}
	if err := client.Send(3, nil); !errors.Is(err, netcode.ErrNoChannel) {
		t.Errorf("KCP's own channel can be sent on: %v", err)
	}
	if err := client.Send(2, make([]byte, 4<<10+1)); !errors.Is(err, netcode.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// TestCloseDelivers: what was sent before Close arrives, and the error afterwards is the session's.
func TestCloseDelivers(t *testing.T) {
	client, server := pair(t, "delay=10ms,loss=20%", Options{})
	for i := range 50 {
		if err := client.Send(0, numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() { done <- client.Close() }()
	for i := range 50 {
		if got := recv(t, server, 0); !bytes.Equal(got, numbered(i)) {
			t.Fatalf("message %d is wrong", i)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	var why *netcode.CloseError
	if _, err := server.Recv(t.Context()); !errors.As(err, &why) || !why.Remote {
		t.Errorf("after the end: %v", err)
	}
	if err := client.Send(0, nil); !errors.Is(err, netcode.ErrClosed) {
		t.Errorf("Send after Close: %v", err)
	}
}

// TestQueueFull: a receiver that does not read holds the sender back, in bounded memory.
func TestQueueFull(t *testing.T) {
	client, server := pair(t, "delay=1ms", Options{})
	sent := 0
	for ; sent < 100_000; sent++ {
		if err := client.Send(0, make([]byte, 8<<10)); errors.Is(err, netcode.ErrQueueFull) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if sent == 100_000 {
		t.Fatal("800 MB were queued")
	}
	for range sent {
		recv(t, server, 0)
	}
}

func TestOptionsRefused(t *testing.T) {
	for _, opt := range []Options{{DataShards: 3}, {ParityShards: 3}, {DataShards: 17, ParityShards: 1}, {DataShards: -1, ParityShards: -1}} {
		if _, err := Listen("127.0.0.1:0", testConfig(), opt); err == nil {
			t.Errorf("%+v: accepted", opt)
		}
	}
}

// FuzzStream: whatever the peer's stream holds, messages are within their channel's limits.
func FuzzStream(f *testing.F) {
	f.Add(append(appendHeader(nil, 0, 3), "abc"...))
	f.Add(appendHeader(nil, 2, 4<<10+1))
	f.Add(appendHeader(nil, 0, 1<<24-1))
	f.Add(appendHeader(nil, finChannel, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		channels := testConfig().Channels
		for r := bytes.NewReader(b); ; {
			m, fin, err := readMessage(r, channels)
			if err != nil {
				return
			}
			if fin {
				continue
			}
			if !reliable(channels[m.Channel]) || len(m.Data) > maxMessage(channels[m.Channel]) {
				t.Fatalf("accepted %d bytes on channel %d", len(m.Data), m.Channel)
			}
		}
	})
}
