package session

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// The promises of docs/security.md, tried so often. `make abuse` takes a million of each, and looks at the clock too.
var abuse = flag.Int("abuse", 3_000, "hostile datagrams of each kind")

// abusing reports whether a person asked for the volumes.
func abusing() bool { f := flag.Lookup("abuse"); return f.Value.String() != f.DefValue }

// keeps prints what was promised and what came of it, and fails the test where it was not kept.
func keeps(t *testing.T, what, promise string, reached any, kept bool) {
	t.Helper()
	word := "kept"
	if !kept {
		word = "BROKEN"
		t.Errorf("%s: promised %s, reached %v", what, promise, reached)
	}
	if abusing() {
		fmt.Printf("| %-58s | %-24s | %-28v | %s |\n", what, promise, reached, word)
	}
}

// discard takes what an endpoint has to send, and loses it.
func discard(now time.Duration, ep *Endpoint) (bytes int) {
	var buf [MaxRecordSize]byte
	for n, _ := ep.Transmit(now, buf[:]); n > 0; n, _ = ep.Transmit(now, buf[:]) {
		bytes += n
	}
	return bytes
}

// Nobody without keys ends or moves a session: CLOSEs in the name of each side, of every size, from everywhere.
func TestForgedClosesEndNothing(t *testing.T) {
	p := connected(t, 1, link{})
	sc, cc := p.server.conn, p.client.conn
	heard, spoke := sc.heardAt, cc.heardAt
	up := append(appendClose(appendHeader(nil, toServer, sc.id, 0), CloseKicked, "forged"), make([]byte, tagSize)...)
	down := append(appendClose(appendHeader(nil, toClient, 0, 0), CloseKicked, "forged"), make([]byte, tagSize)...)
	now := p.now + time.Second
	for i := range *abuse {
		pn := uint64(i) // of the next thousands and of the past
		binary.LittleEndian.PutUint16(up[5:], uint16(sc.acks.largest+pn))
		binary.LittleEndian.PutUint16(down[1:], uint16(cc.acks.largest+pn))
		binary.LittleEndian.PutUint64(up[len(up)-8:], p.rnd.Uint64())
		binary.LittleEndian.PutUint64(down[len(down)-8:], p.rnd.Uint64())
		p.server.ep.Receive(now, []Path{clientAddr, stranger(i)}[i%2], up)
		p.client.ep.Receive(now, serverAddr, down)
	}
	ends := p.server.count(Closed) + p.client.count(Closed)
	p.take(p.server)
	p.take(p.client)
	ends += p.server.count(Closed) + p.client.count(Closed)
	keeps(t, fmt.Sprintf("%d forged CLOSEs to each side", *abuse), "0 sessions end", ends, ends == 0 && sc.Opened() && cc.Opened())
	quiet := sc.heardAt == heard && cc.heardAt == spoke && sc.Path() == clientAddr
	keeps(t, "the same", "no sign of life, no move", quiet, quiet)
	d := p.server.ep.Stats().Drops
	if d[DropDamaged]+d[DropDuplicate]+d[DropStale] < uint64(*abuse) {
		t.Errorf("not every forgery was counted: %v", d)
	}
}

// Records that were sent once are worth nothing a second time, from wherever they come.
func TestReplayedRecordsDeliverNothing(t *testing.T) {
	p := connected(t, 1, link{})
	var seen [][]byte
	p.tap = func(from *side, b []byte) {
		if from == p.client {
			seen = append(seen, bytes.Clone(b))
		}
	}
	for i := range 2000 {
		p.client.send(p, i%4, numbered(i, 30))
		p.advance(5 * time.Millisecond)
	}
	p.advance(time.Second)
	p.tap = nil
	c := p.server.conn
	got, largest, stats := len(p.server.got), c.acks.largest, c.Stats()
	now := p.now
	for i := range *abuse {
		p.server.ep.Receive(now, []Path{clientAddr, stranger(i)}[i%2], seen[i%len(seen)])
	}
	p.take(p.server)
	again := len(p.server.got) - got
	after := c.Stats()
	keeps(t, fmt.Sprintf("%d replayed records", *abuse), "0 delivered", again, again == 0)
	same := c.acks.largest == largest && after.PacketsReceived == stats.PacketsReceived && after.ReliableDelivered == stats.ReliableDelivered &&
		c.Path() == clientAddr && len(p.server.ep.conns) == 1
	keeps(t, "the same", "the state is unchanged", same, same)
}

