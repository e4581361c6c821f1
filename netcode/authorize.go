package netcode

import (
	"crypto/ecdh"
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/token"
)

// RequireTokens returns a Config.Authorize that lets in who has a connect token that v verifies, each token once, and
// each user in one session.
func RequireTokens(v *token.Verifier) func(client [32]byte, raw []byte) (Grant, session.Refusal) {
	return func(client [32]byte, raw []byte) (Grant, session.Refusal) {
		now := time.Now()
		t, err := v.Verify(raw, client, now)
		switch {
		case errors.Is(err, token.ErrExpired) || errors.Is(err, token.ErrNotYet):
			return Grant{}, RefusedExpired
		case errors.Is(err, token.ErrServer) || errors.Is(err, token.ErrApp):
			return Grant{}, RefusedServer
		case err != nil:
			return Grant{}, RefusedDenied
		}
		return Grant{ID: t.ID, Life: t.Expires.Sub(now), User: t.User, Claims: t.Claims}, RefusedNot
	}
}

// PublicKey returns the public half of a Config.Key: what a client sends its backend to get a token, or a server's
// operator gives to players to pin.
func PublicKey(key [32]byte) [32]byte {
	private, err := ecdh.X25519().NewPrivateKey(key[:])
	if err != nil {
		panic(err) // only of another length
	}
	return [32]byte(private.PublicKey().Bytes())
}
