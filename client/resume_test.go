package client_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// cutWire is a socket whose datagrams get nowhere once it is cut.
type cutWire struct {
	carrier.Datagrams
	cut *atomic.Bool
}

func (c cutWire) WriteBatch(b []carrier.Datagram) (int, error) {
	if c.cut.Load() {
		return 0, nil
	}
	return c.Datagrams.WriteBatch(b)
}

// withTicket plays until the client has something to come back with.
func withTicket(t *testing.T, cl *dots) []byte {
	t.Helper()
	play(t, cl, "a ticket", func() bool { return cl.Resume() != nil && cl.Stats().Snapshots > 10 })
	return cl.Resume()
}

// A player whose process ended without a word is the same in the next one, over whatever carrier.
func TestPlayerComesBackInAnotherProcess(t *testing.T) {
	addr := serve(t, server.Config{})
	witness := dialled(t, addr, client.Config{Name: "bob"})
	play(t, witness, "in the match", func() bool { return witness.Stats().Snapshots > 5 })
	me := dialThatDies(t, addr.String(), client.Config{Name: "ann", Transport: netcode.OnlyUDP})
	for _, by := range []netcode.Transport{netcode.OnlyTCP, netcode.OnlyUDP, netcode.Auto} {
		next := dialThatDies(t, addr.String(), client.Config{Name: "other", Transport: by, Resume: me.resume})
		if next.player != me.player || next.name != "ann" || !next.returned {
			t.Errorf("over %v: player %d, %q, returned %v; was player %d", by, next.player, next.name, next.returned, me.player)
		}
		me = next
	}
	play(t, witness, "ann seen", func() bool { return witness.Name(me.player) == "ann" })
	// Who has the ticket but not the key is somebody else.
	thief := dialled(t, addr, client.Config{Name: "eve", Key: [32]byte{6, 6, 6}, Resume: me.resume})
	play(t, thief, "snapshots", func() bool { return thief.Resume() != nil })
	if thief.Player() == me.player || thief.Status().Returned {
		t.Errorf("eve is player %d", thief.Player())
	}
}

// died is what is left of a client whose process has ended.
type died struct {
	resume   []byte
	player   sim.PlayerID
	name     string
	returned bool
}

// dialThatDies plays for a moment and ends without the server hearing of it.
func dialThatDies(t *testing.T, addr string, cfg client.Config) (d died) {
	t.Helper()
	var cut atomic.Bool
	cfg.WrapUDP = func(s carrier.Datagrams) carrier.Datagrams { return cutWire{s, &cut} }
	cfg.WrapTCP = func(c net.Conn) net.Conn { return cutStream{c, &cut} }
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	cl, err := client.DialConfig(ctx, dotGame(), addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.resume = withTicket(t, cl)
	d.player, d.name, d.returned = cl.Player(), cl.Name(cl.Player()), cl.Status().Returned
	cut.Store(true)
	cl.Close()
	return d
}

// cutStream is the same of a stream.
type cutStream struct {
	net.Conn
	cut *atomic.Bool
}

func (c cutStream) Write(b []byte) (int, error) {
	if c.cut.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func TestResumeIsChecked(t *testing.T) {
	for _, bad := range [][]byte{{0}, {1, 2, 3}, {1, 1, 3}, {1, 0}, make([]byte, 500)} {
		if _, err := client.DialConfig(t.Context(), dotGame(), "127.0.0.1:1", client.Config{Resume: bad}); err == nil || errors.Is(err, client.ErrClosed) {
			t.Errorf("% x: %v", bad, err)
		}
	}
}

// Each dial asks for a token of its own: one that was used does not let in again. What is wrong with that is told.
func TestEachDialHasItsToken(t *testing.T) {
	var asked, used atomic.Int32
	authorize := func(_ [32]byte, token []byte) (session.Grant, session.Refusal) {
		if len(token) != 1 {
			return session.Grant{}, session.RefusedDenied
		}
		used.Store(int32(token[0]))
		return session.Grant{ID: [16]byte{token[0]}, Life: time.Minute}, session.RefusedNot
	}
	srv := func(addr string) (string, func()) {
		return startWith(t, addr, server.Config{Key: [32]byte{1, 2, 3}, Authorize: authorize})
	}
	addr, stop := srv("127.0.0.1:0")
	if _, err := client.Dial(context.Background(), dotGame(), addr); err == nil || !strings.Contains(err.Error(), "may want a token") {
		t.Errorf("without any token: %v", err)
	}
	var failing atomic.Bool
	broken := errors.New("the backend is down")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.DialConfig(ctx, dotGame(), addr, client.Config{FreshToken: func(context.Context) ([]byte, error) {
		if failing.Load() {
			return nil, broken
		}
		return []byte{byte(asked.Add(1))}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	play(t, cl, "in the match", func() bool { return cl.Status().State == client.Playing })
	failing.Store(true)
	stop()
	_, stop = srv(addr)
	defer stop()
	play(t, cl, "told of the backend", func() bool { return errors.Is(cl.Status().Last, broken) })
	failing.Store(false)
	play(t, cl, "in the next match", func() bool { return cl.Status().State == client.Playing && cl.Status().Sessions == 2 })
	if n := asked.Load(); n != 2 || used.Load() != 2 {
		t.Errorf("%d tokens were asked for, the last used is %d", n, used.Load())
	}
	if _, err := client.DialConfig(ctx, dotGame(), addr, client.Config{Token: []byte{1, 2}}); err == nil || !errors.Is(err, client.ErrClosed) {
		t.Errorf("without a sound token: %v", err)
	}
}
