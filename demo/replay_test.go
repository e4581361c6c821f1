package demo_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// TestRecordedArena: a match over a bad network, with rail shots judged in the past, people and bots who come and go, is the same match when its
// file is computed again; and what is shown of it is what was.
func TestRecordedArena(t *testing.T) {
	var file bytes.Buffer
	m := matchtest.New(t, arena.Game(), matchtest.Options{Seed: 5, Conditions: "delay=40ms,jitter=10ms,loss=5%", Server: server.Config{Record: &file}})
	truth := map[sim.Tick]uint64{}
	m.AfterTick = func() {
		s := m.Server.Snapshot()
		truth[s.Tick] = s.Hash()
	}
	shots := 0
	server.On(m.Server, arena.ShotEvent, func(arena.Shot, sim.EventKey) { shots++ })
	for i := range 4 {
		bot := arena.NewBot(uint64(i))
		m.JoinAs(client.Config{}, func(p *player) arena.Input { return bot.Think(p.View(), p.Player(), p.Stats().Tick) })
	}
	think := arena.NewBot(9)
	bot, err := m.Server.AddBot("Robin", think.Think)
	if err != nil {
		t.Fatal(err)
	}
	m.Run(12 * time.Second)
	m.Players[1].Close()
	m.Server.Kick(bot, "enough")
	m.Run(15 * time.Second)

	r, err := replay.Open(arena.Game(), bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Verify(context.Background())
	if err != nil || report.First != nil || report.Skipped > 0 || report.Verified < 1500 {
		t.Errorf("%v, %v", report, err)
	}
	p, err := r.Play()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	replay.On(p, arena.ShotEvent, func(arena.Shot, sim.EventKey) { seen++ })
	for !p.Ended() {
		if s := p.Snapshot(); s.Hash() != truth[s.Tick] {
			t.Fatalf("tick %d is shown as another world", s.Tick)
		}
		if err := p.Advance(time.Second / arena.TickRate); err != nil {
			t.Fatal(err)
		}
	}
	if shots < 20 || seen > shots || seen < shots-10 { // the last second is not written yet
		t.Errorf("%d shots, %d are seen again", shots, seen)
	}
}
