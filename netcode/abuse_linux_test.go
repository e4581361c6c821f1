package netcode

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// A live server under attack, from loopback only: the server is a process of its own, this test binary again, so that memory and CPU
// are its alone; twenty honest clients talk to it 60 times a second all the while. `make abuse` runs it and prints what was promised
// in docs/security.md and what was reached.

var (
	abuse     = flag.Int("abuse", 0, "hostile datagrams of each kind that TestAbuse sends to a live server; 0: it is skipped")
	abuseTime = flag.Duration("abusetime", 10*time.Second, "how long its flood of INITs at a steady rate lasts")
)

const (
	abuseVariable  = "HALFTICK_ABUSE"
	honestClients  = 20
	honestHz       = 60
	attackers      = 64     // sockets, each with a loopback address of its own
	attackPerTick  = 50     // datagrams of an attack a millisecond
	floodPerSecond = 50_000 // INITs of the steady flood
)

// victim is what a server says of itself.
type victim struct {
	RSS, Heap                int64
	Goroutines, Files        int
	User, System             time.Duration
	Sessions                 int
	Closed, Drops, Doubles   uint64
	Delivered, Received, Out uint64
}

// TestAbuseServer is the process of the server: it echoes, and answers each line with what it is.
func TestAbuseServer(t *testing.T) {
	if os.Getenv(abuseVariable) == "" {
		t.Skip("started by TestAbuse")
	}
	ep, err := NewEndpoint(loadConfig())
	if err != nil {
		t.Fatal(err)
	}
	h, err := Bind("127.0.0.1:0", ep)
	if err != nil {
		t.Fatal(err)
	}
	var delivered, doubles uint64
	next := map[*session.Conn]uint32{}
	h.OnEvents(func(now time.Duration) {
		for ev, ok := ep.Event(); ok; ev, ok = ep.Event() {
			if ev.Kind == session.Message {
				delivered++
				if n := binary.LittleEndian.Uint32(ev.Data); n != next[ev.Conn] {
					doubles++
				} else {
					next[ev.Conn]++
				}
				_ = ev.Conn.Send(now, ev.Channel, ev.Data)
			}
		}
	})
	key := ep.PublicKey()
	fmt.Println("server", h.Addr(), hex.EncodeToString(key[:]))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		var ru syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
		files, _ := os.ReadDir("/proc/self/fd")
		h.Lock()
		s := ep.Stats()
		v := victim{RSS: resident(), Heap: int64(m.HeapAlloc), Goroutines: runtime.NumGoroutine(), Files: len(files),
			User: time.Duration(ru.Utime.Nano()), System: time.Duration(ru.Stime.Nano()), Sessions: s.Sessions, Closed: s.Closed,
			Drops: s.Drops.Total(), Doubles: doubles, Delivered: delivered, Received: s.PacketsReceived, Out: s.BytesSent}
		h.Unlock()
		b, _ := json.Marshal(v)
		fmt.Println("state", string(b))
	}
	h.Close()
}

// siege is a server, those who play on it, and those who attack it.
type siege struct {
	t        *testing.T
	addr     netip.AddrPort
	key      [32]byte
	in       io.Writer
	lines    *bufio.Scanner
	hosts    []*Host
	conns    []*session.Conn
	ids      []uint32
	rtt      sync.Mutex // guards what follows
	rtts     []time.Duration
	sockets  []*udp.Socket
	answered atomic.Int64 // bytes that came back to attackers
	seenMu   sync.Mutex
	seen     [][]byte // datagrams of honest clients
}

// ask returns what the server is now.
func (s *siege) ask() (v victim) {
	fmt.Fprintln(s.in)
	for s.lines.Scan() {
		if text, ok := strings.CutPrefix(s.lines.Text(), "state "); ok {
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				s.t.Fatal(err)
			}
			return v
		}
	}
	s.t.Fatal("the server is gone")
	return v
}

func beginSiege(t *testing.T) *siege {
	in, lines := otherProcess(t, "TestAbuseServer", abuseVariable+"=1")
	s := &siege{t: t, in: in, lines: lines}
	for s.lines.Scan() {
		var addr, key string
		if n, _ := fmt.Sscanf(s.lines.Text(), "server %s %s", &addr, &key); n == 2 {
			s.addr, s.key = netip.MustParseAddrPort(addr), keyOf(t, key)
			break
		}
	}
	for i := range honestClients {
		s.join(i)
	}
	for i := range attackers {
		u, err := udp.Listen(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 200, byte(i), 1}), 0).String())
		if err != nil {
			t.Fatal(err)
		}
		s.sockets = append(s.sockets, u)
	}
	return s
}

