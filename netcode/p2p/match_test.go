package p2p

import (
	"fmt"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// TestEverybodyConfirmsTheSameWorlds: whatever the network does and whoever guesses wrong, every confirmed tick is the same for all, and
// the match keeps its pace.
func TestEverybodyConfirmsTheSameWorlds(t *testing.T) {
	for _, k := range []struct {
		players int
		net     string
		rate    float64 // of the ticks that the time has
	}{
		{2, "", 0.98},
		{2, "delay=40ms,jitter=10ms,loss=5%", 0.97},
		{2, "delay=90ms,loss=20%,dup=5%", 0.6}, // 180 ms are more than delay and guesses hide
		{3, "delay=30ms,jitter=15ms,loss=10%,reorder=5%", 0.95},
		{4, "delay=50ms,jitter=5ms,loss=3%", 0.97},
	} {
		for seed := uint64(1); seed <= 2; seed++ {
			t.Run(fmt.Sprintf("%d players, %s, seed %d", k.players, k.net, seed), func(t *testing.T) {
				b := newBrawl(t, seed, k.players, k.net, nil)
				b.begun()
				from := b.peers[0].Stats().Tick
				b.run(20 * time.Second)
				for i, p := range b.peers {
					s := p.Stats()
					if p.Err() != nil || float64(s.Tick-from) < 1200*k.rate || s.Tick.Sub(s.Confirmed) > 8 {
						t.Errorf("player %d: %v; tick %d after %d, confirmed %d; %+v", i+1, p.Err(), s.Tick, from, s.Confirmed, s.Counters)
					}
					if k.net != "" && s.Rollbacks == 0 || s.Compared < 10 {
						t.Errorf("player %d: %+v", i+1, s.Counters)
					}
				}
			})
		}
	}
}

// TestLockstep: with nothing guessed nothing is ever taken back.
func TestLockstep(t *testing.T) {
	b := newBrawl(t, 3, 3, "delay=40ms,jitter=5ms,loss=2%", func(_ int, c *Config, _ *sim.Game[ring, moves]) {
		c.MaxPrediction, c.InputDelay = -1, 8
	})
	b.begun()
	b.run(10 * time.Second)
	for i, p := range b.peers {
		if s := p.Stats(); s.Rollbacks != 0 || s.Tick != s.Confirmed || s.Tick < 500 {
			t.Errorf("player %d: tick %d, confirmed %d, %+v", i+1, s.Tick, s.Confirmed, s.Counters)
		}
	}
}

// TestTheOneAheadWaits: players who begin at different times and draw at different rates come to the same tick.
func TestTheOneAheadWaits(t *testing.T) {
	b := newBrawl(t, 4, 2, "delay=30ms", nil)
	b.every[0], b.every[1] = time.Second/144, time.Second/31
	b.begun()
	b.run(10 * time.Second)
	one, two := b.peers[0].Stats(), b.peers[1].Stats()
	if lead := one.Tick.Sub(two.Tick); lead < -3 || lead > 3 {
		t.Errorf("player 1 is %d ticks ahead; it thinks %.1f, the other %.1f", lead, one.Players[1].Lead, two.Players[0].Lead)
	}
	if one.Stalls+two.Stalls > 60 {
		t.Errorf("stalled %d and %d times", one.Stalls, two.Stalls)
	}
}

// TestALeave: the others go on, from the same tick, and the row of the one who left is gone.
func TestALeave(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		b := newBrawl(t, seed, 4, "delay=40ms,jitter=20ms,loss=10%", nil)
		b.begun()
		b.run(3 * time.Second)
		b.peers[1].Close()
		b.run(2 * time.Second)
		if err := b.peers[1].Err(); err != ErrLeft {
			t.Errorf("the one who left: %v", err)
		}
		b.gone[1] = true
		b.run(3 * time.Second)
		for _, i := range []int{0, 2, 3} {
			s := b.peers[i].Stats()
			_, there := b.peers[i].View().Fighters.Of(2)
			if s.Players[1].State != "out" || there || s.Tick < 400 || b.peers[i].Err() != nil {
				t.Errorf("player %d: %v, %+v", i+1, b.peers[i].Err(), s.Players)
			}
		}
	}
}

