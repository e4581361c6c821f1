// Package login is the client of a backend such as demo/tokens: it says who a player is, and gets a connect token, which lets one client in once.
package login

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/halftick/halftick/netcode"
)

// Backend is where to ask, and as whom.
type Backend struct{ URL, User, Password string }

// Answer is what a backend says.
type Answer struct {
	Token     []byte
	Server    string   // where to play
	ServerKey [32]byte // zero when the backend does not know it
}

// UnmarshalJSON reads an answer of demo/tokens.
func (a *Answer) UnmarshalJSON(text []byte) error {
	var said struct {
		Token     []byte `json:"token"`
		Server    string `json:"server"`
		ServerKey string `json:"server_key"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	key, err := hex.DecodeString(said.ServerKey)
	if err != nil || len(key) != 0 && len(key) != len(a.ServerKey) {
		return fmt.Errorf("server_key %q: want 64 hex digits", said.ServerKey)
	}
	a.Token, a.Server = said.Token, said.Server
	copy(a.ServerKey[:], key)
	return nil
}

const (
	patience  = 10 * time.Second // with a backend
	maxAnswer = 16 << 10         // bytes; the rest is cut off
)

// Ask asks for a token for the client with a private key.
func (b Backend) Ask(ctx context.Context, key [32]byte) (a Answer, err error) {
	body, err := json.Marshal(map[string]string{"user": b.User, "password": b.Password, "client": fmt.Sprintf("%x", netcode.PublicKey(key))})
	if err != nil {
		return a, err
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(b.URL, "/")+"/token", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	ask.Header.Set("Content-Type", "application/json")
	backend := http.Client{Timeout: patience}
	r, err := backend.Do(ask)
	if err != nil {
		return a, err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
	if err != nil {
		return a, err
	}
	if r.StatusCode != http.StatusOK {
		return a, fmt.Errorf("the backend says %q", strings.TrimSpace(string(text)))
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("the backend's answer is not understood: %w", err)
	}
	return a, nil
}

// Enter asks for a first token and returns where to play, and what client.Config.FreshToken wants: the first token, then a new one for each
// further dial.
func (b Backend) Enter(ctx context.Context, key [32]byte) (first Answer, fresh func(context.Context) ([]byte, error), err error) {
	if first, err = b.Ask(ctx, key); err != nil {
		return first, nil, err
	}
	var unused atomic.Pointer[Answer]
	unused.Store(&first)
	return first, func(ctx context.Context) ([]byte, error) {
		if a := unused.Swap(nil); a != nil {
			return a.Token, nil
		}
		a, err := b.Ask(ctx, key)
		return a.Token, err
	}, nil
}
