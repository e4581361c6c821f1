package session

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/simnet"

	"github.com/halftick/halftick/netcode/secure"
)

// soakMessages is how long TestSoak runs; `make soak` takes ten million.
var soakMessages = flag.Int("soak", 40_000, "reliable messages of TestSoak, both ways together")

// soaking reports whether there is time: what is tried at random is tried more often then.
func soaking() bool { f := flag.Lookup("soak"); return f.Value.String() != f.DefValue }

// fewChecks lets a property whose every try is long be tried n times, unless -rapid.checks says how often.
func fewChecks(t *testing.T, n int) {
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if asked {
		return
	}
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	_ = checks.Set(strconv.Itoa(n))
	t.Cleanup(func() { _ = checks.Set(before) })
}

// soak is two ends of a session on a link that loses, repeats, reorders and damages datagrams, both
// sending reliable messages as fast as the session takes them.
type soak struct {
	t        *testing.T
	net      *simnet.Net
	ends     [2]soakEnd // client, server
	datagram [MaxRecordSize]byte
	want     []byte
}

type soakEnd struct {
	ep       *Endpoint
	conn     *Conn
	path     Path
	sent     []uint64 // per channel
	got      []uint64
	newestPN uint64 // of the records it sent, plus one
}

var soakChannels = []Channel{
	{Name: "plain", Kind: ReliableOrdered},
	{Name: "repeating", Kind: ReliableOrdered, Redundancy: 2},
	{Name: "insistent", Kind: ReliableOrdered, Redundancy: All},
}

func newSoak(t *testing.T) *soak {
	link := simnet.Conditions{Delay: 15 * time.Millisecond, Jitter: 5 * time.Millisecond,
		Loss: 0.20, Duplicate: 0.05, Reorder: 0.05, ReorderBy: 100 * time.Millisecond, Corrupt: 0.01}
	s := &soak{t: t, net: simnet.New(20)}
	s.net.Connect(clientAddr.Addr, serverAddr.Addr, link, link)
	for i := range s.ends {
		cfg := testConfig(byte(i + 1))
		cfg.Channels, cfg.Rate = soakChannels, 64<<20
		s.ends[i] = soakEnd{ep: mustEndpoint(t, cfg), path: []Path{clientAddr, serverAddr}[i],
			sent: make([]uint64, len(soakChannels)), got: make([]uint64, len(soakChannels))}
	}
	s.ends[1].ep.Listen(true)
	var err error
	if s.ends[0].conn, err = s.ends[0].ep.Dial(0, serverAddr); err != nil {
		t.Fatal(err)
	}
	return s
}

// message writes what message n of a channel holds: its number, and filler that depends on it.
func (s *soak) message(n uint64, channel int) []byte {
	b := binary.LittleEndian.AppendUint64(s.want[:0], n)
	for k := range n % 33 {
		b = append(b, byte(n>>(k%8))^byte(channel))
	}
	s.want = b
	return b
}

// flush puts what an end sends on the link. No packet number may be used twice: it is the nonce.
func (s *soak) flush(e *soakEnd, to Path) {
	for n, _ := e.ep.Transmit(s.net.Now(), s.datagram[:]); n > 0; n, _ = e.ep.Transmit(s.net.Now(), s.datagram[:]) {
		if pn, ok := soakNumber(s.datagram[:n], e.newestPN); ok {
			if pn < e.newestPN {
				s.t.Fatalf("packet number %d after %d", pn, e.newestPN-1)
			}
			e.newestPN = pn + 1
		}
		s.net.Send(e.path.Addr, to.Addr, s.datagram[:n])
	}
}

// fill queues messages on every channel until the window is full.
func (s *soak) fill(e *soakEnd, most uint64) {
	for ch := range e.sent {
		for e.sent[ch] < most && e.conn.out[ch].reliable.queued() < messageWindow {
			err := e.conn.Send(s.net.Now(), ch, s.message(e.sent[ch], ch))
			if errors.Is(err, ErrQueueFull) {
				break
			} else if err != nil {
				s.t.Fatal(err)
			}
			e.sent[ch]++
		}
	}
}

