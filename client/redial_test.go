package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/server"
)

// play runs frames until cond holds, which it must within 20 s, and returns how long that took.
func play(t *testing.T, cl *dots, what string, cond func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	frame := time.NewTicker(time.Second / 60)
	defer frame.Stop()
	for !cond() {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("never: %s; the status is %+v", what, cl.Status())
		}
		<-frame.C
		if err := cl.Update(move{Dx: 1}); err != nil {
			t.Fatalf("before %s: %v", what, err)
		}
		cl.View()
	}
	return time.Since(start)
}

// start runs a server at addr and returns what stops it.
func start(t *testing.T, addr string) (string, func()) {
	return startWith(t, addr, server.Config{Key: [32]byte{1, 2, 3}})
}

func startWith(t *testing.T, addr string, cfg server.Config) (string, func()) {
	t.Helper()
	srv, err := server.New(dotGame(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Listen(addr); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- srv.Run(ctx, "") }()
	return srv.Addr().String(), func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
}

// A server that was away for a moment, with its key or another one, finds its players back over each carrier.
func TestClientComesBackAfterADowntime(t *testing.T) {
	for name, c := range map[string]struct {
		transport netcode.Transport
		key       [32]byte // of the second server
	}{
		"udp, same key":    {netcode.OnlyUDP, [32]byte{1, 2, 3}},
		"udp, another key": {netcode.OnlyUDP, [32]byte{3, 2, 1}},
		"tcp, same key":    {netcode.OnlyTCP, [32]byte{1, 2, 3}},
		"tcp, another key": {netcode.OnlyTCP, [32]byte{3, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, stop := start(t, "127.0.0.1:0")
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			cl, err := client.DialConfig(ctx, dotGame(), addr, client.Config{Name: "ann", Transport: c.transport})
			if err != nil {
				t.Fatal(err)
			}
			defer cl.Close()
			stop()
			var why error
			down := time.Now().Add(1500 * time.Millisecond)
			play(t, cl, "dialled again in vain", func() bool {
				why = cl.Status().Why
				return cl.Status().Attempts > 0 && time.Now().After(down)
			})
			_, stop = startWith(t, addr, server.Config{Key: c.key})
			defer stop()
			took := play(t, cl, "in the next match", func() bool {
				return cl.Status().State == client.Playing && cl.Status().Sessions == 2
			})
			var ce *session.CloseError
			if !errors.As(why, &ce) || ce.Code != session.CloseShutdown {
				t.Errorf("the first session ended with %v", why)
			}
			t.Logf("back after %v", took)
		})
	}
}

// A server that is stopped and started again finds its players back in a moment, each in a match of its own making anew.
func TestClientComesBackAfterARestart(t *testing.T) {
	addr, stop := start(t, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.DialConfig(ctx, dotGame(), addr, client.Config{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	in := func(s client.State) func() bool { return func() bool { return cl.Status().State == s } }
	for sessions := 1; sessions <= 3; sessions++ {
		play(t, cl, "in the match", in(client.Playing))
		before := cl.Stats().Snapshots
		play(t, cl, "snapshots", func() bool { return cl.Stats().Snapshots > before+10 })
		if st := cl.Status(); st.Sessions != sessions || cl.Name(cl.Player()) != "ann" {
			t.Errorf("%+v", st)
		}
		stop()
		play(t, cl, "told of the end", in(client.Redialing))
		if st := cl.Status(); st.Why == nil {
			t.Errorf("%+v", st)
		}
		_, stop = start(t, addr)
	}
	play(t, cl, "in the match", in(client.Playing))
	stop()
}

// The next session may stand before the host knows that it is the one: whoever looks then must look again.
func TestClientThatLooksTooEarlyComesBack(t *testing.T) {
	addr, stop := start(t, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.Dial(ctx, dotGame(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	cl.LookAtOnce()
	play(t, cl, "in the match", func() bool { return cl.Status().State == client.Playing })
	stop()
	play(t, cl, "told of the end", func() bool { return cl.Status().State == client.Redialing })
	_, stop = start(t, addr)
	defer stop()
	play(t, cl, "in the next match", func() bool { return cl.Status().State == client.Playing && cl.Status().Sessions == 2 })
}

// What was heard is not heard again in the next session, and what was asked fails with the old one.
func TestEventsAndCallsAcrossARestart(t *testing.T) {
	begin := func(addr string) (*server.Server[field, move], string, func()) {
		srv, err := server.New(callGame(), server.Config{Key: [32]byte{1, 2, 3}})
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.Listen(addr); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		over := make(chan error, 1)
		go func() { over <- srv.Run(ctx, "") }()
		return srv, srv.Addr().String(), func() { cancel(); <-over }
	}
	srv, addr, stop := begin("127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.Dial(ctx, callGame(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	heard := map[int32]int{}
	client.On(cl, bangEvent, func(f fired, _ client.EventInfo) { heard[f.X]++ })
	playing := func() bool { return cl.Status().State == client.Playing && cl.Stats().Snapshots > 0 }
	play(t, cl, "in the match", playing)
	if err := server.Emit(srv, bangEvent, fired{1}); err != nil {
		t.Fatal(err)
	}
	play(t, cl, "the first bang", func() bool { return heard[1] > 0 })
	stop()
	lost := errors.New("not told")
	if err := client.CallFunc(cl, buyCall, order{"sword", 1}, time.Minute, func(_ receipt, err error) { lost = err }); err != nil {
		lost = err // the session has ended already
	}
	play(t, cl, "told of the end", func() bool { return cl.Status().State == client.Redialing })
	if err := client.CallFunc(cl, buyCall, order{"sword", 1}, 0, func(receipt, error) {}); !errors.Is(err, client.ErrLost) {
		t.Errorf("a call between two sessions: %v", err)
	}
	srv, _, stop = begin(addr)
	defer stop()
	play(t, cl, "in the next match", func() bool { return cl.Status().Sessions == 2 && playing() })
	if err := server.Emit(srv, bangEvent, fired{2}); err != nil {
		t.Fatal(err)
	}
	play(t, cl, "the second bang", func() bool { return heard[2] > 0 })
	if heard[1] != 1 || heard[2] != 1 || !errors.Is(lost, client.ErrLost) {
		t.Errorf("heard %v; the call: %v", heard, lost)
	}
}

// A server that dies without a word and is started again is recognised within a second or two.
func TestClientNoticesACrash(t *testing.T) {
	crash := func(addr string) (string, func()) {
		srv, err := server.New(dotGame(), server.Config{Key: [32]byte{1, 2, 3}})
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.Listen(addr); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		over := make(chan error, 1)
		go func() { over <- srv.Run(ctx, "") }()
		return srv.Addr().String(), func() {
			srv.Close() // its sockets, under the sessions
			cancel()
			<-over
		}
	}
	addr, kill := crash("127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.DialConfig(ctx, dotGame(), addr, client.Config{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	kill()
	_, kill = crash(addr)
	defer kill()
	var why error
	took := play(t, cl, "in the next match", func() bool {
		st := cl.Status()
		if st.State == client.Redialing {
			why = st.Why
		}
		return st.State == client.Playing && st.Sessions == 2
	})
	var ce *session.CloseError
	if !errors.As(why, &ce) || ce.Code != session.CloseRestarted {
		t.Errorf("the first session ended with %v", why)
	}
	t.Logf("back after %v", took)
}

// A server that does not come back is given up, and the error says why.
func TestClientGivesUp(t *testing.T) {
	addr, stop := start(t, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.DialConfig(ctx, dotGame(), addr, client.Config{Redial: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	stop()
	frame := time.NewTicker(time.Second / 60)
	defer frame.Stop()
	for err = nil; err == nil && ctx.Err() == nil; err = cl.Update(move{}) {
		<-frame.C
	}
	if !errors.Is(err, client.ErrClosed) || cl.Status().State != client.Over || cl.Status().Why == nil {
		t.Errorf("%v, %+v", err, cl.Status())
	}
}
