package server

import (
	"fmt"
	"testing"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

func circle(_ *field, p sim.PlayerID, t sim.Tick) move {
	return move{Dx: int8(t/8%3) - 1, Dy: int8((t/8+sim.Tick(p))%3) - 1, Look: true}
}

func TestTickAllocatesNothingWithBots(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	for range 8 {
		if _, err := m.server.AddBot("bot", circle); err != nil {
			t.Fatal(err)
		}
	}
	m.run(300)
	if n := testing.AllocsPerRun(500, m.tick); n != 0 {
		t.Errorf("%v allocations per tick with 8 bots", n)
	}
}

// The whole of a tick with clients, the sessions of both ends included.
func TestTickAllocatesNothingWithClients(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	crowd(m, 8)
	m.run(1000)
	if n := testing.AllocsPerRun(500, m.tick); n != 0 {
		t.Errorf("%v allocations per tick with 8 clients", n)
	}
}

// crowd adds n clients that move and look at a past world every tick.
func crowd(m *match, n int) {
	for i := range n {
		p := m.join(fmt.Sprintf("p%d", i))
		p.input = move{Dx: int8(i%3) - 1, Dy: 1, Look: true}
		p.view = uint16(2*viewUnits + i)
	}
}

// A tick of 64 clients: their datagrams received, a rewind for each, Step, and 64 snapshots encoded
// and written as datagrams. The clients' own work is not timed.
func BenchmarkTick64Clients(b *testing.B) {
	m := newMatch(b, dotGame(), Config{})
	crowd(m, 64)
	m.run(300)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		m.deliver()
		m.play()
		m.collect()
		b.StartTimer()
		m.serve()
		m.server.Tick(m.now)
		m.emit()
	}
}

func TestRoomTickAllocatesNothing(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{})
	r := h.open("", RoomConfig{})
	for range 8 {
		if _, err := r.Server().AddBot("bot", circle); err != nil {
			t.Fatal(err)
		}
	}
	h.run(300)
	p := &peer[field, move]{closed: true}
	ev := session.Event{Kind: session.Message, Data: make([]byte, 200)}
	tick := func() {
		h.now += h.hall.period
		for range 100 {
			r.inbox.put(p, &ev)
		}
		h.hall.Poll(h.now)
		r.turn(h.now)
	}
	tick()
	tick()
	if n := testing.AllocsPerRun(500, tick); n != 0 {
		t.Errorf("%v allocations per tick of a room with 8 bots and 100 messages", n)
	}
}

// What a room costs to open, tick once and close: its bytes are what it holds, as long as nobody has come.
func BenchmarkOpenRoom(b *testing.B) {
	h := newHouse(b, dotGame(), dotHallConfig{})
	b.ReportAllocs()
	for b.Loop() {
		r := h.open("", RoomConfig{})
		r.Close("")
		h.now += h.hall.period
		h.hall.Tick(h.now)
	}
}