// spied is a client's socket that notes what is sent.
type spied struct {
	carrier.Datagrams
	s *siege
}

func (w spied) WriteBatch(batch []carrier.Datagram) (int, error) {
	w.s.seenMu.Lock()
	for _, d := range batch {
		if len(w.s.seen) < 4000 {
			w.s.seen = append(w.s.seen, bytes.Clone(d.Data))
		}
	}
	w.s.seenMu.Unlock()
	return w.Datagrams.WriteBatch(batch)
}

// join opens the session of honest client i.
func (s *siege) join(i int) {
	d := Dialer{Transport: OnlyUDP, ServerKey: s.key, WrapUDP: func(u carrier.Datagrams) carrier.Datagrams { return spied{ownAddress(i)(u), s} }}
	h, c, err := d.Open(context.Background(), s.addr.String(), loadConfig())
	if err != nil {
		s.t.Fatal(err)
	}
	s.hosts, s.conns = append(s.hosts, h), append(s.conns, c)
	h.OnEvents(func(now time.Duration) {
		for ev, ok := h.Endpoint().Event(); ok; ev, ok = h.Endpoint().Event() {
			if ev.Kind == session.Message {
				s.rtt.Lock()
				s.rtts = append(s.rtts, ev.At-time.Duration(binary.LittleEndian.Uint64(ev.Data[4:])))
				s.rtt.Unlock()
			}
		}
	})
	h.Lock()
	s.ids = append(s.ids, c.ID())
	h.Unlock()
}

// play lets the honest clients talk until stop is closed.
func (s *siege) play(stop <-chan struct{}) {
	began := time.Now()
	msg := make([]byte, 32)
	for sent := 0; ; time.Sleep(500 * time.Microsecond) {
		select {
		case <-stop:
			return
		default:
		}
		for ; sent < int(time.Since(began).Seconds()*honestHz*honestClients); sent++ {
			i := sent % honestClients
			binary.LittleEndian.PutUint32(msg, uint32(sent/honestClients))
			now := s.hosts[i].Lock()
			binary.LittleEndian.PutUint64(msg[4:], uint64(now))
			_ = s.conns[i].Send(now, 0, msg)
			s.hosts[i].Unlock()
		}
	}
}

// hear counts what comes back to the attackers.
func (s *siege) hear(u *udp.Socket) {
	batch := make([]carrier.Datagram, 64)
	for {
		n, err := u.ReadBatch(batch)
		if err != nil {
			return
		}
		for _, d := range batch[:n] {
			s.answered.Add(int64(len(d.Data)))
		}
	}
}

// attack sends n datagrams at a steady rate to an address, from all attackers in turn, and returns the bytes.
func (s *siege) attack(to netip.AddrPort, n, perSecond int, make func(i int) []byte) (sent int) {
	began := time.Now()
	batch := [64]carrier.Datagram{}
	for i := 0; i < n; {
		due := min(n, int(time.Since(began).Seconds()*float64(perSecond)))
		for i < due {
			k := 0
			for ; k < len(batch) && i < due; k++ {
				batch[k] = carrier.Datagram{Data: make(i), Addr: to}
				sent += len(batch[k].Data)
				i++
			}
			_, _ = s.sockets[i/len(batch)%attackers].WriteBatch(batch[:k])
		}
		time.Sleep(200 * time.Microsecond)
	}
	return sent
}

// forget throws away the round trips of honest messages so far, and returns how many there were.
func (s *siege) forget() int {
	s.rtt.Lock()
	defer s.rtt.Unlock()
	n := len(s.rtts)
	s.rtts = nil
	return n
}

// row prints a line of the table, and fails the test where a promise is broken.
func (s *siege) row(what, promise string, reached string, kept bool) {
	word := "kept"
	if !kept {
		word = "BROKEN"
		s.t.Errorf("%s: promised %s, reached %s", what, promise, reached)
	}
	line(what, promise, reached, word)
}

