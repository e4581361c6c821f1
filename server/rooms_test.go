package server

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

type (
	dotHall       = Hall[field, move]
	dotRoom       = Room[field, move]
	dotHallConfig = HallConfig[field, move]
)

// house is a Hall and its visitors on one virtual clock, on a network without delay.
type house struct {
	t        testing.TB
	hall     *dotHall
	now      time.Duration
	visitors []*visitor
	buf      [session.MaxRecordSize]byte
}

// visitor is a client that plays, and looks no closer at what it sees.
type visitor struct {
	*house
	ep   *session.Endpoint
	conn *session.Conn

	input   move
	welcome replica.Welcome
	room    replica.Room
	lists   []replica.RoomList
	ticket  []byte
	back    bool
	newest  sim.Tick // snapshot
	seen    int      // snapshots
	closed  *session.CloseError
}

func newHouse(t testing.TB, g *sim.Game[field, move], cfg dotHallConfig) *house {
	t.Helper()
	cfg.Secret = testSecret
	h, err := NewHall(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &house{t: t, hall: h, now: time.Second}
}

func (h *house) open(name string, cfg RoomConfig) *dotRoom {
	h.t.Helper()
	r, err := h.hall.Open(name, cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// visit opens a session that says nothing yet.
func (h *house) visit(key [32]byte, opt session.DialOptions) *visitor {
	h.t.Helper()
	s, err := prepare(h.hall.game, Config{}, new(door))
	if err != nil {
		h.t.Fatal(err)
	}
	cfg := s.sessionConfig()
	cfg.Secret, cfg.Key = [32]byte{byte(len(h.visitors) + 9), 1}, key
	v := &visitor{house: h}
	if v.ep, err = session.NewEndpoint(cfg); err != nil {
		h.t.Fatal(err)
	}
	opt.ServerKey = h.hall.endpoint.PublicKey()
	if v.conn, err = v.ep.DialWith(h.now, serverPath, opt); err != nil {
		h.t.Fatal(err)
	}
	h.visitors = append(h.visitors, v)
	h.exchange()
	return v
}

// join is a visit of somebody who wants to play, two ticks later.
func (h *house) join(hello replica.Hello) *visitor {
	v := h.visit([32]byte{}, session.DialOptions{})
	v.tell(hello)
	h.run(3)
	return v
}

func (v *visitor) tell(c replica.Control) {
	_ = v.conn.Send(v.now, replica.ChanControl, replica.AppendControl(nil, c)) // of a session that has ended the test will see
}

func (h *house) run(n int) {
	for range n {
		h.now += h.hall.period
		for _, v := range h.visitors {
			v.play()
		}
		h.exchange()
		h.hall.Tick(h.now)
		h.exchange()
	}
}

// play sends an input for the tick after next.
func (v *visitor) play() {
	if v.seen == 0 || v.closed != nil {
		return
	}
	codec, _ := replica.NewInputs[move]()
	_ = v.conn.Send(v.now, replica.ChanInput, codec.Append(nil, replica.SnapshotAck{Tick: v.newest, Has: true},
		[]replica.Command[move]{{Tick: v.newest + 1, Input: v.input}}))
}

// exchange carries datagrams until nobody has more to say at this moment.
func (h *house) exchange() {
	for busy := true; busy; {
		busy = false
		for i, v := range h.visitors {
			v.ep.Advance(h.now)
			for n, _ := v.ep.Transmit(h.now, h.buf[:]); n > 0; n, _ = v.ep.Transmit(h.now, h.buf[:]) {
				busy = true
				h.hall.endpoint.Receive(h.now, session.Path{Carrier: session.UDP, Addr: puppetAddr(i)}, h.buf[:n])
			}
		}
		h.hall.endpoint.Advance(h.now)
		h.hall.Poll(h.now)
		for n, to := h.hall.endpoint.Transmit(h.now, h.buf[:]); n > 0; n, to = h.hall.endpoint.Transmit(h.now, h.buf[:]) {
			busy = true
			h.visitors[int(to.Addr.Port())-1000].ep.Receive(h.now, serverPath, h.buf[:n])
		}
		for _, v := range h.visitors {
			v.listen()
		}
	}
}

func (v *visitor) listen() {
	for ev, ok := v.ep.Event(); ok; ev, ok = v.ep.Event() {
		switch {
		case ev.Kind == session.Closed:
			v.closed = ev.Err.(*session.CloseError)
		case ev.Kind == session.Message && ev.Channel == replica.ChanSnapshot:
			if header, _, err := replica.ParseSnapshotHeader(ev.Data); err == nil {
				v.newest = header.Tick
				v.seen++
			}
		case ev.Kind == session.Message && ev.Channel == replica.ChanControl:
			v.hear(ev.Data)
		}
	}
}

func (v *visitor) hear(b []byte) {
	m, err := replica.ParseControl(b)
	if err != nil {
		v.t.Fatalf("the hall sent % x: %v", b, err)
	}
	switch m := m.(type) {
	case replica.Welcome:
		v.welcome = m
	case replica.Room:
		v.room = m
	case replica.RoomList:
		v.lists = append(v.lists, m)
	case replica.Resume:
		v.ticket, v.back = bytes.Clone(m.Ticket), m.Returned
	}
}

// in reports where a visitor is, for one line of a test.
func (v *visitor) in() string {
	switch {
	case v.closed != nil:
		return "turned away: " + v.closed.Reason
	case v.welcome.Player == 0:
		return "waiting"
	}
	return v.room.Name
}

// Three matches behind one endpoint: each client gets into the one that it named, and sees that one alone.
func TestHallBringsClientsToTheirRooms(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{})
	red, blue := h.open("Red", RoomConfig{Seed: 7}), h.open("blue", RoomConfig{MaxPlayers: 1})
	secret := h.open("", RoomConfig{Hidden: true})
	ann := h.join(replica.Hello{Name: "Ann", Room: "rEd"})
	bob := h.join(replica.Hello{Name: "Bob", Room: strings.ToLower(red.Code())})
	cid := h.join(replica.Hello{Name: "Cid", Room: secret.Code()})
	dan := h.join(replica.Hello{Name: "Dan"}) // any: blue has the fewest places left
	eve := h.join(replica.Hello{Name: "Eve"}) // any: blue is full now
	fay := h.join(replica.Hello{Name: "Fay", Room: "blue"})
	gus := h.join(replica.Hello{Name: "Gus", Room: "green"})
	hal := h.join(replica.Hello{Name: "Hal", Room: "green", Flags: replica.OpenRoom})
	for v, want := range map[*visitor]string{ann: "Red", bob: "Red", cid: "room-1", dan: "blue", eve: "Red",
		fay: "turned away: server full", gus: "turned away: no such room", hal: "turned away: no room may be opened now"} {
		if got := v.in(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if fay.closed.Code != replica.CloseFull || gus.closed.Code != replica.CloseNoRoom || hal.closed.Code != replica.CloseNoOpen {
		t.Errorf("codes %v, %v, %v", fay.closed, gus.closed, hal.closed)
	}
	if ann.welcome.Player != 1 || bob.welcome.Player != 2 || dan.welcome.Player != 1 || ann.welcome.Seed != 7 || dan.welcome.Seed == cid.welcome.Seed {
		t.Errorf("welcomes: %+v, %+v, %+v", ann.welcome, bob.welcome, dan.welcome)
	}
	ann.input = move{Dx: 1}
	before := ann.seen
	h.run(20)
	if ann.seen != before+20 || ann.newest != red.Info().Tick {
		t.Errorf("Ann got %d snapshots in 20 ticks, the newest of %d", ann.seen-before, ann.newest)
	}
	if at := h.dots(red)[1]; at.Pos.X < 15 {
		t.Errorf("Ann ran to %v", at.Pos)
	}
	if n := len(h.dots(blue)); n != 1 || h.dots(blue)[1].Pos.X != 0 {
		t.Errorf("the blue room has %d dots: %+v", n, h.dots(blue))
	}
	if st := h.hall.Stats(); st.Rooms != 3 || st.Players != 5 || st.Sessions != 5 || st.NoRoom != 1 || st.NoOpen != 1 {
		t.Errorf("%+v", st)
	}
	if in := blue.Info(); in.Players != 1 || in.Max != 1 || in.Tick != red.Info().Tick || in.State != RoomOpen {
		t.Errorf("%+v", in)
	}
}

// dots returns a room's world as its newest snapshot tells it, by player.
func (h *house) dots(r *dotRoom) map[sim.PlayerID]dot {
	w := h.hall.plan.NewWorld()
	h.hall.plan.Restore(w, r.Server().Snapshot())
	all := map[sim.PlayerID]dot{}
	for id, d := range w.V.Dots.All() {
		all[w.V.Dots.Owner(id)] = *d
	}
	return all
}

// A panic ends its room: the clients of it are told, what is needed to find the fault is saved, and nobody else misses a tick.
func TestPanicOfARoomEndsItAlone(t *testing.T) {
	g := dotGame()
	g.Step = func(c dotCtx, w *field) {
		stepDots(c, w)
		for _, in := range c.Inputs() {
			if c.Tick == 30 && in.Dy == -1 {
				panic("bad luck")
			}
		}
	}
	dir := filepath.Join(t.TempDir(), "crashes")
	h := newHouse(t, g, dotHallConfig{Crashes: dir})
	bad := h.open("bad", RoomConfig{})
	good := h.open("good", RoomConfig{})
	other := h.open("other", RoomConfig{})
	ann, bob := h.join(replica.Hello{Room: "bad"}), h.join(replica.Hello{Room: "good"})
	ann.input = move{Dy: -1}
	for good.Info().Tick < 29 {
		h.run(1)
	}
	seen := bob.seen
	h.run(50)
	if ann.closed == nil || ann.closed.Code != replica.CloseFailed || ann.closed.Reason != "the room failed" || !ann.closed.Remote {
		t.Errorf("Ann was told: %v", ann.closed)
	}
	if bob.closed != nil || bob.seen != seen+50 || good.Info().Tick != 79 || other.Info().Tick != 79 {
		t.Errorf("Bob got %d snapshots in 50 ticks; rooms at %d and %d", bob.seen-seen, good.Info().Tick, other.Info().Tick)
	}
	if in := good.Server().Players()[0].Inputs; in.Missing > 3 || in.Executed < 70 {
		t.Errorf("Bob's inputs: %+v", in)
	}
	if state, why := bad.State(); state != RoomFailed || why != "the room failed" {
		t.Errorf("%v: %s", state, why)
	}
	if h.hall.Find("bad") != nil || h.hall.Find(bad.Code()) != nil || len(h.hall.Rooms()) != 2 {
		t.Error("the room can still be found")
	}
	select {
	case <-bad.Done():
	default:
		t.Error("the room is not done")
	}
	if st := h.hall.Stats(); st.Failed != 1 || st.Crashes != 1 || st.Sessions != 1 {
		t.Errorf("%+v", st)
	}
	if gus := h.join(replica.Hello{Room: "bad"}); gus.in() != "turned away: no such room" {
		t.Error(gus.in())
	}
	text, world := saved(t, h.hall, dir)
	for _, want := range []string{"game dots", "room bad, code " + bad.Code(), "last whole tick 29", "bad luck", "rooms_test.go"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if d, ok := world.Dots.Of(1); !ok || d.Age != 29-uint32(ann.welcome.Tick)+1 {
		t.Errorf("the saved dot: %+v, %v; it came with tick %d", d, ok, ann.welcome.Tick)
	}
}

// saved returns the one crash in a directory.
func saved(t *testing.T, h *dotHall, dir string) (text string, world *field) {
	t.Helper()
	texts, _ := filepath.Glob(filepath.Join(dir, "room-*.txt"))
	if len(texts) != 1 {
		t.Fatalf("saved: %q", texts)
	}
	b, err := os.ReadFile(texts[0])
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(strings.TrimSuffix(texts[0], ".txt") + ".state")
	if err != nil {
		t.Fatal(err)
	}
	w := h.plan.NewWorld()
	if err := h.plan.NewStates().Read(w, state); err != nil {
		t.Fatal(err)
	}
	return string(b), w.V
}

// What clients may open closes when it is empty; a hidden room is in no list, and its code leads there.
func TestClientsOpenRooms(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{ClientsOpen: true, Idle: time.Second, MaxRooms: 5})
	h.open("lobby", RoomConfig{})
	ann := h.join(replica.Hello{Room: "duel", Flags: replica.OpenRoom})
	bob := h.join(replica.Hello{Room: "Duel", Flags: replica.OpenRoom})
	cid := h.join(replica.Hello{Flags: replica.OpenRoom | replica.HiddenRoom})
	if ann.in() != "duel" || bob.in() != "duel" || bob.welcome.Player != 2 || cid.in() != "room-1" {
		t.Fatalf("Ann %s, Bob %s, Cid %s", ann.in(), bob.in(), cid.in())
	}
	lou := h.visit([32]byte{}, session.DialOptions{})
	lou.tell(replica.ListRooms{})
	h.run(1)
	if len(lou.lists) != 1 || lou.lists[0].More || len(lou.lists[0].Rooms) != 2 || lou.lists[0].Rooms[1] != (replica.ListedRoom{Name: "duel", Code: ann.room.Code, Players: 2, Max: 64}) {
		t.Errorf("Lou was told %+v", lou.lists)
	}
	lou.tell(replica.Hello{Room: cid.room.Code})
	h.run(3)
	if lou.in() != "room-1" || lou.welcome.Player != 2 {
		t.Errorf("by the code Lou got to %s as %+v", lou.in(), lou.welcome)
	}
	for _, bad := range []string{"a b", "../etc", "ünder", "x\ny"} {
		if v := h.join(replica.Hello{Room: bad, Flags: replica.OpenRoom}); v.closed == nil || v.closed.Code != replica.CloseNoOpen {
			t.Errorf("%q: %s", bad, v.in())
		}
	}
	for _, v := range []*visitor{ann, bob} {
		v.conn.Close(h.now, session.CloseNormal, "")
	}
	h.run(60)
	if h.hall.Find("duel") != nil || h.hall.Find("lobby") == nil || cid.closed != nil {
		t.Errorf("after a second, rooms: %d; Cid: %v", len(h.hall.Rooms()), cid.closed)
	}
	if st := h.hall.Stats(); st.Closed != 1 || st.Opened != 3 {
		t.Errorf("%+v", st)
	}
}

func TestRoomsPerClientAreLimited(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{ClientsOpen: true, MaxRooms: 100})
	opened := 0
	for range 10 {
		if v := h.join(replica.Hello{Flags: replica.OpenRoom}); v.closed == nil {
			opened++
		}
	}
	// All visitors of a test come from 10.0.1.0, so that the network counts as one client.
	if opened != openBurst {
		t.Errorf("one client opened %d rooms at once, want %d", opened, openBurst)
	}
}

// Who guesses is told of no room any more, for a while.
func TestGuessesAreLimited(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{})
	h.open("real", RoomConfig{})
	say := func(room string) *visitor {
		v := h.visit([32]byte{}, session.DialOptions{})
		v.tell(replica.Hello{Room: room})
		h.exchange()
		return v
	}
	for range wrongBurst {
		say("XXXXXX")
	}
	right := say("real")
	h.run(3)
	if right.in() != "turned away: no such room" {
		t.Errorf("after %d wrong guesses a right one led to: %s", wrongBurst, right.in())
	}
	h.run(100)
	if v := h.join(replica.Hello{Room: "real"}); v.in() != "real" {
		t.Errorf("later: %s", v.in())
	}
}

// A client that comes back with a ticket is brought to the room where it was, whatever it says.
func TestTicketsLeadToTheSameRoom(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{Config: Config{IdleTimeout: time.Second}})
	h.open("first", RoomConfig{})
	h.open("second", RoomConfig{})
	ada := h.visit(adasKey, session.DialOptions{})
	ada.tell(replica.Hello{Name: "Ada", Room: "second"})
	h.run(5)
	if ada.in() != "second" || len(ada.ticket) == 0 {
		t.Fatalf("%s, ticket % x", ada.in(), ada.ticket)
	}
	ticket := ada.ticket
	ada.ep = h.visit([32]byte{}, session.DialOptions{}).ep // it is heard of no more
	h.run(70)
	back := h.visit(adasKey, session.DialOptions{Resume: ticket})
	back.tell(replica.Hello{Name: "Ada", Room: "first"})
	h.run(5)
	if back.in() != "second" || !back.back || back.welcome.Player != 1 {
		t.Errorf("%s as %+v, returned: %v", back.in(), back.welcome, back.back)
	}
}

func TestRoomsAreClosed(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{Grow: true, Config: Config{MaxPlayers: 1}})
	r := h.open("short", RoomConfig{})
	ann := h.join(replica.Hello{})
	bob := h.join(replica.Hello{})
	if ann.in() != "short" || bob.in() != "room-1" {
		t.Fatalf("Ann %s, Bob %s", ann.in(), bob.in())
	}
	r.Close("the match is over")
	h.run(2)
	if ann.closed == nil || ann.closed.Code != replica.CloseRoomOver || ann.closed.Reason != "the match is over" || bob.closed != nil {
		t.Errorf("Ann %v, Bob %v", ann.closed, bob.closed)
	}
	if state, why := r.State(); state != RoomClosed || why != "the match is over" {
		t.Errorf("%v: %s", state, why)
	}
}

