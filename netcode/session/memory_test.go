package session

import (
	"math"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// heapInUse returns the bytes that are reachable, the least of a few looks: the heap is the process's, and what the
// runtime and the testing package do on the side can only add to it.
func heapInUse() int {
	least := math.MaxInt
	for range 3 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		least = min(least, int(m.HeapAlloc))
	}
	return least
}

// inn is a server with many clients, in virtual time and without a link between them.
type inn struct {
	now     time.Duration
	server  *Endpoint
	clients []*Endpoint
	conns   []*Conn
	at      map[Path]*Endpoint
}

func newInn(t *testing.T, n int) *inn {
	in := &inn{now: time.Second, server: mustEndpoint(t, testConfig(2)), at: make(map[Path]*Endpoint)}
	in.server.Listen(true)
	for i := range n {
		cfg := testConfig(1)
		cfg.Secret[1], cfg.Secret[2] = byte(i), byte(i>>8)
		ep := mustEndpoint(t, cfg)
		c, err := ep.DialWith(in.now, serverAddr, DialOptions{ServerKey: in.server.PublicKey()})
		if err != nil {
			t.Fatal(err)
		}
		in.clients, in.conns = append(in.clients, ep), append(in.conns, c)
		in.at[Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i), byte(i >> 8), 1}), 5000)}] = ep
		in.pass(0)
	}
	return in
}

// pass lets time pass and carries what all have to say until they are silent.
func (in *inn) pass(d time.Duration) {
	in.now += d
	var buf [MaxRecordSize]byte
	in.server.Advance(in.now)
	for talked := true; talked; {
		talked = false
		for addr, ep := range in.at {
			ep.Advance(in.now)
			for n, _ := ep.Transmit(in.now, buf[:]); n > 0; n, _ = ep.Transmit(in.now, buf[:]) {
				in.server.Receive(in.now, addr, buf[:n])
				talked = true
			}
			for _, ok := ep.Event(); ok; _, ok = ep.Event() {
			}
		}
		for n, to := in.server.Transmit(in.now, buf[:]); n > 0; n, to = in.server.Transmit(in.now, buf[:]) {
			in.at[to].Receive(in.now, serverAddr, buf[:n])
			talked = true
		}
		for _, ok := in.server.Event(); ok; _, ok = in.server.Event() {
		}
	}
}

// An idle session takes at most 8 KiB of a server's heap, whatever it has carried before. It is made of what its
// server's heap loses with it.
func TestIdleMemory(t *testing.T) {
	const sessions, most = 100, 8 << 10
	for name, busy := range map[string]bool{"never used": false, "after play": true} {
		t.Run(name, func(t *testing.T) {
			in := newInn(t, sessions)
			server := in.server
			for k := range 200 {
				for i, c := range server.conns {
					if busy {
						_ = c.Send(in.now, k%4, make([]byte, 100+5*k))
						_ = in.conns[i].Send(in.now, k%4, make([]byte, 100+5*k))
					}
				}
				in.pass(10 * time.Millisecond)
			}
			for range 60 {
				in.pass(time.Second)
			}
			if n := server.Stats().Sessions; n != sessions {
				t.Fatalf("%d sessions", n)
			}
			with := heapInUse()
			for _, c := range server.conns {
				*c = Conn{}
			}
			server.conns, server.timers, server.byID, server.byPath = nil, nil, nil, nil
			each := (with - heapInUse()) / sessions
			t.Logf("%d bytes each", each)
			if each > most {
				t.Errorf("%d bytes of heap for each session, want at most %d", each, most)
			}
			runtime.KeepAlive(server)
		})
	}
}

// Buffers that nobody needs any more are given back, though the last session is gone: the endpoint asks to be called for that.
func TestIdleEndpointKeepsNoBuffers(t *testing.T) {
	e := mustEndpoint(t, testConfig(2))
	now := time.Second
	e.Advance(now)
	for _, size := range bufferSizes {
		for range 2 * maxIdleBytes / size {
			e.buffers.put(make([]byte, 0, size))
		}
	}
	kept := 0
	for i, f := range e.buffers.free {
		kept += len(f) * bufferSizes[i]
	}
	if kept < maxIdleBytes || kept > len(bufferSizes)*maxIdleBytes+MaxMessage {
		t.Errorf("%d bytes are kept, want %d for each size at most", kept, maxIdleBytes)
	}
	for {
		at, ok := e.NextTimeout()
		if !ok {
			break
		}
		if now = at; now > time.Second+3*tidyEvery {
			t.Fatalf("at %v buffers are still kept", now)
		}
		e.Advance(now)
	}
	if e.buffers.any() {
		t.Error("buffers are kept and nothing will give them back")
	}
}
