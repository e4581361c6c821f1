package demo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// silenced is a socket whose datagrams all vanish: a network that blocks UDP.
type silenced struct{ carrier.Datagrams }

func (s silenced) WriteBatch([]carrier.Datagram) (int, error) { return 0, nil }

// TestRealSockets plays the arena over the loopback device: UDP, TCP, and UDP blocked. In the end,
// when everything has come to rest, all screens show the same world.
func TestRealSockets(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  client.Config
		want string
	}{
		"udp":         {client.Config{Transport: netcode.OnlyUDP}, "udp"},
		"tcp":         {client.Config{Transport: netcode.OnlyTCP}, "tcp"},
		"udp blocked": {client.Config{WrapUDP: func(d carrier.Datagrams) carrier.Datagrams { return silenced{d} }}, "tcp"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			addr := runServer(t, arena.Game()).Addr().String()
			var seats []*liveSeat
			for i := range 4 {
				seats = append(seats, dialSeat(t, ctx, arena.Game(), addr, tc.cfg, uint64(i)))
			}
			playLive(t, ctx, seats, func() bool { return seats[0].Stats().Snapshots > 150 })
			for _, s := range seats {
				s.still = true
			}
			playLive(t, ctx, seats, func() bool { return atRest(seats) })
			for i, s := range seats {
				st := s.Stats()
				if st.Transport != tc.want {
					t.Errorf("client %d travels over %s, want %s", i, st.Transport, tc.want)
				}
				if st.ReliableLost+st.ReliableSurplus > 0 || st.ReliableDelivered == 0 {
					t.Errorf("client %d: %d reliable messages back, %d lost, %d twice", i, st.ReliableDelivered, st.ReliableLost, st.ReliableSurplus)
				}
			}
		})
	}
}

type arenaGame = sim.Game[arena.World, arena.Input]

// liveSeat is a client on real sockets and who plays it.
type liveSeat struct {
	*client.Client[arena.World, arena.Input]
	bot   *arena.Bot
	still bool
}

// runServer serves a game until the test ends.
func runServer(t testing.TB, game *arenaGame) *server.Server[arena.World, arena.Input] {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := server.New(game, server.Config{Secret: [32]byte{7}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- s.Run(ctx, "") }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return s
}

func dialSeat(t testing.TB, ctx context.Context, game *arenaGame, addr string, cfg client.Config, seed uint64) *liveSeat {
	t.Helper()
	cl, err := client.DialConfig(ctx, game, addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cl.Close() })
	return &liveSeat{Client: cl, bot: arena.NewBot(seed)}
}

// playLive runs frames in real time until cond holds; the context bounds it.
func playLive(t *testing.T, ctx context.Context, seats []*liveSeat, cond func() bool) {
	t.Helper()
	frames := time.NewTicker(tick)
	defer frames.Stop()
	for !cond() {
		select {
		case <-ctx.Done():
			t.Fatalf("the worlds never became equal: %s", differ(seats[0].Auth(), seats[1].Auth()))
		case <-frames.C:
		}
		for _, s := range seats {
			s.play(t)
		}
	}
}

// play is a frame.
func (s *liveSeat) play(t testing.TB) {
	t.Helper()
	var in arena.Input
	if !s.still {
		in = s.bot.Think(s.View(), s.Player(), s.Stats().Tick)
	}
	if err := s.Update(in); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkLiveTick is what the ticks of a server take, its system calls included, while bots play on real sockets beside it, at a frame per tick.
// An op is a frame.
//
//	go test ./demo -run '^$' -bench LiveTick -benchtime 2000x
func BenchmarkLiveTick(b *testing.B) {
	for _, size := range []struct{ players, rate int }{{10, 128}, {64, 60}} {
		b.Run(fmt.Sprintf("%d@%dHz", size.players, size.rate), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			game := arena.Game()
			game.TickRate = size.rate
			s := runServer(b, game)
			var seats []*liveSeat
			for i := range size.players {
				seats = append(seats, dialSeat(b, ctx, game, s.Addr().String(), client.Config{Transport: netcode.OnlyUDP}, uint64(i)))
			}
			frames := time.NewTicker(time.Second / time.Duration(size.rate))
			defer frames.Stop()
			for b.Loop() {
				<-frames.C
				for _, seat := range seats {
					seat.play(b)
				}
			}
			st := s.Stats()
			b.ReportMetric(float64(st.TickTime.P50.Microseconds()), "tick-p50-µs")
			b.ReportMetric(float64(st.TickTime.P99.Microseconds()), "tick-p99-µs")
			b.ReportMetric(float64(st.TickTime.Max.Microseconds()), "tick-max-µs")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// atRest reports whether all clients have the same world and nothing in it moves.
func atRest(seats []*liveSeat) bool {
	first := seats[0].Auth()
	if first.Rockets.Len() > 0 || first.Players.Len() != len(seats) {
		return false
	}
	for _, s := range seats[1:] {
		if differ(first, s.Auth()) != "" {
			return false
		}
	}
	for _, p := range first.Players.All() {
		if p.Vel.Len2() > 0 || !p.Alive() {
			return false
		}
	}
	return true
}

// differ names the first row in which two worlds differ, or returns "".
func differ(a, b *arena.World) string {
	for _, diff := range []string{
		differIn("Players", &a.Players, &b.Players), differIn("Rockets", &a.Rockets, &b.Rockets),
	} {
		if diff != "" {
			return diff
		}
	}
	return ""
}

func differIn[T comparable](table string, a, b *sim.Table[T]) string {
	for id, row := range a.All() {
		other, ok := b.Get(id)
		if !ok {
			return fmt.Sprintf("%s %08x is missing", table, id)
		}
		if *other != *row || a.Owner(id) != b.Owner(id) {
			return fmt.Sprintf("%s %08x is %+v (owner %d), want %+v (owner %d)", table, id, *other, b.Owner(id), *row, a.Owner(id))
		}
	}
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s has %d rows, want %d", table, b.Len(), a.Len())
	}
	return ""
}