// rejects are the ways to be turned away, each with what makes the i-th attempt. What is sealed comes from somebody who has keys.
func rejects(p *pair) map[DropReason]func(i int) (from Path, b []byte) {
	client, id := p.client.conn, p.server.conn.id
	valid := initOf(p, 9)
	wrong := bytes.Clone(valid)
	wrong[40] ^= 1
	sealed := func(ahead uint64, frames []byte) []byte {
		pn := client.sent.next + ahead
		return seal(client.key, toServer, pn, append(appendHeader(nil, toServer, client.id, pn), frames...))
	}
	repeated := func(b []byte) func(int) (Path, []byte) {
		return func(int) (Path, []byte) { return clientAddr, b }
	}
	anywhere := func(b []byte) func(int) (Path, []byte) {
		return func(i int) (Path, []byte) { return stranger(i), b }
	}
	record := func(id uint32) []byte { return append(appendHeader(nil, toServer, id, 1), make([]byte, 40)...) }
	confirm := append(secure.AppendConfirm(nil, make([]byte, secure.MaxTicket)), record(5)...)
	old := sealed(0, []byte{framePing})
	again := confirmOf(p)
	return map[DropReason]func(int) (Path, []byte){
		DropShort:     anywhere([]byte{1}),
		DropType:      anywhere(make([]byte, 100)),
		DropOversize:  anywhere(make([]byte, MaxRecordSize+1)),
		DropNoSession: func(i int) (Path, []byte) { return stranger(i), record(id ^ uint32(i+1)) },
		DropDamaged:   anywhere(record(id)),
		DropDuplicate: repeated(old),
		DropStale:     repeated(old),
		DropBacklog:   repeated(sealed(4, appendMessage(nil, Unreliable, &messageFrame{channel: 1, data: []byte("x")}, &lastID{}))),
		DropMalformed: repeated(sealed(2, []byte{0x67})),
		DropWindow:    repeated(sealed(3, appendMessage(nil, ReliableOrdered, &messageFrame{id: messageWindow + 5, data: []byte("x")}, &lastID{}))),
		DropPartial: func(i int) (Path, []byte) {
			f := messageFrame{channel: 1, id: uint64(i), count: 2, data: make([]byte, minFragment)}
			return clientAddr, sealed(5+uint64(i), appendMessage(nil, Unreliable, &f, &lastID{}))
		},
		DropBadInit:   anywhere(wrong),
		DropBadAccept: anywhere(append([]byte{secure.TypeAccept, secure.Version}, make([]byte, 300)...)),
		DropBadTicket: anywhere(confirm),
		DropNoCookie:  anywhere(valid),
		DropFull:      repeated(again),
		DropSpent:     repeated(again),
		DropSpentFull: repeated(again),
		DropReplies:   repeated(again),

		DropNotListening: anywhere(valid),

		DropRate: anywhere(secure.AppendQuery(make([]byte, 0, secure.QuerySize), 7)),
	}
}

// confirmOf returns the CONFIRM of a second client, at clientAddr too, which the server has not seen.
func confirmOf(p *pair) []byte {
	ep := mustEndpoint(p.t, testConfig(9))
	if _, err := ep.DialWith(p.now, serverAddr, DialOptions{ServerKey: p.server.ep.PublicKey()}); err != nil {
		p.t.Fatal(err)
	}
	var buf [MaxRecordSize]byte
	n, _ := ep.Transmit(p.now, buf[:])
	p.server.ep.Receive(p.now, clientAddr, buf[:n])
	n, _ = p.server.ep.Transmit(p.now, buf[:])
	ep.Receive(p.now, serverAddr, buf[:n])
	n, _ = ep.Transmit(p.now, buf[:])
	if n == 0 || buf[0] != secure.TypeConfirm {
		p.t.Fatalf("no CONFIRM but %x", buf[:min(n, 4)])
	}
	return bytes.Clone(buf[:n])
}

// provoke brings a server into the state in which a reason applies.
func provoke(p *pair, why DropReason) {
	ep := p.server.ep
	switch why {
	case DropNoCookie:
		ep.loadedUntil = time.Hour
	case DropNotListening:
		ep.Listen(false)
	case DropFull, DropReplies:
		ep.cfg.MaxConns = 0
	case DropSpent:
		for i := range byte(10) {
			ep.spent.add(p.now, [16]byte{i}, time.Hour)
		}
	case DropSpentFull:
		for i := range maxSpent {
			ep.spent.add(p.now, [16]byte{byte(i), byte(i >> 8), byte(i >> 16), 1}, time.Hour)
		}
	case DropStale:
		p.server.conn.acks.receive(p.now, p.server.conn.acks.largest+2*replayWindow, false, 0, 0)
	case DropBacklog:
		p.server.conn.pendingEvents = maxEventsPerConn
	}
}

