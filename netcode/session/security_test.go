package session

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// stranger returns the address of attacker i, of one network in 256.
func stranger(i int) Path {
	return Path{Carrier: UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{66, byte(i >> 16), byte(i >> 8), byte(i)}), 9)}
}

// initOf returns an INIT of a client to the server of p.
func initOf(p *pair, secret byte) []byte {
	ep := mustEndpoint(p.t, testConfig(secret))
	if _, err := ep.DialWith(p.now, serverAddr, DialOptions{ServerKey: p.server.ep.PublicKey()}); err != nil {
		p.t.Fatal(err)
	}
	var buf [MaxRecordSize]byte
	n, _ := ep.Transmit(p.now, buf[:])
	return bytes.Clone(buf[:n])
}

// record notes every datagram that a side of p sends, by side.
func (p *pair) record() map[*side][][]byte {
	sent := map[*side][][]byte{}
	p.tap = func(from *side, b []byte) { sent[from] = append(sent[from], bytes.Clone(b)) }
	return sent
}

// forgottenSession is a session that was opened, used, closed and forgotten, with everything that travelled in it.
func forgottenSession(t *testing.T) (p *pair, sent map[*side][][]byte) {
	p = newPair(t, 1, link{delay: 10 * time.Millisecond})
	sent = p.record()
	p.dial()
	for i := range 10 {
		p.client.send(p, i%4, numbered(i, 100))
		p.advance(20 * time.Millisecond)
		if p.server.conn != nil {
			p.server.send(p, i%4, numbered(i, 2000))
		}
	}
	p.advance(200 * time.Millisecond)
	p.client.conn.Close(p.now, CloseNormal, "")
	p.advance(2 * time.Second)
	p.tap = nil
	if n := len(p.server.ep.byID) + len(p.client.ep.conns); n != 0 || len(sent[p.client]) < 10 {
		t.Fatalf("%d sessions are left, %d datagrams were recorded", n, len(sent[p.client]))
	}
	return p, sent
}

// What travelled in a session that is over is good for nothing: no session, no message, no answer but to the INIT.
func TestReplayedSessionDoesNothing(t *testing.T) {
	p, sent := forgottenSession(t)
	got, events := len(p.server.got), len(p.server.events)
	confirms := 0
	for range 3 {
		for _, s := range []*side{p.client, p.server} {
			for _, b := range sent[s] {
				if b[0] == secure.TypeConfirm {
					confirms++
				}
				for _, from := range []Path{clientAddr, serverAddr, stranger(1)} {
					p.server.ep.Receive(p.now, from, b)
					p.client.ep.Receive(p.now, from, b)
				}
			}
		}
		p.advance(2 * time.Second)
	}
	if len(p.server.got) != got || len(p.server.events) != events || len(p.client.ep.conns)+len(p.server.ep.conns) != 0 {
		t.Errorf("%d new messages, %d new events, %d sessions", len(p.server.got)-got, len(p.server.events)-events, len(p.server.ep.conns))
	}
	if confirms == 0 || p.server.ep.Stats().Drops[DropSpent] == 0 {
		t.Fatalf("no CONFIRM was replayed while its ticket was good: %v", p.server.ep.Stats().Drops)
	}
}

// The same while the session lives: every datagram, to both ends, from everywhere.
func TestReplaysDuringASessionDeliverNothing(t *testing.T) {
	p := connected(t, 1, link{delay: 10 * time.Millisecond})
	var seen [][]byte
	p.tap = func(_ *side, b []byte) { seen = append(seen, bytes.Clone(b)) }
	const n = 200
	for i := range n {
		p.client.send(p, 1, numbered(i, 40))
		p.server.send(p, 1, numbered(i, 40))
		p.advance(10 * time.Millisecond)
		for k := range min(20, len(seen)) {
			b := seen[p.rnd.IntN(len(seen))]
			from := []Path{clientAddr, serverAddr, stranger(k)}[k%3]
			p.server.ep.Receive(p.now, from, b)
			p.client.ep.Receive(p.now, from, b)
		}
	}
	p.advance(time.Second)
	if a, b := len(p.server.on(1)), len(p.client.on(1)); a != n || b != n {
		t.Errorf("%d and %d messages were delivered of %d", a, b, n)
	}
	if !p.client.conn.Opened() || !p.server.conn.Opened() || p.server.conn.Path() != clientAddr {
		t.Error("the session ended or moved")
	}
}

