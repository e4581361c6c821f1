package main

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/server"
)

// TestSmall: the whole game stays within 70 lines.
func TestSmall(t *testing.T) {
	b, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("\n")); n > 70 {
		t.Errorf("main.go has %d lines, want at most 70", n)
	}
}

// TestOneSeesTheOtherMove plays the game without its window: what one client does, the other sees.
func TestOneSeesTheOtherMove(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := server.New(game, server.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, "") }()
	var players [2]*client.Client[World, Input]
	for i := range players {
		if players[i], err = client.Dial(ctx, game, s.Addr().String()); err != nil {
			t.Fatal(err)
		}
	}
	frames := time.NewTicker(time.Second / 60)
	defer frames.Stop()
	for seen := float32(320); seen < 420; <-frames.C {
		if err := players[0].Update(Input{Dx: 1}); err != nil {
			t.Fatal(err)
		}
		if err := players[1].Update(Input{}); err != nil {
			t.Fatal(err) // the context ends the server, and with it the wait
		}
		if p, ok := players[1].View().Players.Of(players[0].Player()); ok {
			seen = p.Pos.X
		}
	}
	if p, ok := players[1].View().Players.Of(players[1].Player()); !ok || p.Pos.X != 320 {
		t.Errorf("the player who stood still is at %+v", p)
	}
	for _, p := range players {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}
