package match

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/simnet"
	"github.com/halftick/halftick/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// play lets a local match go on for d of virtual time, in frames.
func play(t *testing.T, m *Match, from, d time.Duration, each func()) time.Duration {
	t.Helper()
	for now := from; now < from+d; now += tickPeriod {
		in := m.brain.Think(m.View(), m.Me(), m.Stats().Tick)
		if err := m.seat.update(now, in); err != nil {
			t.Fatalf("at %v: %v", now, err)
		}
		if each != nil {
			each()
		}
	}
	return from + d
}

// A local match is a whole match: the player joins, the bots fight, the network delays.
func TestLocalMatch(t *testing.T) {
	link := simnet.Conditions{Delay: 50 * time.Millisecond, Loss: 0.05}
	m, err := Start(context.Background(), Options{Local: true, Bots: 3, Name: "Ada", Seed: 3, Up: link, Down: link})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	now := play(t, m, 0, 5*time.Second, nil)
	w, tick := m.Auth()
	if m.Me() == 0 || m.Name(m.Me()) != "Ada" || w.Players.Len() != 4 || tick < 250 {
		t.Fatalf("player %d %q, %d players, tick %d", m.Me(), m.Name(m.Me()), w.Players.Len(), tick)
	}
	if rtt := m.Stats().RTT; rtt < 100*time.Millisecond || rtt > 150*time.Millisecond {
		t.Errorf("RTT %v over a link of 2 x 50 ms", rtt)
	}
	m.SetLink(simnet.Conditions{}, simnet.Conditions{})
	now = play(t, m, now, 5*time.Second, nil)
	if rtt := m.Stats().RTT; rtt > 40*time.Millisecond {
		t.Errorf("RTT %v after the delay was taken away", rtt)
	}

	m.Say("hello")
	heard := false
	now = play(t, m, now, time.Second, func() {
		for _, l := range m.Said() {
			heard = heard || l.Text == "hello" && l.Player == m.Me()
		}
	})
	if !heard {
		t.Error("the chat line did not come back")
	}

	m.SetTuning(client.Tuning{Prediction: true})
	m.Reconnect()
	play(t, m, now, 2*time.Second, nil)
	if w, _ := m.Auth(); w.Players.Len() != 4 {
		t.Errorf("%d players after a reconnect, want 4: the old one has left", w.Players.Len())
	}
	if got := m.seat.client().Tuning(); got != (client.Tuning{Prediction: true}) {
		t.Errorf("tuning after a reconnect: %+v", got)
	}
}

