package netcode

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// What a server costs: its clients run in a process of their own, which is this test binary again, so that getrusage
// tells of the server alone. For comparisons with others see bench.

const loadVariable = "HALFTICK_LOAD" // how the clients' process learns its part

// load is what the clients of a benchmark do.
type load struct {
	clients int
	hz      int // messages of size bytes per second and client; 0: none, -1: as fast as the session takes them
	size    int
}

func loadConfig() Config {
	return Config{App: "load", MaxConns: 4096, Channels: []Channel{
		{Name: "reliable", Kind: ReliableOrdered}, {Name: "bulk", Kind: Bulk, MaxQueue: 4 << 20}}}
}

// loadServer counts what it receives.
type loadServer struct {
	host            *Host // the last one
	messages, bytes atomic.Int64
	mu              sync.Mutex
	conns           []*session.Conn // guarded by mu until all are in
}

// serveLoad starts a server and the process of its clients, and returns when all are in.
func serveLoad(b *testing.B, l load) *loadServer {
	b.Helper()
	s := &loadServer{}
	s.add(b, l)
	return s
}

// add starts a host, and the process of its clients.
func (s *loadServer) add(b *testing.B, l load) {
	b.Helper()
	ep, err := NewEndpoint(loadConfig())
	if err != nil {
		b.Fatal(err)
	}
	h, err := Bind("127.0.0.1:0", ep)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { h.Close() })
	s.host = h
	h.OnEvents(func(time.Duration) {
		for ev, ok := ep.Event(); ok; ev, ok = ep.Event() {
			switch ev.Kind {
			case session.Opened:
				s.mu.Lock()
				s.conns = append(s.conns, ev.Conn)
				s.mu.Unlock()
			case session.Message:
				s.messages.Add(1)
				s.bytes.Add(int64(len(ev.Data)))
			}
		}
	})
	key := ep.PublicKey()
	_, lines := otherProcess(b, "TestLoadClients", fmt.Sprintf("%s=%v %s %d %d %d", loadVariable, s.host.Addr(), hex.EncodeToString(key[:]), l.clients, l.hz, l.size))
	for lines.Scan() {
		if lines.Text() == "ready" {
			return
		}
	}
	b.Fatal("the clients did not come")
}

// otherProcess runs a test of this binary, which an environment variable tells its part, until the caller is done. It returns what the test reads and
// the lines that it writes.
func otherProcess(t testing.TB, test, variable string) (in io.Writer, lines *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.v", "-test.timeout=1h")
	cmd.Env = append(os.Environ(), variable)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { input.Close(); _, _ = io.Copy(io.Discard, out); _ = cmd.Wait() })
	return input, bufio.NewScanner(out)
}

// keyOf reads a public key.
func keyOf(t testing.TB, text string) (key [32]byte) {
	t.Helper()
	if n, err := hex.Decode(key[:], []byte(text)); n != 32 || err != nil {
		t.Fatal(err)
	}
	return key
}

// TestLoadClients is the process of the clients.
func TestLoadClients(t *testing.T) {
	part := os.Getenv(loadVariable)
	if part == "" {
		t.Skip("started by the benchmarks of load")
	}
	var l load
	var addr, key string
	if _, err := fmt.Sscan(part, &addr, &key, &l.clients, &l.hz, &l.size); err != nil {
		t.Fatal(err)
	}
	pinned := keyOf(t, key)
	hosts, conns := make([]*Host, l.clients), make([]*session.Conn, l.clients)
	var dials sync.WaitGroup
	turn := make(chan struct{}, 8)
	for i := range l.clients {
		dials.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			d := Dialer{Transport: OnlyUDP, ServerKey: pinned, WrapUDP: ownAddress(i)}
			var err error
			if hosts[i], conns[i], err = d.Open(context.Background(), addr, loadConfig()); err != nil {
				t.Error(err)
				return
			}
			hosts[i].OnEvents(func(time.Duration) {
				for _, ok := hosts[i].Endpoint().Event(); ok; _, ok = hosts[i].Endpoint().Event() {
				}
			})
		})
	}
	if dials.Wait(); t.Failed() {
		return
	}
	fmt.Println("ready")
	stop := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(stop) }()
	l.send(hosts, conns, stop)
	for _, h := range hosts {
		h.Close()
	}
}

// ownAddress gives each client a socket on a loopback address of its own, since a server limits how often one address
// may dial.
func ownAddress(i int) func(carrier.Datagrams) carrier.Datagrams {
	return func(s carrier.Datagrams) carrier.Datagrams {
		s.Close()
		own, err := udp.Listen(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(1 + i>>8), byte(i), 1}), 0).String())
		if err != nil {
			panic(err)
		}
		return own
	}
}

