package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/token"
)

var noon = time.Unix(1_800_000_000, 0)

func testHandler(t *testing.T) (*handler, ed25519.PublicKey) {
	t.Helper()
	opt, err := parse([]string{"-users", "ann:secret,bob:hidden", "-server", "eu-1", "-game-key", strings.Repeat("ab", 32)})
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return &handler{opt: opt, users: opt.users, now: func() time.Time { return noon },
		minter: token.Minter{App: opt.app, KeyID: opt.keyID, Key: key}}, key.Public().(ed25519.PublicKey)
}

func post(h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(body)))
	return w
}

// TestLogin: who logs in gets a token that the game server accepts from that client alone.
func TestLogin(t *testing.T) {
	h, public := testHandler(t)
	client := [32]byte{1: 0xcd}
	w := post(h, `{"user": "ann", "password": "secret", "client": "00cd`+strings.Repeat("00", 30)+`"}`)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	v := token.Verifier{App: "arena", Server: "eu-1", Keys: map[uint8]ed25519.PublicKey{1: public}}
	tok, err := v.Verify(a.Token, client, noon)
	if err != nil || tok.User == 0 || a.Server != "127.0.0.1:7777" || a.ServerKey != strings.Repeat("ab", 32) || !a.Expires.Equal(tok.Expires) {
		t.Errorf("token %+v, %v; answer %+v", tok, err, a)
	}
	if _, err := v.Verify(a.Token, [32]byte{9}, noon); err == nil {
		t.Error("another client can use the token")
	}
}

func TestNoEntry(t *testing.T) {
	h, _ := testHandler(t)
	for body, want := range map[string]int{
		`{"user": "ann", "password": "hidden", "client": "` + strings.Repeat("ab", 32) + `"}`: http.StatusUnauthorized,
		`{"user": "eve", "password": "", "client": "` + strings.Repeat("ab", 32) + `"}`:       http.StatusUnauthorized,
		`{"user": "ann", "password": "secret", "client": "abcd"}`:                             http.StatusBadRequest,
		`{"user": "ann", "password": "secret", "client": "` + strings.Repeat("00", 32) + `"}`: http.StatusBadRequest,
		`not json`: http.StatusBadRequest,
		`{"user": "` + strings.Repeat("x", maxRequest) + `"}`: http.StatusBadRequest,
	} {
		if w := post(h, body); w.Code != want {
			t.Errorf("%.60s: %d, want %d", body, w.Code, want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-users", "ann"}, {"-users", "ann:x", "-key-id", "256"}, {"-users", "ann:x", "-server", "seventeen bytes !"},
		{"-users", "ann:x", "-game", "nowhere"}, {"-users", "ann:x", "-game-key", "abcd"}, {"-users", "ann:x", "stray"}, {"-users", "ann:x", "-app", ""},
	} {
		if _, err := parse(args); err == nil {
			t.Errorf("%q: accepted", args)
		}
	}
}

// TestRun: the program tells how to set up the game server, and keeps its key.
func TestRun(t *testing.T) {
	args := []string{"-listen", "127.0.0.1:0", "-users", "ann:secret", "-key", filepath.Join(t.TempDir(), "backend.key")}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var first, second, stderr bytes.Buffer
	if code := run(ctx, args, &first, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	run(ctx, args, &second, &stderr)
	_, key1, ok1 := strings.Cut(first.String(), "-token-key 1=")
	_, key2, ok2 := strings.Cut(second.String(), "-token-key 1=")
	if !ok1 || !ok2 || key1 != key2 || len(strings.TrimSpace(key1)) != 64 {
		t.Errorf("first %q, then %q", first.String(), second.String())
	}
}
