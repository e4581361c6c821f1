package p2p

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// FuzzControl: whatever another player says, the match keeps its limits, and what is parsed is written as it was read.
func FuzzControl(f *testing.F) {
	f.Add(hello{2, 2, 3, 77}.appendTo(nil))
	f.Add(worldPart{tick: 30, table: -1, slot: -1, data: append64(nil, []uint64{1, 2})}.appendTo(nil))
	f.Add(worldPart{tick: 30, table: 1, slot: -1, data: append32(nil, []uint32{1, 2, 3})}.appendTo(nil))
	f.Add(worldPart{tick: 30, table: 1, slot: 2, data: append32(nil, []uint32{1 << 24, 5, 6, 7})}.appendTo(nil))
	f.Add([]byte{kindGone, 3, 0})
	f.Add([]byte{kindGone, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 {
			if m, err := parseHello(b[1:]); b[0] == kindHello && err == nil && string(m.appendTo(nil)) != string(b) {
				t.Errorf("%+v is written as %x, was %x", m, m.appendTo(nil), b)
			}
			if m, err := parsePart(b[0], b[1:]); b[0] >= kindHashes && b[0] <= kindRow && err == nil && string(m.appendTo(nil)) != string(b) {
				t.Errorf("%+v is written as %x, was %x", m, m.appendTo(nil), b)
			}
		}
		p := alone(t, 3)
		p.control(0, p.seat(2), b)
		p.inputs(p.seat(2), b)
		p.agree()
		if n := p.seat(3).track.newest; n > trackTicks/2 {
			t.Errorf("%d ticks of inputs were taken", n)
		}
	})
}

// alone returns player 1 of a match that has begun, without sessions that lead anywhere.
func alone(t testing.TB, players int) *brawler {
	t.Helper()
	cfg := Config{Player: 1, Addrs: make([]string, players)}
	sc, err := SessionConfig(fight(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	sc.Secret = [32]byte{1}
	ep, err := session.NewEndpoint(sc)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(fight(), ep, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range p.seats[1:] {
		c, err := ep.Dial(0, session.Path{Carrier: session.UDP, Addr: netip.AddrPortFrom(netip.IPv6Loopback(), uint16(i+1))})
		if err != nil {
			t.Fatal(err)
		}
		s.link, s.state = newLink(c), here
	}
	p.begin()
	return p
}

// TestInputsTooFarAhead: no message makes the track forget what is needed yet.
func TestInputsTooFarAhead(t *testing.T) {
	p := alone(t, 2)
	other := p.seat(2)
	for first := 1; first < 3*trackTicks; first += replica.MaxCommands {
		var cmds []replica.Command[moves]
		for i := range replica.MaxCommands {
			cmds = append(cmds, replica.Command[moves]{Tick: sim.Tick(first + i), Input: moves{Dx: 1}})
		}
		p.inputs(other, p.code.Append([]byte{0}, replica.SnapshotAck{}, cmds))
	}
	if other.track.newest != trackTicks/2 || p.count.Malformed == 0 {
		t.Errorf("%d ticks were taken, %d messages refused", other.track.newest, p.count.Malformed)
	}
}

// TestAForeignAcknowledgement: who acknowledges what was never sent is not believed.
func TestAForeignAcknowledgement(t *testing.T) {
	p := alone(t, 2)
	for _, ack := range []sim.Tick{3, 1 << 31, ^sim.Tick(0)} { // 2 are known: the input delay
		p.inputs(p.seat(2), p.code.Append([]byte{0}, replica.SnapshotAck{Tick: ack, Has: true}, nil))
		if a := p.seat(2).link.acked; a > 2 || a < 0 {
			t.Errorf("after an acknowledgement of %d: %d", ack, a)
		}
	}
}

// TestStrangers: who is not awaited does not get in, and does not disturb.
func TestStrangers(t *testing.T) {
	b := newBrawl(t, 8, 2, "delay=10ms", nil)
	cfg := Config{Player: 2, Addrs: make([]string, 2)}
	sc, err := SessionConfig(fight(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxStrangers + 4 {
		sc.Secret = [32]byte{9, byte(i)}
		ep, err := session.NewEndpoint(sc)
		if err != nil {
			t.Fatal(err)
		}
		c, err := ep.Dial(0, session.Path{Carrier: session.UDP, Addr: at(0)})
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 1 {
			_ = c.Send(0, chanControl, []byte{kindGone, 1})
		}
		b.net.Connect(at(10+i), at(0), mustParse(t, "delay=1ms"), mustParse(t, "delay=1ms"))
		b.rogues[at(10+i)] = ep
	}
	b.begun()
	for range 400 {
		b.run(10 * time.Millisecond)
		for from, ep := range b.rogues {
			ep.Advance(b.net.Now())
			for n, to := ep.Transmit(b.net.Now(), b.buf[:]); n > 0; n, to = ep.Transmit(b.net.Now(), b.buf[:]) {
				b.net.Send(from, to.Addr, b.buf[:n])
			}
			for _, ok := ep.Event(); ok; _, ok = ep.Event() {
			}
		}
	}
	s := b.peers[0].Stats()
	if b.peers[0].Err() != nil || s.Tick < 200 || s.Strangers < 4 || len(b.peers[0].strangers) > maxStrangers {
		t.Errorf("%v, tick %d, %d strangers turned away, %d wait", b.peers[0].Err(), s.Tick, s.Strangers, len(b.peers[0].strangers))
	}
}

func TestConfig(t *testing.T) {
	for want, c := range map[string]Config{
		"Addrs has 1 players": {Player: 1, Addrs: make([]string, 1)},
		"Addrs has 5 players": {Player: 1, Addrs: make([]string, 5)},
		"Player 0":            {Addrs: make([]string, 2)},
		"Player 3":            {Player: 3, Addrs: make([]string, 2)},
		"1 keys for 2":        {Player: 1, Addrs: make([]string, 2), Keys: make([][32]byte, 1)},
		"at most 16":          {Player: 1, Addrs: make([]string, 2), InputDelay: 9},
		"is negative":         {Player: 1, Addrs: make([]string, 2), Timeout: -1},
	} {
		if _, err := SessionConfig(fight(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
}