// Nobody without the keys ends, delays or changes a session or a dial, whatever he writes in whosever name.
func TestForgeriesDoNothing(t *testing.T) {
	p := connected(t, 1, link{delay: 10 * time.Millisecond})
	p.dialSecond(t)
	heard, spoke := p.server.conn.heardAt, p.client.conn.heardAt
	largest := p.server.conn.acks.largest
	forged := appendClose(appendHeader(nil, toServer, p.server.conn.id, largest+1), CloseKicked, "forged")
	forged = append(forged, make([]byte, tagSize)...)
	down := append(appendClose(appendHeader(nil, toClient, 0, p.client.conn.acks.largest+1), CloseKicked, "forged"), make([]byte, tagSize)...)
	var handshake [][]byte
	for _, kind := range []byte{secure.TypeAccept, secure.TypeRefuse, secure.TypeRetry, secure.TypeVersion, secure.TypeInfo, secure.TypeConfirm} {
		for _, size := range []int{secure.VersionSize, secure.RefuseSize, secure.RetrySize, 90, 282, 400} {
			b := make([]byte, size)
			b[0], b[1] = kind, secure.Version
			handshake = append(handshake, b)
		}
	}
	for i := range 20000 {
		for _, b := range [][]byte{forged, down, handshake[i%len(handshake)]} {
			b = bytes.Clone(b)
			for k := range 8 {
				b[len(b)-1-k] = byte(p.rnd.Uint32())
			}
			p.server.ep.Receive(p.now, clientAddr, b)
			p.client.ep.Receive(p.now, serverAddr, b)
		}
	}
	if !p.client.conn.Opened() || !p.server.conn.Opened() {
		t.Fatalf("a forgery ended it: %v, %v", p.client.conn.Err(), p.server.conn.Err())
	}
	if p.server.conn.heardAt != heard || p.client.conn.heardAt != spoke || p.server.conn.acks.largest != largest {
		t.Error("a forgery was taken for a sign of life")
	}
	p.client.send(p, 0, []byte("still here"))
	p.until(time.Second, func() bool { return len(p.server.on(0)) == 1 })
}

// dialSecond leaves a dial of the client under way to another address.
func (p *pair) dialSecond(t *testing.T) {
	if _, err := p.client.ep.DialWith(p.now, stranger(500), DialOptions{ServerKey: p.server.ep.PublicKey()}); err != nil {
		t.Fatal(err)
	}
}

// A million of these and a server is as small as before; with them come as few bytes as the protocol says.
func TestInitsCostNoMemory(t *testing.T) {
	p := newPair(t, 1, link{})
	valid := initOf(p, 9)
	wrong := bytes.Clone(valid)
	wrong[40] ^= 1
	ep := p.server.ep
	var buf [MaxRecordSize]byte
	sent := 0
	flood := func(n int, b []byte) {
		for i := range n {
			ep.Receive(p.now, stranger(i), b)
			if i%16 != 0 { // a handshake now and then, else they would all be refused for the load
				continue
			}
			p.now += time.Millisecond
			for ep.shakes.len() == 0 || len(ep.replies) > 0 {
				k, _ := ep.Transmit(p.now, buf[:])
				if k == 0 {
					break
				}
				sent += k
			}
		}
	}
	flood(5000, valid)
	before := heapInUse()
	n := max(200_000, *abuse)
	flood(n/2, valid)
	flood(n/2, wrong)
	grown := heapInUse() - before
	keeps(t, fmt.Sprintf("%d INITs", n), "heap +<= 512 KiB", fmt.Sprintf("%+d KiB", grown>>10), grown <= 512<<10)
	if len(ep.byID)+len(ep.byPath)+len(ep.conns)+len(ep.spent.until) != 0 || ep.shakes.len() > maxHandshakes {
		t.Error("the server remembers somebody")
	}
	if sent*2 > n*secure.InitSize {
		t.Errorf("%d bytes were sent", sent)
	}
	if d := ep.Stats().Drops; d[DropBadInit] < uint64(n/2) || d[DropNoCookie] == 0 {
		t.Errorf("%v", d)
	}
}

// No address gets more than half of the bytes that came from it before it has brought a ticket back: valid packets,
// altered ones and noise of each kind and size.
func TestNothingIsAmplified(t *testing.T) {
	p, sent := forgottenSession(t)
	var seeds [][]byte
	for _, s := range []*side{p.client, p.server} {
		seeds = append(seeds, sent[s]...)
	}
	query := secure.AppendQuery(make([]byte, 0, secure.QuerySize), 7)
	other := bytes.Clone(initOf(p, 9))
	p.server.ep.cfg.About = strings.Repeat("Units.Pos.X float32 range=-512:512,step=1/64\n", 3000)
	ask := secure.AppendAsk(make([]byte, 0, secure.QuerySize), 7, 0)
	seeds = append(seeds, initOf(p, 9), initOf(p, 10), query, other, ask)
	rnd := rand.New(rand.NewPCG(1, 1))
	in, out := map[Path]int{}, map[Path]int{}
	kinds := map[byte]int{}
	var buf [MaxRecordSize]byte
	for i := range 10000 {
		b := bytes.Clone(seeds[rnd.IntN(len(seeds))])
		switch rnd.IntN(4) {
		case 0:
			b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
		case 1:
			b = b[:rnd.IntN(len(b)+1)]
		case 2:
			b = append(b, make([]byte, rnd.IntN(200))...)
		}
		from := stranger(rnd.IntN(50))
		if len(b) > 0 {
			kinds[b[0]]++
		}
		in[from] += len(b)
		p.server.ep.Receive(p.now, from, b)
		for n, to := p.server.ep.Transmit(p.now, buf[:]); n > 0; n, to = p.server.ep.Transmit(p.now, buf[:]) {
			out[to] += n
			if 2*out[to] > in[to] {
				t.Fatalf("%v sent %d bytes and got %d", to, in[to], out[to])
			}
		}
		if i%10 == 0 {
			p.now += 5 * time.Millisecond
		}
	}
	if len(out) < 40 || len(kinds) < 8 {
		t.Errorf("%d addresses were answered, %d kinds of packets were tried: the test proves little", len(out), len(kinds))
	}
}

