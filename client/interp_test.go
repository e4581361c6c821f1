package client

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// stream is snapshots on their way to a view clock that is drawn at a frame rate.
type stream struct {
	view   viewClock
	rng    *rand.Rand
	rate   int
	every  int64
	delay  time.Duration
	jitter time.Duration
	loss   float64
	fps    int

	now  time.Duration
	sent int64
	mail map[int64]time.Duration

	frozen, frames int     // frames with the view at or beyond the newest snapshot
	least, most    float64 // speed of the view
}

func newStream(seed uint64) *stream {
	s := &stream{rng: rand.New(rand.NewPCG(seed, 3)), rate: 60, every: 1, delay: 40 * time.Millisecond, fps: 60,
		mail: map[int64]time.Duration{}}
	return s
}

func (s *stream) run(t testing.TB, d time.Duration) {
	s.view.rate, s.view.sendEvery = float64(s.rate), float64(s.every)
	s.frozen, s.frames, s.least, s.most = 0, 0, 2, 0
	for end := s.now + d; s.now < end; s.now += time.Second / time.Duration(s.fps) {
		s.send()
		s.receive()
		before, was := s.view.pos, s.view.last
		s.view.advance(s.now, 0, true)
		if s.view.pos < before {
			t.Fatalf("the view went back from %.3f to %.3f", before, s.view.pos)
		}
		if span := s.view.last - was; s.view.started && span > 0 && before > 0 {
			speed := (s.view.pos - before) / span
			s.least, s.most = min(s.least, speed), max(s.most, speed)
		}
		s.frames++
		if s.view.started && s.view.pos > float64(s.view.newest) {
			s.frozen++
		}
	}
}

func (s *stream) send() {
	for ; s.tickAt(s.sent+s.every) <= s.now; s.sent += s.every {
		if s.rng.Float64() >= s.loss {
			s.mail[s.sent+s.every] = s.tickAt(s.sent+s.every) + s.delay + time.Duration(s.rng.Float64()*float64(s.jitter))
		}
	}
}

func (s *stream) tickAt(k int64) time.Duration {
	return time.Duration(k) * time.Second / time.Duration(s.rate)
}

func (s *stream) receive() {
	for k := s.view.newest + 1; k <= s.sent; k++ { // newest wins; what is overtaken is stale
		if at, ok := s.mail[k]; ok && at <= s.now {
			s.view.arrive(at, k)
		}
	}
	for k := range s.mail {
		if k <= s.view.newest {
			delete(s.mail, k)
		}
	}
}

func TestViewLagsByWhatThePathNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		jitter time.Duration
		loss   float64
		every  int64
		most   time.Duration
	}{
		"perfect":         {0, 0, 1, 19 * time.Millisecond},
		"30 ms jitter":    {30 * time.Millisecond, 0, 1, 50 * time.Millisecond},
		"5 % loss":        {0, 0.05, 1, 36 * time.Millisecond},
		"both":            {30 * time.Millisecond, 0.05, 1, 85 * time.Millisecond},
		"20 snapshots/s":  {0, 0, 3, 52 * time.Millisecond},
		"20/s, 5 % loss":  {0, 0.05, 3, 102 * time.Millisecond},
		"60 ms of jitter": {60 * time.Millisecond, 0, 1, 80 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStream(1)
			s.jitter, s.loss, s.every = c.jitter, c.loss, c.every
			s.run(t, 5*time.Second)
			s.run(t, 30*time.Second)
			if d := s.view.delay(); d > c.most {
				t.Errorf("delay %v, want at most %v", d, c.most)
			}
			if share := float64(s.frozen) / float64(s.frames); share > 0.02 {
				t.Errorf("%.1f %% of the frames had to be extrapolated", 100*share)
			}
			if s.least < 1-maxViewSlew-1e-6 || s.most > 1+maxViewSlew+1e-6 {
				t.Errorf("the view ran at %.3f to %.3f of the speed, want within 5 %%", s.least, s.most)
			}
		})
	}
}

