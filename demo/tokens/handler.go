package main

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/halftick/halftick/netcode/token"
)

// request is what a player sends: who it is, and the X25519 public key that its game will use.
type request struct {
	User     string `json:"user"`
	Password string `json:"password"`
	Client   string `json:"client"` // 64 hex digits
}

// answer is all that a player needs to enter.
type answer struct {
	Token     []byte    `json:"token"` // base64
	Server    string    `json:"server"`
	ServerKey string    `json:"server_key,omitempty"`
	Expires   time.Time `json:"expires"`
}

// maxRequest is the size of the largest request; a longer one is refused.
const maxRequest = 4 << 10

// handler answers POST /token.
type handler struct {
	opt    options
	users  users
	minter token.Minter
	now    func() time.Time
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req request
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	if err := dec.Decode(&req); err != nil {
		http.Error(w, "want a JSON object with user, password and client", http.StatusBadRequest)
		return
	}
	user, ok := h.users.login(req.User, req.Password)
	if !ok {
		http.Error(w, "wrong user or password", http.StatusUnauthorized)
		return
	}
	client, err := hex.DecodeString(req.Client)
	if err != nil || len(client) != 32 {
		http.Error(w, "client: want the 64 hex digits of the game's public key", http.StatusBadRequest)
		return
	}
	now := h.now()
	b, err := h.minter.Mint(token.Token{User: user, Server: h.opt.server, Client: [32]byte(client)}, now)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer{Token: b, Server: h.opt.game, ServerKey: h.opt.gameKey,
		Expires: now.Truncate(time.Second).Add(token.MaxLife)})
}
