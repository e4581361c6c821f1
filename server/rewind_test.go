package server

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestClampLag(t *testing.T) {
	const tick = viewUnits
	for _, c := range []struct {
		name                       string
		view, cap, sinceJoin, kept int
		want                       int
	}{
		{"as asked", 3*tick + 5, 15 * tick, 1000, 128, 3*tick + 5},
		{"the cap", 100 * tick, 15 * tick, 1000, 128, 15 * tick},
		{"the present", 0, 15 * tick, 1000, 128, 0},
		{"the tick that is not finished", 5, 15 * tick, 1000, 128, tick},
		{"no rewind", 100, 0, 1000, 128, 0},
		{"a cap below one tick", 100, tick - 1, 1000, 128, 0},
		{"before the join", 10 * tick, 15 * tick, 4, 128, 4 * tick},
		{"in the tick of the join", 10 * tick, 15 * tick, 0, 128, 0},
		{"beyond the ring", 10 * tick, 15 * tick, 1000, 7, 7 * tick},
	} {
		if got := clampLag(c.view, c.cap, c.sinceJoin, c.kept); got != c.want {
			t.Errorf("%s: clampLag(%d, %d, %d, %d) = %d, want %d", c.name, c.view, c.cap, c.sinceJoin, c.kept, got, c.want)
		}
	}
}

func TestClampLagProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		view := rapid.IntRange(0, 65535).Draw(t, "view")
		most := rapid.IntRange(0, 5000).Draw(t, "cap")
		since := rapid.IntRange(-5, 300).Draw(t, "since")
		kept := rapid.IntRange(1, historyTicks).Draw(t, "kept")
		lag := clampLag(view, most, since, kept)
		if lag < 0 || lag > most || lag > max(0, since*viewUnits) || lag > kept*viewUnits {
			t.Fatalf("lag %d leaves its limits", lag)
		}
		if lag != 0 && lag < viewUnits {
			t.Fatalf("lag %d needs a world that does not exist yet", lag)
		}
		if lag > max(view, viewUnits) {
			t.Fatalf("lag %d is more than the view %d asks for", lag, view)
		}
	})
}

func TestCapUnits(t *testing.T) {
	for _, c := range []struct {
		cap  time.Duration
		rate int
		want int
	}{
		{250 * time.Millisecond, 60, 15 * viewUnits},
		{0, 60, 0},
		{-1, 60, 0},
		{time.Hour, 240, (historyTicks - 1) * viewUnits},
	} {
		if got := capUnits(c.cap, c.rate); got != c.want {
			t.Errorf("capUnits(%v, %d) = %d, want %d", c.cap, c.rate, got, c.want)
		}
	}
}
