package netcode

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/token"
)

// TestRequireTokens: over real sockets a client with a token comes in once, others are told why not.
func TestRequireTokens(t *testing.T) {
	backend := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	minter := token.Minter{App: "tokens", KeyID: 1, Key: backend}
	server, client := testConfig(), testConfig()
	server.Authorize = RequireTokens(&token.Verifier{App: "tokens", Server: "here",
		Keys: map[uint8]ed25519.PublicKey{1: backend.Public().(ed25519.PublicKey)}})
	client.Key = [32]byte{7}
	l, err := Listen("127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mint := func(server string, key [32]byte, age time.Duration) []byte {
		b, err := minter.Mint(token.Token{User: 9, Server: server, Client: PublicKey(key), Claims: []byte("rank 3")}, time.Now().Add(-age))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	dial := func(tok []byte) (*Conn, session.Refusal) {
		c, err := (&Dialer{Transport: OnlyUDP, Token: tok}).Dial(t.Context(), l.Addr().String(), client)
		var refused *CloseError
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if err != nil {
			return nil, refused.Refusal
		}
		return c, RefusedNot
	}
	good := mint("here", client.Key, 0)
	for name, c := range map[string]struct {
		token []byte
		want  session.Refusal
	}{
		"none":          {nil, RefusedDenied},
		"another's":     {mint("here", [32]byte{8}, 0), RefusedDenied},
		"another place": {mint("there", client.Key, 0), RefusedServer},
		"old":           {mint("here", client.Key, 2*token.MaxLife), RefusedExpired},
	} {
		if _, got := dial(c.token); got != c.want {
			t.Errorf("token %s: %v, want %v", name, got, c.want)
		}
	}
	c, refusal := dial(good)
	if refusal != RefusedNot {
		t.Fatalf("a good token: %v", refusal)
	}
	defer c.Close()
	accepted, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	accepted.host.Lock()
	user, claims := accepted.conn.User(), string(accepted.conn.Claims())
	accepted.host.Unlock()
	if user != 9 || claims != "rank 3" {
		t.Errorf("user %d, claims %q", user, claims)
	}
	if _, got := dial(good); got != session.RefusedDuplicate {
		t.Errorf("the same token again: %v", got)
	}
}
