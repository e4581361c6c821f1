package match

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
)

// status is what one line of a headless match is made from.
type status struct {
	at      time.Duration
	where   string // that we connect to
	notice  string // what keeps the match from going on
	client  client.Stats
	last    client.Stats // a second before
	players int
	kills   int           // of all
	watch   bool          // nobody plays
	behind  time.Duration // what is shown to who watches, behind what happened
	tick    time.Duration // p99 of our own server; 0 when it is somebody else's
}

// line words a status in less than 80 columns.
func (s *status) line() string {
	if s.notice != "" {
		return fmt.Sprintf("%3.0f s  %s", s.at.Seconds(), s.notice)
	}
	if s.players == 0 {
		return fmt.Sprintf("%3.0f s  connecting to %s", s.at.Seconds(), s.where)
	}
	c, l := &s.client, &s.last
	rate := func(now, before uint64) float64 { return float64(now-min(before, now)) / 1000 }
	tick := ""
	if s.tick > 0 {
		tick = fmt.Sprintf("tick %v  ", s.tick.Round(10*time.Microsecond))
	}
	return fmt.Sprintf("%3.0f s  %d players  %srtt %v  loss %.1f%%  down %.1f up %.1f kB/s",
		s.at.Seconds(), s.players, tick, c.RTT.Round(100*time.Microsecond), max(c.LossOut, c.LossIn)*100,
		rate(c.BytesDown, l.BytesDown), rate(c.BytesUp, l.BytesUp))
}

// details words the rest, for outputs that are not a terminal and have room.
func (s *status) details() string {
	text := fmt.Sprintf("  deaths %d  interpolation %.0f ms", s.kills, s.client.InterpDelay.Seconds()*1000)
	if s.watch {
		return text + fmt.Sprintf("  snapshots %d  behind the players %.2f s", s.client.Snapshots, s.behind.Seconds())
	}
	return text + fmt.Sprintf("  corrections %d", s.client.Corrections)
}

// Watch lets the match go on without a window, a bot playing for who does not only watch, and writes a status to out each second:
// over the one before when rewrite is set, else on a line of its own. It returns when the context ends
// or after a time, if that is not 0; the error is why the match ended by itself.
func (m *Match) Watch(ctx context.Context, out io.Writer, rewrite bool, after time.Duration) error {
	m.SetAuto(!m.Spectates())
	frames := time.NewTicker(time.Second / arena.TickRate)
	defer frames.Stop()
	var s status
	for next := time.Second; ctx.Err() == nil; {
		m.Update(arena.Input{})
		if m.phase == Ended {
			return m.failure()
		}
		now := time.Since(m.start)
		if now >= next {
			next += time.Second
			m.report(&s, now)
			s.write(out, rewrite)
		}
		if after > 0 && now >= after {
			break
		}
		select {
		case <-frames.C:
		case <-ctx.Done():
		}
	}
	if rewrite {
		fmt.Fprintln(out)
	}
	if m.phase == Connecting {
		return fmt.Errorf("%s: no answer yet", m.addr())
	}
	return nil
}

// failure is why the match ended, with the address that it was at.
func (m *Match) failure() error {
	if strings.Contains(m.reason, m.addr()) {
		return errors.New(m.reason)
	}
	return fmt.Errorf("%s: %s", m.addr(), m.reason)
}

// report brings the status up to date.
func (m *Match) report(s *status, now time.Duration) {
	s.at, s.where, s.last, s.client = now, m.Where(), s.client, m.Stats()
	s.notice = m.Standing().Notice()
	s.watch, s.behind = m.Spectates(), m.Behind()
	s.players, s.kills = 0, 0
	if w, _ := m.Auth(); w != nil {
		for _, p := range w.Players.All() {
			s.players, s.kills = s.players+1, s.kills+int(p.Deaths)
		}
	}
	if m.host != nil {
		s.tick = m.host.srv.Stats().TickTime.P99
	}
}

// terminalWidth is what a status is padded to, so that a shorter one covers the one before.
const terminalWidth = 79

func (s *status) write(out io.Writer, rewrite bool) {
	if rewrite {
		fmt.Fprintf(out, "\r%-*s", terminalWidth, s.line())
		return
	}
	if s.players > 0 {
		fmt.Fprintln(out, s.line()+s.details())
		return
	}
	fmt.Fprintln(out, s.line())
}
