package client_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a server on loopback for the length of a test.
func serve(t *testing.T, cfg server.Config) netip.AddrPort {
	t.Helper()
	srv, err := server.New(dotGame(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, srv)
}

// run runs a server on loopback, or where it listens already, for the length of a test.
func run(t *testing.T, srv *server.Server[field, move]) netip.AddrPort {
	t.Helper()
	if !srv.Addr().IsValid() {
		if err := srv.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- srv.Run(ctx, "") }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return srv.Addr()
}

// mute is a socket whose datagrams get nowhere.
type mute struct{ carrier.Datagrams }

func (mute) WriteBatch([]carrier.Datagram) (int, error) { return 0, nil }

func dialled(t *testing.T, addr netip.AddrPort, cfg client.Config) *dots {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.DialConfig(ctx, dotGame(), addr.String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cl.Close() })
	return cl
}

func TestPlayOverRealSockets(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  client.Config
		want string
	}{
		"udp":         {client.Config{Transport: netcode.OnlyUDP}, "udp"},
		"tcp":         {client.Config{Transport: netcode.OnlyTCP}, "tcp"},
		"udp blocked": {client.Config{WrapUDP: func(d carrier.Datagrams) carrier.Datagrams { return mute{d} }}, "tcp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, server.Config{Seed: 1})
			c.cfg.Name = "ann"
			cl := dialled(t, addr, c.cfg)
			other := dialled(t, addr, client.Config{Name: "bob"})
			if err := other.Say("hello"); err != nil {
				t.Error(err)
			}
			var said []client.Line
			frame := time.NewTicker(time.Second / 60)
			defer frame.Stop()
			for range 90 {
				<-frame.C
				if err := errors.Join(cl.Update(move{Dx: 1}), other.Update(move{})); err != nil {
					t.Fatal(err)
				}
				cl.View()
				said = append(said, cl.Said()...)
			}
			st := cl.Stats()
			if st.Transport != c.want || st.Snapshots < 20 || st.ReliableDelivered == 0 || st.ReliableLost != 0 {
				t.Errorf("%+v", st)
			}
			if d := own(cl.View(), cl.Player()); d.Pos.X < 20 {
				t.Errorf("after running to the right the dot is at %v", d.Pos)
			}
			if len(said) != 1 || said[0].Name != "bob" || said[0].Text != "hello" || cl.Name(cl.Player()) != "ann" {
				t.Errorf("said: %v; my name is %q", said, cl.Name(cl.Player()))
			}
		})
	}
}

func TestServerEnds(t *testing.T) {
	srv, err := server.New(dotGame(), server.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- srv.Run(ctx, "") }()
	cl := dialled(t, srv.Addr(), client.Config{Redial: -1})
	stop()
	err = nil
	frame := time.NewTicker(5 * time.Millisecond)
	defer frame.Stop()
	for i := 0; err == nil && i < 2000; i++ {
		<-frame.C
		err = cl.Update(move{})
	}
	var closed *client.ClosedError
	if !errors.As(err, &closed) || !errors.Is(err, client.ErrClosed) || closed.Reason == "" {
		t.Errorf("after the server has gone Update returns %v", err)
	}
	if cl.View() == nil || cl.Say("anyone?") == nil || cl.Err() == nil {
		t.Error("a client whose session is over must show its last world and refuse to speak")
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}

func TestDialIsRefused(t *testing.T) {
	addr := serve(t, server.Config{MaxPlayers: 1})
	dialled(t, addr, client.Config{})
	ctx := context.Background()
	if cl, err := client.Dial(ctx, dotGame(), addr.String()); !errors.Is(err, client.ErrFull) {
		t.Errorf("a full server: client %v, error %v", cl, err)
	}
	faster := dotGame()
	faster.TickRate = 30
	var closed *client.ClosedError
	if _, err := client.Dial(ctx, faster, addr.String()); !errors.As(err, &closed) || !strings.Contains(err.Error(), "schema") {
		t.Errorf("another tick rate: %v", err)
	}
	other := dotGame()
	other.Name = "chess"
	if _, err := client.Dial(ctx, other, addr.String()); !errors.As(err, &closed) || !strings.Contains(err.Error(), `"chess"`) {
		t.Errorf("another game: %v", err)
	}
	if _, err := client.Dial(ctx, dotGame(), "nonsense"); err == nil || errors.Is(err, client.ErrClosed) {
		t.Errorf("no address: %v", err)
	}
	nameless := dotGame()
	nameless.Name = ""
	if _, err := client.Dial(ctx, nameless, addr.String()); err == nil {
		t.Error("a game without a name was accepted")
	}
}

// A context that is over counts for more than what the server may have to say, who answers fast.
func TestDialWithACancelledContext(t *testing.T) {
	addr := serve(t, server.Config{MaxPlayers: 1})
	dialled(t, addr, client.Config{})
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for range 20 {
		if _, err := client.Dial(cancelled, dotGame(), addr.String()); !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled context: %v", err)
		}
	}
}

// A match can be full of bots, so that the session stands before the server turns the player away.
func TestDialIsRefusedByBots(t *testing.T) {
	srv, err := server.New(dotGame(), server.Config{MaxPlayers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := srv.AddBot("bot", func(*field, sim.PlayerID, sim.Tick) move { return move{} }); err != nil {
		t.Fatal(err)
	}
	addr := run(t, srv)
	if cl, err := client.Dial(context.Background(), dotGame(), addr.String()); !errors.Is(err, client.ErrFull) {
		t.Errorf("a server full of bots: client %v, error %v", cl, err)
	}
}

// Who gives up waiting to be let in leaves no ghost in the match.
func TestDialGivenUp(t *testing.T) {
	srv, err := server.New(dotGame(), server.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := client.Dial(ctx, dotGame(), srv.Addr().String()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that does not play: %v", err)
	}
	run(t, srv)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for srv.Stats().Tick < 10 {
		<-look.C
	}
	if st := srv.Stats(); st.Players != 0 || st.Sessions != 0 {
		t.Errorf("%d players and %d sessions, though nobody came", st.Players, st.Sessions)
	}
}
