package session

import (
	"testing"
	"time"
)

// numbers calls each with the first n numbers that the endpoint sends, less those that it leaves out.
func numbers(ep *Endpoint, n uint64, each func(pn uint64)) (out []uint64) {
	at := ep.nextSkip(0, 0)
	for pn := range n {
		if pn > 0 && pn >= at {
			out = append(out, pn)
			at = ep.nextSkip(uint64(len(out)), pn)
			continue
		}
		each(pn)
	}
	return out
}

// Each number that is left out has its place, and which it is there cannot be foretold.
func TestPlacesOfNumbersThatAreLeftOut(t *testing.T) {
	out := numbers(mustEndpoint(t, testConfig(1)), 1<<20, func(uint64) {})
	safe := uint64(0) // numbers of which an observer of all before knows that they are not left out
	for i, pn := range out {
		from := uint64(i) * skipEvery
		if i > 0 {
			if pn < out[i-1]+leastSkip {
				t.Fatalf("%d and %d are left out", out[i-1], pn)
			}
			safe += max(from, out[i-1]+leastSkip) - out[i-1] - 1
		}
		if pn < from || pn >= from+skipSpread {
			t.Fatalf("the number left out after %d others is %d", i, pn)
		}
	}
	if share := float64(safe) / (1 << 20); share > 0.22 {
		t.Errorf("of %.0f %% of the numbers it is known that they are sent", share*100)
	}
}

// What is left out is never shown as a loss on a path without losses; what comes late, no longer than until it has come.
func TestNumbersThatAreLeftOutAreNoLoss(t *testing.T) {
	for secret := byte(1); secret <= 100; secret++ {
		var all []uint64
		numbers(mustEndpoint(t, testConfig(secret)), 6000, func(pn uint64) { all = append(all, pn) })
		var a, late ackState
		for _, pn := range all {
			a.receive(0, pn, true, time.Millisecond, 0)
			if a.lossIn != 0 {
				t.Fatalf("secret %d: number %d shows a loss of %.4f", secret, pn, a.lossIn)
			}
		}
		for i, pn := range all {
			overtaken := i%50 == 10
			switch {
			case i%50 >= 7 && i%50 < 10: // the next three come before it
				pn = all[i+1]
			case overtaken:
				pn = all[i-3]
			}
			late.receive(0, pn, true, time.Millisecond, 0)
			if overtaken && late.lossIn != 0 {
				t.Fatalf("secret %d: number %d came late, and still shows a loss of %.4f", secret, pn, late.lossIn)
			}
		}
	}
}

// Losses are shown as large as they are, small ones too, though nobody can tell a number that was lost from one that was left out.
func TestLossesBesideNumbersThatAreLeftOut(t *testing.T) {
	for _, share := range []float64{0.002, 0.01, 0.05, 0.3} {
		p := newPair(t, 7, link{})
		var a ackState
		sum, n, sent, gone := 0.0, 0, 0, 0
		numbers(p.server.ep, 400_000, func(pn uint64) {
			if sent++; p.rnd.Float64() < share {
				gone++
				return
			}
			a.receive(0, pn, true, time.Millisecond, 0)
			sum, n = sum+a.lossIn, n+1
		})
		if got, want := sum/float64(n), float64(gone)/float64(sent); got < want*0.95-0.0001 || got > want*1.05+0.0001 {
			t.Errorf("a loss of %.4f is shown as %.4f", want, got)
		}
	}
}

// Losses that begin are seen at once, but for as many as there may have been left out.
func TestLossesAreNotHidden(t *testing.T) {
	var a ackState
	for pn := range uint64(1 << 16) { // from a peer that leaves nothing out
		a.receive(0, pn, true, time.Millisecond, 0)
	}
	for pn := uint64(1 << 16); pn < 1<<16+200; pn += 10 {
		a.receive(0, pn, true, time.Millisecond, 0)
	}
	if want := uint64(200-10) / 10 * 9; a.missed < want-3 {
		t.Errorf("%d of %d losses are counted", a.missed, want)
	}
}

// What was taken for lost and was only late is no longer shown as a loss: on a short path, too, when a machine at its end had something else to do.
func TestLatePacketIsNoLoss(t *testing.T) {
	for _, delay := range []time.Duration{20 * time.Millisecond, 200 * time.Microsecond} {
		p := connected(t, 1, link{delay: delay})
		p.play(time.Second)
		var held []byte
		p.wire = func(from *side, _ Path, b []byte) bool {
			if from == p.client && held == nil {
				held = append(held, b...)
				return true
			}
			return false
		}
		for p.client.conn.Stats().PacketsLost == 0 {
			p.play(10 * time.Millisecond)
		}
		if p.client.conn.Stats().LossOut == 0 {
			t.Fatalf("%v: a loss is not shown", delay)
		}
		p.server.ep.Receive(p.now, clientAddr, held)
		p.play(200 * time.Millisecond)
		if s := p.client.conn.Stats(); s.PacketsSpurious != 1 || s.LossOut != 0 {
			t.Errorf("%v: %d packets were late, and a share of %.4f is shown as lost", delay, s.PacketsSpurious, s.LossOut)
		}
	}
}