func line(what, promise, reached, word string) {
	fmt.Printf("| %-46s | %-38s | %-52s | %s |\n", what, promise, reached, word)
}

// under makes one attack and prints what every attack must not do.
func (s *siege) under(what string, n int, make func(i int) []byte) (before, after victim, sent int) {
	s.forget()
	before = s.ask()
	s.answered.Store(0)
	sent = s.attack(s.addr, n, attackPerTick*1000, make)
	time.Sleep(200 * time.Millisecond) // for what is still in the sockets
	after = s.ask()
	heard := s.forget()
	got := int(after.Received-before.Received) - heard
	s.row(what, "no session ends", fmt.Sprintf("%d ended, %d of %d open", after.Closed-before.Closed, after.Sessions, honestClients),
		after.Closed == before.Closed && after.Sessions == honestClients)
	s.row("", "RSS +<= 8 MiB, heap +<= 1 MiB", fmt.Sprintf("%+d KiB, %+d KiB", (after.RSS-before.RSS)>>10, (after.Heap-before.Heap)>>10),
		after.RSS-before.RSS <= 8<<20 && after.Heap-before.Heap <= 1<<20)
	s.row("", "<= 0.5 bytes out per byte in", fmt.Sprintf("%.4f", float64(s.answered.Load())/float64(sent)), 2*s.answered.Load() <= int64(sent))
	s.row("", "nothing delivered but once, in order", fmt.Sprintf("%d strays", after.Doubles-before.Doubles), after.Doubles == before.Doubles)
	s.row("", "goroutines and files +-2", fmt.Sprintf("%+d, %+d", after.Goroutines-before.Goroutines, after.Files-before.Files),
		max(after.Goroutines-before.Goroutines, after.Files-before.Files) <= 2)
	s.row("", "most of it arrives and is counted", fmt.Sprintf("%d received, %d dropped", got, after.Drops-before.Drops),
		after.Drops-before.Drops >= uint64(n/2))
	return before, after, sent
}

// initFor returns an INIT to the server by somebody who knows its key.
func (s *siege) initFor() []byte {
	ep, err := NewEndpoint(loadConfig())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := ep.DialWith(0, session.Path{Carrier: session.UDP, Addr: s.addr}, session.DialOptions{ServerKey: s.key}); err != nil {
		s.t.Fatal(err)
	}
	b := make([]byte, session.MaxRecordSize)
	n, _ := ep.Transmit(0, b)
	return b[:n]
}

// warm lets the server's tables, rings and buffers get their size: the socket's, of a megabyte, once more waits from one peer than it
// reads at once.
func (s *siege) warm(init []byte) {
	s.attack(s.addr, 20_000, floodPerSecond, func(int) []byte { return init })
	burst := slices.Repeat([]carrier.Datagram{{Data: init, Addr: s.addr}}, 64)
	for range 500 {
		_, _ = s.sockets[0].WriteBatch(burst)
	}
	time.Sleep(2 * time.Second)
}

func TestAbuse(t *testing.T) {
	if *abuse == 0 {
		t.Skip("a person starts it: make abuse")
	}
	n := *abuse
	s := beginSiege(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() { s.play(stop) })
	for _, u := range s.sockets {
		wg.Go(func() { s.hear(u) })
	}
	defer func() {
		close(stop)
		for _, u := range s.sockets {
			u.Close()
		}
		wg.Wait()
		for _, h := range s.hosts {
			h.Close()
		}
	}()
	init, rnd := s.initFor(), rand.New(rand.NewPCG(1, 1))
	s.warm(init)
	s.seenMu.Lock()
	seen := s.seen
	s.seenMu.Unlock()

	s.under(fmt.Sprintf("%d INITs of strangers", n), n, func(int) []byte { return init })
	s.under(fmt.Sprintf("%d forged CLOSEs", n), n, func(i int) []byte {
		b := binary.LittleEndian.AppendUint32([]byte{0x14}, s.ids[i%len(s.ids)])
		b = append(binary.LittleEndian.AppendUint16(b, uint16(rnd.Uint32())), 0x61, 7, 0)
		return binary.LittleEndian.AppendUint64(append(b, 0, 0, 0, 0, 0, 0, 0, 0), rnd.Uint64())
	})
	s.under(fmt.Sprintf("%d replayed datagrams of players", n), n, func(i int) []byte { return seen[i%len(seen)] })
	s.under(fmt.Sprintf("%d datagrams of noise", n), n, func(i int) []byte {
		b := bytes.Clone(seen[i%len(seen)])
		switch b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8); rnd.IntN(3) {
		case 0:
			b[0] = byte(rnd.Uint32())
		case 1:
			b = b[:rnd.IntN(len(b))+1]
		}
		return b
	})
	s.flood(init)
	final := s.ask()
	s.row("the server, in the end", "it lives, with all players", fmt.Sprintf("%d sessions, %d messages", final.Sessions, final.Delivered), final.Sessions == honestClients)
}

