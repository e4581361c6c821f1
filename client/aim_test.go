package client_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

// A target runs to and fro; a gunner fires with each frame, and the server notes what it judged the shot in.
type (
	target struct {
		Pos sim.Vec2 `net:"range=-512:512,step=1/64,lerp"`
		Vel float32
	}
	gunner struct {
		Frame uint32  // the picture on the screen when the newest shot was fired
		Lag   float32 // how far the world was put back for it, in ticks
		At    float32 // where the target was then
	}
	gallery struct {
		Targets sim.Table[target]
		Gunners sim.Table[gunner] `net:"predict=none"`
	}
	trigger struct{ Frame uint32 }
)

func galleryGame() *sim.Game[gallery, trigger] {
	return &sim.Game[gallery, trigger]{Name: "gallery", TickRate: 60,
		Init: func(w *gallery) { w.Targets.Spawn(0).Vel = 3 },
		Join: func(c *sim.Ctx[gallery, trigger], w *gallery, p sim.PlayerID) { w.Gunners.Spawn(p) },
		Step: func(c *sim.Ctx[gallery, trigger], w *gallery) {
			for _, o := range w.Targets.All() {
				if o.Pos.X += o.Vel; o.Pos.X > 300 || o.Pos.X < -300 {
					o.Vel = -o.Vel
				}
			}
			for p, in := range c.Inputs() {
				g, ok := w.Gunners.Of(p)
				if !ok || in.Frame == g.Frame {
					continue
				}
				past := c.PastOf(p)
				g.Frame, g.Lag = in.Frame, past.Lag
				for _, o := range past.World.Targets.All() {
					g.At = o.Pos.X
				}
			}
		}}
}

// A shot is judged in the world that was on the screen: within 1 ms of the moment, at any frame rate, over any path that the cap
// of a rewind covers; and the target stands there where it was drawn.
func TestShotsAreJudgedInWhatTheScreenShowed(t *testing.T) {
	for _, way := range []string{"none", "delay=25ms", "delay=60ms,jitter=5ms", "delay=25ms,jitter=30ms,loss=5%", "wifi"} {
		for _, fps := range []int{30, 60, 144} {
			t.Run(fmt.Sprintf("%s/%d", way, fps), func(t *testing.T) {
				moments, places := aim(t, way, fps)
				worst, p99 := moments[len(moments)-1], places[len(places)*99/100]
				t.Logf("%d shots: the moment %.2f ms off at worst, the target %.2f ms at p50, %.2f at p99, %.2f at worst", len(moments),
					worst, places[len(places)/2], p99, places[len(places)-1])
				if len(moments) < 250 || worst > 1 || p99 > 1 {
					t.Errorf("want 1 ms")
				}
			})
		}
	}
}

// aim returns, ascending, by how many milliseconds the moment that the server went back to differed from the one on the screen, and by
// how many milliseconds of its run the target was elsewhere.
func aim(t *testing.T, way string, fps int) (moments, places []float64) {
	type picture struct {
		moment float64
		x      float32
		late   bool // more than the cap of a rewind
	}
	m := matchtest.New(t, galleryGame(), matchtest.Options{Seed: 7, Conditions: way})
	var drawn []picture
	p := m.Join(func(*matchtest.Player[gallery, trigger]) trigger { return trigger{uint32(len(drawn))} })
	p.Frame = time.Second / time.Duration(fps)
	p.After = func(p *matchtest.Player[gallery, trigger]) {
		w := p.View()
		st := p.Stats()
		o := picture{moment: st.ViewTick, late: float64(st.Tick)-st.ViewTick > 12}
		for _, x := range w.Targets.All() {
			o.x = x.Pos.X
		}
		drawn = append(drawn, o)
	}
	m.Run(4 * time.Second)
	last := uint32(len(drawn))
	const ms = 1000.0 / 60
	m.AfterTick = func() {
		w := m.World()
		g, ok := w.Gunners.Of(p.Player())
		if !ok || g.Frame <= last || drawn[g.Frame-1].late {
			return
		}
		last = g.Frame
		saw := drawn[g.Frame-1]
		moments = append(moments, ms*math.Abs(float64(m.Server.Snapshot().Tick)-float64(g.Lag)-saw.moment))
		places = append(places, ms*math.Abs(float64(g.At-saw.x))/3)
	}
	m.Run(10 * time.Second)
	slices.Sort(moments)
	slices.Sort(places)
	return moments, places
}
