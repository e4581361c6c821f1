package main

import (
	"io"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/server"
)

// record plays a match of bots without a window and in virtual time, and writes it to w: as much as was asked for and a second more, since the
// last second of a match that just stops is not written.
func record(w io.Writer, length time.Duration, bots int) error {
	s, err := server.New(arena.Game(), server.Config{Record: w, Seed: 11})
	if err != nil {
		return err
	}
	for i := range bots {
		if _, err := s.AddBot("bot", arena.NewBot(uint64(i)).Think); err != nil {
			return err
		}
	}
	const tick = time.Second / arena.TickRate
	for now := time.Duration(0); now < length+time.Second; now += tick {
		s.Tick(now)
	}
	return s.Err()
}