// phase is what was seen while something went on, in rounds.
type phase struct {
	p50, p99          []time.Duration // of round trips, of each round
	cpu, user, lasted float64         // seconds
	seen              float64         // datagrams that reached the server
}

// median returns the round in the middle: on a machine that does other things too some rounds tell of those.
func median(rounds []time.Duration) time.Duration {
	slices.Sort(rounds)
	return rounds[len(rounds)/2]
}

// during adds what is seen while work goes on.
func (s *siege) during(p *phase, work func()) {
	s.forget()
	before, began := s.ask(), time.Now()
	work()
	p.lasted += time.Since(began).Seconds()
	s.rtt.Lock()
	rtts := append(s.rtts, time.Hour) // where nothing came back that is what is seen
	s.rtts = nil
	s.rtt.Unlock()
	slices.Sort(rtts)
	p.p50, p.p99 = append(p.p50, rtts[len(rtts)/2]), append(p.p99, rtts[len(rtts)*99/100])
	after := s.ask()
	user := (after.User - before.User).Seconds()
	p.user += user
	p.cpu += user + (after.System - before.System).Seconds()
	p.seen += float64(after.Received - before.Received)
}

// floodRounds is how often the two floods take turns: the machine may have other work.
const floodRounds = 10

// away is the round trip of the player whose latency must not rise by half: on loopback alone a wake-up
// more would count for more than all else.
const away = 20 * time.Millisecond

// calm is the latency above which a machine is too busy for a comparison of latencies.
const calm = 20 * time.Millisecond

// flood is the steady flood of INITs: what it costs, against the same flood to a socket that nobody reads, which costs the machine as
// much and the server nothing.
func (s *siege) flood(init []byte) {
	n := int(abuseTime.Seconds()*floodPerSecond) / floodRounds
	sink, err := udp.Listen("127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer sink.Close()
	var alone, beside, under phase
	for range floodRounds {
		s.during(&alone, func() { time.Sleep(*abuseTime / floodRounds) })
	}
	for range floodRounds {
		s.during(&beside, func() { s.attack(sink.LocalAddr(), n, floodPerSecond, func(int) []byte { return init }) })
		s.during(&under, func() { s.attack(s.addr, n, floodPerSecond, func(int) []byte { return init }) })
	}
	show := func(what string, p *phase) {
		line(what, "", fmt.Sprintf("p50 %.2f p99 %.2f ms, %.0f %% CPU (%.0f user), %.0f/s", ms(median(p.p50)), ms(median(p.p99)),
			100*p.cpu/p.lasted, 100*p.user/p.lasted, p.seen/p.lasted), "")
	}
	show("players alone", &alone)
	show("INITs to a socket that nobody reads", &beside)
	show("INITs to the server", &under)
	inits := under.seen/under.lasted - beside.seen/beside.lasted
	each := (under.user/under.lasted - beside.user/beside.lasted) / inits
	s.row(fmt.Sprintf("%d INITs/s reached the server", int(inits)), "handshakes <= 30 % of a core", fmt.Sprintf("%.1f %% user CPU at 50,000/s", 100*each*floodPerSecond),
		each*floodPerSecond <= 0.30)
	was, is := away+median(beside.p99), away+median(under.p99)
	what, promise, reached := "a message there and back, 20 ms away", "p99 <= 1.5 x", fmt.Sprintf("%.2f x", is.Seconds()/was.Seconds())
	if busy := median(alone.p99); busy > calm {
		line(what, promise, reached+", but "+busy.Round(time.Millisecond).String()+" with nothing", "the machine is too busy to tell")
		return
	}
	s.row(what, promise, reached, is <= was*3/2)
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
