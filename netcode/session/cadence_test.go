package session

import (
	"math/rand/v2"
	"testing"
	"time"
)

const tick = 16667 * time.Microsecond

// beating returns the acknowledging side of a sender that has sent a record per tick for a while, and the next number.
func beating(n int) (a ackState, now time.Duration, pn uint64) {
	for range n {
		now += tick
		a.receive(now, pn, true, 5*time.Millisecond, 6*time.Millisecond)
		if a.overdue(now) {
			a.written(now)
		}
		pn++
	}
	return a, now, pn
}

// Four beats share an acknowledgement while all arrives, three for a while after a loss. One missing number may have been left out.
func TestBeatsShareAnAck(t *testing.T) {
	for lost, want := range map[uint64]int{0: 15, 1: 15, 2: 20} {
		a, now, pn := beating(30)
		pn += lost
		if got := acksOf(t, &a, now, pn, 60); got != want {
			t.Errorf("%d acknowledgements for 60 beats, after %d lost packets", got, lost)
		}
	}
}

// acksOf returns how many acknowledgements a number of beats gets, from number pn on.
func acksOf(t *testing.T, a *ackState, now time.Duration, pn uint64, beats int) (acks int) {
	t.Helper()
	for range beats {
		for now += tick; a.due && a.dueAt < now; {
			t.Fatalf("an acknowledgement was due at %v, between beats", a.dueAt)
		}
		a.receive(now, pn, true, 5*time.Millisecond, 6*time.Millisecond)
		pn++
		if a.overdue(now) {
			a.written(now)
			acks++
		}
	}
	return acks
}

// A slow sender, and a first record after silence, are acknowledged within the delay: the sender may be waiting for just that.
func TestLoneRecordIsAcknowledgedSoon(t *testing.T) {
	for _, beat := range []time.Duration{200 * time.Millisecond, 3 * time.Second} {
		a, now, pn := beating(30)
		a.written(now)
		for range 20 {
			now += beat
			a.due = false
			a.receive(now, pn, true, 5*time.Millisecond, 6*time.Millisecond)
			pn++
			if !a.due || a.dueAt > now+5*time.Millisecond {
				t.Fatalf("at a beat of %v: due %v, after %v", beat, a.due, a.dueAt-now)
			}
			a.written(now)
		}
	}
}

// When a beat does not come, the peer is told, three times at most, and by how much.
func TestLateBeatIsTold(t *testing.T) {
	a, last, _ := beating(30)
	told := 0
	for a.due {
		now := a.dueAt
		if want := last + tick*time.Duration(told+1); now < want+6*time.Millisecond || now > want+8*time.Millisecond {
			t.Errorf("notice %d came %v after the last beat", told, now-last)
		}
		f, n := parseAck(a.appendTo(nil, now))
		if n == 0 || f.delay > now-last || f.delay < now-last-ackDelayUnit {
			t.Errorf("notice %d says a delay of %v, it is %v", told, f.delay, now-last)
		}
		a.written(now)
		if told++; told > 10 {
			break
		}
	}
	if told != maxNotices {
		t.Errorf("%d notices", told)
	}
}

// A sender that keeps no time is not waited for: hardly ever is it told to be late.
func TestFewNoticesWithoutACadence(t *testing.T) {
	var a ackState
	rnd := rand.New(rand.NewPCG(1, 1))
	now, notices := time.Duration(0), 0
	const records = 2000
	for pn := range uint64(records) {
		now += 2*time.Millisecond + time.Duration(rnd.Int64N(int64(40*time.Millisecond)))
		if pn > 20 && a.due && a.dueAt < now {
			notices++
		}
		a.receive(now, pn, true, 5*time.Millisecond, 6*time.Millisecond)
		a.written(now)
	}
	if notices > records/50 {
		t.Errorf("%d notices for %d records", notices, records)
	}
}

// What was sent again, between beats, does not disturb the beat.
func TestRetransmissionsKeepTheBeat(t *testing.T) {
	a, now, pn := beating(30)
	for i := range 40 {
		if i%4 == 0 {
			a.receive(now+8*time.Millisecond, pn, true, 5*time.Millisecond, 6*time.Millisecond)
			pn++
		}
		now += tick
		a.receive(now, pn, true, 5*time.Millisecond, 6*time.Millisecond)
		a.written(now)
		pn++
	}
	if got := a.beat.gap; got < tick-time.Millisecond || got > tick+time.Millisecond || !a.beat.steady() {
		t.Errorf("the beat is taken for %v, steady %v", got, a.beat.steady())
	}
}

// Whatever is lost while the beat is learnt, and after: it is the sender's, neither its double nor its half.
func TestLossesKeepTheBeat(t *testing.T) {
	for seed := range uint64(50) {
		var a ackState
		rnd := rand.New(rand.NewPCG(seed, 1))
		now, pn, right := time.Duration(0), uint64(0), 0
		hear := func(at time.Duration) {
			if rnd.Float64() >= 0.2 {
				a.receive(at, pn, true, 5*time.Millisecond, 6*time.Millisecond)
				a.written(at)
			}
			pn++
		}
		const beats = 600
		for i := range beats {
			now += tick
			hear(now)
			if rnd.Float64() < 0.05 {
				hear(now + 8*time.Millisecond) // sent again
			}
			if i >= beats/2 && a.beat.steady() && (a.beat.gap-tick).Abs() < time.Millisecond && now-a.beat.at < 16*tick && (now-a.beat.at)%tick == 0 {
				right++
			}
		}
		if right < beats/2*9/10 {
			t.Errorf("seed %d: the beat was known in %d of %d beats", seed, right, beats/2)
		}
	}
}

// TestLateNoticeRepairsSooner: over 25 ms each way at 60 Hz the loss of one record is known a round trip and the reorder window
// after it was sent, before the next one's acknowledgement.
func TestLateNoticeRepairsSooner(t *testing.T) {
	const delay = 25 * time.Millisecond
	p := connected(t, 1, link{delay: delay})
	for i := range 60 {
		p.client.send(p, 0, numbered(i, 100))
		p.advance(tick)
	}
	p.link.loss = 1
	p.client.send(p, 0, numbered(60, 100))
	start := p.now
	p.flush()
	p.link.loss = 0
	for i := 61; len(p.server.on(0)) < 61; i++ {
		p.client.send(p, 0, numbered(i, 100))
		for end := p.now + tick; p.now < end && len(p.server.on(0)) < 61; {
			p.step(end)
		}
	}
	if late := p.now - start - delay; late > 60*time.Millisecond {
		t.Errorf("the message came %v late", late)
	}
}
