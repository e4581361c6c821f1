package server

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// runHall serves a hall on the loopback for the length of a test.
func runHall(t *testing.T, g *sim.Game[field, move], cfg dotHallConfig) (h *dotHall, end func() error) {
	t.Helper()
	h, err := NewHall(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, "") }()
	t.Cleanup(stop)
	return h, func() error {
		stop()
		select {
		case err := <-ended:
			return err
		case <-time.After(20 * time.Second):
			t.Fatal("Run does not end")
			return nil
		}
	}
}

// goIn enters a room over UDP and waits for the welcome.
func goIn(ctx context.Context, t testing.TB, h *dotHall, hello replica.Hello) *netcode.Conn {
	t.Helper()
	s, err := prepare(h.game, Config{}, new(door))
	if err != nil {
		t.Fatal(err)
	}
	d := netcode.Dialer{Transport: netcode.OnlyUDP}
	c, err := d.Dial(ctx, h.Addr().String(), s.sessionConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Send(replica.ChanControl, replica.AppendControl(nil, hello)); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := c.Recv(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if m.Channel != replica.ChanControl {
			continue
		}
		if control, _ := replica.ParseControl(m.Data); control != nil {
			if _, ok := control.(replica.Welcome); ok {
				return c
			}
		}
	}
}

// ticksFrom receives until the snapshot of a tick has come that is n later than the first.
func ticksFrom(ctx context.Context, t *testing.T, c *netcode.Conn, n int) {
	t.Helper()
	var first, newest sim.Tick
	for seen := 0; newest.Sub(first) < n; {
		m, err := c.Recv(ctx)
		if err != nil {
			t.Fatalf("after %d snapshots: %v", seen, err)
		}
		if m.Channel != replica.ChanSnapshot {
			continue
		}
		h, _, err := replica.ParseSnapshotHeader(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		if newest = h.Tick; seen == 0 {
			first = newest
		}
		seen++
	}
}

// gameWith is dots, which do what a test wants, too, once there is one.
func gameWith(in func(c dotCtx, w *field)) *sim.Game[field, move] {
	g := dotGame()
	g.Step = func(c dotCtx, w *field) {
		stepDots(c, w)
		if w.Dots.Len() > 0 {
			in(c, w)
		}
	}
	return g
}

// A room in an endless loop is given up: its clients are told, its stack and last world are saved, the other room plays on, and whoever
// asks the Hall gets an answer.
func TestStuckRoomIsGivenUp(t *testing.T) {
	var stuck atomic.Bool
	stuck.Store(true)
	g := gameWith(func(c dotCtx, w *field) {
		for _, in := range c.Inputs() {
			for in.Look && stuck.Load() {
			}
		}
	})
	dir := t.TempDir()
	h, end := runHall(t, g, dotHallConfig{Crashes: dir})
	bad, err := h.Open("bad", RoomConfig{})
	if err != nil {
		t.Fatal(err)
	}
	good, err := h.Open("good", RoomConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ann, bob := goIn(ctx, t, h, replica.Hello{Room: "bad"}), goIn(ctx, t, h, replica.Hello{Room: "good"})
	ticksFrom(ctx, t, ann, 1)
	if _, err := bad.Server().AddBot("villain", func(*field, sim.PlayerID, sim.Tick) move { return move{Look: true} }); err != nil {
		t.Fatal(err)
	}
	var told *session.CloseError
	for err == nil {
		_, err = ann.Recv(ctx)
	}
	if !errors.As(err, &told) || told.Code != replica.CloseFailed || told.Reason != "the room does not answer" {
		t.Errorf("Ann was told %v", err)
	}
	ticksFrom(ctx, t, bob, 25)
	if st := h.Stats(); st.GivenUp != 1 || st.Stuck != 1 || st.Rooms != 1 || h.Rooms()[0] != good {
		t.Errorf("%+v", st)
	}
	if state, _ := bad.State(); state != RoomStuck || bad.Info().Tick == 0 {
		t.Errorf("%+v", bad.Info())
	}
	text, world := saved(t, h, dir)
	if d, ok := world.Dots.Of(1); !ok || d.Age == 0 {
		t.Errorf("saved: %+v, %v", d, ok)
	}
	for _, want := range []string{"a tick takes too long", "hall_run_test.go", "last whole tick"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	stuck.Store(false) // nobody else could end it
	<-bad.Done()
	if st := h.Stats(); st.Stuck != 0 {
		t.Errorf("its goroutine has ended: %+v", st)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// A Hall that is stopped does not wait for a stuck room, and says so.
func TestStopWithAStuckRoom(t *testing.T) {
	var stuck atomic.Bool
	stuck.Store(true)
	h, end := runHall(t, gameWith(func(c dotCtx, w *field) {
		for _, in := range c.Inputs() {
			for in.Look && stuck.Load() {
			}
		}
	}), dotHallConfig{})
	bad, err := h.Open("bad", RoomConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ann := goIn(ctx, t, h, replica.Hello{})
	if _, err := bad.Server().AddBot("villain", func(*field, sim.PlayerID, sim.Tick) move { return move{Look: true} }); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = ann.Recv(ctx)
	}
	if err := end(); err == nil {
		t.Error("Run says nothing of the stuck room")
	}
	stuck.Store(false)
	<-bad.Done()
}

// Rooms come and go while the Hall runs, at a client's word too, and all of their goroutines end with it.
func TestHallRuns(t *testing.T) {
	h, end := runHall(t, dotGame(), dotHallConfig{ClientsOpen: true, Grow: true, Config: Config{MaxPlayers: 2}})
	lobby, err := h.Open("lobby", RoomConfig{MaxPlayers: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	var all []*netcode.Conn
	for _, hello := range []replica.Hello{{}, {}, {Room: "duel", Flags: replica.OpenRoom}, {Room: "duel"}} {
		c := goIn(ctx, t, h, hello)
		ticksFrom(ctx, t, c, 3)
		all = append(all, c)
	}
	if names := h.Rooms(); len(names) != 3 || names[0] != lobby || names[1].Name() != "room-1" || names[2].Name() != "duel" {
		t.Errorf("%d rooms", len(names))
	}
	lobby.Close("it rains")
	<-lobby.Done()
	var told *session.CloseError
	for err == nil {
		_, err = all[0].Recv(ctx)
	}
	if !errors.As(err, &told) || told.Code != replica.CloseRoomOver || told.Reason != "it rains" {
		t.Errorf("%v", err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := h.Open("late", RoomConfig{}); err != ErrRooms {
		t.Errorf("after the end: %v", err)
	}
	if err := h.Run(ctx, ""); err == nil {
		t.Error("a second Run is not refused")
	}
}

// A room that never catches up is stopped after the tick that it is in.
func TestStopWithARoomThatIsBehind(t *testing.T) {
	begun := make(chan struct{}, 1)
	h, end := runHall(t, gameWith(func(dotCtx, *field) {
		select {
		case begun <- struct{}{}:
		default:
		}
		time.Sleep(60 * time.Millisecond) // three times what a tick may take
	}), dotHallConfig{Patience: 1 << 20})
	slow, err := h.Open("slow", RoomConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Server().AddBot("villain", idle); err != nil {
		t.Fatal(err)
	}
	for range 8 { // so that it is behind
		<-begun
	}
	before := slow.Info().Tick
	if err := end(); err != nil {
		t.Error(err)
	}
	if after := slow.Info().Tick; after > before+4 {
		t.Errorf("stopped at tick %d, it went on to %d", before, after)
	}
}

// While one room is in a Step that does not end, the other one's ticks go on, its player is served, and somebody new gets in: the Step
// ends only after all of that.
func TestSlowRoomHoldsNobodyUp(t *testing.T) {
	begun, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	g := gameWith(func(c dotCtx, w *field) {
		for _, in := range c.Inputs() {
			if in.Look {
				once.Do(func() { close(begun); <-done })
			}
		}
	})
	h, end := runHall(t, g, dotHallConfig{Patience: 1 << 20})
	slow, err := h.Open("slow", RoomConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Open("fast", RoomConfig{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ann, bob := goIn(ctx, t, h, replica.Hello{Room: "slow"}), goIn(ctx, t, h, replica.Hello{Room: "fast"})
	if _, err := slow.Server().AddBot("villain", func(*field, sim.PlayerID, sim.Tick) move { return move{Look: true} }); err != nil {
		t.Fatal(err)
	}
	<-begun
	at := slow.Info().Tick
	ticksFrom(ctx, t, bob, 25)
	goIn(ctx, t, h, replica.Hello{Room: "fast"})
	if now := slow.Info().Tick; now != at || h.Stats().Players < 3 {
		t.Errorf("the slow room went from tick %d to %d", at, now)
	}
	close(done)
	ticksFrom(ctx, t, ann, 3)
	if err := end(); err != nil {
		t.Error(err)
	}
}

// BenchmarkSlowRoom says how long the ticks of a room with 8 clients take beside another one, whose Step takes 100 ms or none. It is
// to be read by its metrics, as a ratio.
//
//	go test ./server -run - -bench SlowRoom -benchtime 500x
func BenchmarkSlowRoom(b *testing.B) {
	for _, c := range []struct {
		name string
		step func()
	}{
		{"beside=fast", func() {}},
		{"beside=sleep100ms", func() { time.Sleep(100 * time.Millisecond) }},
		{"beside=compute100ms", func() {
			for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
			}
		}},
	} {
		b.Run(c.name, func(b *testing.B) { benchSlowRoom(b, c.step) })
	}
}

func benchSlowRoom(b *testing.B, step func()) {
	g := gameWith(func(c dotCtx, w *field) {
		for _, in := range c.Inputs() {
			if in.Look {
				step()
			}
		}
	})
	h, err := NewHall(g, dotHallConfig{Patience: 50})
	if err != nil {
		b.Fatal(err)
	}
	slow, _ := h.Open("slow", RoomConfig{})
	fast, _ := h.Open("fast", RoomConfig{})
	if err := h.Listen("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, "") }()
	var listening sync.WaitGroup
	for _, room := range []string{"slow", "fast"} {
		for range 8 {
			c := goIn(ctx, b, h, replica.Hello{Room: room})
			listening.Go(func() {
				for err := error(nil); err == nil; {
					_, err = c.Recv(ctx)
				}
			})
		}
	}
	_, _ = slow.Server().AddBot("villain", func(*field, sim.PlayerID, sim.Tick) move { return move{Look: true} })
	for b.Loop() {
		time.Sleep(20 * time.Millisecond)
	}
	st, beside := fast.Stats(), slow.Stats()
	stop()
	if err := <-ended; err != nil {
		b.Error(err)
	}
	listening.Wait()
	b.ReportMetric(float64(st.TickTime.P50.Microseconds()), "p50-µs")
	b.ReportMetric(float64(st.TickTime.P99.Microseconds()), "p99-µs")
	b.ReportMetric(float64(st.Overruns), "overruns")
	b.ReportMetric(float64(beside.TickTime.P50.Milliseconds()), "beside-p50-ms")
}
