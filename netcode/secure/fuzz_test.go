package secure

import (
	"bytes"
	"testing"
	"time"
)

// What is not sound changes nothing and takes no memory to speak of; what differs from the original is not sound.

func FuzzInit(f *testing.F) {
	_, init, _, _ := handshake(f)
	f.Add(init)
	f.Add(init[:100])
	server := identity(f, 2)
	gate := NewGate(server.Public())
	f.Fuzz(func(t *testing.T, b []byte) {
		if gate.Check(b) && !bytes.Equal(b[:offPayload], init[:offPayload]) {
			t.Fatal("MAC1 agrees with what was not made with its key")
		}
		r, err := ReadInit(server, b, [32]byte{4})
		if err == nil && !bytes.Equal(b[:offCookie], init[:offCookie]) {
			t.Fatal("another head was accepted")
		}
		if err == nil && len(r.Token) > MaxToken {
			t.Fatal("a token that is too long")
		}
	})
}

func FuzzHello(f *testing.F) {
	var b [payloadSize]byte
	(&Hello{App: 1, Schema: 2, Datagram: 3, AckDelay: 4, Probe: true, Token: []byte("token")}).put(b[:])
	f.Add(b[:])
	f.Fuzz(func(t *testing.T, in []byte) {
		var b, again [payloadSize]byte
		copy(b[:], in)
		h, ok := parseHello(b[:])
		if !ok {
			return
		}
		h.put(again[:])
		if n := helloSize + len(h.Token); !bytes.Equal(again[:n], b[:n]) {
			t.Fatalf("%x reads as %+v, which writes as %x", b[:n], h, again[:n])
		}
	})
}

func FuzzAccept(f *testing.F) {
	i, _, accept, _ := handshake(f)
	f.Add(accept)
	f.Add(accept[:acceptHead])
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, _, ok := i.Accept(b); ok != bytes.Equal(b, accept) {
			t.Fatalf("accepted: %v", ok)
		}
	})
}

func FuzzRetry(f *testing.F) {
	i, init, _, _ := handshake(f)
	cookies := NewCookies(NewRandom([32]byte{7}))
	retry := NewGate(identity(f, 2).Public()).AppendRetry(make([]byte, 0, RetrySize), init, cookies.Make(0, init, address))
	f.Add(retry)
	f.Fuzz(func(t *testing.T, b []byte) {
		if i.Retry(b) && !bytes.Equal(b, retry) {
			t.Fatal("another RETRY was taken")
		}
		fresh := bytes.Clone(init)
		copy(fresh[offCookie:offNoise], b)
		if cookies.Check(0, fresh, address) && !bytes.Equal(fresh[offCookie:offNoise], retry[12:12+cookieSize]) {
			t.Fatal("another cookie is good")
		}
	})
}

func FuzzConfirm(f *testing.F) {
	i, _, accept, tickets := handshake(f)
	_, _, ticket, _ := i.Accept(accept)
	f.Add(append(AppendConfirm(nil, ticket), record(20)...))
	f.Add(AppendConfirm(nil, ticket)[:50])
	f.Fuzz(func(t *testing.T, b []byte) {
		sealed, rest, ok := ParseConfirm(b)
		if !ok {
			return
		}
		if len(sealed)+len(rest)+confirmHead != len(b) {
			t.Fatal("bytes are lost")
		}
		if _, ok := tickets.Open(time.Second, sealed, address); ok && !bytes.Equal(sealed, ticket) {
			t.Fatal("another ticket opens")
		}
	})
}

// FuzzTicketBody: what only the server's own key can have sealed is still read within its bounds.
func FuzzTicketBody(f *testing.F) {
	f.Add(make([]byte, ticketBody))
	f.Fuzz(func(t *testing.T, in []byte) {
		b := append(in, make([]byte, ticketBody)...)[:max(ticketBody, min(len(in), ticketBody+MaxClaims))]
		if k, ok := parseTicket(b); ok && len(k.Claims) > MaxClaims {
			t.Fatal("claims that are too long")
		}
	})
}

