package server

import (
	"errors"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

func TestBadMessagesAreDroppedAndCounted(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.join("Ada")
	before := m.server.Stats().Dropped
	for _, b := range [][]byte{{}, {0}, {255, 255}, {1}, make([]byte, 300)} {
		ada.send(replica.ChanControl, b)
		ada.send(replica.ChanInput, b)
	}
	ada.tell(replica.Hello{Name: "again"})
	ada.tell(replica.Welcome{Player: 1, TickRate: 60, SendEvery: 1})
	m.run(2)
	got := m.server.Stats().Dropped
	if n := got[DropMalformed] - before[DropMalformed]; n != 10 {
		t.Errorf("%d of 10 malformed messages counted", n)
	}
	if n := got[DropUnexpected] - before[DropUnexpected]; n != 2 {
		t.Errorf("%d of 2 unexpected messages counted", n)
	}
	ada.tell(replica.Probe{N: 7})
	m.run(2)
	if ada.closed != nil || ada.echoes != 1 {
		t.Errorf("after a few bad messages: %v, %d echoes", ada.closed, ada.echoes)
	}
}

func TestBadMessagesBeforeHello(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	p := m.dial()
	p.tell(replica.Say{Text: "hi"})
	p.send(replica.ChanInput, m.server.codec.Append(nil, replica.SnapshotAck{}, []replica.Command[move]{{Tick: 1}}))
	m.run(1)
	if st := m.server.Stats(); st.Dropped[DropUnexpected] != 2 || st.Players != 0 {
		t.Errorf("%+v", st)
	}
}

// Between the hello and the welcome no input can be meant for a tick that the player is part of.
func TestInputsBeforeTheFirstTick(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	p := m.dial()
	p.tell(replica.Hello{Name: "hasty"})
	m.exchange()
	p.send(replica.ChanInput, m.server.codec.Append(nil, replica.SnapshotAck{}, []replica.Command[move]{{Tick: 1}}))
	m.exchange()
	m.tick()
	if st := m.server.Stats(); st.Dropped[DropUnexpected] != 1 || st.Inputs != (InputCounters{}) || st.Players != 1 {
		t.Errorf("%+v", st)
	}
}

func TestLimiter(t *testing.T) {
	var l limiter
	now, passed := time.Duration(0), 0
	for range 1000 { // 10 s of one event per 10 ms against one per 100 ms
		if l.allow(now, 100*time.Millisecond, 5) {
			passed++
		}
		now += 10 * time.Millisecond
	}
	if want := 4 + 100; passed != want {
		t.Errorf("%d events passed, want %d", passed, want)
	}
}

func TestAbuseIsKicked(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	for range strikeBurst + 10 {
		ada.send(replica.ChanControl, []byte{255})
	}
	m.run(10)
	var end *session.CloseError
	if !errors.As(ada.closed, &end) || end.Code != replica.CloseFlood {
		t.Errorf("Ada's session: %v", ada.closed)
	}
	if bob.closed != nil || len(bob.left) != 1 {
		t.Errorf("Bob: %v, saw %+v leave", bob.closed, bob.left)
	}
}

func TestInputFloodIsKicked(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	for range 250 { // five seconds at eight times the honest rate
		for range 7 {
			ada.play()
		}
		m.tick()
	}
	var end *session.CloseError
	if !errors.As(ada.closed, &end) || end.Code != replica.CloseFlood {
		t.Errorf("Ada's session: %v, dropped %v", ada.closed, m.server.Stats().Dropped)
	}
	if info := m.server.Players(); bob.closed != nil || len(info) != 1 || info[0].Inputs.Missing > 2 {
		t.Errorf("Bob: %v, %+v", bob.closed, info)
	}
}

func TestChat(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	for range 20 {
		ada.tell(replica.Say{Text: "hi\x07"})
	}
	m.run(2)
	if len(bob.said) != sayBurst || len(ada.said) != sayBurst || bob.said[0] != (replica.Said{Player: 1, Text: "hi"}) {
		t.Errorf("Bob heard %d lines, first %+v; Ada %d; want %d", len(bob.said), bob.said, len(ada.said), sayBurst)
	}
	if n := m.server.Stats().Dropped[DropFlood]; n != 20-sayBurst {
		t.Errorf("%d lines dropped, want %d", n, 20-sayBurst)
	}
	for range 3 {
		m.run(int(sayEvery / m.server.period))
		ada.tell(replica.Say{Text: "one"})
		ada.tell(replica.Say{Text: "two"})
	}
	m.run(2)
	if n := len(bob.said) - sayBurst; n != 3 {
		t.Errorf("%d lines got through in 3 s, want one a second", n)
	}
}
