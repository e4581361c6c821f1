package session

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// closeOf returns why a session ended.
func closeOf(t *testing.T, c *Conn) *CloseError {
	t.Helper()
	var ce *CloseError
	if !errors.As(c.Err(), &ce) {
		t.Fatalf("the session has not ended: %v", c.Err())
	}
	return ce
}

// dialWith dials from the client with options.
func (p *pair) dialWith(opt DialOptions) *Conn {
	p.t.Helper()
	c, err := p.client.ep.DialWith(p.now, serverAddr, opt)
	if err != nil {
		p.t.Fatal(err)
	}
	p.client.conn = c
	return c
}

func TestUnknownKeyIsLearned(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	c := p.dialWith(DialOptions{})
	start := p.now
	p.until(time.Second, func() bool { return p.server.conn != nil })
	if took := p.now - start; took != 100*time.Millisecond {
		t.Errorf("the server has a session after %v, want 5 one-way delays", took)
	}
	p.until(time.Second, c.Opened)
	if c.ServerKey() != p.server.ep.PublicKey() || p.server.conn.ClientKey() != p.client.ep.PublicKey() {
		t.Error("one side has a wrong idea of the other's key")
	}
	if c.BootID() != p.server.conn.BootID() || c.BootID() == 0 {
		t.Error("the boot id was not told")
	}
}

func TestPinnedKeyIsTheOnlyOneTalkedTo(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	c := p.dialWith(DialOptions{ServerKey: p.client.ep.PublicKey()}) // of somebody else
	p.advance(6 * time.Second)
	if ce := closeOf(t, c); ce.Code != CloseNoAnswer || ce.Key != p.server.ep.PublicKey() {
		t.Errorf("the dial ended with %v, want to hear of whom it found", ce)
	}
	inits, queries := p.server.ep.Stats().Drops[DropBadInit], uint64(p.server.sent)
	if inits < 8 || queries == 0 || queries > inits/2+1 {
		t.Errorf("%d INITs were dropped and %d other packets answered, want one question for its key to two INITs", inits, queries)
	}
}

// A server that was started again with another key is found by who only remembers the last one.
func TestRememberedKeyMayHaveChanged(t *testing.T) {
	for _, key := range [][32]byte{{}, {1: 7}} {
		p := newPair(t, 1, link{delay: 20 * time.Millisecond})
		key := key
		if key == [32]byte{} {
			key = p.server.ep.PublicKey()
		}
		c := p.dialWith(DialOptions{LastKey: key})
		start := p.now
		p.until(4*time.Second, func() bool { return c.Opened() })
		if took := p.now - start; key == p.server.ep.PublicKey() && took > 90*time.Millisecond {
			t.Errorf("with the right key it took %v", took)
		}
		if c.ServerKey() != p.server.ep.PublicKey() {
			t.Error("it has a wrong key")
		}
	}
}

func TestKeysFollowFromConfig(t *testing.T) {
	cfg := testConfig(1)
	a := mustEndpoint(t, cfg)
	cfg.Key = [32]byte{9, 9}
	b := mustEndpoint(t, cfg)
	cfg.Secret[5]++
	c := mustEndpoint(t, cfg)
	if a.PublicKey() == b.PublicKey() || b.PublicKey() != c.PublicKey() || a.PublicKey() == [32]byte{} {
		t.Error("the public key does not follow from Config.Key")
	}
	if b.boot == c.boot {
		t.Error("two starts have the same boot id")
	}
	if b.cfg.Secret != [32]byte{} {
		t.Error("the secret is kept, from which all that was drawn follows")
	}
}

// granting returns a change of configurations with which the server decides by f.
func granting(f func(client [32]byte, token []byte) (Grant, Refusal)) func(c, s *Config) {
	return func(c, s *Config) { s.Authorize = f }
}