func TestViewFollowsLatency(t *testing.T) {
	s := newStream(2)
	s.run(t, 5*time.Second)
	s.delay = 200 * time.Millisecond
	s.run(t, time.Second)
	s.run(t, 2*time.Second)
	if share := float64(s.frozen) / float64(s.frames); share > 0.02 {
		t.Errorf("a second after +160 ms %.1f %% of the frames were extrapolated", 100*share)
	}
	s.delay = 40 * time.Millisecond
	s.run(t, 12*time.Second)
	if d := s.view.delay(); d > 19*time.Millisecond {
		t.Errorf("back at the old latency the delay is %v", d)
	}
}

// A stall of the caller says nothing about the path.
func TestViewAfterStall(t *testing.T) {
	s := newStream(3)
	s.run(t, 5*time.Second)
	s.now += 5 * time.Second
	s.send()
	for k := s.view.newest + 1; k <= s.sent; k++ {
		s.view.arrive(s.tickAt(k)+s.delay, k)
	}
	s.view.advance(s.now, 0, true)
	s.run(t, 100*time.Millisecond)
	if d := s.view.delay(); d > 40*time.Millisecond {
		t.Errorf("the view is %v behind", d)
	}
}

func TestViewHoldsWhenStarved(t *testing.T) {
	for _, c := range []struct {
		extrapolate bool
		want        float64
	}{{true, 6}, {false, 0}} {
		s := newStream(4)
		s.run(t, 5*time.Second)
		for range 120 {
			s.now += time.Second / 60
			s.view.advance(s.now, 0, c.extrapolate)
		}
		if got := s.view.pos - float64(s.view.newest); got != c.want {
			t.Errorf("extrapolation %v: the view stands %.2f ticks beyond the newest snapshot, want %v", c.extrapolate, got, c.want)
		}
	}
}

func TestViewNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStream(rapid.Uint64().Draw(t, "seed"))
		for range rapid.IntRange(1, 6).Draw(t, "phases") {
			s.delay = time.Duration(rapid.IntRange(0, 400).Draw(t, "delay ms")) * time.Millisecond
			s.jitter = time.Duration(rapid.IntRange(0, 200).Draw(t, "jitter ms")) * time.Millisecond
			s.loss = rapid.Float64Range(0, 0.9).Draw(t, "loss")
			s.fps = rapid.IntRange(15, 240).Draw(t, "fps")
			s.runQuietly(t)
		}
	})
}

func (s *stream) runQuietly(t *rapid.T) {
	s.view.rate, s.view.sendEvery = float64(s.rate), float64(s.every)
	for range 2 * s.fps {
		s.now += time.Second / time.Duration(s.fps)
		s.send()
		s.receive()
		before := s.view.pos
		s.view.advance(s.now, 0, true)
		if s.view.pos < before {
			t.Fatalf("from %.3f to %.3f", before, s.view.pos)
		}
		if most := float64(s.view.newest) + s.view.ticks(maxExtrapolation); s.view.pos > max(before, most)+1e-9 {
			t.Fatalf("at %.3f, beyond %.3f", s.view.pos, most)
		}
	}
}

// When nothing comes, others stand still. That is a stall and no delay: the meter stays where it was, and so does the delay after it.
func TestViewDelayDuringStall(t *testing.T) {
	for _, extrapolate := range []bool{true, false} {
		s := newStream(6)
		s.run(t, 5*time.Second)
		before := s.view.delay()
		for range 2 { // twice: one outlier alone is not in a p99 of 128
			for end := s.now + 3*time.Second; s.now < end; s.now += time.Second / 60 {
				s.send() // all of it is lost
				clear(s.mail)
				s.view.advance(s.now, 0, extrapolate)
				if d := s.view.delay(); d > before+20*time.Millisecond {
					t.Fatalf("extrapolation %v: the delay is said to be %v, before the stall it was %v", extrapolate, d, before)
				}
			}
			s.run(t, 500*time.Millisecond)
		}
		if d := s.view.delay(); d > before+20*time.Millisecond {
			t.Errorf("extrapolation %v: after two stalls the delay is %v, before it was %v", extrapolate, d, before)
		}
	}
}
