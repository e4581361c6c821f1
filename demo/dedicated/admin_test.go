package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replay"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// ask returns what an admin with these figures answers.
func ask(a *admin, page string) (int, string) {
	w := httptest.NewRecorder()
	a.routes().ServeHTTP(w, httptest.NewRequest("GET", page, nil))
	return w.Code, w.Body.String()
}

func TestHealth(t *testing.T) {
	none := func() server.Stats { return server.Stats{} }
	a := &admin{stats: none, figures: newCollector("test", none)}
	want := func(livez, readyz int) {
		t.Helper()
		if code, _ := ask(a, "/livez"); code != livez {
			t.Errorf("/livez answers %d, want %d", code, livez)
		}
		if code, _ := ask(a, "/readyz"); code != readyz {
			t.Errorf("/readyz answers %d, want %d", code, readyz)
		}
	}
	a.alive.Store(true)
	want(200, 200)
	a.drain()
	want(200, 503)
	a.alive.Store(false)
	want(503, 503)
}

func TestPulse(t *testing.T) {
	at := time.Unix(0, 0)
	p := pulse{at: at}
	for _, c := range []struct {
		after time.Duration
		tick  sim.Tick
		alive bool
	}{
		{0, 0, true},
		{1900 * time.Millisecond, 0, true},
		{100 * time.Millisecond, 0, false},
		{0, 1, true},
		{3 * time.Second, 2, true},
		{3 * time.Second, 2, false},
	} {
		at = at.Add(c.after)
		if got := p.look(c.tick, at); got != c.alive {
			t.Errorf("at %v with tick %d: alive = %t, want %t", at.Sub(time.Unix(0, 0)), c.tick, got, c.alive)
		}
	}
}

func TestMetrics(t *testing.T) {
	s := server.Stats{Tick: 600, Players: 5, Bots: 2, Sessions: 4, Overruns: 7, Joins: 9, TurnedAway: 13,
		TickTime: server.TickTime{P50: time.Millisecond, P99: 2 * time.Millisecond, Max: 3 * time.Millisecond},
		Inputs:   server.InputCounters{Accepted: 100, Late: 3, Missing: 10, Repeated: 8},
		Events:   server.EventCounters{Flood: 21, Withheld: 26}, Calls: server.CallCounters{Busy: 22},
		Snapshots: server.SnapshotCounters{RowsHidden: 23, BaseAge: 25}, Recording: replay.RecorderCounters{Gaps: 24},
		Network: session.EndpointStats{BytesSent: 1234}}
	s.Network.Drops[session.DropDamaged] = 11
	s.Dropped[server.DropFlood] = 12
	s.Streams.Silent, s.UDP.Overflowed = 13, 14
	code, body := ask(&admin{figures: newCollector("test", func() server.Stats { return s })}, "/metrics")
	if code != 200 {
		t.Fatalf("/metrics answers %d: %s", code, body)
	}
	for _, line := range []string{
		"# TYPE halftick_ticks_total counter",
		`halftick_ticks_total 600`,
		`halftick_players{kind="human"} 3`,
		`halftick_sessions{state="joined"} 3`,
		`halftick_sessions{state="entering"} 1`,
		`halftick_tick_seconds{quantile="0.5"} 0.001`,
		`halftick_tick_seconds{quantile="0.99"} 0.002`,
		`halftick_tick_seconds{quantile="1"} 0.003`,
		`halftick_overruns_total 7`,
		`halftick_turned_away_total 13`,
		`halftick_inputs_total{fate="late"} 3`,
		`halftick_input_ticks_total{input="neutral"} 2`,
		`halftick_bytes_total{direction="out"} 1234`,
		`halftick_dropped_total{layer="session",reason="damaged"} 11`,
		`halftick_dropped_total{layer="server",reason="flood"} 12`,
		`halftick_dropped_total{layer="stream",reason="silent"} 13`,
		`halftick_dropped_total{layer="udp",reason="buffer_full"} 14`,
		`halftick_events_total{fate="flood"} 21`,
		`halftick_events_withheld_total 26`,
		`halftick_calls_total{fate="busy"} 22`,
		`halftick_rows_total{fate="hidden"} 23`,
		`halftick_snapshot_base_age_ticks_total 25`,
		`halftick_recording_gaps_total 24`,
		`halftick_info{name="test"} 1`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}
