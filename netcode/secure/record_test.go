package secure

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

var suites = []Suite{AES128GCM, ChaCha20Poly1305}

// record returns one of n bytes with a header of 7, with room for the tag.
func record(n int) []byte {
	b := make([]byte, 7+n, 7+n+Overhead)
	b[0] = 0x14
	return b
}

func TestRecordsOpen(t *testing.T) {
	for _, suite := range suites {
		s, o := NewSealer(suite, [32]byte{1}, 0), NewOpener(suite, [32]byte{1})
		for pn := range uint64(100) {
			plain := append(record(0), "a message"...)
			sealed := s.Seal(0, bytes.Clone(plain), 7, pn)
			if got, ok := o.Open(0, nil, sealed, 7, pn); !ok || string(got) != "a message" {
				t.Fatalf("%v, packet %d: %q, %v", suite, pn, got, ok)
			}
			if _, ok := o.Open(0, nil, sealed, 7, pn+1<<16); ok {
				t.Fatalf("%v: it opens under another number with the same low bits", suite)
			}
			at := rand.IntN(len(sealed))
			sealed[at] ^= 1 << rand.IntN(8)
			if _, ok := o.Open(0, nil, sealed, 7, pn); ok {
				t.Fatalf("%v: byte %d altered: it opens", suite, at)
			}
		}
		other := NewOpener(suite, [32]byte{2})
		if _, ok := other.Open(0, nil, s.Seal(0, record(10), 7, 1000), 7, 1000); ok {
			t.Fatalf("%v: it opens with another key", suite)
		}
	}
}

// Keys change under loss and reordering; no key meets a number twice, and all that arrives in time opens.
func TestKeyUpdates(t *testing.T) {
	const seed, n = 5, 4000
	rnd := rand.New(rand.NewPCG(seed, seed))
	s, o := NewSealer(AES128GCM, [32]byte{1}, 0), NewOpener(AES128GCM, [32]byte{1})
	s.UpdateEvery(20)
	type flight struct {
		pn, updates uint64
		b           []byte
	}
	var flights []flight
	used := map[[2]uint64]bool{}
	opened, late := 0, 0
	for pn := uint64(0); pn < n; pn++ {
		now := time.Duration(pn) * time.Millisecond
		b := s.Seal(now, record(4), 7, pn)
		if key := [2]uint64{s.Updates(), pn}; used[key] {
			t.Fatalf("key %d met number %d twice", key[0], pn)
		} else {
			used[key] = true
		}
		if rnd.IntN(10) > 0 {
			flights = append(flights, flight{pn, s.Updates(), b})
		}
		for len(flights) > 5 {
			i := rnd.IntN(len(flights))
			f := flights[i]
			flights = append(flights[:i], flights[i+1:]...)
			if _, ok := o.Open(now, nil, f.b, 7, f.pn); ok {
				opened++
				s.Acked(f.pn)
			} else if f.updates+1 < o.Updates() {
				late++ // overtaken by two changes of keys
			} else {
				t.Fatalf("number %d of key %d does not open when the receiver is at key %d", f.pn, f.updates, o.Updates())
			}
		}
	}
	if s.Updates() < n/50 || o.Updates()+1 < s.Updates() || late > opened/20 {
		t.Errorf("%d updates, the receiver followed %d; %d opened, %d too late", s.Updates(), o.Updates(), opened, late)
	}
}

func TestKeyIsNotChangedBeforeItIsKnownToWork(t *testing.T) {
	s := NewSealer(ChaCha20Poly1305, [32]byte{1}, 0)
	s.UpdateEvery(10)
	for pn := range uint64(100) {
		s.Seal(0, record(1), 7, pn)
	}
	if s.Updates() != 0 {
		t.Error("the key was changed though nothing was acknowledged")
	}
	s.Acked(3)
	for pn := uint64(100); pn < 200; pn++ {
		s.Seal(0, record(1), 7, pn)
	}
	if s.Updates() != 1 {
		t.Errorf("%d changes after one acknowledgement of the first key", s.Updates())
	}
	s.Acked(99)
	s.Seal(0, record(1), 7, 200)
	if s.Updates() != 1 {
		t.Error("an acknowledgement of the old key counts for the new one")
	}
	s.Acked(100)
	if s.Seal(updateAge, record(1), 7, 201); s.Updates() != 2 {
		t.Error("the key was not changed")
	}
	s.Acked(201)
	if s.Seal(updateAge+updateAge, record(1), 7, 202); s.Updates() != 3 {
		t.Error("a key of 600 s was not changed")
	}
}