// What rooms did is added up, and stays in the sum when they are gone.
func TestHallAddsUp(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{})
	red, blue := h.open("red", RoomConfig{}), h.open("blue", RoomConfig{})
	for _, room := range []string{"red", "blue", "blue"} {
		h.join(replica.Hello{Room: room})
	}
	h.run(90)
	one, two, sum := red.Stats(), blue.Stats(), h.hall.Stats().Matches
	if one.Snapshots.Sent == 0 || sum.Snapshots.Sent != one.Snapshots.Sent+two.Snapshots.Sent || sum.Players != 3 || sum.Joins != 3 {
		t.Errorf("%d and %d snapshots are %d; %d players, %d joins", one.Snapshots.Sent, two.Snapshots.Sent, sum.Snapshots.Sent, sum.Players, sum.Joins)
	}
	blue.Close("over")
	h.run(30)
	was, now := sum, h.hall.Stats().Matches
	if now.Snapshots.Sent <= was.Snapshots.Sent || now.Inputs.Executed <= was.Inputs.Executed || now.Players != 1 || now.Joins != 3 || now.Leaves != 0 {
		t.Errorf("before the end of a room %+v, after it %+v", was, now)
	}
}

func TestOpenRefuses(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{MaxRooms: 2})
	h.open("one", RoomConfig{})
	for name, want := range map[string]error{"ONE": ErrTaken, "o ne": ErrRoomName, strings.Repeat("x", 25): ErrRoomName} {
		if _, err := h.hall.Open(name, RoomConfig{}); err != want {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
	}
	if _, err := h.hall.Open("big", RoomConfig{MaxPlayers: 256}); err == nil {
		t.Error("256 players are not refused")
	}
	h.open("two", RoomConfig{})
	if _, err := h.hall.Open("three", RoomConfig{}); err != ErrRooms {
		t.Errorf("a third room: %v", err)
	}
	for _, cfg := range []dotHallConfig{{MaxRooms: 4097}, {MaxRooms: -1}, {Patience: -1}, {Config: Config{Record: &bytes.Buffer{}}}} {
		if _, err := NewHall(dotGame(), cfg); err == nil {
			t.Errorf("%+v is not refused", cfg)
		}
	}
}

