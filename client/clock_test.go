package client

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
	"pgregory.net/rapid"
)

// course is a clock, a server and the path between them, all in virtual time.
type course struct {
	clock clock
	rng   *rand.Rand

	rate   float64
	drift  float64       // of the server's crystal against ours
	first  int64         // tick of the server at time 0
	up     time.Duration // one way
	down   time.Duration
	jitter time.Duration // uniform, on the way up
	loss   float64       // on the way up
	frame  time.Duration // between two calls of the client
	whole  bool          // the server looks at its socket once per tick only

	now      time.Duration
	nextTick int64
	nextCall time.Duration
	awayTo   time.Duration           // the client does not call before
	flying   []flight                // messages on the way up
	arrivals map[int64]time.Duration // of inputs, at the server
	unsent   []int64                 // newest ticks, repeated in each message
	newest   int64
	mail     []letter // to the client

	executed, missing int
	early             int // inputs dropped by the server as too far ahead
}

type flight struct {
	at    time.Duration
	ticks []int64
}

type letter struct {
	at        time.Duration
	a, newest int64
	margin    float64
}

func newCourse(seed uint64) *course {
	return &course{
		rng: rand.New(rand.NewPCG(seed, 1)), rate: 60, first: 1000,
		up: 10 * time.Millisecond, down: 10 * time.Millisecond, frame: time.Second / 60,
		arrivals: map[int64]time.Duration{},
	}
}

// due returns when the server executes a tick.
func (c *course) due(tick int64) time.Duration {
	return time.Duration(float64(tick-c.first) / (c.rate * (1 + c.drift)) * 1e9)
}

// run goes on until a time.
func (c *course) run(until time.Duration) {
	if c.nextTick == 0 {
		c.nextTick, c.nextCall = c.first+1, 7*time.Millisecond
		c.clock.rate = c.rate
	}
	for {
		tick, call := c.due(c.nextTick), max(c.nextCall, c.awayTo)
		if c.now = min(tick, call); c.now >= until {
			return
		}
		if tick <= call {
			c.serve(tick)
		} else {
			c.call(call)
		}
	}
}

// serve executes a tick and sends the report.
func (c *course) serve(now time.Duration) {
	k := c.nextTick
	c.nextTick++
	c.land(now, k)
	margin := 0.0
	at, ok := c.arrivals[min(k, c.newest)]
	if ok {
		margin = (c.due(min(k, c.newest)) - at).Seconds() * c.rate
		if c.whole {
			margin = math.Floor(margin)
		}
	}
	if at, ok := c.arrivals[k]; ok && at <= now {
		c.executed++
	} else if c.newest > 0 {
		c.missing++
	}
	c.mail = append(c.mail, letter{now + c.down, k, c.newest, margin})
}

// land takes in the messages that have arrived before tick k is executed.
func (c *course) land(now time.Duration, k int64) {
	c.flying = slices.DeleteFunc(c.flying, func(f flight) bool {
		if f.at > now {
			return false
		}
		for _, tick := range f.ticks {
			if _, known := c.arrivals[tick]; tick > k+15 {
				c.early++
			} else if !known {
				c.arrivals[tick] = f.at
				c.newest = max(c.newest, tick)
			}
		}
		return true
	})
	maps.DeleteFunc(c.arrivals, func(tick int64, _ time.Duration) bool { return tick < k-300 })
}

// call is a frame of the client.
func (c *course) call(now time.Duration) {
	c.nextCall = now + c.frame
	c.clock.advance(now)
	n := 0
	for ; n < len(c.mail) && c.mail[n].at <= now; n++ {
		l := c.mail[n]
		if !c.clock.synced {
			c.clock.sync(now, l.a, c.up+c.down)
		}
		c.clock.report(l.a, l.newest, l.margin)
	}
	if n > 0 && now-c.mail[n-1].at < 100*time.Millisecond {
		c.clock.check(now, c.mail[n-1].a, c.up+c.down)
	}
	c.mail = c.mail[n:]
	ran := false
	for tick, ok := c.clock.take(); ok; tick, ok = c.clock.take() {
		c.unsent, ran = append(c.unsent, tick), true
	}
	c.unsent = c.unsent[max(0, len(c.unsent)-32):]
	if !ran || c.rng.Float64() < c.loss {
		return
	}
	at := now + c.up + time.Duration(c.rng.Float64()*float64(c.jitter))
	c.flying = append(c.flying, flight{at, slices.Clone(c.unsent)})
}

