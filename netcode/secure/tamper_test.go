package secure

import (
	"bytes"
	"testing"
	"time"
)

// Every byte of INIT but the cookie and MAC1 itself is proved by whoever sent it; those two a RETRY replaces.
func TestNoByteOfAnInitCanBeAltered(t *testing.T) {
	_, init, _, _ := handshake(t)
	server := identity(t, 2)
	gate := NewGate(server.Public())
	resign := NewGate(server.Public()) // whoever knows the public key can make MAC1
	for at := range init {
		b := bytes.Clone(init)
		b[at] ^= 0x10
		if gate.Check(b) && at < offPayload {
			t.Fatalf("byte %d altered: MAC1 agrees", at)
		}
		copy(b[offMAC1:], resign.mac1.of(b[:offPayload], nil))
		_, err := ReadInit(server, b, [32]byte{4})
		if harmless := at >= offCookie && at < offNoise || at >= offMAC1; (err == nil) != harmless {
			t.Fatalf("byte %d altered: %v", at, err)
		}
	}
}

// A forged ACCEPT is not taken, and does not keep the true one from being taken.
func TestNoByteOfAnAcceptCanBeAltered(t *testing.T) {
	i, _, accept, _ := handshake(t)
	for at := range accept {
		b := bytes.Clone(accept)
		b[at] ^= 0x10
		if _, _, _, ok := i.Accept(b); ok {
			t.Fatalf("byte %d altered: it was accepted", at)
		}
	}
	for _, n := range []int{0, 1, offTicket, len(accept) - 1} {
		if _, _, _, ok := i.Accept(accept[:n]); ok {
			t.Fatalf("%d bytes of it were accepted", n)
		}
	}
	if _, _, _, ok := i.Accept(append(bytes.Clone(accept), 0)); ok {
		t.Fatal("it was accepted with a byte more")
	}
	if _, _, _, ok := i.Accept(accept); !ok {
		t.Error("after the forgeries the true one is not taken")
	}
}

// An ACCEPT for one INIT is none for another, not even of the same client to the same server.
func TestAcceptAnswersOneInit(t *testing.T) {
	_, _, accept, _ := handshake(t)
	other, err := NewInitiator(identity(t, 1), identity(t, 2).Public(), 99, [32]byte{33}, Hello{Suites: Supported(), App: 0x1122334455667788})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, ok := other.Accept(accept); ok {
		t.Error("a replayed ACCEPT was taken")
	}
}

func TestNoByteOfATicketCanBeAltered(t *testing.T) {
	i, _, accept, tickets := handshake(t)
	_, _, ticket, _ := i.Accept(accept)
	for at := range ticket {
		b := bytes.Clone(ticket)
		b[at] ^= 0x10
		if _, ok := tickets.Open(time.Second, b, address); ok {
			t.Fatalf("byte %d altered: it opened", at)
		}
	}
	if _, ok := NewTickets(NewRandom([32]byte{6})).Open(time.Second, ticket, address); ok {
		t.Error("another server opened it")
	}
}

func TestRetry(t *testing.T) {
	i, init, _, _ := handshake(t)
	server := identity(t, 2)
	gate, cookies := NewGate(server.Public()), NewCookies(NewRandom([32]byte{7}))
	if cookies.Check(0, init, address) {
		t.Error("no cookie is one")
	}
	retry := gate.AppendRetry(make([]byte, 0, RetrySize), init, cookies.Make(time.Second, init, address))
	if len(retry) != RetrySize {
		t.Fatalf("a RETRY of %d bytes", len(retry))
	}
	for at := range retry {
		b := bytes.Clone(retry)
		b[at] ^= 0x10
		if i.Retry(b) {
			t.Fatalf("byte %d altered: it was taken", at)
		}
	}
	if !i.Retry(retry) || i.Retry(retry) {
		t.Fatal("a RETRY is taken once")
	}
	again := i.Packet()
	if !gate.Check(again) || !cookies.Check(100*time.Second, again, address) {
		t.Error("the INIT with the cookie is refused")
	}
	if !bytes.Equal(again[offNoise:offMAC1], init[offNoise:offMAC1]) {
		t.Error("the Noise message changed: it would have to be computed again")
	}
	if cookies.Check(time.Second, again, []byte("10.0.0.3:5000")) || cookies.Check(122*time.Second, again, address) {
		t.Error("the cookie is good elsewhere, or for ever")
	}
	if _, err := ReadInit(server, again, [32]byte{4}); err != nil {
		t.Error(err)
	}
	cookies.Make(62*time.Second, init, address)
	if !cookies.Check(62*time.Second, again, address) {
		t.Error("a cookie ends with the first change of keys")
	}
	cookies.Make(123*time.Second, init, address)
	if cookies.Check(123*time.Second, again, address) {
		t.Error("a cookie outlives two changes of keys")
	}
}

func TestTicketsCountTheirNonces(t *testing.T) {
	tickets := NewTickets(NewRandom([32]byte{5}))
	seen := map[[ticketHead]byte]bool{}
	for i := range 1000 {
		b := tickets.Key(time.Duration(i)*time.Second).seal(nil, &Ticket{}, address)
		head := [ticketHead]byte(b)
		if seen[head] {
			t.Fatalf("ticket %d has the key and the nonce of another", i)
		}
		seen[head] = true
		if _, ok := tickets.Open(time.Duration(i)*time.Second, b, address); !ok {
			t.Fatalf("ticket %d does not open", i)
		}
	}
	if at, ok := tickets.NextExpiry(); !ok || at < 1000*time.Second {
		t.Errorf("the keys expire at %v, %v", at, ok)
	}
	tickets.Expire(2000 * time.Second)
	if _, ok := tickets.NextExpiry(); ok {
		t.Error("keys are kept for nothing")
	}
}

// What was drawn before cannot be found out from what is left.
func TestRandomForgets(t *testing.T) {
	a, b := NewRandom([32]byte{1}), NewRandom([32]byte{1})
	first := a.Key()
	if first != b.Key() {
		t.Error("the stream does not follow from the seed")
	}
	left := *a
	if left.key == first || left.key == [32]byte{1} || a.Key() == first {
		t.Error("the state tells what was drawn")
	}
}

func TestInfo(t *testing.T) {
	q := AppendQuery(make([]byte, 0, QuerySize), 77)
	want := Info{Lowest: 1, Highest: Version, Key: [32]byte{1, 2}, App: 3, Schema: 4, Players: 5, Max: 6, Tokens: true, Name: "a server"}
	b := AppendInfo(nil, q, want)
	if got, id, ok := ParseInfo(b); !ok || id != 77 || got != want {
		t.Fatalf("%+v, %d, %v", got, id, ok)
	}
	for at := range b {
		c := bytes.Clone(b)
		c[at] ^= 0x10
		if _, _, ok := ParseInfo(c); ok {
			t.Fatalf("byte %d damaged: it was taken", at)
		}
	}
	want.Name = string(make([]byte, 100))
	if b := AppendInfo(nil, q, want); 2*len(b) > len(q) || len(b) > MaxReply {
		t.Errorf("an INFO of %d bytes", len(b))
	}
}
