package session

import (
	"bytes"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// accepted returns a client that has a ticket; its CONFIRMs are kept back until p.wire is nil again.
func accepted(t *testing.T, change ...func(c, s *Config)) (p *pair) {
	p = newPair(t, 1, link{delay: 5 * time.Millisecond}, change...)
	p.wire = func(from *side, _ Path, b []byte) bool { return b[0] == secure.TypeConfirm }
	p.dial()
	p.until(time.Second, func() bool { return p.client.conn.state == confirming })
	return p
}

// Who has a ticket and is not let in after all is told why, at once, and leaves nothing behind.
func TestRefusedAtTheLastMoment(t *testing.T) {
	for _, c := range []struct {
		want   Refusal
		drop   DropReason
		change func(p *pair)
	}{
		{RefusedFull, DropFull, func(p *pair) { p.server.ep.cfg.MaxConns = 0 }},
		{RefusedCrowded, DropFull, func(p *pair) { p.server.ep.cfg.MaxPerNetwork = 0 }},
		{RefusedDuplicate, DropSpent, func(p *pair) { p.server.ep.spent.add(p.now, [16]byte{1}, p.now+time.Minute) }},
		{RefusedClosing, DropNotListening, func(p *pair) { p.server.ep.Shutdown(p.now, "") }},
		{RefusedFull, DropSpentFull, func(p *pair) {
			for i := range maxSpent {
				p.server.ep.spent.add(p.now, [16]byte{byte(i), byte(i >> 8), byte(i >> 16), 2}, p.now+time.Minute)
			}
		}},
	} {
		t.Run(c.want.String(), func(t *testing.T) {
			p := accepted(t, granting(func([32]byte, []byte) (Grant, Refusal) {
				return Grant{ID: [16]byte{1}, Life: time.Minute}, RefusedNot
			}))
			c.change(p)
			p.wire = nil
			start := p.now
			p.until(2*time.Second, func() bool { return p.client.conn.Err() != nil })
			if took := p.now - start; took > time.Second {
				t.Errorf("the client learned it after %v", took)
			}
			if ce := closeOf(t, p.client.conn); ce.Code != CloseRefused || !ce.Remote || ce.Refusal != c.want {
				t.Errorf("want %v, the client learned %v", c.want, ce)
			}
			s := p.server.ep.Stats()
			if s.Drops[c.drop] == 0 || s.Refused == 0 || s.Sessions+len(p.server.ep.conns) != 0 {
				t.Errorf("at the server: %+v", s)
			}
		})
	}
}

// A REFUSE that the server did not make, or made for another session, does nothing; nor does a true one once there is a session.
func TestForgedRefusalsDoNothing(t *testing.T) {
	p := accepted(t)
	c := p.client.conn
	key, id := c.dial.refuse, c.id
	good := secure.AppendRefuse(nil, key, id, uint8(RefusedFull))
	for at := range good {
		b := bytes.Clone(good)
		b[at] ^= 1
		p.client.ep.Receive(p.now, serverAddr, b)
	}
	for _, b := range [][]byte{nil, good[:len(good)-1], append(bytes.Clone(good), 0),
		secure.AppendRefuse(nil, key, id+1, 1), secure.AppendRefuse(nil, secure.RefuseKey{}, id, 1)} {
		p.client.ep.Receive(p.now, serverAddr, b)
	}
	p.client.ep.Receive(p.now, stranger(1), good)
	p.server.ep.Receive(p.now, clientAddr, good)
	p.wire = nil
	p.until(2*time.Second, func() bool { return p.server.conn != nil && c.Opened() })
	p.client.ep.Receive(p.now, serverAddr, good)
	p.advance(time.Second)
	if !c.Opened() || !p.server.conn.Opened() {
		t.Fatalf("the session ended: %v, %v", c.Err(), p.server.conn.Err())
	}
	if c.dial.refuse != (secure.RefuseKey{}) {
		t.Error("the key is kept for nothing")
	}
	d := p.client.ep.Stats().Drops
	if d[DropBadAccept] == 0 || d[DropShort] == 0 {
		t.Errorf("nothing was counted: %v", d)
	}
}

// The answer is small, and is the same each time: no nonce is used up by whoever repeats a CONFIRM.
func TestRefusalsAreSmallAndTheSame(t *testing.T) {
	p := accepted(t)
	var confirm []byte
	p.wire = func(from *side, _ Path, b []byte) bool {
		if b[0] == secure.TypeConfirm {
			confirm = bytes.Clone(b)
		}
		return true
	}
	p.until(2*time.Second, func() bool { return confirm != nil })
	p.server.ep.cfg.MaxConns = 0
	var buf [MaxRecordSize]byte
	var first []byte
	before := heapInUse()
	for range 2000 {
		p.server.ep.Receive(p.now, clientAddr, confirm)
		n, to := p.server.ep.Transmit(p.now, buf[:])
		if n != secure.RefuseSize || 2*n > len(confirm) || to != clientAddr {
			t.Fatalf("%d bytes to %v", n, to)
		}
		if first == nil {
			first = bytes.Clone(buf[:n])
		}
		if !bytes.Equal(first, buf[:n]) {
			t.Fatal("two answers differ")
		}
	}
	if grown := heapInUse() - before; grown > 64<<10 {
		t.Errorf("they left %d bytes", grown)
	}
}
