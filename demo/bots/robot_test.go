package main

import (
	"errors"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
)

// TestReliableCount: a message counts as delivered only when it was sent in time and answered in turn,
// and its fate is awaited as long as it can change.
func TestReliableCount(t *testing.T) {
	for _, c := range []struct {
		name      string
		delivered uint64 // by now, of those sent since the beginning
		lost      uint64
		gone      error
		settled   bool
		counted   uint64
	}{
		{"all answered", 10, 0, nil, true, 10},
		{"later ones answered too", 12, 0, nil, true, 10},
		{"one under way", 9, 0, nil, false, 9},
		{"one skipped for good", 9, 1, nil, true, 9},
		{"nobody to answer any more", 3, 0, errors.New("gone"), true, 3},
	} {
		r := robot{asked: 10, gone: c.gone, last: client.Stats{ReliableDelivered: c.delivered, ReliableLost: c.lost}}
		if got := r.settled(); got != c.settled {
			t.Errorf("%s: settled = %t, want %t", c.name, got, c.settled)
		}
		if got := r.delivered(); got != c.counted {
			t.Errorf("%s: %d delivered, want %d", c.name, got, c.counted)
		}
	}
}

func TestWhatFails(t *testing.T) {
	good := report{Clients: 4, Connected: 4, ReliableSent: 9, ReliableDelivered: 9}
	if good.failed() {
		t.Errorf("%+v counts as failed", good)
	}
	for _, spoil := range []func(*report){
		func(r *report) { r.Connected = 3 },
		func(r *report) { r.Disconnects = 1 },
		func(r *report) { r.ReliableLost = 1 },
		func(r *report) { r.ReliableSurplus = 1 },
	} {
		bad := good
		if spoil(&bad); !bad.failed() {
			t.Errorf("%+v does not count as failed", bad)
		}
	}
}

// TestGaps: snapshots that arrive together are as many gaps of nothing.
func TestGaps(t *testing.T) {
	f := newFleet(options{}, nil)
	before := client.Stats{Snapshots: 10}
	f.measure(before, &client.Stats{Snapshots: 10})
	f.measure(before, &client.Stats{Snapshots: 11, SnapshotGap: 20 * time.Millisecond})
	f.measure(before, &client.Stats{Snapshots: 13, SnapshotGap: 50 * time.Millisecond})
	if n := f.gaps.h.TotalCount(); n != 4 {
		t.Errorf("%d gaps noted, want 4", n)
	}
	if got := f.gaps.extremes(); got.P50 != 0 || got.Max < 49.9 || got.Max > 50.1 {
		t.Errorf("gaps are %+v, want half of them 0 and 50 at most", got)
	}
}

// TestTimesBeyondAMinute: nothing is left out, only cut.
func TestTimesBeyondAMinute(t *testing.T) {
	h := newTimes()
	h.add(time.Hour)
	if got := h.extremes().Max; got < 59_900 || got > 60_100 {
		t.Errorf("an hour is noted as %v ms, want a minute", got)
	}
}
