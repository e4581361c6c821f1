package arena

import (
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

// region numbers the cells of a 3 by 2 grid over the level.
func region(v sim.Vec2) uint { return uint(v.X/(Width/3)) + 3*uint(v.Y/(Height/2)) }

func TestBotsRoamAndKill(t *testing.T) {
	for seed := range uint64(4) {
		t.Logf("seed %d", seed)
		m := newBotMatch(6, seed)
		var visited [7]map[uint]bool
		for range 120 * TickRate {
			m.play()
			for id, pl := range m.world.Players.All() {
				p := m.world.Players.Owner(id)
				if visited[p] == nil {
					visited[p] = map[uint]bool{}
				}
				visited[p][region(pl.Pos)] = true
			}
		}
		kills := 0
		for p := sim.PlayerID(1); p <= 6; p++ {
			kills += int(m.player(p).Deaths)
			if n := len(visited[p]); n < 5 {
				t.Errorf("bot %d was in %d of 6 regions", p, n)
			}
		}
		if kills < 15 || kills > 150 { // each bot dies once in 5 to 48 s
			t.Errorf("%d kills in two minutes", kills)
		}
	}
}

func TestBotsAreNeverStuck(t *testing.T) {
	const span = 3 * TickRate
	for seed := range uint64(4) {
		t.Logf("seed %d", seed)
		m := newBotMatch(6, seed+20)
		var mark [7]sim.Vec2
		var since [7]int
		for range 120 * TickRate {
			m.play()
			for id, pl := range m.world.Players.All() {
				p := m.world.Players.Owner(id)
				if since[p]++; !pl.Alive() || pl.Pos.Sub(mark[p]).Len() > 40 {
					mark[p], since[p] = pl.Pos, 0
				}
				if since[p] > span {
					t.Fatalf("tick %d: bot %d has been near %v for %d ticks", m.tick, p, pl.Pos, since[p])
				}
			}
		}
	}
}

func TestBotTurnsNoFasterThanAHand(t *testing.T) {
	const seed = 5
	t.Logf("seed %d", seed)
	m := newBotMatch(6, seed)
	var was [7]float32
	for range 30 * TickRate {
		m.play()
		for p := sim.PlayerID(1); p <= 6; p++ {
			aim := m.entries[p-1].Input.Aim
			off := (aimStep(aim)-aimStep(was[p])+AimSteps/2)&(AimSteps-1) - AimSteps/2
			if off > turnSteps || off < -turnSteps {
				t.Fatalf("tick %d: bot %d turned by %d aim steps", m.tick, p, off)
			}
			was[p] = aim
		}
	}
}

// duel puts a bot before an enemy who stands still, and returns when it first fired.
func duel(seed uint64, ticks int, x, y float32) (fired int, bot *Bot) {
	m := newMatch(2)
	bot = NewBot(seed)
	for i := range ticks {
		m.put(1, 400, 210, m.player(1).Aim)
		m.put(2, x, y, 0)
		in := bot.Think(&m.world, 1, m.tick+1)
		if in.Fire || in.AltFire {
			return i, bot
		}
		m.step(1)
	}
	return -1, bot
}

func TestBotNeedsTimeToReact(t *testing.T) {
	for seed := range uint64(50) {
		if at, _ := duel(seed, 10*TickRate, 560, 210); at < reactionTicks {
			t.Errorf("seed %d: fired %d ticks after the enemy came in sight (-1: never), want %d or more", seed, at, reactionTicks)
		}
	}
}

func TestBotShootsOnlyWhatItSees(t *testing.T) {
	for seed := range uint64(10) {
		if at, bot := duel(seed, 5*TickRate, 250, 350); at >= 0 || bot.target != 0 {
			t.Errorf("seed %d: fired at tick %d at an enemy behind a wall", seed, at)
		}
	}
}

func TestThinkingTwiceInATickIsThinkingOnce(t *testing.T) {
	const seed = 9
	t.Logf("seed %d", seed)
	once, twice := newBotMatch(4, seed), newBotMatch(4, seed)
	for range 20 * TickRate {
		once.play()
		twice.think()
		twice.play()
	}
	mustEqual(t, once.tick, rows(&twice.world, 0), rows(&once.world, 0))
}

func TestBotWithoutABodyDoesNothing(t *testing.T) {
	var w World
	var zero Bot
	if in := zero.Think(&w, 1, 5); in != (Input{}) {
		t.Errorf("in an empty world: %+v", in)
	}
	m := newMatch(2)
	m.player(1).Health, m.player(1).Respawn = 0, 80
	if in := NewBot(1).Think(&m.world, 1, 1); in != (Input{}) {
		t.Errorf("dead: %+v", in)
	}
}