// send sends what the clients have to send, spread evenly over time, until stop is closed.
func (l load) send(hosts []*Host, conns []*session.Conn, stop <-chan struct{}) {
	msg := make([]byte, l.size)
	say := func(i, channel int) error {
		defer hosts[i].Unlock()
		return conns[i].Send(hosts[i].Lock(), channel, msg)
	}
	began := time.Now()
	for sent := 0; ; {
		select {
		case <-stop:
			return
		default:
		}
		switch {
		case l.hz < 0:
			if say(0, 1) != nil {
				time.Sleep(200 * time.Microsecond)
			}
		case l.hz == 0:
			<-stop
		default:
			for ; sent < int(time.Since(began).Seconds()*float64(l.hz*l.clients)); sent++ {
				_ = say(sent%l.clients, 0)
			}
			time.Sleep(200 * time.Microsecond)
		}
	}
}

func cpuTime() time.Duration {
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

func resident() int64 {
	b, _ := os.ReadFile("/proc/self/statm")
	var size, pages int64
	fmt.Sscan(string(b), &size, &pages)
	return pages * int64(os.Getpagesize())
}

// measured runs work for a second per iteration and reports the server's CPU in percent of a core.
func measured(b *testing.B, s *loadServer, work func(until time.Time)) {
	time.Sleep(500 * time.Millisecond)
	cpu, messages, bytes := cpuTime(), s.messages.Load(), s.bytes.Load()
	allocs := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(allocs)
	before := allocs[0].Value.Uint64()
	b.ResetTimer()
	work(time.Now().Add(time.Duration(b.N) * time.Second))
	b.StopTimer()
	metrics.Read(allocs)
	seconds, used := b.Elapsed().Seconds(), (cpuTime() - cpu).Seconds()
	received := float64(s.messages.Load() - messages)
	b.ReportMetric(100*used/seconds, "cpu%")
	b.ReportMetric(received/seconds, "messages/s")
	if received > 0 {
		b.ReportMetric(1e6*used/received, "cpu-µs/message")
		b.ReportMetric(float64(allocs[0].Value.Uint64()-before)/received, "allocs/message")
	}
	if gib := float64(s.bytes.Load()-bytes) / (1 << 30); gib > 0.1 {
		b.ReportMetric(used/gib, "cpu-s/GiB")
		b.ReportMetric(8*1.073741824*gib/seconds, "Gbit/s")
	}
}

// BenchmarkServerLoad is 200 clients that send 100 B 60 times a second, and a server that sends 400 B to all of them 20 times a
// second, reliably. Run it with -benchtime 4x: an iteration is a second.
func BenchmarkServerLoad(b *testing.B) {
	s := serveLoad(b, load{clients: 200, hz: 60, size: 100})
	snapshot := make([]byte, 400)
	measured(b, s, func(until time.Time) {
		for tick := time.Now(); tick.Before(until); tick = tick.Add(50 * time.Millisecond) {
			time.Sleep(time.Until(tick))
			now := s.host.Lock()
			for _, c := range s.conns {
				_ = c.Send(now, 0, snapshot)
			}
			s.host.Unlock()
		}
	})
}

// BenchmarkHosts is 200 clients that send 100 B 400 times a second, to one host or divided among two, each with
// a lock, a socket and goroutines of its own: the most that dividing the sessions of one host among several locks could bring.
func BenchmarkHosts(b *testing.B) {
	for _, hosts := range []int{1, 2} {
		b.Run(fmt.Sprint(hosts), func(b *testing.B) {
			var s loadServer
			for range hosts {
				s.add(b, load{clients: 200 / hosts, hz: 400, size: 100})
			}
			measured(b, &s, func(until time.Time) { time.Sleep(time.Until(until)) })
		})
	}
}

// BenchmarkBulk is one client that sends messages of 16 KiB as fast as its session takes them. The CPU is the receiver's.
func BenchmarkBulk(b *testing.B) {
	s := serveLoad(b, load{clients: 1, hz: -1, size: 16 << 10})
	measured(b, s, func(until time.Time) { time.Sleep(time.Until(until)) })
}

// BenchmarkIdle is 1000 sessions that say nothing.
func BenchmarkIdle(b *testing.B) {
	const clients = 1000
	runtime.GC()
	before := resident()
	s := serveLoad(b, load{clients: clients})
	measured(b, s, func(until time.Time) { time.Sleep(time.Until(until)) })
	b.ReportMetric(float64(resident()-before)/1024/clients, "KiB/session")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/1024/clients, "heap-KiB/session")
}
