package token

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Why a token is refused. They are for the server's log and counters: a client is told no more than that
// its token was refused or is too old.
var (
	ErrMalformed = errors.New("token: malformed")
	ErrKey       = errors.New("token: signed with a key that this server does not know")
	ErrSignature = errors.New("token: the signature is not the backend's")
	ErrApp       = errors.New("token: for another application")
	ErrServer    = errors.New("token: for another server")
	ErrClient    = errors.New("token: made for another client's key")
	ErrExpired   = errors.New("token: expired")
	ErrNotYet    = errors.New("token: issued in the future: compare the clocks of backend and server")
	ErrLife      = errors.New("token: lives longer than a minute")
)

// Verifier is the game server's half. It is safe for concurrent use as long as its fields do not change.
type Verifier struct {
	App    string                      // the application's name, as in session.Config.App
	Server string                      // this server's name: tokens for others are refused
	Keys   map[uint8]ed25519.PublicKey // the backend's public keys by key id
}

// clockSkew is how far the backend's clock may be ahead of the server's.
const clockSkew = 30 * time.Second

// Verify checks a token that a client presents who has proved to own the X25519 public key client, at
// the time now. Claims of the result are a copy. It does not know which tokens were used before: whoever
// admits the client remembers ID until Expires.
func (v *Verifier) Verify(b []byte, client [32]byte, now time.Time) (Token, error) {
	t, err := parse(b)
	if err != nil {
		return Token{}, err
	}
	if why := v.refuse(&t, b, client, now); why != nil {
		return Token{}, why
	}
	t.Claims = slices.Clone(t.Claims)
	return t, nil
}

// refuse returns the first thing wrong with a token. Cheap checks come before the signature, and a signature
// is checked before anything is said about times, which help nobody who forges.
func (v *Verifier) refuse(t *Token, b []byte, client [32]byte, now time.Time) error {
	key, known := v.Keys[t.KeyID]
	body := b[:len(b)-ed25519.SignatureSize]
	switch {
	case !known || len(key) != ed25519.PublicKeySize:
		return fmt.Errorf("%w: key id %d", ErrKey, t.KeyID)
	case t.App != AppID(v.App):
		return ErrApp
	case t.Server != v.Server:
		return fmt.Errorf("%w: %q, this one is %q", ErrServer, t.Server, v.Server)
	case t.Client != client:
		return ErrClient
	case !ed25519.Verify(key, signed(body), b[len(body):]):
		return ErrSignature
	case t.Expires.Sub(t.Issued) > MaxLife:
		return ErrLife
	case now.Before(t.Issued.Add(-clockSkew)):
		return fmt.Errorf("%w: by %v", ErrNotYet, t.Issued.Sub(now).Round(time.Second))
	case !now.Before(t.Expires):
		return fmt.Errorf("%w: %v ago", ErrExpired, now.Sub(t.Expires).Round(time.Second))
	}
	return nil
}