func TestAuthorizeDecides(t *testing.T) {
	for _, why := range []Refusal{RefusedExpired, RefusedServer, RefusedDenied} {
		p := newPair(t, 1, link{}, granting(func([32]byte, []byte) (Grant, Refusal) { return Grant{}, why }))
		p.dial()
		p.advance(time.Second)
		if ce := closeOf(t, p.client.conn); ce.Refusal != why || ce.Code != CloseRefused || !ce.Remote {
			t.Errorf("want %v, the client learned %v", why, ce)
		}
	}
	var client [32]byte
	var token []byte
	p := newPair(t, 1, link{}, granting(func(c [32]byte, b []byte) (Grant, Refusal) {
		client, token = c, bytes.Clone(b)
		return Grant{User: 42, Claims: []byte("red team")}, RefusedNot
	}))
	p.dialWith(DialOptions{ServerKey: p.server.ep.PublicKey(), Token: []byte("a token")})
	p.until(time.Second, func() bool { return p.server.conn != nil })
	if string(token) != "a token" || client != p.client.ep.PublicKey() {
		t.Errorf("the server was asked about %q of %x", token, client)
	}
	if c := p.server.conn; c.User() != 42 || string(c.Claims()) != "red team" {
		t.Errorf("user %d with claims %q", c.User(), c.Claims())
	}
	if _, err := p.client.ep.DialWith(p.now, stranger(1), DialOptions{Token: make([]byte, secure.MaxToken+1)}); err == nil {
		t.Error("a token that does not fit is taken")
	}
	p = newPair(t, 1, link{}, granting(func([32]byte, []byte) (Grant, Refusal) {
		return Grant{Claims: make([]byte, secure.MaxClaims+1)}, RefusedNot
	}))
	p.dial()
	p.advance(time.Second)
	if ce := closeOf(t, p.client.conn); ce.Refusal != RefusedDenied {
		t.Errorf("claims that do not fit: %v", ce)
	}
}

func TestTokenLetsInOnce(t *testing.T) {
	p := newPair(t, 1, link{}, granting(func([32]byte, []byte) (Grant, Refusal) {
		return Grant{ID: [16]byte{1}, Life: 30 * time.Second}, RefusedNot
	}))
	p.dial()
	p.until(time.Second, func() bool { return p.client.conn.Opened() })
	p.client.conn.Close(p.now, CloseNormal, "")
	p.advance(5 * time.Second)
	p.dial()
	p.advance(time.Second)
	if ce := closeOf(t, p.client.conn); ce.Refusal != RefusedDuplicate {
		t.Errorf("the second time: %v", ce)
	}
	p.advance(31 * time.Second) // the application would refuse it as expired; it needs not be remembered any more
	if p.server.ep.spent.has([16]byte{1}) {
		t.Error("the token is remembered for ever")
	}
}

func TestNewestSessionOfAUserStays(t *testing.T) {
	p := newPair(t, 1, link{delay: time.Millisecond}, granting(func([32]byte, []byte) (Grant, Refusal) { return Grant{User: 7}, RefusedNot }))
	p.dial()
	p.until(time.Second, func() bool { return p.client.conn.Opened() })
	first, firstAtServer := p.client.conn, p.server.conn
	second, conn, _ := p.dialFrom(9, "192.0.2.1:1")
	from := Path{Carrier: UDP, Addr: mustAddr("192.0.2.1:1")}
	for range 5 {
		p.now += 10 * time.Millisecond
		second.Advance(p.now)
		p.server.ep.Advance(p.now)
		var buf [MaxRecordSize]byte
		for n, to := p.server.ep.Transmit(p.now, buf[:]); n > 0; n, to = p.server.ep.Transmit(p.now, buf[:]) {
			if to == from {
				second.Receive(p.now, serverAddr, buf[:n])
			} else {
				p.client.ep.Receive(p.now, serverAddr, buf[:n])
			}
		}
	}
	p.advance(time.Second)
	if ce := closeOf(t, first); ce.Code != CloseReplaced || !ce.Remote {
		t.Errorf("the first session ended with %v", ce)
	}
	if !conn.Opened() || firstAtServer.Opened() || p.server.ep.byUser[7] != p.server.conn {
		t.Error("the second one is not the user's")
	}
	p.server.ep.Abandon(p.now)
	if len(p.server.ep.byUser) != 0 {
		t.Error("the user is remembered without a session")
	}
}

// When no more can be remembered nobody is let in; nothing is forgotten early.
func TestUsedTicketsAreNotForgottenEarly(t *testing.T) {
	p := newPair(t, 1, link{})
	s := &p.server.ep.spent
	for i := range maxSpent {
		s.add(p.now, [16]byte{byte(i), byte(i >> 8), byte(i >> 16), 1}, p.now+time.Duration(10_000-i%5000)*time.Millisecond)
	}
	p.dial()
	p.advance(time.Second)
	if p.client.conn.Opened() || p.server.ep.Stats().Drops[DropSpentFull] == 0 {
		t.Error("a session was opened whose ticket cannot be remembered")
	}
	p.until(10*time.Second, func() bool { return p.client.conn.Opened() || p.client.conn.Err() != nil })
	p.advance(11 * time.Second)
	s.expire(p.now)
	for i, e := range s.heap {
		if e.until <= p.now {
			t.Fatalf("entry %d should have been forgotten at %v", i, e.until)
		}
	}
	if len(s.until) != len(s.heap) || len(s.heap) > 1 {
		t.Errorf("%d and %d are left", len(s.until), len(s.heap))
	}
}

