package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode"
)

// login asks the backend for a token and takes its word for where to play, unless the player said.
func (o *options) login() error {
	rand.Read(o.match.Key[:])
	body, err := json.Marshal(map[string]string{"user": o.user, "password": os.Getenv("HALFTICK_PASSWORD"),
		"client": fmt.Sprintf("%x", netcode.PublicKey(o.match.Key))})
	if err != nil {
		return err
	}
	backend := http.Client{Timeout: 10 * time.Second}
	r, err := backend.Post(strings.TrimSuffix(o.tokens, "/")+"/token", "application/json", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("-tokens: %w", err)
	}
	defer r.Body.Close()
	const most = 16 << 10 // bytes of an answer
	text, err := io.ReadAll(io.LimitReader(r.Body, most))
	if err != nil {
		return fmt.Errorf("-tokens: %w", err)
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("-tokens: the backend says %q", strings.TrimSpace(string(text)))
	}
	var a struct {
		Token     []byte `json:"token"`
		Server    string `json:"server"`
		ServerKey string `json:"server_key"`
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("-tokens: the backend's answer is not understood: %w", err)
	}
	o.match.Token = a.Token
	if o.match.Connect == "" {
		o.match.Connect = a.Server
	}
	if a.ServerKey != "" {
		return pin(&o.match.ServerKey, a.ServerKey)
	}
	return nil
}