// A session that brings more between two ticks than a room takes in loses inputs first, and is ended for the rest.
func TestInboxIsBounded(t *testing.T) {
	var b inbox[field, move]
	p := &peer[field, move]{}
	ev := session.Event{Kind: session.Message, Channel: replica.ChanInput, Data: make([]byte, 100)}
	n := 0
	for b.put(p, &ev) {
		n++
	}
	if n != maxLetters || !b.put(&peer[field, move]{}, &ev) || !b.put(p, &session.Event{Kind: session.Closed}) {
		t.Errorf("%d messages were taken, or other peers' none", n)
	}
	post := b.take()
	if len(post.letters) != n+2 || len(post.bytes) != 100*(n+1) || !b.put(p, &ev) {
		t.Errorf("%d letters with %d bytes", len(post.letters), len(post.bytes))
	}
	ev.Data = make([]byte, maxLetterBytes)
	if b.put(p, &ev) {
		t.Error("too many bytes were taken")
	}
}

// Who watches takes no place, and without a wish gets to where most is going on.
func TestRoomsAreWatched(t *testing.T) {
	h := newHouse(t, dotGame(), dotHallConfig{Config: Config{MaxPlayers: 1, MaxSpectators: 1}})
	h.open("empty", RoomConfig{})
	full := h.open("full", RoomConfig{})
	h.join(replica.Hello{Room: "full"})
	var fans []*visitor
	for _, room := range []string{"", "full", "empty", "none"} {
		v := h.visit([32]byte{}, session.DialOptions{})
		v.tell(replica.Watch{Room: room})
		h.run(3)
		fans = append(fans, v)
	}
	if fans[0].room.Name != "full" || fans[0].seen == 0 || fans[2].room.Name != "empty" || full.places() != 0 {
		t.Errorf("fans are in %q and %q; %d places", fans[0].room.Name, fans[2].room.Name, full.places())
	}
	if fans[1].closed == nil || fans[1].closed.Code != replica.CloseFull || fans[3].closed == nil || fans[3].closed.Code != replica.CloseNoRoom {
		t.Errorf("turned away: %v, %v", fans[1].closed, fans[3].closed)
	}
	fans[0].conn.Close(h.now, session.CloseNormal, "")
	h.run(3)
	if full.places() != 0 || full.Info().Players != 1 {
		t.Errorf("after a fan has left: %d places, %+v", full.places(), full.Info())
	}
}
