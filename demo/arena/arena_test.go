package arena

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

func TestEqualSeedsGiveEqualMatches(t *testing.T) {
	const seed = 7
	t.Logf("seed %d", seed)
	a, b, other := newBotMatch(8, seed), newBotMatch(8, seed), newBotMatch(8, seed+1)
	for range 60 * TickRate {
		a.play()
		b.play()
		other.play()
		mustEqual(t, a.tick, rows(&b.world, 0), rows(&a.world, 0))
	}
	if reflect.DeepEqual(rows(&a.world, 0), rows(&other.world, 0)) {
		t.Error("bots of another seed played the very same match")
	}
}

// A client steps its world with its own input alone. As long as nobody meddles with it, what it owns
// must come out as on the server: player and rockets, with their ids, and what is heard of them at once.
func TestOwnRowsArePredictedExactly(t *testing.T) {
	const me, seed = sim.PlayerID(1), 3
	t.Logf("seed %d", seed)
	server, client := newMatch(3), newMatch(3)
	for _, m := range []*match{server, client} {
		m.put(1, 480, 60, 0)
		m.put(2, 30, 510, 0)
		m.put(3, 930, 510, 0)
	}
	client.entries, client.local = client.entries[:1], me
	rand := sim.NewRand(seed)
	spawned := 0
	for range 20 * TickRate {
		in := randomInput(&rand)
		in.Dy = min(in.Dy, 0) // stays up in the middle, away from the others
		server.press(me, in)
		client.press(me, in)
		server.press(2, Input{Dx: in.Dy})
		server.player(2).Health, server.player(3).Health = MaxHealth, MaxHealth
		server.player(me).Health, client.player(me).Health = MaxHealth, MaxHealth
		server.step(1)
		client.step(1)
		mustEqual(t, server.tick, rows(&client.world, me), rows(&server.world, me))
		spawned += len(rows(&client.world, me)) - 1
	}
	own := func(m *match) (s []shot, b []boom) {
		for _, x := range m.shots {
			if x.by == me {
				x.Hit = 0 // whom a shot hurts is the server's to say: here the others' health differs
				s = append(s, x)
			}
		}
		return s, slices.DeleteFunc(m.booms, func(x boom) bool { return x.by != me })
	}
	shots, booms := own(client)
	if wantShots, wantBooms := own(server); !slices.Equal(shots, wantShots) || !slices.Equal(booms, wantBooms) {
		t.Errorf("predicted %v and %v, on the server %v and %v", shots, booms, wantShots, wantBooms)
	}
	if spawned == 0 || len(shots) == 0 || len(booms) == 0 || len(client.hurts)+len(client.deaths) > 0 {
		t.Errorf("%d rockets, %d shots, %d explosions; on the client %d hurts", spawned, len(shots), len(booms), len(client.hurts))
	}
}

func randomInput(r *sim.Rand) Input {
	return Input{
		Dx: int8(r.Intn(3) - 1), Dy: int8(r.Intn(3) - 1), Aim: angleOf(r.Intn(AimSteps)),
		Fire: r.Intn(10) == 0, AltFire: r.Intn(10) == 0, Dash: r.Intn(30) == 0,
	}
}

func TestGameIsValid(t *testing.T) {
	if err := Game().Validate(); err != nil {
		t.Fatal(err)
	}
}

// The tags that bound what travels are text, so nothing but this keeps them equal to the constants.
func TestTagsHoldTheConstants(t *testing.T) {
	want := map[string]string{
		"Player.Health": fmt.Sprintf("range=0:%d", MaxHealth), "Player.Dash": fmt.Sprintf("range=0:%d", DashCooldown),
		"Player.Rail": fmt.Sprintf("range=0:%d", RailCooldown), "Player.Rocket": fmt.Sprintf("range=0:%d", RocketCooldown),
		"Player.Respawn": fmt.Sprintf("range=0:%d", RespawnTicks), "Player.Shield": fmt.Sprintf("range=0:%d", ShieldTicks),
		"Player.Score": fmt.Sprintf("range=%d:%d", MinScore, MaxScore), "Player.Deaths": fmt.Sprintf("range=0:%d", MaxDeaths),
		"Rocket.Life": fmt.Sprintf("range=0:%d", RocketTicks),
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[Player](), reflect.TypeFor[Rocket]()} {
		for f := range typ.Fields() {
			name := typ.Name() + "." + f.Name
			if tag, ok := want[name]; ok && f.Tag.Get("net") != tag {
				t.Errorf("%s: tag %q, want %q", name, f.Tag.Get("net"), tag)
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("fields not found: %v", want)
	}
	if !strings.Contains(reflect.TypeFor[Player]().Field(0).Tag.Get("net"), "step=1/32") || skin != 1./32 {
		t.Error("skin must be one step of Player.Pos")
	}
}

func TestCheckClampsInput(t *testing.T) {
	prev := Input{Aim: 1.5}
	nan := float32(math.NaN())
	for _, aim := range []float32{nan, float32(math.Inf(1)), float32(math.Inf(-1)), 1e30} {
		got := check(1, prev, Input{Dx: 127, Dy: -128, Aim: aim, Fire: true})
		if want := (Input{Dx: 1, Dy: -1, Aim: 1.5, Fire: true}); got != want {
			t.Errorf("check(aim %v) = %+v, want %+v", aim, got, want)
		}
	}
	if good := (Input{Dx: -1, Dy: 1, Aim: 6, Dash: true}); check(1, prev, good) != good {
		t.Error("a good input was changed")
	}
}

func TestNaNAimLeavesTheAimAlone(t *testing.T) {
	m := newMatch(1)
	m.put(1, 480, 60, 2)
	m.once(1, Input{Aim: float32(math.NaN()), Fire: true, AltFire: true, Dash: true})
	if got := m.player(1).Aim; got != 2 {
		t.Errorf("aim %v, want 2", got)
	}
	if got := Dir(float32(math.NaN())); got != sim.V(1, 0) {
		t.Errorf("Dir(NaN) = %v", got)
	}
}

func TestDirections(t *testing.T) {
	for i := range AimSteps {
		d := directions[i]
		if l := d.Len(); math.Abs(float64(l)-1) > 3e-5 {
			t.Fatalf("direction %d has length %v", i, l)
		}
		if d.X*65536 != float32(int(d.X*65536)) {
			t.Fatalf("direction %d is off the grid: %v", i, d)
		}
		if Dir(angleOf(i)) != d || Dir(angleOf(i-AimSteps)) != d || stepOf(d) != i {
			t.Fatalf("angle of step %d does not lead back to it", i)
		}
	}
}

func TestLevelIsFairAndOpen(t *testing.T) {
	for _, r := range walls {
		image := box(Width-r.Max.X, Height-r.Max.Y, Width-r.Min.X, Height-r.Min.Y)
		found := false
		for _, o := range walls {
			found = found || o == image
		}
		if !found {
			t.Errorf("wall %v has no image on the other side", r)
		}
	}
	for _, s := range spawns {
		if blocked(s) {
			t.Errorf("spawn point %v is in a wall", s)
		}
	}
	for a := range nodes {
		for b := range nodes {
			if hop := int(nextNode[a][b]); !clear(nodes[a], nodes[hop], clearance) {
				t.Errorf("no way from node %d to node %d", a, b)
			}
		}
	}
}

func TestCallersCannotChangeTheLevel(t *testing.T) {
	Walls()[0], Spawns()[0] = Rect{}, sim.Vec2{}
	if walls[0] == (Rect{}) || spawns[0] == (sim.Vec2{}) {
		t.Error("the level was changed through a copy")
	}
}
