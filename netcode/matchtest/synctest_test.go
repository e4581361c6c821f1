package matchtest_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/sim"
)

func anything(r *rand.Rand, _ *field, _ sim.PlayerID) move {
	return move{Dx: int8(r.IntN(3) - 1), Dy: int8(r.IntN(3) - 1), Push: r.IntN(9) == 0}
}

func TestSyncTestOfAnHonestGame(t *testing.T) {
	for _, o := range []matchtest.SyncOptions[field, move]{
		{Seed: 1, Play: anything}, {Seed: 2, Players: 5, Ticks: 100, Back: 1, Play: anything}, {Players: 1, Ticks: 50, Back: 60},
	} {
		if err := matchtest.SyncTest(dots(), o); err != nil {
			t.Error(err)
		}
	}
}

// Each of these games breaks a rule of Step, and is found out by name.
func TestSyncTestFindsOut(t *testing.T) {
	secret := 0
	squads := map[int]float32{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7}
	for name, c := range map[string]struct {
		step func(c ctx, w *field)
		want string // of the error, besides the seed
	}{
		"state outside of the world": {func(c ctx, w *field) {
			secret++ //netvet:ok what the test is about
			if d, ok := w.Dots.Of(1); ok {
				d.Luck = uint16(secret)
			}
		}, "Dots slot 1 (generation 1, owner 1) Luck: "},
		"the order of a map": {func(c ctx, w *field) {
			for _, v := range squads { //netvet:ok what the test is about
				if d, ok := w.Dots.Of(1); ok {
					d.Pos.X = d.Pos.X*0.5 + v //netvet:ok what the test is about
				}
			}
		}, "Dots slot 1 (generation 1, owner 1) Pos.X: "},
		"a spawn by chance": {func(c ctx, w *field) {
			if rand.IntN(3) == 0 { //netvet:ok what the test is about
				w.Dots.Spawn(0)
			}
		}, "Dots slot "},
	} {
		g := dots()
		g.Step = c.step
		err := matchtest.SyncTest(g, matchtest.SyncOptions[field, move]{Seed: 77, Play: anything})
		if err == nil {
			t.Errorf("%s: not found", name)
			continue
		}
		for _, part := range []string{"seed 77", "run again from tick", c.want, " != "} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
}

func TestSyncTestOfBadOptions(t *testing.T) {
	if err := matchtest.SyncTest(dots(), matchtest.SyncOptions[field, move]{Players: 256}); err == nil {
		t.Error("256 players are no error")
	}
	if err := matchtest.SyncTest(&sim.Game[field, move]{Name: "x"}, matchtest.SyncOptions[field, move]{}); err == nil {
		t.Error("a game without Step is no error")
	}
}

// The present, the past and leaving are what a server makes of them.
func TestSyncTestPlaysLikeAServer(t *testing.T) {
	g := dots()
	var most, least, lag int
	least = 99
	g.Step = func(c ctx, w *field) {
		most, least = max(most, w.Dots.Len()), min(least, w.Dots.Len()) //netvet:ok the test watches
		lag = max(lag, int(c.PastOf(1).Lag))                            //netvet:ok the test watches
		stepDots(c, w)
	}
	if err := matchtest.SyncTest(g, matchtest.SyncOptions[field, move]{Players: 3, Ticks: 60}); err != nil {
		t.Fatal(err)
	}
	if most != 3 || least != 1 || lag != 2 {
		t.Errorf("%d to %d dots, a past of %d ticks", least, most, lag)
	}
}

type bang struct{ Loud uint16 }

var bangEvent = sim.NewEvent[bang]("bang", sim.Reliable)

// The same world with other events is another tick too.
func TestSyncTestHearsEvents(t *testing.T) {
	for name, loud := range map[string]func(c ctx) uint16{
		"the same": func(c ctx) uint16 { r := c.Rand(0); return uint16(r.Intn(100)) },
		"others":   func(ctx) uint16 { return uint16(rand.IntN(1 << 16)) }, //netvet:ok what the test is about
	} {
		g := dots()
		g.Events = []sim.AnyEvent{bangEvent}
		g.Step = func(c ctx, w *field) {
			stepDots(c, w)
			if c.Tick%10 == 0 {
				sim.Emit(c, bangEvent, bang{loud(c)})
			}
		}
		err := matchtest.SyncTest(g, matchtest.SyncOptions[field, move]{Seed: 4, Ticks: 50, Play: anything})
		if said := err != nil && strings.Contains(err.Error(), "tick 10: events \"bang by 0 to 0: "); said != (name == "others") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
