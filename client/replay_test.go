package client

import (
	"testing"
	"time"
)

// slow returns a clock by which each tick that is computed again takes a millisecond.
func slow() func() time.Duration {
	var t time.Duration
	return func() time.Duration {
		t += time.Millisecond
		return t
	}
}

// frame is one tick of the script, with a snapshot or without, as Client does it.
func (s *script) frame(told bool) (finished bool) {
	if told {
		s.serve(1)
	}
	switch p := s.pred; {
	case p.replay.running:
		p.accept(s.auth)
		finished = p.catchUp(s.auth, s.at)
	case told && p.judge(s.auth, s.at) == wrong:
		finished = p.restart(p.tick, s.auth, s.at)
	case told:
		p.accept(s.auth)
	}
	s.predict(1, 1)
	return finished
}

// A correction for which there is no time is made bit by bit, beside the line that is shown, and then is as right as any.
func TestReplayIsSpreadOverFrames(t *testing.T) {
	s := newScriptWithin(t, 100, budget{clock: slow(), most: 5 * time.Millisecond})
	s.predict(30, 1)
	row, _ := s.world.V.Walkers.Of(me)
	row.X += 1000
	for frames := 1; ; frames++ {
		*s.steps = 0
		shown := s.x(me)
		finished := s.frame(true)
		if *s.steps > 5+leastReplay+3 {
			t.Fatalf("frame %d: %d ticks at 1 ms each, of which 5 may be spent", frames, *s.steps)
		}
		if finished {
			if frames < 3 || frames > 8 {
				t.Errorf("30 ticks again, 7 or so each frame, took %d frames", frames)
			}
			break
		}
		if got := s.x(me); got != shown+1 {
			t.Fatalf("frame %d: the line that is shown went from %d to %d", frames, shown, got)
		}
		if frames > 20 {
			t.Fatal("it never ends")
		}
	}
	if got, want := s.x(me), int32(1000+s.pred.tick-100); got != want {
		t.Errorf("in the end at %d, want %d", got, want)
	}
	for range 50 {
		s.serve(1)
		if v := s.pred.judge(s.auth, s.at); v != right {
			t.Fatalf("tick %d is judged %d afterwards", s.at, v)
		}
		s.pred.accept(s.auth)
		s.predict(1, 1)
	}
	if s.pred.spread != 1 || s.pred.due() != 0 || s.pred.capped != 0 {
		t.Errorf("%d spread, %d due, %d left out", s.pred.spread, s.pred.due(), s.pred.capped)
	}
}

// Every snapshot is another surprise, and there is no time at all: what is shown is late by as much, and right as soon as the
// surprises end.
func TestReplayWithoutTimeIsNeverLostForEver(t *testing.T) {
	s := newScriptWithin(t, 100, budget{clock: slow(), most: 1})
	s.predict(20, 1)
	finished := 0
	for range 200 {
		row, _ := s.world.V.Walkers.Of(me)
		row.X += 10
		if s.frame(true) {
			finished++
		}
	}
	if finished < 10 {
		t.Errorf("in 200 frames %d corrections were made", finished)
	}
	for range 60 {
		s.frame(true)
	}
	if s.pred.replay.running || s.pred.judge(s.auth, s.at) != right {
		t.Errorf("a second later: running %v, verdict %d", s.pred.replay.running, s.pred.judge(s.auth, s.at))
	}
}

// With no line to show meanwhile the rest is left out, until the next snapshot.
func TestReplayIsCutWhereNothingCanBeShown(t *testing.T) {
	s := newScriptWithin(t, 100, budget{clock: slow(), most: time.Millisecond})
	s.cmds.put(130, 1, 0)
	s.pred.advance(130, s.auth, s.at)
	if !s.pred.valid || s.pred.tick != 130 || s.pred.replay.running || s.pred.capped == 0 || s.pred.results.newest != 130 {
		t.Fatalf("at %d, running %v, %d left out", s.pred.tick, s.pred.replay.running, s.pred.capped)
	}
	if from, to := s.pred.results.pair(); from == nil || to == nil {
		t.Error("there is nothing to draw")
	}
}