func TestTicketsAreForOneAddressAndShort(t *testing.T) {
	p := newPair(t, 1, link{}, granting(func([32]byte, []byte) (Grant, Refusal) {
		return Grant{ID: [16]byte{1}, Life: time.Minute}, RefusedNot // which does not make the ticket's life longer
	}))
	var confirm []byte
	p.wire = func(from *side, _ Path, b []byte) bool {
		if b[0] == secure.TypeConfirm {
			confirm = bytes.Clone(b)
			return true
		}
		return false
	}
	p.dial()
	p.until(time.Second, func() bool { return confirm != nil })
	ep := p.server.ep
	moved := clientAddr
	moved.Addr = mustPort(clientAddr, 5001)
	for _, from := range []Path{moved, stranger(1), {Carrier: TCP, Addr: clientAddr.Addr}} {
		ep.Receive(p.now, from, confirm)
	}
	for at := range len(confirm) {
		b := bytes.Clone(confirm)
		b[at] ^= 4
		ep.Receive(p.now, clientAddr, b)
	}
	again := mustEndpoint(t, testConfig(3)) // the server after a restart with the same key
	again.Listen(true)
	again.Receive(p.now, clientAddr, confirm)
	ep.Receive(p.now+ticketAge+time.Millisecond, clientAddr, confirm)
	if len(ep.conns)+len(again.conns) != 0 {
		t.Fatal("a session was made")
	}
	if ep.Receive(p.now, clientAddr, confirm); len(ep.conns) != 1 {
		t.Errorf("the ticket is good for nothing: %v", ep.Stats().Drops)
	}
}

// Under load a client has to show that it receives where it sends from; nobody is limited before that.
func TestCookieUnderLoad(t *testing.T) {
	p := newPair(t, 1, link{delay: 20 * time.Millisecond})
	flood := initOf(p, 9)
	for i := range 1000 {
		p.server.ep.Receive(p.now, stranger(i), flood)
	}
	if n := p.server.ep.shakes.len(); n > maxHandshakes/8+1 {
		t.Fatalf("%d handshakes wait for addresses that prove nothing", n)
	}
	p.server.ep.replies = p.server.ep.replies[:0]
	start := p.now
	p.dial()
	p.until(time.Second, func() bool { return p.client.conn.Opened() })
	if took := p.now - start; took > 130*time.Millisecond {
		t.Errorf("under load a dial took %v, want 3 round trips", took)
	}
	other := mustEndpoint(t, testConfig(10))
	oc, _ := other.DialWith(p.now, serverAddr, DialOptions{ServerKey: p.server.ep.PublicKey()})
	from := stranger(7)
	exchange(p.now, other, p.server.ep, from, serverAddr)
	if oc.ID() == 0 {
		t.Fatal("the second client was not let in")
	}
	before := p.server.ep.Stats().Drops[DropRate]
	for range 40 {
		c := mustEndpoint(t, testConfig(11))
		c.DialWith(p.now, serverAddr, DialOptions{ServerKey: p.server.ep.PublicKey()})
		exchange(p.now, c, p.server.ep, from, serverAddr)
	}
	if p.server.ep.Stats().Drops[DropRate]-before < 30 {
		t.Error("one proved address may have as many handshakes as it likes")
	}
}

