package server

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// A cheat sends what it likes in place of honest inputs, once per tick of the server.
type cheat struct {
	name string
	send func(p *puppet, tick int) // the server's next tick is p.m.server.present.tick+1
}

// commands sends one message with n commands for the ticks from first on, all to the right.
func (p *puppet) commands(first sim.Tick, n int, in move) {
	cmds := make([]replica.Command[move], n)
	for i := range cmds {
		cmds[i] = replica.Command[move]{Tick: first + sim.Tick(i), View: p.view, Input: in}
	}
	for len(cmds) > 0 {
		k := min(len(cmds), replica.MaxCommands)
		p.send(replica.ChanInput, p.m.server.codec.Append(nil, replica.SnapshotAck{Tick: p.newest, Has: p.has}, cmds[:k]))
		cmds = cmds[k:]
	}
}

var right = move{Dx: 1}

// fast runs its clock k times as fast, beginning with what an honest clock would say.
func fast(k float64) func(*puppet, int) {
	sent := sim.Tick(0)
	return func(p *puppet, tick int) {
		if tick == 0 {
			sent = p.m.server.present.tick
			p.base = sent
		}
		goal := p.base + sim.Tick(float64(tick+1)*k)
		if n := goal.Sub(sent); n > 0 {
			p.commands(sent+1, n, right)
			sent = goal
		}
	}
}

var cheats = []cheat{
	{"clock x1.02", fast(1.02)},
	{"clock x1.1", fast(1.1)},
	{"clock x2", fast(2)},
	{"everything in bursts", func(p *puppet, tick int) {
		if now := p.m.server.present.tick; tick%10 == 0 {
			p.commands(now+1, 10, right)
		}
	}},
	{"a window ahead in each tick", func(p *puppet, tick int) { p.commands(p.m.server.present.tick+1, inputWindow, right) }},
	{"far ahead", func(p *puppet, tick int) {
		now := p.m.server.present.tick
		p.commands(now+1, 1, right)
		p.commands(now+1+1000, 32, right)
		p.commands(now+1<<31, 32, right)
	}},
	{"the past again and again", func(p *puppet, tick int) {
		now := p.m.server.present.tick
		p.commands(now+1, 1, right)
		p.commands(now-30, 31, right)
	}},
	{"each tick many times", func(p *puppet, tick int) {
		for range 3 {
			p.commands(p.m.server.present.tick+1, 1, right)
		}
	}},
	{"too large a step", func(p *puppet, tick int) { p.commands(p.m.server.present.tick+1, 1, move{Dx: 127}) }},
}

// Nobody gets further than an honest player: a tick executes one input of each, whatever was sent. Ten seconds, at most 2 % more.
func TestNoCheatGoesFurther(t *testing.T) {
	const ticks = 10 * 50
	for _, c := range cheats {
		m := newMatch(t, dotGame(), Config{})
		honest, liar := m.join("honest"), m.join("liar")
		honest.input = right
		tick := 0
		liar.script = func() { c.send(liar, tick); tick++ }
		from := m.dots()
		start := func(p *puppet) float32 { d, _ := from.Dots.Of(p.welcome.Player); return d.Pos.X }
		a0, b0 := start(honest), start(liar)
		m.run(ticks)
		w := m.dots()
		a, ok := w.Dots.Of(honest.welcome.Player)
		if !ok {
			t.Fatalf("%s: the honest player is gone: %v", c.name, honest.closed)
		}
		b, ok := w.Dots.Of(liar.welcome.Player)
		if !ok {
			t.Logf("%-30s was expelled: %v", c.name, liar.closed)
			continue
		}
		in := m.server.Players()[1].Inputs
		t.Logf("%-30s %v units, honest %v; executed %d, late %d, early %d", c.name, b.Pos.X-b0, a.Pos.X-a0, in.Executed, in.Late, in.Early)
		if far := b.Pos.X - b0; far > 1.02*(a.Pos.X-a0) {
			t.Errorf("%s: %v units, an honest player %v", c.name, far, a.Pos.X-a0)
		}
		if in.Executed+in.Missing > ticks+5 {
			t.Errorf("%s: %+v in %d ticks", c.name, in, ticks)
		}
		if got := m.server.Players()[0].Inputs; got.Executed < ticks-5 || got.Missing > 0 {
			t.Errorf("%s: the honest player suffered: %+v", c.name, got)
		}
	}
}

// A lag switch: for a second nothing leaves the cheat's machine, then all of it at once. Meanwhile its last input is repeated for three
// ticks, then it stands; what comes afterwards is late and never made up for.
func TestLagSwitchGainsNothing(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	p := m.join("liar")
	held, holding := []sim.Tick(nil), false
	p.script = func() {
		next := m.server.present.tick + 1
		if holding {
			held = append(held, next)
			return
		}
		p.commands(next, 1, right)
	}
	m.run(20)
	at := func() float32 { d, _ := m.dots().Dots.Of(p.welcome.Player); return d.Pos.X }
	before := at()
	holding = true
	m.run(50)
	if moved := at() - before; moved != maxRepeat {
		t.Errorf("moved %v in a second without input, want %d", moved, maxRepeat)
	}
	holding = false
	p.commands(held[0], len(held), right)
	last, rewinds := at(), m.server.Stats().Rewinds
	for range 50 {
		m.run(1)
		if now := at(); now-last > 1 {
			t.Fatalf("%v units in one tick", now-last)
		} else {
			last = now
		}
	}
	if moved := last - before; moved > maxRepeat+50 {
		t.Errorf("%v units in two seconds of which one was silent", moved)
	}
	in := m.server.Players()[0].Inputs
	if in.Late < 48 || m.server.Stats().Rewinds != rewinds {
		t.Errorf("%+v; %d rewinds", in, m.server.Stats().Rewinds-rewinds)
	}
}

// An input that comes when its tick is over has no effect on anybody: it is not executed, so it does not look into the past, neither
// for its own tick nor for the tick in which it comes.
func TestLateInputsRewindNothing(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	runner(m)
	p := m.join("liar")
	p.view = 5 * viewUnits
	p.script = func() { p.commands(m.server.present.tick+1, 1, move{}) }
	m.run(10)
	before := m.server.Stats()
	seen, _ := m.dots().Dots.Of(p.welcome.Player)
	was := *seen
	p.script = func() {
		now := m.server.present.tick
		p.commands(now+1, 1, move{})
		p.commands(now-12, 12, move{Look: true}) // first seen here, and again, of which each tick had its input
	}
	m.run(40)
	seen, _ = m.dots().Dots.Of(p.welcome.Player)
	after := m.server.Stats()
	if seen.Seen != was.Seen || after.Rewinds != before.Rewinds || after.Inputs.Duplicate == before.Inputs.Duplicate {
		t.Errorf("it saw %v, before %v; %d rewinds; %+v", seen.Seen, was.Seen, after.Rewinds-before.Rewinds, after.Inputs)
	}
	p.silent = true // its tick goes by without it, then it comes with a look
	p.script = nil
	m.run(8)
	p.commands(m.server.present.tick-4, 4, move{Look: true})
	m.run(4)
	if end := m.server.Stats(); end.Rewinds != before.Rewinds || end.Inputs.Late == after.Inputs.Late {
		t.Errorf("%d rewinds for late looks, %+v", end.Rewinds-before.Rewinds, end.Inputs)
	}
}
