package client_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/simnet"
)

// On the same machine, where an input takes next to no time, every one is executed, at any frame rate: a margin that is too small
// for the caller's frames would lose all of them and nobody would know.
func TestEveryInputCountsOnLocalhost(t *testing.T) {
	for _, way := range []simnet.Conditions{{}, {Delay: 20 * time.Microsecond}} {
		for _, hz := range []time.Duration{25, 30, 60, 75, 144} {
			m := newMatchOf(t, dotGame(), 51, "none", 0)
			s := m.join(2, way, client.Config{ProbeEvery: -1})
			s.frame = time.Second / hz
			s.play = func(n int) move { return move{Dx: int8(1 - 2*(n/30%2))} }
			m.run(3 * time.Second)
			before, was := s.Stats(), m.server.Players()[0].Inputs
			m.run(20 * time.Second)
			st, in := s.Stats(), m.server.Players()[0].Inputs
			if missing, late := in.Missing-was.Missing, in.Late-was.Late; missing+late > 0 || in.Executed-was.Executed < 1195 {
				t.Errorf("%d frames a second, %+v: %d inputs executed, %d missing, %d late; a margin of %.2f ticks",
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
	m := newMatchOf(t, dotGame(), 52, "none", 0)
	good := simnet.Conditions{Delay: 20 * time.Millisecond}
	s := m.join(2, good, client.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	m.run(5 * time.Second)
	if st := s.Stats(); st.InputTrouble != client.NoTrouble || strings.Contains(log.String(), "inputs") {
		t.Errorf("on a good path: %v\n%s", st.InputTrouble, log.String())
	}
	m.net.Connect(s.addr, m.addr, simnet.Conditions{Delay: 20 * time.Millisecond, Loss: 0.6}, good)
	shown := 0 // frames; the clock adapts to the losses, and then there are few
	s.watch = func(time.Duration) {
		if s.Stats().InputTrouble != client.NoTrouble {
			shown++
		}
	}
	m.run(5 * time.Second)
	s.watch = nil
	if st := s.Stats(); shown < 30 || st.MissedInputs+st.LateInputs < 30 {
		t.Errorf("shown for %d frames, %d missed, %d late", shown, st.MissedInputs, st.LateInputs)
	}
	if n := strings.Count(log.String(), "cannot use many of our inputs"); n < 1 || n > 2 {
		t.Errorf("%d lines in the log:\n%s", n, log.String())
	}
	m.net.Connect(s.addr, m.addr, good, good)
	m.run(5 * time.Second)
	if st := s.Stats(); st.InputTrouble != client.NoTrouble {
		t.Errorf("on a good path again: %v", st.InputTrouble)
	}
}