// Who is turned away leaves nothing behind, whatever the reason.
func TestRefusalsLeaveNothing(t *testing.T) {
	const n = 30
	for name, change := range map[string]func(c, s *Config){
		"full":   func(c, s *Config) { s.MaxConns = -1 },
		"app":    func(c, s *Config) { c.App = "other" },
		"schema": func(c, s *Config) { c.Schema = 8 },
		"denied": func(c, s *Config) {
			s.Authorize = func([32]byte, []byte) (Grant, Refusal) { return Grant{}, RefusedDenied }
		},
		"crowded": func(c, s *Config) { s.MaxPerNetwork = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, 1, link{}, change)
			if name == "crowded" {
				p.server.ep.cfg.MaxPerNetwork = 0
			}
			var before int
			for i := range n + 20 {
				if i == 20 {
					before = heapInUse()
				}
				p.dial()
				p.advance(time.Millisecond)
				if p.client.conn.Err() == nil {
					t.Fatal("it was let in")
				}
				p.client.ep.Advance(p.now + 2*time.Second)
				p.client.events, p.client.conn = nil, nil
			}
			if grown := heapInUse() - before; grown > 128<<10 {
				t.Errorf("%d refusals left %d bytes", n, grown)
			}
			if ep := p.server.ep; len(ep.conns)+len(ep.byPath)+len(ep.byID)+len(ep.spent.until)+len(ep.networks) != 0 || ep.shakes.len() != 0 {
				t.Error("the server remembers somebody")
			}
		})
	}
}

// In no session is a number used twice with one key, whatever is lost and however often keys change, and
// everything arrives all the same.
func TestKeysChangeUnderWay(t *testing.T) {
	p := newPair(t, 3, link{delay: 15 * time.Millisecond, jitter: 30 * time.Millisecond, loss: 0.1, duplicate: 0.1})
	p.client.ep.updateEvery, p.server.ep.updateEvery = 20, 20
	type use struct {
		conn *Conn
		key  uint64
		pn   uint64
	}
	used := map[use]bool{}
	p.tap = func(from *side, b []byte) {
		c := p.client.conn
		if from == p.server {
			c = p.server.conn
			if c == nil && len(from.ep.conns) > 0 {
				c = from.ep.conns[0]
			}
		}
		if _, record, ok := secure.ParseConfirm(b); ok {
			b = record
		}
		h, ok := parseHeader(b)
		if !ok {
			return
		}
		u := use{c, c.key.sealer.Updates(), extend(h.pn16, 16, c.sent.next)}
		if used[u] {
			t.Fatalf("number %d met key %d twice", u.pn, u.key)
		}
		used[u] = true
	}
	p.dial()
	const n = 2000
	for i := range n {
		p.client.send(p, 0, numbered(i, 40))
		if p.server.conn != nil {
			p.server.send(p, 3, numbered(i, 40))
		}
		p.advance(10 * time.Millisecond)
	}
	p.until(time.Minute, func() bool { return len(p.server.on(0)) == n })
	for i, m := range p.server.on(0) {
		if !bytes.Equal(m, numbered(i, 40)) {
			t.Fatalf("message %d arrived as %x", i, m)
		}
	}
	for name, c := range map[string]*Conn{"client": p.client.conn, "server": p.server.conn} {
		if k := c.key.sealer.Updates(); k < 20 {
			t.Errorf("the %s has changed its key %d times", name, k)
		}
	}
	if d := p.server.ep.Stats().Drops[DropDamaged]; d > n/20 {
		t.Errorf("%d records came too late for their keys", d)
	}
}

