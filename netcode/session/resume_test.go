package session

import (
	"bytes"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// comeback is a pair whose client keeps a ticket, and what became of the server's Authorize.
type comeback struct {
	*pair
	asked  int    // how often Authorize was
	ticket []byte // for the first session
	first  uint32 // its id
	old    *Conn  // at the server
	cfg    Config // of the client
	starts byte
}

func newComeback(t *testing.T) *comeback {
	t.Helper()
	b := &comeback{}
	b.pair = newPair(t, 1, link{delay: 10 * time.Millisecond}, func(c, s *Config) {
		c.Key, c.IdleTimeout = [32]byte{9, 9}, 10*time.Second
		s.Key, s.IdleTimeout, s.ResumeFor = [32]byte{4, 4}, 10*time.Second, 30*time.Second
		s.Authorize = func(_ [32]byte, token []byte) (Grant, Refusal) {
			b.asked++
			if string(token) != "token" {
				return Grant{}, RefusedDenied
			}
			return Grant{User: 42, Claims: []byte("red team")}, RefusedNot
		}
		b.cfg = *c
	})
	c := b.dialWith(DialOptions{Token: []byte("token")})
	b.until(time.Second, func() bool { return c.Opened() && b.server.conn != nil })
	b.old = b.server.conn
	b.first = b.old.ID()
	b.ticket = b.old.AppendResume(b.now, nil)
	return b
}

// again is another process of the client, perhaps with another key, which dials with what it was left.
func (b *comeback) again(key [32]byte, opt DialOptions) *Conn {
	b.t.Helper()
	b.starts++
	cfg := b.cfg
	cfg.Key, cfg.Secret = key, [32]byte{100 + b.starts}
	path := clientAddr
	path.Addr = mustPort(clientAddr, 5000+uint16(b.starts))
	b.client = &side{ep: mustEndpoint(b.t, cfg), path: path}
	opt.ServerKey = b.server.ep.PublicKey()
	b.server.conn = nil
	c, err := b.client.ep.DialWith(b.now, serverAddr, opt)
	if err != nil {
		b.t.Fatal(err)
	}
	b.client.conn = c
	b.advance(2 * time.Second)
	return c
}

// resumed checks that the newest session at the server has taken the place of one.
func (b *comeback) resumed(c *Conn, of uint32) {
	b.t.Helper()
	s := b.server.conn
	if !c.Opened() || s == nil || s.Resumes() != of || s.User() != 42 || string(s.Claims()) != "red team" {
		b.t.Fatalf("open: %v, %v; at the server %+v", c.Opened(), c.Err(), s)
	}
	if b.asked != 1 {
		b.t.Fatalf("who had a session was asked for a token %d times", b.asked)
	}
}

func TestResumeOfALivingSession(t *testing.T) {
	b := newComeback(t)
	b.resumed(b.again(b.cfg.Key, DialOptions{Resume: b.ticket}), b.first)
	if ce := closeOf(t, b.old); ce.Code != CloseReplaced || ce.Remote {
		t.Errorf("the old session ended with %v", ce)
	}
	// The client may come back once more by the ticket of the second session, and not by that of the first, which is over.
	second := b.server.conn
	b.resumed(b.again(b.cfg.Key, DialOptions{Resume: second.AppendResume(b.now, nil)}), second.ID())
	if c := b.again(b.cfg.Key, DialOptions{Resume: b.ticket, Token: []byte("token")}); !c.Opened() || b.server.conn.Resumes() != 0 {
		t.Error("a session was resumed that another had replaced")
	}
}

// A session that was silent for too long is gone, and can be resumed for a while.
func TestResumeOfALostSession(t *testing.T) {
	for _, c := range []struct {
		silence time.Duration
		want    bool
	}{{12 * time.Second, true}, {38 * time.Second, true}, {42 * time.Second, false}} {
		b := newComeback(t)
		b.cut[UDP] = true
		b.advance(c.silence)
		b.cut[UDP] = false
		if ce := closeOf(t, b.old); ce.Code != CloseTimeout {
			t.Fatalf("the old session ended with %v", ce)
		}
		conn := b.again(b.cfg.Key, DialOptions{Resume: b.ticket})
		if c.want {
			b.resumed(conn, b.first)
		} else if ce := closeOf(t, conn); ce.Refusal != RefusedDenied || b.asked != 2 {
			t.Errorf("after %v: %v, with %d questions", c.silence, ce, b.asked)
		}
	}
}

// A ticket is of no use to anybody else, nor when it is old, of another server, or broken: then the token decides, as for everybody.
func TestResumeIsForTheClientAlone(t *testing.T) {
	for name, c := range map[string]struct {
		key    [32]byte
		change func(b *comeback)
	}{
		"stolen":      {key: [32]byte{1}},
		"old":         {change: func(b *comeback) { b.advance(resumeLife + time.Second) }},
		"broken":      {change: func(b *comeback) { b.ticket[30] ^= 1 }},
		"of another":  {change: func(b *comeback) { b.ticket = bytes.Repeat([]byte{7}, secure.ResumeSize) }},
		"of a server": {change: func(b *comeback) { b.restart() }},
		"of who was kicked": {change: func(b *comeback) {
			b.old.Close(b.now, CloseKicked, "out")
			b.advance(time.Second)
		}},
		"of who went": {change: func(b *comeback) {
			b.client.conn.Close(b.now, CloseNormal, "bye")
			b.advance(time.Second)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newComeback(t)
			if c.key == [32]byte{} {
				c.key = b.cfg.Key
			}
			if c.change != nil {
				c.change(b)
			}
			conn := b.again(c.key, DialOptions{Resume: b.ticket})
			if ce := closeOf(t, conn); ce.Refusal != RefusedDenied {
				t.Errorf("without a token: %v", ce)
			}
			if name == "stolen" && !b.old.Opened() {
				t.Error("the owner's session was ended by it")
			}
			if conn = b.again(c.key, DialOptions{Resume: b.ticket, Token: []byte("token")}); !conn.Opened() || b.server.conn.Resumes() != 0 {
				t.Errorf("with a token: %v", conn.Err())
			}
		})
	}
}

// restart puts another process of the server in place of the first, with the same key.
func (b *comeback) restart() {
	cfg := testConfig(77)
	cfg.Key, cfg.ResumeFor, cfg.Authorize = [32]byte{4, 4}, b.server.ep.cfg.ResumeFor, b.server.ep.cfg.Authorize
	b.server.ep = mustEndpoint(b.t, cfg)
	b.server.ep.Listen(true)
}

// The packets of a resumption, sent again by somebody who saw them, resume nothing.
func TestReplayedResumption(t *testing.T) {
	b := newComeback(t)
	var seen [][]byte
	b.tap = func(s *side, d []byte) {
		if s == b.client && d[0]&0x80 != 0 {
			seen = append(seen, bytes.Clone(d))
		}
	}
	b.resumed(b.again(b.cfg.Key, DialOptions{Resume: b.ticket}), b.first)
	b.tap = nil
	owner := b.server.conn
	before := b.server.ep.Stats().Opened
	for _, from := range []Path{b.client.path, stranger(1)} {
		for _, d := range seen {
			b.server.ep.Receive(b.now, from, d)
			b.advance(20 * time.Millisecond)
		}
	}
	b.advance(time.Second)
	if n := b.server.ep.Stats().Opened; len(seen) < 2 || n != before || !owner.Opened() {
		t.Errorf("%d packets led to %d sessions; the owner's lives: %v", len(seen), n-before, owner.Opened())
	}
}

// A session that is ended between ACCEPT and CONFIRM cannot be resumed: the client hears so, and may come in without.
func TestResumeOfASessionThatEndsMeanwhile(t *testing.T) {
	b := newComeback(t)
	b.wire = func(from *side, _ Path, d []byte) bool {
		if from == b.client && d[0] == secure.TypeConfirm && b.old.Opened() {
			b.old.Close(b.now, CloseKicked, "out")
		}
		return false
	}
	c := b.again(b.cfg.Key, DialOptions{Resume: b.ticket})
	if ce := closeOf(t, c); ce.Refusal != RefusedResume {
		t.Errorf("the dial ended with %v", ce)
	}
}

func TestLostSessionsAreBounded(t *testing.T) {
	b := newComeback(t)
	e := b.server.ep
	for i := range uint32(maxLost + 10) {
		c := newConn(e, b.now, stranger(1), toClient)
		c.id, c.opened = 1_000_000+i, true
		e.lose(b.now+time.Duration(i), c, CloseTimeout)
	}
	if _, ok := e.lost[1_000_000]; ok || len(e.lost) != maxLost {
		t.Errorf("%d lost sessions are remembered", len(e.lost))
	}
	e.forgetLost(b.now + time.Minute)
	if len(e.lost) != 0 {
		t.Errorf("%d are remembered for good", len(e.lost))
	}
	if got := b.client.conn.AppendResume(b.now, nil); got != nil {
		t.Error("a client makes tickets")
	}
	if _, err := b.client.ep.DialWith(b.now, stranger(2), DialOptions{Resume: []byte("short")}); err == nil {
		t.Error("a ticket of another size was taken")
	}
}
