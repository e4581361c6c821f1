package secure

import (
	"bytes"
	"testing"
	"time"
)

func identity(t testing.TB, b byte) *Identity {
	id, err := NewIdentity([32]byte{9: b})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var address = []byte("10.0.0.2:5000")

// handshake runs one, and returns what both sides made of it.
func handshake(t testing.TB) (i *Initiator, init, accept []byte, tickets *Tickets) {
	client, server := identity(t, 1), identity(t, 2)
	h := Hello{Suites: Supported(), App: 0x1122334455667788, Schema: 7, Datagram: 1452, AckDelay: 5, Token: []byte("token")}
	i, err := NewInitiator(client, server.Public(), 99, [32]byte{3}, h)
	if err != nil {
		t.Fatal(err)
	}
	init = bytes.Clone(i.Packet())
	r, err := ReadInit(server, init, [32]byte{4})
	if err != nil {
		t.Fatal(err)
	}
	if r.Client != client.Public() || string(r.Token) != "token" || r.App != h.App || r.Schema != 7 || r.Datagram != 1452 || r.AckDelay != 5 || r.Probe {
		t.Fatalf("the server read %+v", r.Hello)
	}
	tickets = NewTickets(NewRandom([32]byte{5}))
	accept, err = r.Answer(nil, Accept{Suite: r.Choose(Supported()), Session: 77, Boot: 8, Schema: 9}, tickets.Key(0),
		Ticket{ID: [16]byte{6}, User: 42, Client: r.Client, Session: 77, Issued: time.Second, Claims: []byte("claims")}, address)
	if err != nil {
		t.Fatal(err)
	}
	return i, init, accept, tickets
}

func TestHandshake(t *testing.T) {
	i, init, accept, tickets := handshake(t)
	if !NewGate(identity(t, 2).Public()).Check(init) || NewGate(identity(t, 1).Public()).Check(init) {
		t.Error("MAC1 does not tell one server from another")
	}
	if len(accept) > InitSize/2 || len(accept) > MaxReply {
		t.Errorf("an ACCEPT of %d bytes", len(accept))
	}
	a, s, ticket, ok := i.Accept(accept)
	if !ok || a.Session != 77 || a.Boot != 8 || a.Schema != 9 {
		t.Fatalf("the client read %+v, %v", a, ok)
	}
	k, ok := tickets.Open(time.Second, ticket, address)
	if !ok || k.Secrets != s || k.User != 42 || k.Session != 77 || string(k.Claims) != "claims" || k.Issued != time.Second || k.Client != identity(t, 1).Public() {
		t.Fatalf("the ticket says %+v, %v", k, ok)
	}
	if _, ok := tickets.Open(time.Second, ticket, []byte("10.0.0.3:5000")); ok {
		t.Error("the ticket is good at another address")
	}
	if _, ok := tickets.Open(76*time.Second, ticket, address); ok {
		t.Error("the key of the ticket was not forgotten")
	}
	if s.ToServer == s.ToClient {
		t.Error("both directions have the same secret")
	}
}