// take holds what arrived against what must come next.
func (s *soak) take(e *soakEnd) {
	for ev, ok := e.ep.Event(); ok; ev, ok = e.ep.Event() {
		switch ev.Kind {
		case Opened:
			e.conn = ev.Conn
		case Closed:
			s.t.Fatalf("the session ended: %v", ev.Err)
		case Message:
			if want := s.message(e.got[ev.Channel], ev.Channel); !bytes.Equal(ev.Data, want) {
				s.t.Fatalf("channel %d, at %v: got %x, want message %d: %x", ev.Channel, s.net.Now(), ev.Data, e.got[ev.Channel], want)
			}
			e.got[ev.Channel]++
		}
	}
}

// step lets time pass until the next thing happens.
func (s *soak) step() {
	next := s.net.Now() + 10*time.Millisecond
	for i := range s.ends {
		s.flush(&s.ends[i], s.ends[1-i].path)
		if at, ok := s.ends[i].ep.NextTimeout(); ok {
			next = min(next, max(at, s.net.Now()))
		}
	}
	for p, ok := s.net.Next(next); ok; p, ok = s.net.Next(s.net.Now()) {
		e := &s.ends[0]
		if p.To == serverAddr.Addr {
			e = &s.ends[1]
		}
		e.ep.Receive(p.At, Path{Carrier: UDP, Addr: p.From}, p.Data)
	}
	for i := range s.ends {
		s.ends[i].ep.Advance(s.net.Now())
		s.take(&s.ends[i])
	}
}

func (s *soak) delivered() (n uint64) {
	for i := range s.ends {
		for _, got := range s.ends[i].got {
			n += got
		}
	}
	return n
}

// TestSoak: of many reliable messages over a link with 20 % loss, 5 % duplication, reordering by 100 ms and 1 %
// corruption none is lost, repeated, out of order or altered; no packet number is used twice; and memory does not grow.
func TestSoak(t *testing.T) {
	s := newSoak(t)
	each := uint64(*soakMessages / (2 * len(soakChannels)))
	total := each * uint64(2*len(soakChannels))
	quarter := total / 4
	var heapAfterQuarter int
	for next := quarter; s.delivered() < total; s.step() {
		for i := range s.ends {
			if s.ends[i].conn != nil && s.ends[i].conn.Opened() {
				s.fill(&s.ends[i], each)
			}
		}
		if s.delivered() >= next && next < total {
			heap := heapInUse()
			if heapAfterQuarter == 0 {
				heapAfterQuarter = heap
			}
			t.Log(s.report(heap))
			next += quarter
		}
	}
	heap := heapInUse()
	t.Log(s.report(heap))
	if heap > heapAfterQuarter+1<<20 {
		t.Errorf("the heap grew from %d to %d KiB", heapAfterQuarter>>10, heap>>10)
	}
}

func (s *soak) report(heap int) string {
	a, b := s.ends[0].ep.Stats(), s.ends[1].ep.Stats()
	return fmt.Sprintf("%d messages delivered in %v of virtual time, %d datagrams sent, heap %d KiB, dropped: %d damaged, %d duplicates",
		s.delivered(), s.net.Now().Round(time.Second), a.PacketsSent+b.PacketsSent, heap>>10,
		a.Drops[DropDamaged]+b.Drops[DropDamaged], a.Drops[DropDuplicate]+b.Drops[DropDuplicate])
}

// soakNumber returns the full packet number of a record that the sender of records up to newest has just sent.
func soakNumber(b []byte, newest uint64) (pn uint64, ok bool) {
	if _, record, ok := secure.ParseConfirm(b); ok {
		b = record
	}
	h, ok := parseHeader(b)
	return extend(h.pn16, 16, newest), ok
}