// missed runs for a while and returns the share of ticks without input, and the range of speeds.
func (c *course) missed(d time.Duration) (share, slowest, fastest float64) {
	c.executed, c.missing = 0, 0
	slowest, fastest = 2, 0
	for end := c.now + d; c.now < end; {
		c.run(min(end, c.now+c.frame))
		slowest, fastest = min(slowest, c.clock.dilation), max(fastest, c.clock.dilation)
	}
	return float64(c.missing) / float64(max(1, c.missing+c.executed)), slowest, fastest
}

func TestClockConverges(t *testing.T) {
	type setup func(*course)
	for name, set := range map[string]setup{
		"plain":          func(*course) {},
		"fast server":    func(c *course) { c.drift = 500e-6 },
		"slow server":    func(c *course) { c.drift = -500e-6 },
		"150 ms":         func(c *course) { c.up, c.down = 75*time.Millisecond, 75*time.Millisecond },
		"lopsided":       func(c *course) { c.up, c.down = 120*time.Millisecond, 5*time.Millisecond },
		"1 s":            func(c *course) { c.up, c.down = 500*time.Millisecond, 500*time.Millisecond },
		"30 ms jitter":   func(c *course) { c.jitter = 30 * time.Millisecond },
		"5 % loss":       func(c *course) { c.loss = 0.05 },
		"20 % loss":      func(c *course) { c.loss = 0.2 },
		"whole ticks":    func(c *course) { c.whole = true },
		"30 fps":         func(c *course) { c.frame = time.Second / 30 },
		"144 fps":        func(c *course) { c.frame = time.Second / 144 },
		"128 Hz":         func(c *course) { c.rate = 128 },
		"tick near 2^32": func(c *course) { c.first = 1<<32 - 200 },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCourse(1)
			set(c)
			c.run(4 * time.Second)
			share, slowest, fastest := c.missed(20 * time.Second)
			if share > 0.07 {
				t.Errorf("%.1f %% of the ticks had no input", 100*share)
			}
			if slowest < 0.96 || fastest > 1.04 {
				t.Errorf("the clock did not settle: it runs at %.4f to %.4f", slowest, fastest)
			}
			spare := 1.2 + c.jitter.Seconds()*c.rate + 20*c.loss + c.frame.Seconds()*c.rate
			if c.clock.margin > spare {
				t.Errorf("inputs wait %.2f ticks, want at most %.2f", c.clock.margin, spare)
			}
			if c.early > 0 {
				t.Errorf("%d inputs came too early", c.early)
			}
		})
	}
}

// A quiet path is left alone: the clock settles to the nominal rate and stays there.
func TestClockDoesNotHunt(t *testing.T) {
	for _, whole := range []bool{false, true} {
		c := newCourse(2)
		c.whole = whole
		c.up, c.down = 75*time.Millisecond, 75*time.Millisecond
		c.run(10 * time.Second)
		if _, slowest, fastest := c.missed(20 * time.Second); slowest < 0.999 || fastest > 1.001 {
			t.Errorf("whole ticks %v: runs at %.5f to %.5f", whole, slowest, fastest)
		}
	}
}