// Who is turned away leaves nothing behind, whatever the reason and however often.
func TestRejectsLeaveNothing(t *testing.T) {
	begin := func() *pair {
		calls := byte(0)
		return connected(t, 1, link{}, granting(func([32]byte, []byte) (Grant, Refusal) {
			calls++
			return Grant{ID: [16]byte{calls}, Life: time.Minute}, RefusedNot
		}))
	}
	names := rejects(begin())
	var reasons []DropReason
	for why := range names {
		reasons = append(reasons, why)
	}
	slices.Sort(reasons)
	for _, why := range reasons {
		p := begin()
		ep, next := p.server.ep, rejects(p)[why]
		provoke(p, why)
		try := func(from, to int) {
			for i := from; i < to; i++ {
				path, b := next(i)
				ep.Receive(p.now, path, b)
				if i%16 == 0 && why != DropReplies {
					discard(p.now, ep)
					p.now += 10 * time.Microsecond
				}
			}
			discard(p.now, ep)
		}
		try(0, 5000) // tables and rings have their size by now
		before, dropped := heapInUse(), ep.Stats().Drops[why]
		try(5000, 5000+*abuse)
		grown := heapInUse() - before
		keeps(t, fmt.Sprintf("%d times %v", *abuse, why), "heap +<= 1 MiB", fmt.Sprintf("%+d KiB", grown>>10), grown <= 1<<20)
		if got := ep.Stats().Drops[why] - dropped; got < uint64(*abuse)*9/10 {
			t.Errorf("%v: %d of %d were counted", why, got, *abuse)
		}
		if ep.Stats().Sessions != 1 {
			t.Errorf("%v: the honest session is gone", why)
		}
	}
}

// The same for refusals, each of which costs a server a handshake: fewer.
func TestRefusedHandshakesLeaveNothing(t *testing.T) {
	n := max(30, *abuse/100)
	for name, change := range map[string]func(c, s *Config){
		"full":    func(c, s *Config) { s.MaxConns = -1 },
		"app":     func(c, s *Config) { c.App = "other" },
		"schema":  func(c, s *Config) { c.Schema = 8 },
		"crowded": func(c, s *Config) {},
		"expired": granting(func([32]byte, []byte) (Grant, Refusal) { return Grant{}, RefusedExpired }),
		"server":  granting(func([32]byte, []byte) (Grant, Refusal) { return Grant{}, RefusedServer }),
		"denied":  granting(func([32]byte, []byte) (Grant, Refusal) { return Grant{}, RefusedDenied }),
		"used": granting(func([32]byte, []byte) (Grant, Refusal) {
			return Grant{ID: [16]byte{1}, Life: time.Minute}, RefusedNot
		}),
	} {
		p := newPair(t, 1, link{}, change)
		ep := p.server.ep
		switch name {
		case "crowded":
			ep.cfg.MaxPerNetwork = 0
		case "used":
			ep.spent.add(p.now, [16]byte{1}, time.Hour)
		}
		p.dial()
		var init [MaxRecordSize]byte
		size, _ := p.client.ep.Transmit(p.now, init[:])
		try := func(n int) {
			for i := range n {
				ep.Receive(p.now, stranger(i), init[:size])
				discard(p.now, ep)
				p.now += time.Millisecond
			}
		}
		try(20)
		before, refused := heapInUse(), ep.Stats().Refused
		try(n)
		grown := heapInUse() - before
		keeps(t, fmt.Sprintf("%d handshakes refused as %s", n, name), "heap +<= 1 MiB", fmt.Sprintf("%+d KiB", grown>>10), grown <= 1<<20)
		if got := ep.Stats().Refused - refused; got != uint64(n) {
			t.Errorf("%s: %d of %d were refused", name, got, n)
		}
		if len(ep.conns)+len(ep.byPath)+len(ep.byID)+len(ep.networks) != 0 {
			t.Errorf("%s: the server remembers somebody", name)
		}
	}
}

// A session is found by an id that the server has chosen: who makes ids up cannot make the table slow.
func TestLookupUnderAttack(t *testing.T) {
	const sessions, batch = 10_000, 64
	ep := mustEndpoint(t, testConfig(2))
	for i := range sessions {
		c := newConn(ep, 0, Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}), 9)}, toClient)
		c.id = ep.freeID()
		ep.byID[c.id] = c
	}
	b := append(appendHeader(nil, toServer, 0, 1), make([]byte, 40)...)
	var took []time.Duration
	for i := 0; i < *abuse; i += batch {
		began := time.Now()
		for k := range batch {
			binary.LittleEndian.PutUint32(b[1:], uint32(i+k)*0x9e3779b1)
			ep.Receive(time.Second, clientAddr, b)
		}
		took = append(took, time.Since(began)/batch)
	}
	if drops := ep.Stats().Drops; drops[DropNoSession]+drops[DropDamaged]+drops[DropDuplicate] < uint64(*abuse)*9/10 {
		t.Errorf("%v", drops)
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	if abusing() { // a clock has no place in a test that others run
		keeps(t, fmt.Sprintf("a record for no session, %d sessions, mean of %d", sessions, batch), "p99 <= 200 ns",
			fmt.Sprintf("p50 %d ns, p99 %d ns", p50, p99), p99 <= 200)
	}
}