// Answers that prove nothing are few.
func TestQueriesAreLimited(t *testing.T) {
	p := newPair(t, 1, link{})
	q := secure.AppendQuery(make([]byte, 0, secure.QuerySize), 1)
	var buf [MaxRecordSize]byte
	ask := func(n int, from func(i int) Path) (answers int) {
		for i := range n {
			p.server.ep.Receive(p.now, from(i), q)
			for k, _ := p.server.ep.Transmit(p.now, buf[:]); k > 0; k, _ = p.server.ep.Transmit(p.now, buf[:]) {
				answers++
			}
		}
		return answers
	}
	if n := ask(500, func(i int) Path { return Path{Carrier: UDP, Addr: mustPort(stranger(1), uint16(i+1))} }); n != errorRate {
		t.Errorf("one address got %d answers at once, want %d", n, errorRate)
	}
	if n := ask(5000, stranger); n > maxErrorReplies {
		t.Errorf("all together got %d answers at once, want at most %d", n, maxErrorReplies)
	}
	p.now += time.Second
	if n := ask(5000, stranger); n > maxErrorReplies || n < maxErrorReplies-1 {
		t.Errorf("all together got %d answers in a second, want %d", n, maxErrorReplies)
	}
	if n := len(p.server.ep.errors.next); n > maxErrorSenders {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestRateTableIsBounded(t *testing.T) {
	r := newRateTable(20, 5, 100)
	for i := range uint64(1000) {
		r.take(time.Second, i)
	}
	if len(r.next) != 100 || r.take(time.Second, 5000) {
		t.Errorf("%d senders are known", len(r.next))
	}
	if !r.take(3*time.Second, 5000) || len(r.next) != 1 {
		t.Error("those who were silent keep others out")
	}
	n := 0
	for range 100 {
		if r.take(4*time.Second, 6000) {
			n++
		}
	}
	if n != 5 {
		t.Errorf("a burst of %d, want 5", n)
	}
}

// VERSION is anybody's word: it gives the reason when a dial fails, and ends none.
func TestVersionIsAHint(t *testing.T) {
	for _, alive := range []bool{true, false} {
		p := newPair(t, 1, link{delay: 10 * time.Millisecond})
		if !alive {
			p.server.ep.Listen(false)
		}
		p.dial()
		var init []byte
		p.tap = func(from *side, b []byte) {
			if from == p.client && b[0] == secure.TypeInit {
				init = bytes.Clone(b)
			}
		}
		p.flush()
		forged := secure.AppendVersion(nil, init)
		forged[1], forged[2] = 9, 9
		for range 10 {
			p.client.ep.Receive(p.now, serverAddr, forged)
		}
		if p.client.conn.Err() != nil {
			t.Fatal("the dial was ended by a stranger")
		}
		if p.advance(6 * time.Second); alive {
			if !p.client.conn.Opened() {
				t.Errorf("the session did not open: %v", p.client.conn.Err())
			}
			continue
		}
		if ce := closeOf(t, p.client.conn); ce.Refusal != RefusedVersion || ce.Peer != 9 || ce.Local != secure.Version {
			t.Errorf("the reason is %v", ce)
		}
	}
}

func TestServerNamesItsVersion(t *testing.T) {
	p := newPair(t, 1, link{})
	init := initOf(p, 9)
	init[1] = 9
	p.server.ep.Receive(p.now, clientAddr, init) // MAC1 is wrong: silence
	var buf [MaxRecordSize]byte
	if n, _ := p.server.ep.Transmit(p.now, buf[:]); n != 0 {
		t.Errorf("%d bytes for who does not know the key", n)
	}
}

func TestQuery(t *testing.T) {
	p := newPair(t, 1, link{delay: 15 * time.Millisecond}, granting(func([32]byte, []byte) (Grant, Refusal) { return Grant{}, 0 }))
	p.server.ep.SetInfo(ServerInfo{Name: "the arena", Players: 3, Max: 16})
	info := func() Event {
		p.until(5*time.Second, func() bool { return p.client.count(Info) == 1 })
		ev := p.client.events[len(p.client.events)-1]
		p.client.events = nil
		return ev
	}
	if err := p.client.ep.Query(p.now, serverAddr); err != nil {
		t.Fatal(err)
	}
	ev := info()
	want := ServerInfo{Name: "the arena", Players: 3, Max: 16, Key: p.server.ep.PublicKey(), Schema: 7, Open: true, Tokens: true, Ours: true,
		Version: secure.Version, RTT: 30 * time.Millisecond}
	if ev.Err != nil || *ev.Info != want || ev.Path != serverAddr || ev.Conn != nil {
		t.Errorf("%+v: %+v", ev, ev.Info)
	}
	p.server.ep.Shutdown(p.now, "")
	p.client.ep.Query(p.now, serverAddr)
	if ev := info(); ev.Info.Open {
		t.Error("a server that shuts down says that it is open")
	}
	p.link.down = func(time.Duration) bool { return true }
	p.client.ep.Query(p.now, serverAddr)
	if ev := info(); ev.Info != nil || !errors.Is(ev.Err, ErrClosed) {
		t.Errorf("without an answer: %+v", ev)
	}
	for range maxQueries {
		p.client.ep.Query(p.now, stranger(1))
	}
	if p.client.ep.Query(p.now, stranger(1)) == nil {
		t.Error("questions wait without end")
	}
}

// A search tells of each server once, however often it answers and from where, and of none of another application.
func TestSeek(t *testing.T) {
	p := newPair(t, 1, link{delay: 15 * time.Millisecond})
	p.server.ep.SetInfo(ServerInfo{Name: "the arena", Players: 3, Max: 16})
	everybody := []Path{serverAddr, serverAddr}
	for range 3 {
		p.client.ep.Seek(p.now, everybody)
		p.advance(time.Second)
	}
	want := ServerInfo{Name: "the arena", Players: 3, Max: 16, Key: p.server.ep.PublicKey(), Schema: 7, Open: true, Ours: true,
		Version: secure.Version, RTT: 30 * time.Millisecond}
	if p.client.count(Info) != 1 || *p.client.events[0].Info != want || p.client.events[0].Path != serverAddr {
		t.Fatalf("%d servers: %+v", p.client.count(Info), p.client.events)
	}
	tell := func(i int, app uint64) {
		info := secure.Info{Lowest: secure.Version, Highest: secure.Version, Key: [32]byte{byte(i), byte(i >> 8), 1}, App: app, Name: "many"}
		query := secure.AppendQuery(make([]byte, 0, secure.QuerySize), p.client.ep.seeking.id)
		p.client.ep.Receive(p.now, serverAddr, secure.AppendInfo(nil, query, info))
	}
	tell(0, p.client.ep.app+1)
	if p.advance(time.Second); p.client.count(Info) != 1 {
		t.Error("a server of another application was told of")
	}
	for i := range 2 * maxFound {
		tell(i, p.client.ep.app)
	}
	if p.advance(time.Second); p.client.count(Info) != maxFound {
		t.Errorf("%d servers were told of, want %d at most", p.client.count(Info), maxFound)
	}
}

func TestRestartedServerIsNoticed(t *testing.T) {
	for _, restarted := range []bool{true, false} {
		key := [32]byte{4, 4}
		p := connected(t, 1, link{delay: 10 * time.Millisecond}, func(c, s *Config) { s.Key = key })
		p.advance(time.Second)
		if restarted {
			cfg := testConfig(77)
			cfg.Key = key
			p.server.ep = mustEndpoint(t, cfg)
			p.server.ep.Listen(true)
		} else {
			until := p.now + 3*time.Second
			p.link.down = func(now time.Duration) bool { return now < until }
		}
		start := p.now
		p.client.send(p, 0, []byte("anybody there?"))
		p.advance(3 * time.Second)
		if !restarted {
			p.advance(3 * time.Second)
			if !p.client.conn.Opened() || len(p.server.on(0)) != 1 {
				t.Errorf("a session that was only silent: %v", p.client.conn.Err())
			}
			continue
		}
		if ce := closeOf(t, p.client.conn); ce.Code != CloseRestarted {
			t.Errorf("it ended with %v", ce)
		}
		if at := p.client.events[len(p.client.events)-1].At - start; at > 1200*time.Millisecond {
			t.Errorf("it was noticed after %v", at)
		}
	}
}

// The driver may do the work elsewhere: then Transmit does not, and nothing is lost.
func TestHandshakesElsewhere(t *testing.T) {
	p := newPair(t, 1, link{})
	if _, ok := p.server.ep.Handshake(p.now); ok {
		t.Fatal("there is one already")
	}
	p.dial()
	p.advance(10 * time.Millisecond)
	if p.server.ep.Handshakes() != 1 || p.server.sent != 0 {
		t.Fatalf("%d wait, %d datagrams were sent", p.server.ep.Handshakes(), p.server.sent)
	}
	h, ok := p.server.ep.Handshake(p.now)
	if !ok {
		t.Fatal("there is none")
	}
	done := make(chan struct{})
	go func() { h.Run(); close(done) }()
	p.client.ep.Advance(p.now)
	<-done
	p.server.ep.Answer(p.now, h)
	p.until(time.Second, func() bool { return p.client.conn.Opened() })
}

func TestWorkUnderLoadAllocatesNothing(t *testing.T) {
	p := newPair(t, 1, link{})
	init := initOf(p, 9)
	wrong := bytes.Clone(init)
	wrong[20] ^= 1
	var buf [MaxRecordSize]byte
	p.server.ep.Handshake(p.now) // nobody works on them: the load stays
	i := 0
	for _, b := range [][]byte{init, wrong, secure.AppendQuery(make([]byte, 0, secure.QuerySize), 1)} {
		step := func() {
			i++
			p.server.ep.Receive(p.now, stranger(i%400), b)
			p.server.ep.Transmit(p.now, buf[:])
		}
		for range 500 {
			step()
		}
		if n := testing.AllocsPerRun(500, step); n != 0 {
			t.Errorf("%#x: %v allocations", b[0], n)
		}
	}
	if d := p.server.ep.Stats().Drops; d[DropNoCookie] < 500 || d[DropBadInit] < 500 || d[DropRate] < 500 {
		t.Errorf("%v", d)
	}
}