// TestSuddenDeath: two of four fall silent, one after the other, heard to different lengths by those who remain.
func TestSuddenDeath(t *testing.T) {
	for seed := uint64(1); seed <= 6; seed++ {
		b := newBrawl(t, seed, 4, "delay=40ms,jitter=30ms,loss=20%", func(_ int, c *Config, _ *sim.Game[ring, moves]) { c.Timeout = time.Second })
		b.begun()
		b.run(2 * time.Second)
		b.net.Outage(at(0), at(3), b.net.Now(), b.net.Now()+time.Hour) // player 1 hears less of player 4 than the others
		b.run(60 * time.Millisecond)
		b.gone[3] = true
		b.run(900 * time.Millisecond)
		b.gone[2] = true
		b.run(6 * time.Second)
		var ticks [2]sim.Tick
		for i := range 2 {
			s := b.peers[i].Stats()
			ticks[i] = s.Confirmed
			if b.peers[i].Err() != nil || s.Players[2].State != "out" || s.Players[3].State != "out" || s.Players[3].Known != b.peers[0].Stats().Players[3].Known {
				t.Fatalf("seed %d, player %d: %v, %+v", seed, i+1, b.peers[i].Err(), s.Players)
			}
		}
		if b.run(2 * time.Second); b.peers[0].Stats().Confirmed < ticks[0]+100 {
			t.Errorf("seed %d: the match does not go on", seed)
		}
		b.gone[1] = true
		if b.run(2 * time.Second); b.peers[0].Err() != ErrAlone {
			t.Errorf("seed %d: the last one: %v", seed, b.peers[0].Err())
		}
	}
}

// TestCutOff: two who lose sight of each other, while a third sees both, do not tear the match apart.
func TestCutOff(t *testing.T) {
	b := newBrawl(t, 5, 3, "delay=20ms", func(_ int, c *Config, _ *sim.Game[ring, moves]) { c.Timeout = time.Second })
	b.begun()
	b.run(time.Second)
	b.net.Outage(at(0), at(1), b.net.Now(), b.net.Now()+time.Hour)
	b.run(6 * time.Second)
	out := 0
	for _, p := range b.peers {
		if p.Err() == ErrLeftOut || p.Err() == ErrAlone {
			out++
		} else if p.Err() != nil {
			t.Error(p.Err())
		}
	}
	if out == 0 {
		t.Error("nobody noticed")
	}
}

// TestDesync: a game that computes something else for one of the players is found out, by name.
func TestDesync(t *testing.T) {
	b := newBrawl(t, 6, 3, "delay=30ms,loss=5%", func(player int, _ *Config, g *sim.Game[ring, moves]) {
		if player == 2 {
			g.Step = func(c ctx, w *ring) {
				stepFight(c, w)
				if f, ok := w.Fighters.Of(3); ok && c.Tick == 200 {
					f.Hits += 7
				}
			}
		}
	})
	b.begun()
	b.blind = true
	for range 600 {
		if b.peers[0].Err() != nil && b.peers[1].Err() != nil && b.peers[2].Err() != nil {
			break
		}
		b.run(time.Second / 60)
	}
	for i, p := range b.peers {
		d, ok := p.Err().(*DesyncError)
		if !ok || d.Difference == nil || d.Table != "Fighters" || d.Tick != 210 {
			t.Errorf("player %d: %v", i+1, p.Err())
			continue
		}
		if d.Difference.Table != "Fighters" || d.Difference.RowA.Owner != 3 {
			t.Errorf("player %d: %v", i+1, d)
		}
	}
}

// TestEvents: what is confirmed has been told once and exactly once to everybody; what was told too early was taken back.
func TestEvents(t *testing.T) {
	b := newBrawl(t, 7, 3, "delay=60ms,jitter=20ms,loss=10%", nil)
	type tally map[sim.EventKey]int
	var punches, downs [3]tally
	late := 0
	for i, p := range b.peers {
		punches[i], downs[i] = tally{}, tally{}
		On(p, punched, func(_ sim.PlayerID, e EventInfo) { punches[i][e.EventKey]++ })
		OnCancel(p, punched, func(_ sim.PlayerID, e EventInfo) { punches[i][e.EventKey]-- })
		On(p, downed, func(_ sim.PlayerID, e EventInfo) {
			downs[i][e.EventKey]++
			if e.Predicted || e.Tick.Sub(p.Stats().Confirmed) > 0 {
				late++
			}
		})
	}
	b.begun()
	b.run(10 * time.Second)
	b.calm = true
	for i := range b.held {
		b.held[i] = moves{}
	}
	b.run(time.Second)
	if len(downs[0]) == 0 || b.peers[0].Stats().Events.Cancelled == 0 || late != 0 {
		t.Fatalf("%d downs, %d before their time, %+v", len(downs[0]), late, b.peers[0].Stats().Events)
	}
	for i := range b.peers {
		for key := range punches[0] {
			if punches[i][key] != punches[0][key] || punches[i][key] < 0 || punches[i][key] > 1 {
				t.Fatalf("punch %+v: player 1 was told %d times, player %d %d times", key, punches[0][key], i+1, punches[i][key])
			}
		}
		if fmt.Sprint(downs[i]) != fmt.Sprint(downs[0]) {
			t.Errorf("downs of player %d are not those of player 1", i+1)
		}
	}
}