func TestOldKeyIsForgotten(t *testing.T) {
	s, o := NewSealer(ChaCha20Poly1305, [32]byte{1}, 0), NewOpener(ChaCha20Poly1305, [32]byte{1})
	s.UpdateEvery(2)
	old := [2][]byte{s.Seal(0, record(1), 7, 0), s.Seal(0, record(1), 7, 1)}
	s.Acked(1)
	if _, ok := o.Open(0, nil, s.Seal(0, record(1), 7, 2), 7, 2); !ok || o.Updates() != 1 {
		t.Fatal("the next key is not taken")
	}
	if _, ok := o.Open(oldKeyAge-1, nil, old[0], 7, 0); !ok {
		t.Error("a late record of the old key does not open")
	}
	if _, ok := o.Open(oldKeyAge, nil, old[1], 7, 1); ok {
		t.Error("the old key is kept for ever")
	}
	// A forged change of keys changes nothing.
	forged := record(20)
	forged[0] ^= FlagPhase
	if _, ok := o.Open(0, nil, forged, 7, 50); ok || o.Updates() != 1 {
		t.Error("a forgery changed the key")
	}
}

func TestSealingAllocatesNothing(t *testing.T) {
	for _, suite := range suites {
		s, o := NewSealer(suite, [32]byte{1}, 0), NewOpener(suite, [32]byte{1})
		buf, plain := record(1200), make([]byte, 0, 1452)
		pn := uint64(0)
		if n := testing.AllocsPerRun(100, func() {
			b := s.Seal(0, buf[:1207], 7, pn)
			if _, ok := o.Open(0, plain, b, 7, pn); !ok {
				t.Fatal("it does not open")
			}
			pn++
		}); n != 0 {
			t.Errorf("%v: %v allocations", suite, n)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, suite := range suites {
		for _, n := range []int{100, 1200} {
			b.Run(suite.String()+"/"+map[int]string{100: "100", 1200: "1200"}[n], func(b *testing.B) {
				s := NewSealer(suite, [32]byte{1}, 0)
				buf := record(n)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				pn := uint64(0)
				for b.Loop() {
					s.Seal(0, buf[:7+n], 7, pn)
					pn++
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, suite := range suites {
		for _, n := range []int{100, 1200} {
			b.Run(suite.String()+"/"+map[int]string{100: "100", 1200: "1200"}[n], func(b *testing.B) {
				s, o := NewSealer(suite, [32]byte{1}, 0), NewOpener(suite, [32]byte{1})
				sealed, plain := s.Seal(0, record(n), 7, 1), make([]byte, 0, 1452)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					if _, ok := o.Open(0, plain, sealed, 7, 1); !ok {
						b.Fatal("it does not open")
					}
				}
			})
		}
	}
}

func BenchmarkServerHandshake(b *testing.B) {
	_, init, _, _ := handshake(b)
	server, tickets, gate := identity(b, 2), NewTickets(NewRandom([32]byte{5})), NewGate(identity(b, 2).Public())
	b.ReportAllocs()
	for b.Loop() {
		if !gate.Check(init) {
			b.Fatal("MAC1")
		}
		r, err := ReadInit(server, init, [32]byte{4})
		if err != nil {
			b.Fatal(err)
		}
		if _, err = r.Answer(nil, Accept{Suite: ChaCha20Poly1305}, tickets.Key(0), Ticket{}, address); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClientHandshake(b *testing.B) {
	_, _, accept, _ := handshake(b)
	h := Hello{Suites: Supported(), App: 0x1122334455667788, Schema: 7, Datagram: 1452, AckDelay: 5, Token: []byte("token")}
	b.ReportAllocs()
	for b.Loop() {
		i, err := NewInitiator(identity(b, 1), identity(b, 2).Public(), 99, [32]byte{3}, h)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, _, ok := i.Accept(accept); !ok {
			b.Fatal("not accepted")
		}
	}
}

func BenchmarkGate(b *testing.B) {
	_, init, _, _ := handshake(b)
	gate := NewGate(identity(b, 3).Public())
	b.ReportAllocs()
	for b.Loop() {
		if gate.Check(init) {
			b.Fatal("it passed")
		}
	}
}

func BenchmarkTicket(b *testing.B) {
	i, _, accept, tickets := handshake(b)
	_, _, ticket, _ := i.Accept(accept)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := tickets.Open(time.Second, ticket, address); !ok {
			b.Fatal("it does not open")
		}
	}
}