func TestClockFollowsLatency(t *testing.T) {
	c := newCourse(3)
	c.run(5 * time.Second)
	c.up, c.down = 100*time.Millisecond, 100*time.Millisecond
	c.missed(time.Second)
	if c.missing > 30 {
		t.Errorf("RTT 20 to 200 ms: %d inputs missing, want at most 30: half a second", c.missing)
	}
	if share, _, _ := c.missed(3 * time.Second); share > 0.05 {
		t.Errorf("a second after the step %.1f %% of inputs are missing", 100*share)
	}
	c.up, c.down = 10*time.Millisecond, 10*time.Millisecond
	c.run(c.now + 6*time.Second)
	if share, _, _ := c.missed(5 * time.Second); share > 0.05 || c.clock.margin > 1.5 {
		t.Errorf("RTT back at 20 ms: %.1f %% missing, margin %.2f ticks", 100*share, c.clock.margin)
	}
}

func TestClockAfterStall(t *testing.T) {
	c := newCourse(4)
	c.run(5 * time.Second)
	c.awayTo = c.now + 5*time.Second
	before := c.clock.done
	c.run(c.awayTo + 1)
	if ran := int64(c.clock.skipped); c.clock.done-before < 290 || ran < 290 {
		t.Errorf("away for 5 s: went on by %d ticks, %d of them skipped, want all but one", c.clock.done-before, ran)
	}
	c.run(c.now + 500*time.Millisecond)
	if share, slowest, fastest := c.missed(3 * time.Second); share > 0.05 || slowest < 0.96 || fastest > 1.04 {
		t.Errorf("half a second after the stall: %.1f %% missing, speed %.3f to %.3f", 100*share, slowest, fastest)
	}
}

// The server stands still for two seconds and does not make up for it: all inputs are far too early,
// so that no margin is reported.
func TestClockAfterServerStall(t *testing.T) {
	c := newCourse(5)
	c.run(5 * time.Second)
	c.first -= 120 // tick k is due 2 s later than it was
	c.run(c.now + 4*time.Second)
	if share, _, _ := c.missed(3 * time.Second); share > 0.05 {
		t.Errorf("4 s after a stall of the server %.1f %% of inputs are missing", 100*share)
	}
}

func TestClockSurvivesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCourse(rapid.Uint64().Draw(t, "seed"))
		c.drift = rapid.Float64Range(-500e-6, 500e-6).Draw(t, "drift")
		c.up = time.Duration(rapid.IntRange(0, 300).Draw(t, "up ms")) * time.Millisecond
		c.down = time.Duration(rapid.IntRange(0, 300).Draw(t, "down ms")) * time.Millisecond
		c.jitter = time.Duration(rapid.IntRange(0, 50).Draw(t, "jitter ms")) * time.Millisecond
		c.loss = rapid.Float64Range(0, 0.3).Draw(t, "loss")
		c.frame = time.Second / time.Duration(rapid.IntRange(20, 240).Draw(t, "fps"))
		c.first = int64(rapid.Uint32Range(1000, math.MaxUint32).Draw(t, "first"))
		c.run(5 * time.Second)
		if share, _, _ := c.missed(10 * time.Second); share > 0.08 {
			t.Fatalf("%.1f %% of the ticks had no input", 100*share)
		}
	})
}

func TestUnwrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.Int64Range(0, 1<<40).Draw(t, "near")
		far := near + int64(rapid.Int32().Draw(t, "distance"))
		if got := unwrap(near, sim.Tick(far)); got != far {
			t.Fatalf("unwrap(%d, %d) = %d", near, far, got)
		}
	})
}

// Until the server has taken an input it reports tick 0 as the newest. That is no tick of ours, and says nothing
// about the clock: inputs that were too early to be taken must not drive it further ahead.
func TestClockIgnoresReportsBeforeTheFirstInput(t *testing.T) {
	c := clock{rate: 60}
	now := time.Second
	c.sync(now, 1000, 500*time.Millisecond)
	for a := int64(1001); a < 1200; a++ {
		now += time.Second / 60
		c.advance(now)
		for _, ok := c.take(); ok; _, ok = c.take() {
		}
		c.report(a, 0, 0)
	}
	if c.jumps != 0 || c.dilation != 1 || c.offsets.n != 0 {
		t.Errorf("%d jumps, speed %.3f, %d samples from a server that reported nothing", c.jumps, c.dilation, c.offsets.n)
	}
}
