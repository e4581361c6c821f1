package session

import (
	"testing"
	"time"
)

// startAgain puts another start of the server in the place of the first, with its key and what it says of its sessions.
func (b *comeback) startAgain(former ...Former) {
	b.t.Helper()
	cfg := b.server.ep.cfg
	cfg.Secret, cfg.Key, cfg.Former = [32]byte{77}, [32]byte{4, 4}, former
	b.now -= b.now / 2 // its clock is another one
	b.server.ep = mustEndpoint(b.t, cfg)
	b.server.ep.Listen(true)
	b.server.conn = nil
}

// A later start of the server lets a client resume what it had with an earlier one, for a while, once, and nobody else.
func TestResumeAfterARestart(t *testing.T) {
	b := newComeback(t)
	b.startAgain(b.old.Former())
	b.resumed(b.again(b.cfg.Key, DialOptions{Resume: b.ticket}), b.first)

	b = newComeback(t)
	f := b.old.Former()
	b.startAgain(f)
	if c := b.again([32]byte{6, 6, 6}, DialOptions{Resume: b.ticket}); c.Opened() {
		t.Error("a thief of the ticket came in")
	}
	f.Boot++
	b.startAgain(f)
	if c := b.again(b.cfg.Key, DialOptions{Resume: b.ticket}); c.Opened() {
		t.Error("a ticket of an unknown start was good")
	}
	f.Boot--
	b.startAgain(f)
	b.advance(31 * time.Second)
	if c := b.again(b.cfg.Key, DialOptions{Resume: b.ticket}); c.Opened() {
		t.Error("the ticket outlived ResumeFor")
	}
	b.startAgain()
	if c := b.again(b.cfg.Key, DialOptions{Resume: b.ticket}); c.Opened() {
		t.Error("a server that remembers nothing resumed a session")
	}
}
