package client_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
)

// On the same machine, where an input takes next to no time, every one is executed, at any frame rate: a margin that is too small
// for the caller's frames would lose all of them and nobody would know.
func TestEveryInputCountsOnLocalhost(t *testing.T) {
	for _, way := range []string{"none", "delay=20us"} {
		for _, hz := range []time.Duration{25, 30, 60, 75, 144} {
			m := newMatch(t, 51, way, 0)
			s := m.JoinAs(client.Config{ProbeEvery: -1}, nil)
			s.Frame = time.Second / hz
			s.Play = by(func(n int) move { return move{Dx: int8(1 - 2*(n/30%2))} })
			m.Run(3 * time.Second)
			before, was := s.Stats(), m.Server.Players()[0].Inputs
			m.Run(20 * time.Second)
			st, in := s.Stats(), m.Server.Players()[0].Inputs
			if missing, late := in.Missing-was.Missing, in.Late-was.Late; missing+late > 0 || in.Executed-was.Executed < 1195 {
				t.Errorf("%d frames a second, %s: %d inputs executed, %d missing, %d late; a margin of %.2f ticks",
					hz, way, in.Executed-was.Executed, missing, late, st.InputMargin)
			}
			if st.MissedInputs != before.MissedInputs || st.InputTrouble != client.NoTrouble {
				t.Errorf("%d frames a second: the client was told of %d missed, %v", hz, st.MissedInputs-before.MissedInputs, st.InputTrouble)
			}
		}
	}
}

// Inputs that the server cannot use are no secret: they are counted, shown and logged.
func TestTroubleWithInputsIsTold(t *testing.T) {
	var log bytes.Buffer
	m := newMatch(t, 52, "delay=20ms", 0)
	s := m.JoinAs(client.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, nil)
	m.Run(5 * time.Second)
	if st := s.Stats(); st.InputTrouble != client.NoTrouble || strings.Contains(log.String(), "inputs") {
		t.Errorf("on a good path: %v\n%s", st.InputTrouble, log.String())
	}
	s.SetConditionsEach("delay=20ms,loss=60%", "delay=20ms")
	shown := 0 // frames; the clock adapts to the losses, and then there are few
	s.After = func(*seat) {
		if s.Stats().InputTrouble != client.NoTrouble {
			shown++
		}
	}
	m.Run(5 * time.Second)
	s.After = nil
	if st := s.Stats(); shown < 30 || st.MissedInputs+st.LateInputs < 30 {
		t.Errorf("shown for %d frames, %d missed, %d late", shown, st.MissedInputs, st.LateInputs)
	}
	if n := strings.Count(log.String(), "cannot use many of our inputs"); n < 1 || n > 2 {
		t.Errorf("%d lines in the log:\n%s", n, log.String())
	}
	s.SetConditions("delay=20ms")
	m.Run(5 * time.Second)
	if st := s.Stats(); st.InputTrouble != client.NoTrouble {
		t.Errorf("on a good path again: %v", st.InputTrouble)
	}
}
