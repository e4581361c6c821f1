package p2p

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// freeAddr returns an address on this machine that nobody uses.
func freeAddr(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// TestJoin: two players over real sockets, who trust nobody else's key.
func TestJoin(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	addrs := []string{freeAddr(t), freeAddr(t)}
	var peers [2]*brawler
	var errs [2]error
	var all sync.WaitGroup
	for i := range peers {
		all.Go(func() {
			peers[i], errs[i] = Join(ctx, fight(), Config{Player: sim.PlayerID(i + 1), Addrs: addrs})
		})
	}
	all.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for peers[0].Stats().Confirmed < 60 || peers[1].Stats().Confirmed < 60 {
		for i, p := range peers {
			if err := p.Update(moves{Dx: int8(i)}); err != nil {
				t.Fatalf("player %d: %v", i+1, err)
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%+v", peers[0].Stats())
		case <-time.After(time.Millisecond):
		}
	}
	if err := peers[0].Close(); err != nil {
		t.Error(err)
	}
	if err := peers[0].Update(moves{}); err != ErrLeft {
		t.Errorf("after Close: %v", err)
	}
	for peers[1].Update(moves{}) == nil && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if err := peers[1].Err(); err != ErrAlone {
		t.Errorf("the other: %v", err)
	}
	if err := peers[1].Close(); err != nil {
		t.Error(err)
	}
}

// TestJoinSaysWhoIsMissing: the error names the players who did not come, and what became of the dial.
func TestJoinSaysWhoIsMissing(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	nobody := freeAddr(t)
	_, err := Join(ctx, fight(), Config{Player: 2, Addrs: []string{nobody, "127.0.0.1:0", ""}})
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "player 1 at "+nobody) || !strings.Contains(err.Error(), "player 3") {
		t.Errorf("%v", err)
	}
}