func FuzzInfo(f *testing.F) {
	q := AppendQuery(make([]byte, 0, QuerySize), 77)
	f.Add(AppendInfo(nil, q, Info{Lowest: 1, Highest: 2, Name: "a server"}))
	f.Add(AppendVersion(nil, q))
	f.Fuzz(func(t *testing.T, b []byte) {
		ParseVersion(b)
		for _, sum := range []bool{false, true} {
			if sum && len(b) >= macSize { // as if it were right
				b = bytes.Clone(b)
				s := infoSum(b[:len(b)-macSize])
				copy(b[len(b)-macSize:], s[:])
			}
			i, id, ok := ParseInfo(b)
			if !ok {
				continue
			}
			again := bytes.Clone(q)
			copy(again[8:], AppendQuery(make([]byte, 0, QuerySize), id)[8:16])
			if out := AppendInfo(nil, again, i); !bytes.Equal(out[8:], b[8:]) && bytes.Equal(b[4:8], make([]byte, 4)) {
				t.Fatalf("%x reads as %+v, which writes as %x", b, i, out)
			}
		}
	})
}

func FuzzAbout(f *testing.F) {
	ask := AppendAsk(make([]byte, 0, QuerySize), 77, 1)
	f.Add(ask)
	f.Add(AppendAbout(nil, ask, make([]byte, AboutPiece+9)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, ok := ParseAsk(b); ok {
			if out := AppendAbout(nil, b, make([]byte, 4*AboutPiece)); 2*len(out) > len(b) || len(out) > MaxReply {
				t.Fatalf("%d bytes are answered by %d", len(b), len(out))
			}
		}
		if len(b) >= macSize { // as if it were right
			b = bytes.Clone(b)
			s := aboutSum(b[:len(b)-macSize])
			copy(b[len(b)-macSize:], s[:])
		}
		if a, ok := ParseAbout(b); ok && (len(a.Data) > AboutPiece || len(a.Data) != len(b)-aboutHead-macSize) {
			t.Fatalf("%x reads as %+v", b, a)
		}
	})
}

func FuzzRefuse(f *testing.F) {
	key := Secrets{ToClient: [32]byte{1}}.RefuseKey()
	good := AppendRefuse(nil, key, 77, 1)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		if reason, ok := ParseRefuse(b, key, 77); ok != bytes.Equal(b, good) || ok && reason != 1 {
			t.Fatalf("%x was taken for reason %d: %v", b, reason, ok)
		}
	})
}

func FuzzOpenRecord(f *testing.F) {
	for _, suite := range suites {
		f.Add(NewSealer(suite, [32]byte{1}, 0).Seal(0, record(10), 7, 5), uint64(5), suite == AES128GCM)
	}
	f.Fuzz(func(t *testing.T, b []byte, pn uint64, aes bool) {
		suite := ChaCha20Poly1305
		if aes {
			suite = AES128GCM
		}
		if len(b) < 7+Overhead {
			return
		}
		original := NewSealer(suite, [32]byte{1}, 0).Seal(0, record(10), 7, 5)
		o := NewOpener(suite, [32]byte{1})
		if _, ok := o.Open(0, nil, b, 7, pn); ok && (pn != 5 || !bytes.Equal(b, original)) {
			t.Fatalf("a forgery opened as packet %d", pn)
		}
		if _, ok := o.Open(0, nil, original, 7, 5); !ok {
			t.Fatal("after it the original does not open")
		}
	})
}

// What a client shows to resume a session opens only when the server made it.
func FuzzResume(f *testing.F) {
	own, err := NewIdentity([32]byte{4, 4})
	if err != nil {
		f.Fatal(err)
	}
	s, random := NewResumer(own), NewRandom([32]byte{5})
	made := s.Append(nil, random, &Resume{Boot: 1, Session: 2, User: 3, Client: [32]byte{4}, Issued: 5})
	f.Add(made)
	f.Add(made[:ResumeSize-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, ok := s.Open(b); ok && !bytes.Equal(b, made) {
			t.Fatalf("opened % x, which was never made, as %+v", b, r)
		}
		var payload [payloadSize]byte
		copy(payload[:], b)
		if h, ok := parseHello(payload[:]); ok && (len(h.Resume) != 0 && len(h.Resume) != ResumeSize || len(h.Token) > MaxToken) {
			t.Fatalf("a ticket of %d bytes, a token of %d", len(h.Resume), len(h.Token))
		}
	})
}
