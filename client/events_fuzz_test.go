package client

import (
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Whatever a server says has happened, what is kept stays within its limits and what is predicted is shown once at most.
func FuzzEventMessages(f *testing.F) {
	ping := sim.NewEvent[uint16]("ping", sim.Predicted)
	pong := sim.NewEvent[string]("pong", sim.Reliable)
	own := replica.AppendHappening(replica.AppendEventHeader(nil, replica.EventHeader{Tick: 101}), replica.Happening{Source: 7, Body: []byte{5}})
	f.Add(own, uint32(101), uint8(1))
	f.Add(replica.AppendHappening(own, replica.Happening{Event: 1, Source: 3, Body: []byte{0xa1, 'x'}}), uint32(90), uint8(200))
	f.Add(replica.AppendHappening(replica.AppendEventHeader(nil, replica.EventHeader{Tick: 1 << 31, More: true}), replica.Happening{Event: 63}), uint32(1), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, at uint32, rounds uint8) {
		e := newEvents([]sim.AnyEvent{ping, pong})
		e.me, e.rate = 7, 60
		shown := 0
		e.on[0] = []listener{func(i EventInfo, _ []byte) {
			if i.Tick == 101 && i.Source == 7 && i.N == 0 && i.Predicted {
				shown++
			}
		}}
		for i := range int(rounds) {
			e.step(101)
			e.predicted(sim.Emission{Event: ping.Type(), Source: 7, Body: []byte{5}})
			e.message(b, i%2 == 0)
			if i%16 == 15 {
				e.told(int64(100), replica.SnapshotHeader{Events: sim.Tick(at), HasEvents: at%2 == 0})
				e.settle()
			}
			if i%32 == 31 {
				e.reach(float64(at))
			}
			if len(e.own) > maxOwnEvents || len(e.waiting) > maxWaitingEvents {
				t.Fatalf("%d own and %d waiting", len(e.own), len(e.waiting))
			}
			d := e.take()
			d.tell()
			e.give(d)
		}
		if rounds > 0 && shown != 1 {
			t.Errorf("predicted once, shown %d times", shown)
		}
	})
}
