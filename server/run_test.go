package server

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// running is a server on real sockets of the loopback.
type running struct {
	t      *testing.T
	server *Server[field, move]
	stop   context.CancelFunc
	ended  chan error
}

func start(t *testing.T, g *sim.Game[field, move]) *running {
	t.Helper()
	s, err := New(g, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, server: s, stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- s.Run(ctx, "") }()
	t.Cleanup(stop)
	return r
}

// end waits for Run to return.
func (r *running) end() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(20 * time.Second):
		r.t.Fatal("Run does not end")
		return nil
	}
}

// enter opens a session, says hello, and waits for the welcome and a snapshot.
func (r *running) enter(ctx context.Context, way netcode.Transport) (*netcode.Conn, replica.Welcome) {
	r.t.Helper()
	d := netcode.Dialer{Transport: way}
	cfg := r.server.sessionConfig()
	cfg.Secret = [32]byte{}
	c, err := d.Dial(ctx, r.server.Addr().String(), cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.Send(replica.ChanControl, replica.AppendControl(nil, replica.Hello{Name: way.String()})); err != nil {
		r.t.Fatal(err)
	}
	var welcome replica.Welcome
	for seen := false; !seen || welcome.Player == 0; {
		m, err := c.Recv(ctx)
		if err != nil {
			r.t.Fatal(err)
		}
		if m.Channel == replica.ChanSnapshot {
			seen = true
		} else if control, err := replica.ParseControl(m.Data); err != nil {
			r.t.Fatal(err)
		} else if w, ok := control.(replica.Welcome); ok {
			welcome = w
		}
	}
	return c, welcome
}

func TestRunServesUDPAndTCP(t *testing.T) {
	r := start(t, dotGame())
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var conns []*netcode.Conn
	for i, way := range []netcode.Transport{netcode.OnlyUDP, netcode.OnlyTCP} {
		c, welcome := r.enter(ctx, way)
		if int(welcome.Player) != i+1 || welcome.TickRate != 50 {
			t.Errorf("%v: welcome %+v", way, welcome)
		}
		conns = append(conns, c)
	}
	r.stop()
	for _, c := range conns {
		var end *session.CloseError
		err := error(nil)
		for err == nil {
			_, err = c.Recv(ctx)
		}
		if !errors.As(err, &end) || end.Code != session.CloseShutdown || end.Reason != "the server was stopped" {
			t.Errorf("%v: %v", c.Path(), err)
		}
		c.Close()
	}
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	st := r.server.Stats()
	if st.Joins != 2 || st.TickTime.Count == 0 || st.TickTime.P99 > st.TickTime.Max || st.TickTime.Max == 0 {
		t.Errorf("%+v", st)
	}
	if err := r.server.Run(ctx, ""); err == nil {
		t.Error("a second Run is not refused")
	}
}

func TestRunEndsWithThePanic(t *testing.T) {
	g := dotGame()
	g.Step = func(c dotCtx, w *field) {
		if c.Tick == 3 {
			panic("three")
		}
	}
	r := start(t, g)
	end, ok := errors.AsType[*PanicError](r.end())
	if !ok || end.Tick != 3 || end.Value != "three" {
		t.Errorf("Run: %v", end)
	}
}

func TestRunNeedsAFreeAddress(t *testing.T) {
	s, err := New(dotGame(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Listen("127.0.0.1:0"); err == nil {
		t.Error("a second Listen is not refused")
	}
	err = Run(context.Background(), dotGame(), s.Addr().String())
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("Run on a taken address: %v", err)
	}
}

func TestRunIsStoppedBeforeItBegins(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, dotGame(), "127.0.0.1:0"); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// Operators ask at any moment, also while a tick holds the host and waits for what Stats holds.
func TestStatsDoNotStopTheMatch(t *testing.T) {
	r := start(t, dotGame())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for r.server.Stats().Tick < 30 {
		}
	}()
	select {
	case <-asked:
	case <-time.After(20 * time.Second):
		t.Fatal("the match and its operator wait for each other")
	}
	r.stop()
	if err := r.end(); err != nil {
		t.Error(err)
	}
}
