package demo_test

import (
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// name names something that happened.
type name struct {
	what string
	key  sim.EventKey
}

// heardBy is what was shown, less what was taken back, at each seat and, for nil, at the server.
type heardBy map[*seat]map[name]int

// hearEverything writes down all events of one kind.
func hearEverything[T any](m *match, h heardBy, what string, ev *sim.Event[T]) {
	server.On(m.Server, ev, func(_ T, k sim.EventKey) { h[nil][name{what, k}]++ })
	for _, s := range m.seats {
		client.On(s.Client, ev, func(_ T, i client.EventInfo) {
			if h[s][name{what, i.EventKey}]++; h[s][name{what, i.EventKey}] > 1 {
				m.Errorf("player %d heard %s %+v twice", s.Player(), what, i.EventKey)
			}
		})
		client.OnCancel(s.Client, ev, func(_ T, i client.EventInfo) { h[s][name{what, i.EventKey}]-- })
	}
}

// TestShotsAndDeathsAreHeardOnce: over a bad network everybody hears each shot, explosion, hit and death of the match once, and what a
// client has heard too soon is taken back.
func TestShotsAndDeathsAreHeardOnce(t *testing.T) {
	for _, conditions := range []string{"delay=25ms", "delay=60ms,jitter=15ms,loss=5%"} {
		m := newMatch(t, 21, conditions, 6)
		h := heardBy{nil: {}}
		for _, s := range m.seats {
			h[s] = map[name]int{}
		}
		hearEverything(m, h, "shot", arena.ShotEvent)
		hearEverything(m, h, "boom", arena.BoomEvent)
		hearEverything(m, h, "hurt", arena.HurtEvent)
		hearEverything(m, h, "death", arena.DeathEvent)
		m.Run(time.Second)
		from := m.Server.Stats().Tick
		m.Run(40 * time.Second)
		for _, s := range m.seats {
			s.still = true
		}
		m.Run(4 * time.Second) // until the last rocket has exploded and all is told
		predicted, cancelled := uint64(0), uint64(0)
		for _, s := range m.seats {
			for n := range h[nil] {
				if n.key.Tick > from && h[s][n] != 1 {
					t.Errorf("%s: player %d heard %s %+v %d times", conditions, s.Player(), n.what, n.key, h[s][n])
				}
			}
			for n, times := range h[s] {
				if n.key.Tick > from && times > 0 && h[nil][n] == 0 {
					t.Errorf("%s: player %d heard %s %+v, which never happened", conditions, s.Player(), n.what, n.key)
				}
			}
			predicted += s.Stats().Events.Predicted
			cancelled += s.Stats().Events.Cancelled
		}
		st := m.Server.Stats()
		t.Logf("%s: %d events, %d predicted, of which %d taken back; %d bytes of events, %d of snapshots", conditions,
			len(h[nil]), predicted, cancelled, st.Events.Bytes, st.Snapshots.Bytes)
		if len(h[nil]) < 150 || predicted < 80 || st.Events.Flood+st.Events.Refused+st.Events.Unknown > 0 {
			t.Errorf("%s: %d events, %d predicted; %+v", conditions, len(h[nil]), predicted, st.Events)
		}
	}
}