// Time that nobody played, as when a laptop slept, is not made up for.
func TestLocalMatchSkipsSleep(t *testing.T) {
	m, err := Start(context.Background(), Options{Local: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	now := play(t, m, 0, time.Second, nil)
	_, before := m.Auth()
	if err := m.seat.update(now+time.Hour, arena.Input{}); err != nil {
		t.Fatal(err)
	}
	if _, after := m.Auth(); after.Sub(before) > int(maxStep/tickPeriod)+1 {
		t.Errorf("an hour of sleep ran %d ticks", after.Sub(before))
	}
}

// Over real sockets, each transport, the match is watched without a window.
func TestWatch(t *testing.T) {
	for _, transport := range []netcode.Transport{netcode.OnlyUDP, netcode.OnlyTCP} {
		link := simnet.Conditions{Delay: 5 * time.Millisecond}
		m, err := Start(context.Background(), Options{Bots: 2, Name: "Ada", Seed: 5, Transport: transport, Up: link, Down: link})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		ctx, stop := context.WithCancel(context.Background())
		err = m.Watch(ctx, watcher(func(b []byte) {
			out.Write(b)
			if strings.Contains(out.String(), "3 players") {
				stop()
			}
		}), false, 30*time.Second)
		stop()
		if err != nil || !strings.Contains(out.String(), "3 players  tick ") || !strings.Contains(out.String(), "  rtt ") {
			t.Errorf("%v: %v, status %q", transport, err, out.String())
		}
		if got := m.Stats().Transport; got != transport.String() {
			t.Errorf("connected over %s, want %v", got, transport)
		}
		m.Close()
	}
}

// Who only watches is told how late, and nothing of corrections.
func TestWatchAsSpectator(t *testing.T) {
	srv, err := server.New(arena.Game(), server.Config{MaxSpectators: 1, SpectatorDelay: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{srv: srv, done: make(chan error, 1)}
	if err := h.serve(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if _, err := srv.AddBot("Vega", arena.NewBot(1).Think); err != nil {
		t.Fatal(err)
	}
	m, err := Start(context.Background(), Options{Connect: h.addr(), Spectate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var line string
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	err = m.Watch(ctx, watcher(func(b []byte) {
		if line = string(b); strings.Contains(line, "1 players") {
			stop()
		}
	}), false, 30*time.Second)
	if late := m.Behind(); err != nil || late < 300*time.Millisecond || late > 2*time.Second {
		t.Errorf("%v; the picture is %v late, the server holds back 300 ms", err, late)
	}
	if m.Auto() || !strings.Contains(line, "behind the players 0.") || strings.Contains(line, "corrections") {
		t.Errorf("a bot plays: %v; status %q", m.Auto(), line)
	}
}

// watcher is an io.Writer.
type watcher func([]byte)

func (w watcher) Write(b []byte) (int, error) { w(b); return len(b), nil }

func TestWatchWithoutServer(t *testing.T) {
	m, err := Start(context.Background(), Options{Connect: "127.0.0.1:1", Transport: netcode.OnlyTCP})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	err = m.Watch(context.Background(), new(bytes.Buffer), false, 0)
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") || m.Phase() != Ended || m.Reason() == "" {
		t.Errorf("phase %d, reason %q, error %v: want the end, and why", m.Phase(), m.Reason(), err)
	}
}

func TestStatusFitsATerminal(t *testing.T) {
	s := status{at: 999 * time.Second, players: 64, tick: 12340 * time.Microsecond}
	s.client = client.Stats{RTT: 1234 * time.Millisecond, LossIn: 0.999, BytesDown: 99_900, BytesUp: 99_900}
	if line := s.line(); len(line) > terminalWidth {
		t.Errorf("%d columns: %q", len(line), line)
	}
	var out bytes.Buffer
	s.write(&out, true)
	if !strings.HasPrefix(out.String(), "\r") || strings.Contains(out.String(), "\n") {
		t.Errorf("a rewritten line is %q", out.String())
	}
}

// watched is a seat that notes in which order it is used.
type watched struct {
	seat
	calls []string
	in    arena.Input
}

func (w *watched) update(now time.Duration, in arena.Input) error {
	w.calls, w.in = append(w.calls, "update"), in
	return w.seat.update(now, in)
}

func (w *watched) view() *arena.World {
	w.calls = append(w.calls, "view")
	return w.seat.view()
}

// The autopilot looks after the update: a view that is asked for first, after a stall, knows nothing of
// what arrived in it and falls behind.
func TestAutopilotLooksAfterTheUpdate(t *testing.T) {
	m, err := Start(context.Background(), Options{Local: true, Bots: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	play(t, m, 0, 3*time.Second, nil)
	w := &watched{seat: m.seat}
	m.seat, m.intent = w, arena.Input{Dx: 1}
	m.SetAuto(true)
	if m.Update(arena.Input{Dx: -1}); !slices.Equal(w.calls, []string{"update", "view"}) {
		t.Errorf("order %v, want the update first", w.calls)
	}
	if w.in != (arena.Input{Dx: 1}) {
		t.Errorf("input %+v, want what the autopilot meant after the update before", w.in)
	}
}

// A goodbye ends the session and leaves the rest to whoever may still have the time.
func TestGoodbye(t *testing.T) {
	m, err := Start(context.Background(), Options{Local: true, Name: "Ada", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	play(t, m, 0, time.Second, nil)
	if m.Me() == 0 {
		t.Fatal("not in the match after a second")
	}
	m.Goodbye()
	m.leaving.Wait()
	if m.seat.client().Err() == nil {
		t.Error("the session goes on")
	}
}