// Who acknowledges what was not received is found out: sooner or later a number among it was never sent.
func TestAcknowledgingWhatWasLeftOutEndsTheSession(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	sc := p.server.conn
	for range 10 * skipEvery {
		p.server.send(p, 1, []byte("x"))
		p.advance(2 * time.Millisecond)
	}
	if p.client.conn.Err() != nil || sc.Err() != nil {
		t.Fatalf("an honest session ended: %v, %v", p.client.conn.Err(), sc.Err())
	}
	if loss := p.client.conn.Stats().LossIn; loss > 0.005 {
		t.Errorf("numbers that were left out count as a loss of %.4f", loss)
	}
	sc.skipAt = sc.sent.next + 1
	p.server.send(p, 1, []byte("x"))
	p.link.down = func(time.Duration) bool { return true } // the client does not get it
	p.flush()
	c := p.client.conn
	lie := binary.LittleEndian.AppendUint16([]byte{0x40}, uint16(sc.sent.next-1))
	p.server.ep.Receive(p.now, clientAddr, seal(c.key, toServer, c.sent.next, append(appendHeader(nil, toServer, c.id, c.sent.next), append(lie, 0, 1)...)))
	p.link.down = nil
	p.advance(time.Second)
	var ce *CloseError
	if !errors.As(sc.Err(), &ce) || ce.Code != CloseProtocol {
		t.Errorf("the session ended with %v", sc.Err())
	}
}

// An acknowledgement that was overtaken by more than half of the 16-bit numbers is old, not of the future.
func TestOldAcknowledgementIsNoViolation(t *testing.T) {
	var s sentState
	s.base, s.next, s.largestAcked, s.anyAcked = 199_000, 200_000, 199_990, true
	for _, back := range []uint64{0, 5, 1000, 32_767, 32_768, 40_000, 60_000} {
		if got := s.ackedNumber(uint16(199_990-back), false); got != 199_990-back {
			t.Errorf("%d behind reads as %d", back, int64(199_990)-int64(got))
		}
	}
	for _, ahead := range []uint64{0, 5, 9, 10, 1000, 40_000, 65_535} {
		if got := s.ackedNumber(uint16(199_990+ahead), true); got != 199_990+ahead {
			t.Errorf("%d ahead in the newest record reads as %d", ahead, int64(got)-199_990)
		}
	}
	var young sentState
	young.next = 10
	if got := young.ackedNumber(65_530, false); got < young.next {
		t.Errorf("a number from before the first reads as %d", got)
	}
}

// The same in a session: it goes on.
func TestOvertakenAcknowledgementIsTakenForOld(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond})
	p.advance(time.Second)
	s := &p.server.conn.sent
	s.base, s.next, s.largestAcked = 200_000, 200_000, 199_999
	c := p.client.conn
	next := c.sent.next
	for _, r := range []struct {
		pn    uint64
		frame []byte
	}{{next + 5, []byte{framePing}}, {next + 1, binary.LittleEndian.AppendUint16([]byte{0x40}, uint16(160_000&0xffff))},
		{next + 2, binary.LittleEndian.AppendUint16([]byte{0x40}, uint16(138_000&0xffff))}} {
		if r.frame[0] == 0x40 {
			r.frame = append(r.frame, 0, 0)
		}
		record := append(appendHeader(nil, toServer, c.id, r.pn), r.frame...)
		p.server.ep.Receive(p.now, clientAddr, seal(c.key, toServer, r.pn, record))
	}
	if d := p.server.ep.Stats().Drops; d[DropMalformed]+d[DropDamaged] != 0 {
		t.Fatalf("the records were not taken: %v", d)
	}
	if c := p.server.conn; c.state != established {
		t.Errorf("the session is ended: %v", c.closeErr)
	}
}

// In silence a sender stays within what the receiver can tell apart, so that the session goes on when it ends.
func TestNumbersStayReadableThroughAnOutage(t *testing.T) {
	p := connected(t, 1, link{delay: time.Millisecond}, func(c, s *Config) {
		c.Rate, s.Rate = 64<<20, 64<<20
		c.IdleTimeout, s.IdleTimeout = 2*time.Minute, 2*time.Minute
	})
	for p.client.conn.sent.next < 1<<16+1000 {
		for range 200 {
			p.client.send(p, 1, make([]byte, 20))
			p.flush()
		}
		p.advance(5 * time.Millisecond)
	}
	p.wire = func(from *side, _ Path, _ []byte) bool { return from == p.client } // one way is cut
	for range 1500 {
		for range 20 {
			p.client.send(p, 1, make([]byte, 700))
		}
		p.advance(40 * time.Millisecond)
	}
	c := p.client.conn
	if ahead := c.sent.next - c.sent.largestAcked; ahead < maxAhead || ahead > maxAhead+2000 {
		t.Errorf("%d numbers ahead after a minute", ahead)
	}
	p.wire = nil
	p.client.send(p, 0, []byte("after it"))
	p.until(10*time.Second, func() bool { return len(p.server.on(0)) == 1 })
}
