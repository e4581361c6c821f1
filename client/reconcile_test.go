package client

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// A walker is moved by its player alone.
type (
	walker struct{ X int32 }
	meadow struct {
		Walkers sim.Table[walker]
		Steps   uint32
	}
)

// script is an authority without a network, and the predictor that it judges.
type script struct {
	t    *testing.T
	plan *replica.Plan[meadow]
	pred *predictor[meadow, int8]
	cmds commands[int8]

	world *replica.World[meadow]
	ctx   sim.Ctx[meadow, int8]
	auth  *replica.Snapshot
	at    int64
	steps *int // calls of Step by the predictor
}

const me, other = sim.PlayerID(3), sim.PlayerID(5)

func newScript(t *testing.T, first int64) *script {
	t.Helper()
	return newScriptWithin(t, first, budget{})
}

func newScriptWithin(t *testing.T, first int64, b budget) *script {
	t.Helper()
	plan, err := replica.NewPlan[meadow]()
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, plan: plan, world: plan.NewWorld(), auth: plan.NewSnapshot(), at: first, steps: new(int)}
	s.world.V.Walkers.Spawn(me)
	s.world.V.Walkers.Spawn(other)
	s.plan.Capture(s.auth, s.world)
	snaps := newSnapshots(plan)
	pred := newPredictor(s.game(s.steps), plan, &s.cmds, &past[meadow]{plan: plan, snaps: snaps}, &events{}, b)
	s.pred = &pred
	s.pred.begin(replica.Welcome{Player: me, TickRate: 60, SendEvery: 1})
	return s
}

func (s *script) game(steps *int) *sim.Game[meadow, int8] {
	return &sim.Game[meadow, int8]{Name: "meadow", Step: func(c *sim.Ctx[meadow, int8], w *meadow) {
		*steps++ //netvet:ok the test counts
		w.Steps++
		for p, in := range c.Inputs() {
			if row, ok := w.Walkers.Of(p); ok {
				row.X += int32(in)
			}
		}
	}}
}

// predict runs the next ticks with an input.
func (s *script) predict(n int, in int8) {
	for range n {
		tick := s.pred.tick + 1
		if !s.pred.valid {
			tick = s.at + 1
		}
		s.cmds.put(tick, in, 0)
		s.pred.advance(tick, s.auth, s.at)
	}
}

// serve lets the authority execute ticks with the inputs that the player made for them.
func (s *script) serve(n int) {
	game := s.game(new(int))
	for range n {
		s.at++
		entries := []sim.Entry[int8]{{Player: me}, {Player: other, Input: 2}}
		if cmd := s.cmds.effective(s.at); cmd != nil {
			entries[0].Input = cmd.Input
		}
		s.ctx.Begin(s.world.V, sim.Frame[meadow, int8]{Tick: sim.Tick(s.at), TickRate: 60, Entries: entries})
		game.Step(&s.ctx, s.world.V)
		s.plan.Capture(s.auth, s.world)
	}
}

// x returns where the prediction has a player.
func (s *script) x(p sim.PlayerID) int32 {
	row, ok := s.pred.world.V.Walkers.Of(p)
	if !ok {
		s.t.Fatalf("player %d has no row", p)
	}
	return row.X
}

func TestRightGuessesAreNotComputedTwice(t *testing.T) {
	for _, first := range []int64{100, 1<<32 - 20} {
		s := newScript(t, first)
		s.predict(10, 1)
		*s.steps = 0
		for range 50 {
			s.serve(1)
			if v := s.pred.judge(s.auth, s.at); v != right {
				t.Fatalf("tick %d: verdict %d: %s", s.at, v, s.plan.Diff(s.pred.results.of(s.at), s.auth))
			}
			s.pred.accept(s.auth)
			s.predict(1, 1)
		}
		if *s.steps != 50 {
			t.Errorf("%d steps for 50 ticks", *s.steps)
		}
		if s.x(me) != 60 || s.x(other) != 100 {
			t.Errorf("own row at %d, want 60; the other at %d, want 100 as in the newest snapshot", s.x(me), s.x(other))
		}
	}
}

func TestWrongGuessIsReplayed(t *testing.T) {
	s := newScript(t, 100)
	s.predict(10, 1)
	row, _ := s.world.V.Walkers.Of(me)
	row.X += 1000 // the authority knows better
	s.serve(4)
	if v := s.pred.judge(s.auth, s.at); v != wrong {
		t.Fatalf("verdict %d", v)
	}
	*s.steps = 0
	s.pred.restart(s.pred.tick, s.auth, s.at)
	if *s.steps != 6 || s.pred.resimulated != 6+1 { // the first prediction began with a replay of one tick
		t.Errorf("%d steps, %d counted, want the 6 since the snapshot", *s.steps, s.pred.resimulated)
	}
	if s.x(me) != 1010 || s.pred.world.V.Steps != 4 {
		t.Errorf("at %d after %d steps of the world, want 1010 and the server's 4", s.x(me), s.pred.world.V.Steps)
	}
	if !s.plan.EqualPredicted(s.pred.results.of(s.at), s.auth, me) {
		t.Error("the wrong guess is still there to be drawn")
	}
	s.serve(6)
	if v := s.pred.judge(s.auth, s.at); v != right {
		t.Errorf("the replayed guess is judged %d", v)
	}
}

func TestReplayIsCapped(t *testing.T) {
	s := newScript(t, 100)
	s.predict(1, 1)
	s.predict(maxReplay+20, 1)
	*s.steps = 0
	s.pred.restart(s.pred.tick, s.auth, s.at)
	if *s.steps != maxReplay || s.pred.capped != 21 {
		t.Errorf("%d steps and %d left out, want %d and 21", *s.steps, s.pred.capped, maxReplay)
	}
	if got := s.pred.tick; got != 101+maxReplay+20 {
		t.Errorf("the world is at tick %d", got)
	}
}

// A snapshot that is newer than the prediction, as after a stall, replaces it.
func TestServerAheadOfPrediction(t *testing.T) {
	s := newScript(t, 100)
	s.predict(5, 1)
	s.serve(40)
	if v := s.pred.judge(s.auth, s.at); v != unknown {
		t.Fatalf("verdict %d", v)
	}
	s.pred.restart(s.pred.tick, s.auth, s.at)
	s.cmds.put(150, 1, 0)
	s.pred.advance(150, s.auth, s.at)
	s.serve(10)
	if v := s.pred.judge(s.auth, s.at); v != right {
		t.Errorf("verdict %d: %s", v, s.plan.Diff(s.pred.results.of(s.at), s.auth))
	}
}

func TestOwnsNothing(t *testing.T) {
	s := newScript(t, 100)
	s.world.V.Walkers.DespawnOwned(me)
	s.plan.Capture(s.auth, s.world)
	s.predict(3, 1)
	if !s.pred.ownsNothing(102) {
		t.Error("a player without a row owns something")
	}
	s.world.V.Walkers.Spawn(me)
	s.serve(1)
	s.pred.restart(s.pred.tick, s.auth, s.at)
	if s.pred.ownsNothing(s.pred.tick) {
		t.Error("a player with a row owns nothing")
	}
}
