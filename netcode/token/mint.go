package token

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// Minter is the backend's half. It is safe for concurrent use as long as its fields do not change.
type Minter struct {
	App   string             // the application's name, as in session.Config.App
	KeyID uint8              // names Key to the servers, so that keys can be changed without a gap
	Key   ed25519.PrivateKey // never leaves the backend
}

// Mint signs a token that is issued at now. KeyID, Issued, ID and App are filled in, and Expires when it is
// zero: MaxLife after now. The error says which field is impossible.
func (m *Minter) Mint(t Token, now time.Time) ([]byte, error) {
	t.KeyID, t.App = m.KeyID, AppID(m.App)
	t.Issued = now.Truncate(time.Second)
	if t.Expires.IsZero() {
		t.Expires = t.Issued.Add(MaxLife)
	}
	rand.Read(t.ID[:])
	switch {
	case len(m.Key) != ed25519.PrivateKeySize:
		return nil, fmt.Errorf("token: Minter.Key has %d bytes: want an Ed25519 private key of %d", len(m.Key), ed25519.PrivateKeySize)
	case m.App == "":
		return nil, fmt.Errorf("token: Minter.App is empty: want the application's name")
	case t.Expires.Sub(t.Issued) > MaxLife || !t.Expires.After(t.Issued):
		return nil, fmt.Errorf("token: a life of %v: want more than 0, at most %v", t.Expires.Sub(t.Issued), MaxLife)
	case len(t.Server) == 0 || len(t.Server) > MaxName || strings.ContainsRune(t.Server, 0):
		return nil, fmt.Errorf("token: Server %q: want 1 to %d bytes without NUL", t.Server, MaxName)
	case len(t.Room) > MaxName || strings.ContainsRune(t.Room, 0):
		return nil, fmt.Errorf("token: Room %q: want at most %d bytes without NUL", t.Room, MaxName)
	case t.Client == [32]byte{}:
		return nil, fmt.Errorf("token: Client is zero: want the client's public key")
	case len(t.Claims) > MaxClaims:
		return nil, fmt.Errorf("token: %d bytes of Claims: want at most %d", len(t.Claims), MaxClaims)
	}
	body := t.appendBody(make([]byte, 0, MaxSize))
	return append(body, ed25519.Sign(m.Key, signed(body))...), nil
}

// signed is what the signature covers: a prefix that no other use of the key has, then the token.
func signed(body []byte) []byte { return append([]byte(context), body...) }
