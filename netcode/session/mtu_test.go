package session_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// MUST 31. Of the sizes that are told apart the largest that passes is found, and nothing larger leaves but probes.
func TestSizeOfThePathIsFound(t *testing.T) {
	for carries, want := range map[int]int{
		9000: 1452, 1472: 1452, 1452: 1452, 1451: 1444, 1444: 1444, 1400: 1400, 1399: 1392, 1372: 1372, 1330: 1312, 1280: 1280, 1252: 1252, 1232: 1232, 1231: 1200, 1200: 1200,
	} {
		for _, loss := range []string{"0%", "3%"} {
			if loss != "0%" && carries%100 != 0 && !soaking() {
				continue
			}
			t.Run(fmt.Sprint(carries, " ", loss), func(t *testing.T) {
				r, f := fullRoad(t, 1, fmt.Sprintf("rate=8mbit,queue=2s,delay=25ms,mtu=%d,loss=%s", carries, loss))
				if got := f.conn.Stats().RecordSize; got != session.MaxDatagram {
					t.Fatalf("records of up to %d bytes leave though nothing is known", got)
				}
				r.run(3 * time.Second)
				s := f.conn.Stats()
				if s.RecordSize != want || s.BlackHoles != 0 {
					t.Errorf("records of %d bytes where %d pass, want %d; %d black holes", s.RecordSize, carries, want, s.BlackHoles)
				}
				if s.SizeProbes > 15 || s.SizeProbes*session.MaxRecordSize > s.BytesSent/10 {
					t.Errorf("%d probes", s.SizeProbes)
				}
				if loss == "0%" && (s.PacketsLost != 0 || s.LossOut != 0 || s.Retransmitted != 0 || s.Stalls != 0) {
					t.Errorf("the loss of probes counts: %d packets lost, share %.3f, %d messages again", s.PacketsLost, s.LossOut, s.Retransmitted)
				}
				if want > session.MaxDatagram && r.largestUp != want {
					t.Errorf("the largest record that came has %d bytes, want %d", r.largestUp, want)
				}
			})
		}
	}
}

// MUST 33. Most games have no use for more, and pay nothing.
func TestSmallRecordsAskForNoSize(t *testing.T) {
	r := newRoad(t, 1, "delay=25ms", "delay=25ms")
	f := r.enter()
	for range 60 * 60 {
		f.send(chanOrdered, 200)
		r.run(16667 * time.Microsecond)
	}
	if s := f.conn.Stats(); s.SizeProbes != 0 || s.RecordSize != session.MaxDatagram {
		t.Errorf("%d probes of a session that sends 200 bytes a tick", s.SizeProbes)
	}
}

// MUST 34. The path takes less from one moment to the next and nobody says so: within a second all goes on, and no message is lost.
func TestBlackHoleUnderWay(t *testing.T) {
	ways := []string{"rate=8mbit,queue=65ms,delay=75ms", "rate=8mbit,queue=65ms,delay=25ms,loss=5%", "rate=64kB/s,queue=200ms,delay=25ms"}
	if soaking() {
		ways = append(ways, "rate=8mbit,queue=65ms,delay=5ms", "rate=8mbit,queue=65ms,delay=25ms")
	}
	for _, way := range ways {
		for _, to := range []int{1200, 1400} {
			t.Run(fmt.Sprintf("%s,mtu=%d", way, to), func(t *testing.T) {
				r, f := fullRoad(t, 1, way)
				r.run(5 * time.Second)
				if got := f.conn.Stats().RecordSize; got != session.MaxRecordSize {
					t.Fatalf("records of %d bytes", got)
				}
				c := r.up.Conditions()
				c.MTU = to
				r.up.Set(c)
				change := r.now
				for f.conn.Stats().BlackHoles == 0 && r.now < change+3*time.Second {
					r.run(time.Millisecond)
				}
				if took := r.now - change; took > time.Second {
					t.Errorf("the black hole was seen after %v", took)
				}
				r.run(10 * time.Second)
				s := f.conn.Stats()
				if want := to; s.RecordSize != want || s.BlackHoles != 1 {
					t.Errorf("records of %d bytes, want %d; %d black holes", s.RecordSize, want, s.BlackHoles)
				}
				if got := f.goodput(r.now-5*time.Second, r.now); got < 0.7*float64(c.Rate) {
					t.Errorf("%.0f bytes per second arrive then", got)
				}
				f.greedy = false
				r.run(10 * time.Second)
				if s := f.conn.Stats(); s.ReliableQueue != 0 || len(f.arrived) != int(s.ReliableSent) {
					t.Errorf("%d of %d messages arrived", len(f.arrived), s.ReliableSent)
				}
			})
		}
	}
}

