package matchtest

import "time"

// compare holds the newest snapshot of a player against the server's world of that tick, to the last lane.
func (m *Match[W, I]) compare(p *Player[W, I]) {
	got := p.Snapshot()
	if got == nil || got.Tick == p.seen || m.opt.Partial {
		return
	}
	p.seen = got.Tick
	if got.Partial() {
		return // not all fitted; a later one is compared
	}
	want := m.truth[got.Tick%kept]
	if want == nil || want.Tick != got.Tick {
		p.tally.Missed++
		return
	}
	if !m.plan.Equal(want, got) {
		d, _ := m.plan.FirstDifference(want, got)
		m.Fatalf("%s has another world than the server (server != client): %v\n%s", p.Name(p.Player()), d, m.again())
	}
	p.tally.Worlds++
}

// Uncorrected fails the test if the server corrects any player's prediction while play runs the match. Where nobody can touch what
// another owns, predictions are exact at any latency, as long as inputs arrive: corrections after a tick without one are not held against the game.
func (m *Match[W, I]) Uncorrected(play func()) {
	m.Helper()
	type count struct{ corrections, missed uint64 }
	before := map[*Player[W, I]]count{}
	for _, p := range m.Players {
		st := p.Stats()
		before[p] = count{st.Corrections, st.MissedInputs}
	}
	play()
	for _, p := range m.Players {
		st := p.Stats()
		was := before[p]
		if n, missed := st.Corrections-was.corrections, st.MissedInputs-was.missed; n > missed {
			m.Errorf("%s was corrected %d times, %d inputs were missing; by up to %.3f units the last time", p.Name(p.Player()), n, missed, st.LastCorrection)
		}
	}
}

// settleTime is how long Settle lets nobody touch anything: long enough for every retransmission of a path that is usable.
const settleTime = 5 * time.Second

// Settle takes everybody's hands off the keys for 5 s and checks what must hold in the end: everybody who has not left is in
// the match and up to date, and was compared with the server, unless the match is Partial.
func (m *Match[W, I]) Settle() {
	m.Helper()
	hands := map[*Player[W, I]]func(*Player[W, I]) I{}
	for _, p := range m.Players {
		hands[p], p.Play = p.Play, nil
	}
	m.Run(settleTime)
	for _, p := range m.Players {
		p.Play = hands[p]
		if !p.gone && !p.left {
			m.checkSettled(p)
		}
	}
}

func (m *Match[W, I]) checkSettled(p *Player[W, I]) {
	m.Helper()
	st := p.Stats()
	if p.Err() != nil || p.Player() == 0 && !p.shows {
		m.Errorf("%v is not in the match: %v", p.addr, p.Err())
		return
	}
	if lag := m.Server.Snapshot().Tick.Sub(st.AuthTick); lag > kept && !p.shows {
		m.Errorf("%s is %d ticks behind the server", p.Name(p.Player()), lag)
	}
	if st.ReliableLost+st.ReliableSurplus > 0 {
		m.Errorf("%s: %d reliable messages were lost, %d came twice", p.Name(p.Player()), st.ReliableLost, st.ReliableSurplus)
	}
	if p.tally.Worlds == 0 && !m.opt.Partial && !p.shows {
		m.Errorf("%s: no world was compared with the server's", p.Name(p.Player()))
	}
}
