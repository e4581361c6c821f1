package server

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

// spectate adds a client that only watches.
func (m *match) spectate() *puppet {
	m.t.Helper()
	p := m.dial()
	p.watches = true
	p.tell(replica.Watch{})
	m.run(2)
	return p
}

func refusal(p *puppet) string {
	var end *session.CloseError
	if errors.As(p.closed, &end) && end.Code == replica.CloseFull {
		return end.Reason
	}
	return ""
}

func TestSpectatorsNeedRoom(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	if p := m.spectate(); !strings.Contains(refusal(p), "no room") {
		t.Errorf("with none allowed: %v", p.closed)
	}
	m = newMatch(t, dotGame(), Config{MaxSpectators: 1, MaxPlayers: 1})
	m.join("Ada")
	one := m.spectate() // players do not take a spectator's place
	two := m.spectate()
	m.run(5)
	if one.closed != nil || one.welcome.TickRate != 50 || one.decoded == 0 || refusal(two) == "" {
		t.Errorf("one: %v, %+v, %d snapshots; two: %v", one.closed, one.welcome, one.decoded, two.closed)
	}
	one.conn.Close(m.now, session.CloseNormal, "enough")
	m.run(2)
	if three := m.spectate(); three.closed != nil || m.server.Stats().Watching != 1 {
		t.Errorf("after the first has gone: %v, %d watching", three.closed, m.server.Stats().Watching)
	}
}

func TestBadSpectatorConfigs(t *testing.T) {
	for _, c := range []Config{{MaxSpectators: -1}, {MaxSpectators: 1001}, {SpectatorDelay: -1}, {SpectatorDelay: time.Minute + 1}} {
		if _, err := New(dotGame(), c); err == nil || !strings.Contains(err.Error(), "Spectator") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// A spectator that sends what only players may send is not believed, and nobody hears of it.
func TestSpectatorsAreNotHeard(t *testing.T) {
	m := newMatch(t, dotGame(), Config{MaxSpectators: 1})
	ada, eve := m.join("Ada"), m.spectate()
	m.run(3)
	before := m.server.Stats().Dropped[DropUnexpected]
	eve.tell(replica.Say{Text: "boo"})
	eve.tell(replica.Hello{Name: "Eve"})
	eve.tell(replica.Watch{})
	eve.send(replica.ChanInput, m.server.codec.Append(nil, replica.SnapshotAck{}, []replica.Command[move]{{Tick: m.server.present.tick + 2}}))
	eve.send(replica.ChanCall, replica.AppendQuery(nil, replica.Query{ID: 1}))
	eve.send(replica.ChanInput, m.server.codec.Append(nil, replica.SnapshotAck{Tick: 1 << 20, Has: true}, nil))
	eve.tell(replica.Probe{N: 7})
	m.run(2)
	s := m.server.Stats()
	if got := s.Dropped[DropUnexpected] - before; got != 5 || s.Dropped[DropAck] != 1 || s.Players != 1 || len(ada.said) > 0 || eve.echoes != 1 {
		t.Errorf("%d unexpected; %+v; said %v", got, s, ada.said)
	}
}

// All spectators in the same place share one encoding, and a tick with them allocates nothing.
func TestSpectatorsShareTheWork(t *testing.T) {
	m := newMatch(t, dotGame(), Config{MaxSpectators: 8, SpectatorDelay: 500 * time.Millisecond})
	crowd(m, 2)
	for range 8 {
		m.spectate()
	}
	m.run(1000)
	before := m.server.Stats().Shows
	if n := testing.AllocsPerRun(500, m.tick); n != 0 {
		t.Errorf("%v allocations per tick with 8 spectators", n)
	}
	after := m.server.Stats().Shows
	if sent, made := after.Sent-before.Sent, after.Encoded-before.Encoded; sent < 4000 || made > sent/7 || after.Full > 16 {
		t.Errorf("%d snapshots sent, %d encoded; %+v", sent, made, after)
	}
}
