//go:build linux

package main

import (
	"os"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/link"
	"github.com/halftick/halftick/netcode/bench/peer"
)

// TestMain lets the test play the children of a cell, as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "-node" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestPeers: every peer carries messages of each lane it has, both ways, over loopback.
func TestPeers(t *testing.T) {
	for _, r := range peer.All() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			l, err := link.Open(nil, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			spec := cell.Spec{Peer: r.Name, Conns: 3, Run: 300 * time.Millisecond, Drain: 10 * time.Second}
			for _, lane := range r.Lanes {
				if lane == peer.Bulk {
					spec.Up = append(spec.Up, cell.Stream{Lane: lane, Size: peer.MaxMessage, Transfer: 64 << 10})
					continue
				}
				spec.Up = append(spec.Up, cell.Stream{Lane: lane, Hz: 60, Size: 100})
				spec.Down = append(spec.Down, cell.Stream{Lane: lane, Hz: 20, Size: 400, Together: true})
			}
			res, err := cell.Run(l, spec, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range append(res.Up, res.Down...) {
				if f.Lane == peer.Reliable && len(f.Latency) != f.Sent {
					t.Errorf("%d of %d reliable messages came", len(f.Latency), f.Sent)
				}
				if f.Hz > 0 && (f.Sent == 0 || len(f.Latency) == 0) {
					t.Errorf("%s: sent %d, got %d", f.Lane, f.Sent, len(f.Latency))
				}
			}
			if r.Can(peer.Bulk) && len(res.Whole) == 0 {
				t.Error("no transfer was complete")
			}
			if res.Order != 0 || res.Failed != 0 {
				t.Errorf("%d out of order, %d sends failed", res.Order, res.Failed)
			}
		})
	}
}

// TestLink: TCP and UDP cross an emulated link, which counts what they offer to it.
func TestLink(t *testing.T) {
	for _, name := range []string{"tcp", "halftick"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shape := link.Shape{Delay: 10 * time.Millisecond, Loss: 0.05}
			l, err := link.Open(&shape, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if name == "tcp" && !l.CarriesTCP() {
				t.Skip("no namespaces here")
			}
			spec := cell.Spec{Peer: name, Conns: 1, Run: 500 * time.Millisecond, Drain: 10 * time.Second, Up: []cell.Stream{{Lane: peer.Reliable, Hz: 60, Size: 100}}}
			res, err := cell.Run(l, spec, shape.Delay)
			if err != nil {
				t.Fatal(err)
			}
			f := res.Up[0]
			if f.Sent != 30 || len(f.Latency) != f.Sent {
				t.Errorf("sent %d, want 30; %d came", f.Sent, len(f.Latency))
			}
			for _, ms := range f.Latency {
				if ms < -0.05 { // the clocks of two processes agree to some microseconds
					t.Errorf("a message came %v ms sooner than light", -ms)
				}
			}
			if least := int64(f.Sent * 100); res.Offered[link.Client].Bytes < least || res.Offered[link.Server].Bytes == 0 {
				t.Errorf("offered %+v, want at least %d bytes up and some down", res.Offered, least)
			}
		})
	}
}
