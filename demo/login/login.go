package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/halftick/halftick/netcode"
)

// login asks the backend for a token and takes its word for where to play, unless the player said. Each further dial asks again, for
// a token lets in once.
func (o *options) login(ctx context.Context) error {
	rand.Read(o.match.Key[:])
	first, err := o.askBackend(ctx)
	if err != nil {
		return err
	}
	var latest atomic.Pointer[answer]
	latest.Store(&first)
	o.match.FreshToken = func(ctx context.Context) ([]byte, error) {
		if a := latest.Swap(nil); a != nil {
			return a.Token, nil
		}
		a, err := o.askBackend(ctx)
		return a.Token, err
	}
	if o.match.Connect == "" {
		o.match.Connect = first.Server
	}
	if first.ServerKey != "" {
		return pin(&o.match.ServerKey, first.ServerKey)
	}
	return nil
}

// answer is what the backend says.
type answer struct {
	Token     []byte `json:"token"`
	Server    string `json:"server"`
	ServerKey string `json:"server_key"`
}

// askBackend asks for a token for our key.
func (o *options) askBackend(ctx context.Context) (a answer, err error) {
	body, err := json.Marshal(map[string]string{"user": o.user, "password": os.Getenv("HALFTICK_PASSWORD"),
		"client": fmt.Sprintf("%x", netcode.PublicKey(o.match.Key))})
	if err != nil {
		return a, err
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(o.tokens, "/")+"/token", bytes.NewReader(body))
	if err != nil {
		return a, fmt.Errorf("-tokens: %w", err)
	}
	ask.Header.Set("Content-Type", "application/json")
	backend := http.Client{Timeout: 10 * time.Second}
	r, err := backend.Do(ask)
	if err != nil {
		return a, fmt.Errorf("-tokens: %w", err)
	}
	defer r.Body.Close()
	const most = 16 << 10 // bytes of an answer
	text, err := io.ReadAll(io.LimitReader(r.Body, most))
	if err != nil {
		return a, fmt.Errorf("-tokens: %w", err)
	}
	if r.StatusCode != http.StatusOK {
		return a, fmt.Errorf("-tokens: the backend says %q", strings.TrimSpace(string(text)))
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("-tokens: the backend's answer is not understood: %w", err)
	}
	return a, nil
}
