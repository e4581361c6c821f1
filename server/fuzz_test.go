package server

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

var askCall = sim.NewRPC[string, int]("ask")

// Whatever a client sends on whichever channel, the server neither fails nor lets it hurt the others.
func FuzzMessages(f *testing.F) {
	f.Add(uint8(replica.ChanControl), []byte{})
	f.Add(uint8(replica.ChanControl), replica.AppendControl(nil, replica.Hello{Name: "again"}))
	f.Add(uint8(replica.ChanControl), replica.AppendControl(nil, replica.Say{Text: "hi\u202e"}))
	f.Add(uint8(replica.ChanControl), replica.AppendControl(nil, replica.Probe{N: 1}))
	f.Add(uint8(replica.ChanControl), replica.AppendControl(nil, replica.Hello{Room: "elsewhere", Flags: replica.OpenRoom}))
	f.Add(uint8(replica.ChanControl), replica.AppendControl(nil, replica.ListRooms{}))
	f.Add(uint8(replica.ChanInput), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(uint8(replica.ChanSnapshot), []byte{1})
	f.Add(uint8(replica.ChanCall), replica.AppendQuery(nil, replica.Query{ID: 1, Body: []byte{0xa1, 'x'}}))
	f.Add(uint8(replica.ChanCall), replica.AppendQuery(nil, replica.Query{ID: 1, RPC: 1, Body: []byte{0x92, 1, 0xc0}}))
	f.Add(uint8(replica.ChanEvent), []byte{0, 0, 0, 0, 0, 1, 1, 0, 0})
	m := newMatch(f, dotGame(), Config{})
	f.Add(uint8(replica.ChanInput), m.server.codec.Append(nil, replica.SnapshotAck{Tick: 1 << 31, Has: true},
		[]replica.Command[move]{{Tick: 1<<32 - 1, View: 65535, Input: move{Dx: 1, Look: true}}, {Tick: 0}}))
	f.Fuzz(func(t *testing.T, channel uint8, b []byte) {
		g := dotGame()
		g.RPCs = []sim.AnyRPC{askCall}
		m := newMatch(t, g, Config{})
		Handle(m.server, askCall, func(_ dotCtx, w *field, p sim.PlayerID, text string) (int, error) { return len(text), nil })
		ada, bob := m.join("Ada"), m.join("Bob")
		before := m.server.Stats()
		for _, p := range m.server.peers[:1] {
			m.server.receive(m.now, p, int(channel%7), b)
		}
		m.run(5)
		if err := m.server.Err(); err != nil {
			t.Fatal(err)
		}
		st := m.server.Stats()
		if ada.closed != nil || bob.closed != nil || st.Players != 2 {
			t.Errorf("one message ended a session: %v, %v", ada.closed, bob.closed)
		}
		if got := m.server.Players()[1].Inputs; got.Executed < 5 || got.Missing > 0 || st.Inputs.Executed < before.Inputs.Executed {
			t.Errorf("Bob's inputs: %+v", got)
		}
	})
}

// Whatever a client says before it is in a room, it gets into one or not, and nobody else notices.
func FuzzHall(f *testing.F) {
	for _, m := range []replica.Control{
		replica.Hello{Name: "eve"}, replica.Hello{Room: "main"}, replica.Hello{Room: "none"}, replica.ListRooms{},
		replica.Hello{Room: "new", Flags: replica.OpenRoom}, replica.Hello{Flags: replica.OpenRoom | replica.HiddenRoom},
		replica.Hello{Room: "../../x", Flags: replica.OpenRoom}, replica.Probe{N: 1}, replica.RoomList{More: true},
	} {
		f.Add(uint8(replica.ChanControl), replica.AppendControl(nil, m))
	}
	f.Add(uint8(replica.ChanControl), []byte("\x01\x00\x04\xff\xfe\xfd\xfc\x03"))
	f.Add(uint8(replica.ChanInput), []byte{1})
	f.Fuzz(func(t *testing.T, channel uint8, b []byte) {
		h := newHouse(t, dotGame(), dotHallConfig{ClientsOpen: true, Grow: true, MaxRooms: 3})
		h.open("main", RoomConfig{})
		bob := h.join(replica.Hello{Room: "main"})
		eve := h.visit([32]byte{}, session.DialOptions{})
		for range 5 {
			_ = eve.conn.Send(h.now, int(channel%6), b) // too long for the channel, or not one
		}
		seen := bob.seen
		h.run(5)
		if bob.closed != nil || bob.seen != seen+5 {
			t.Errorf("Bob: %v, %d snapshots in 5 ticks", bob.closed, bob.seen-seen)
		}
		for _, r := range h.hall.Rooms() {
			if state, why := r.State(); state != RoomOpen || !goodRoomName(r.Name()) {
				t.Errorf("room %q is %v: %s", r.Name(), state, why)
			}
		}
		if st := h.hall.Stats(); st.Rooms > 3 || st.Failed != 0 {
			t.Errorf("%+v", st)
		}
	})
}
