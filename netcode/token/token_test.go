package token

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"
)

var (
	noon    = time.Unix(1_800_000_000, 0)
	backend = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	stolen  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	client  = [32]byte{1, 2, 3}
)

func testMinter() *Minter { return &Minter{App: "arena", KeyID: 3, Key: backend} }

func testVerifier() *Verifier {
	return &Verifier{App: "arena", Server: "eu-1", Keys: map[uint8]ed25519.PublicKey{3: backend.Public().(ed25519.PublicKey)}}
}

func mint(t *testing.T, m *Minter, tok Token) []byte {
	t.Helper()
	b, err := m.Mint(tok, noon)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	want := Token{User: 42, Server: "eu-1", Room: "duel", Client: client, Claims: []byte("rank=9")}
	b := mint(t, testMinter(), want)
	got, err := testVerifier().Verify(b, client, noon.Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if got.User != 42 || got.Server != "eu-1" || got.Room != "duel" || got.Client != client || string(got.Claims) != "rank=9" ||
		got.KeyID != 3 || !got.Issued.Equal(noon) || !got.Expires.Equal(noon.Add(MaxLife)) || got.ID == [16]byte{} {
		t.Errorf("verified %+v", got)
	}
	clear(b)
	if string(got.Claims) != "rank=9" {
		t.Error("Claims share memory with the caller's bytes")
	}
	if again := mint(t, testMinter(), want); bytes.Equal(again[20:36], got.ID[:]) {
		t.Error("two tokens have one ID")
	}
}

// TestRefusals: one negative test for each reason.
func TestRefusals(t *testing.T) {
	good := Token{Server: "eu-1", Client: client}
	elsewhere := testMinter()
	elsewhere.App = "chess"
	forger := testMinter()
	forger.Key = stolen
	unknown := testMinter()
	unknown.KeyID = 4
	long := func() []byte { // a backend that signs what Mint would not
		tok := Token{KeyID: 3, App: AppID("arena"), Issued: noon, Expires: noon.Add(MaxLife + time.Second), Server: "eu-1", Client: client}
		body := tok.appendBody(nil)
		return append(body, ed25519.Sign(backend, signed(body))...)
	}
	for _, c := range []struct {
		name string
		b    []byte
		at   time.Duration
		who  [32]byte
		want error
	}{
		{"good, last second", mint(t, testMinter(), good), 59 * time.Second, client, nil},
		{"server's clock 30 s behind", mint(t, testMinter(), good), -30 * time.Second, client, nil},
		{"expired", mint(t, testMinter(), good), time.Minute, client, ErrExpired},
		{"from the future", mint(t, testMinter(), good), -31 * time.Second, client, ErrNotYet},
		{"stolen by another client", mint(t, testMinter(), good), 0, [32]byte{9}, ErrClient},
		{"another server", mint(t, testMinter(), Token{Server: "us-1", Client: client}), 0, client, ErrServer},
		{"another application", mint(t, elsewhere, good), 0, client, ErrApp},
		{"not the backend's key", mint(t, forger, good), 0, client, ErrSignature},
		{"unknown key id", mint(t, unknown, good), 0, client, ErrKey},
		{"lives too long", long(), 0, client, ErrLife},
		{"empty", nil, 0, client, ErrMalformed},
		{"too long", make([]byte, MaxSize+1), 0, client, ErrMalformed},
	} {
		_, err := testVerifier().Verify(c.b, c.who, noon.Add(c.at))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestEveryBitCounts: a token with any one bit changed is refused.
func TestEveryBitCounts(t *testing.T) {
	b := mint(t, testMinter(), Token{User: 1, Server: "eu-1", Room: "r", Client: client, Claims: []byte("c")})
	v := testVerifier()
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, err := v.Verify(b, client, noon); err == nil {
				t.Errorf("byte %d, bit %d: accepted", i, bit)
			}
			b[i] ^= 1 << bit
		}
	}
}

func TestMintRefuses(t *testing.T) {
	for name, change := range map[string]func(m *Minter, tok *Token){
		"no server":      func(_ *Minter, tok *Token) { tok.Server = "" },
		"long server":    func(_ *Minter, tok *Token) { tok.Server = "seventeen bytes !" },
		"NUL in room":    func(_ *Minter, tok *Token) { tok.Room = "a\x00b" },
		"no client":      func(_ *Minter, tok *Token) { tok.Client = [32]byte{} },
		"long claims":    func(_ *Minter, tok *Token) { tok.Claims = make([]byte, MaxClaims+1) },
		"long life":      func(_ *Minter, tok *Token) { tok.Expires = noon.Add(2 * time.Minute) },
		"already over":   func(_ *Minter, tok *Token) { tok.Expires = noon },
		"no key":         func(m *Minter, _ *Token) { m.Key = nil },
		"no application": func(m *Minter, _ *Token) { m.App = "" },
	} {
		m, tok := testMinter(), Token{Server: "eu-1", Client: client}
		change(m, &tok)
		if _, err := m.Mint(tok, noon); err == nil {
			t.Errorf("%s: minted", name)
		}
	}
}

// FuzzVerify: no bytes make Verify accept, panic, or allocate more than a little.
func FuzzVerify(f *testing.F) {
	// Not from Mint, whose random ID would differ between the fuzzer's processes.
	tok := Token{KeyID: 3, App: AppID("arena"), Issued: noon, Expires: noon.Add(MaxLife), Server: "eu-1", Client: client, Claims: []byte("claims")}
	body := tok.appendBody(nil)
	b := append(body, ed25519.Sign(backend, signed(body))...)
	f.Add(b)
	f.Add(b[:minSize])
	f.Add([]byte{version})
	v := testVerifier()
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := v.Verify(in, client, noon)
		if err == nil && !bytes.Equal(in, b) {
			// Only what the backend signed verifies; the fuzzer does not have its key.
			t.Fatalf("accepted %x as %+v", in, got)
		}
		tok, err := parse(in)
		if err != nil {
			return
		}
		if again := tok.appendBody(nil); !bytes.Equal(again, in[:len(again)]) {
			t.Fatalf("parsed %x, written again %x", in, again)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	tok, err := testMinter().Mint(Token{Server: "eu-1", Client: client}, noon)
	if err != nil {
		b.Fatal(err)
	}
	v := testVerifier()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(tok, client, noon); err != nil {
			b.Fatal(err)
		}
	}
}
