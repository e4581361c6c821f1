package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"github.com/halftick/halftick/demo/login"
)

// login asks the backend for a token and takes its word for where to play, unless the player said.
func (o *options) login(ctx context.Context) error {
	rand.Read(o.match.Key[:])
	backend := login.Backend{URL: o.tokens, User: o.user, Password: os.Getenv("HALFTICK_PASSWORD")}
	first, fresh, err := backend.Enter(ctx, o.match.Key)
	if err != nil {
		return fmt.Errorf("-tokens: %w", err)
	}
	o.match.FreshToken = fresh
	if o.match.Connect == "" {
		o.match.Connect = first.Server
	}
	if first.ServerKey != ([32]byte{}) {
		o.match.ServerKey = first.ServerKey
	}
	return nil
}