// MUST 34. An outage is no black hole, nor is loss: large and small are lost alike.
func TestWeatherIsNoBlackHole(t *testing.T) {
	for _, way := range []string{"rate=8mbit,queue=65ms,delay=25ms,loss=20%", "rate=8mbit,queue=65ms,delay=25ms,burst=10%/200ms", "rate=8mbit,queue=200ms,delay=10ms,jitter=30ms"} {
		r, f := fullRoad(t, 1, way)
		for range 600 {
			f.send(chanLoose, 30)
			r.run(16667 * time.Microsecond)
		}
		if s := f.conn.Stats(); s.BlackHoles > 1 || s.RecordSize < 1400 {
			t.Errorf("%s: %d black holes, records of %d bytes", way, s.BlackHoles, s.RecordSize)
		}
	}
}

// What did not pass is tried again ten minutes later, as paths become better too.
func TestSizeIsTriedAgain(t *testing.T) {
	r, f := fullRoad(t, 1, "rate=64kB/s,queue=200ms,delay=5ms,mtu=1280")
	r.run(10 * time.Second)
	s := f.conn.Stats()
	c := r.up.Conditions()
	c.MTU = 0
	r.up.Set(c)
	f.greedy = false
	r.run(9 * time.Minute)
	f.greedy = true
	r.run(10 * time.Second)
	if now := f.conn.Stats(); now.SizeProbes != s.SizeProbes || now.RecordSize != 1280 {
		t.Errorf("after 9 min there were %d more probes", now.SizeProbes-s.SizeProbes)
	}
	f.greedy = false
	r.run(time.Minute)
	f.greedy = true
	r.run(10 * time.Second)
	if now := f.conn.Stats(); now.RecordSize != session.MaxRecordSize {
		t.Errorf("after 10 min records have %d bytes", now.RecordSize)
	}
}

// A carrier whose datagrams the system would cut into fragments is not probed.
func TestNoProbesWhereFragmentsWouldPass(t *testing.T) {
	r, f := fullRoad(t, 1, "rate=8mbit,queue=65ms,delay=25ms")
	f.from.SetProbing(session.UDP, false)
	r.run(5 * time.Second)
	if s := f.conn.Stats(); s.SizeProbes != 0 || r.largestUp > session.MaxDatagram {
		t.Errorf("%d probes, a record of %d bytes", s.SizeProbes, r.largestUp)
	}
}

// What larger records are worth: of the same line more is messages, and there are fewer records.
func TestLargerRecordsCarryMore(t *testing.T) {
	rate := func(mtu int) (goodput, records float64) {
		r, f := fullRoad(t, 1, fmt.Sprintf("rate=16mbit,queue=65ms,delay=5ms,mtu=%d", mtu))
		r.run(2 * time.Second)
		start, sent := r.now, f.conn.Stats().PacketsSent
		r.run(5 * time.Second)
		return f.goodput(start, r.now), float64(f.conn.Stats().PacketsSent - sent)
	}
	small, many := rate(1200)
	large, few := rate(1452)
	t.Logf("%.3f times the messages, in %.2f times the records", large/small, few/many)
	if large < 1.005*small || few > 0.87*many {
		t.Errorf("records of 1452 bytes carry %.0f B/s in %.0f, of 1200 bytes %.0f in %.0f", large, few, small, many)
	}
}
