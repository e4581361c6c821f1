package sim

import "testing"

type testWorld struct{ n int32 }

func TestTickAcrossWraparound(t *testing.T) {
	const last = ^Tick(0)
	if !last.Before(2) || Tick(2).Before(last) || Tick(5).Before(5) {
		t.Error("Before fails at the wrap")
	}
	if Tick(2).Sub(last) != 3 || last.Sub(2) != -3 {
		t.Errorf("Sub: %d, %d", Tick(2).Sub(last), last.Sub(2))
	}
}

func TestCtxInputs(t *testing.T) {
	var c Ctx[testWorld, int]
	c.Begin(&testWorld{}, Frame[testWorld, int]{
		Tick: 9, TickRate: 50, Entries: []Entry[int]{{2, 20}, {5, 50}, {9, 90}},
	})
	if c.Tick != 9 || c.DT != 0.02 {
		t.Errorf("tick %d, DT %v", c.Tick, c.DT)
	}
	sum := 0
	for p, in := range c.Inputs() {
		if p == 9 {
			break
		}
		sum += int(p) * in
	}
	if sum != 2*20+5*50 {
		t.Errorf("the inputs sum up to %d", sum)
	}
	if in, ok := c.Input(5); !ok || in != 50 {
		t.Errorf("input of 5: %d, %v", in, ok)
	}
	if in, ok := c.Input(6); ok || in != 0 {
		t.Errorf("input of 6: %d, %v", in, ok)
	}
}

func TestCtxPast(t *testing.T) {
	now, then := &testWorld{1}, &testWorld{2}
	var c Ctx[testWorld, int]
	c.Begin(now, Frame[testWorld, int]{TickRate: 60})
	if c.Past(1) != now || c.PastOf(1).Lag != 0 {
		t.Error("without a past, the present is used")
	}
	c.Begin(now, Frame[testWorld, int]{TickRate: 60, Past: func(p PlayerID) Past[testWorld] {
		return Past[testWorld]{World: then, Lag: float32(p)}
	}})
	if c.Past(3) != then || c.PastOf(3).Lag != 3 {
		t.Error("the past is not the engine's")
	}
}

func TestCtxRand(t *testing.T) {
	first := func(tick Tick, seed uint64, p PlayerID) uint64 {
		var c Ctx[testWorld, int]
		c.Begin(&testWorld{}, Frame[testWorld, int]{Tick: tick, TickRate: 60, Seed: seed})
		r := c.Rand(p)
		return r.Uint64()
	}
	base := first(7, 1, 3)
	if first(7, 1, 3) != base {
		t.Error("the stream does not start anew")
	}
	if first(8, 1, 3) == base || first(7, 2, 3) == base || first(7, 1, 4) == base {
		t.Error("streams of another tick, match or player begin alike")
	}
}

func TestGameDefaults(t *testing.T) {
	step := func(*Ctx[testWorld, int32], *testWorld) {}
	for _, c := range []struct{ tick, send, wantTick, wantEvery int }{
		{0, 0, 60, 1}, {60, 20, 60, 3}, {30, 60, 30, 1}, {60, 25, 60, 2}, {128, 64, 128, 2},
	} {
		g := Game[testWorld, int32]{Name: "g", TickRate: c.tick, SendRate: c.send, Step: step}
		if tick, every := g.Rates(); tick != c.wantTick || every != c.wantEvery || g.Validate() != nil {
			t.Errorf("%+v: %d Hz, every %d, %v", c, tick, every, g.Validate())
		}
	}
	long := "a name that is longer than 32 bytes"
	for _, g := range []Game[testWorld, int32]{
		{Step: step}, {Name: "g"}, {Name: long, Step: step}, {Name: "g", Step: step, TickRate: 241},
		{Name: "g", Step: step, TickRate: -1}, {Name: "g", Step: step, SendRate: -1},
	} {
		if g.Validate() == nil {
			t.Errorf("%q at %d Hz, %d snapshots: no error", g.Name, g.TickRate, g.SendRate)
		}
	}
}
