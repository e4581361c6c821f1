package p2p

import (
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Peer is one player's end of a match without a server, made by Join or New; the zero Peer is of no use.
type Peer[W, I any] struct {
	game *sim.Game[W, I]
	cfg  Config
	plan *replica.Plan[W]
	code *replica.Inputs[I]
	ep   *session.Endpoint
	host *netcode.Host // of Join; nil of New
	now  time.Duration // of the latest call
	err  error

	seats     []*seat[I] // by player - 1
	own       *seat[I]
	strangers []stranger

	line      *timeline[W, I] // nil until everybody is here
	pace      pace
	wrong     int64 // the first tick that was computed with a wrong guess; never, when there is none
	confirmed int64
	spoke     time.Duration // when inputs were sent last
	played    bool          // a tick was computed since

	compare comparison
	events  events
	count   Counters

	buf      []byte
	commands []replica.Command[I]
	entries  []sim.Entry[I]
	leaving  []sim.PlayerID
}

const never = 1 << 62

// New returns a player over an endpoint that the caller drives, made with SessionConfig, which listens. The caller says with Connect where
// the players before this one are, calls Advance, and carries what the endpoint transmits.
func New[W, I any](g *sim.Game[W, I], ep *session.Endpoint, cfg Config) (*Peer[W, I], error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return nil, err
	}
	code, err := replica.NewInputs[I]()
	if err != nil {
		return nil, err
	}
	p := &Peer[W, I]{game: g, cfg: cfg, plan: plan, code: code, ep: ep, wrong: never}
	var neutral I
	code.Quantise(&neutral)
	for i := range cfg.Addrs {
		s := &seat[I]{id: sim.PlayerID(i + 1), link: newLink(nil)}
		s.track.ring[0] = neutral
		p.seats = append(p.seats, s)
	}
	p.own = p.seat(cfg.Player)
	p.own.state = here
	for range cfg.InputDelay {
		p.own.track.put(neutral)
	}
	p.compare = newComparison(plan.NewSnapshot)
	p.events = newEvents(g.Events, cfg.Player, cfg.MaxPrediction+2)
	return p, nil
}

// seat returns the seat of a player of the match, or nil.
func (p *Peer[W, I]) seat(id sim.PlayerID) *seat[I] {
	if id < 1 || int(id) > len(p.seats) {
		return nil
	}
	return p.seats[id-1]
}

// Advance moves the match on to now: what arrived is taken in, wrong guesses are taken back, the ticks that are due are computed with the
// input in, and it is sent. Call it once per frame, at any rate. now must not fall. Events are told last. The caller transmits.
func (p *Peer[W, I]) Advance(now time.Duration, in I) {
	p.advance(now, in)
	d := p.events.take()
	d.tell()
	p.events.give(d)
}

func (p *Peer[W, I]) advance(now time.Duration, in I) {
	p.now = now
	if p.err != nil {
		return
	}
	p.gather(now)
	if p.line == nil {
		return
	}
	if p.agree(); p.err != nil {
		return
	}
	p.correct()
	p.confirm(now)
	p.play(now, in)
	p.speak(now)
	p.report(now)
}

// gather takes in what arrived, dials who is not here, and begins the match once everybody is.
func (p *Peer[W, I]) gather(now time.Duration) {
	p.receive(now)
	p.dial(now)
	p.greet(now)
	if p.line == nil && p.err == nil && p.complete() {
		p.begin()
	}
}

func (p *Peer[W, I]) complete() bool {
	for _, s := range p.seats {
		if s.state != here || s != p.own && !s.link.greeted {
			return false
		}
	}
	return true
}

// begin makes the world of tick 0.
func (p *Peer[W, I]) begin() {
	p.events.step(0)
	p.line = newTimeline(p.game, p.plan, p.cfg.Seed, len(p.seats), p.cfg.MaxPrediction, p.events.happen)
	p.events.stepped()
	p.events.confirm(0)
	p.pace.rate = float64(p.line.rate)
}

// correct takes back what was computed with a wrong guess, and computes it again.
func (p *Peer[W, I]) correct() {
	newest := p.line.tick
	if p.wrong > newest {
		p.wrong = never
		return
	}
	p.count.Rollbacks++
	p.count.Resimulated += uint64(newest - p.wrong + 1)
	p.line.back(p.wrong - 1)
	p.wrong = never
	for p.line.tick < newest {
		p.step()
	}
}

// step computes the next tick with what is known and guessed.
func (p *Peer[W, I]) step() {
	t := p.line.tick + 1
	p.entries, p.leaving = p.entries[:0], p.leaving[:0]
	for _, s := range p.seats {
		switch {
		case s.state != out || t <= s.left:
			in, _ := s.track.at(t)
			p.entries = append(p.entries, sim.Entry[I]{Player: s.id, Input: in})
		case t == s.left+1:
			p.leaving = append(p.leaving, s.id)
		}
	}
	p.events.step(t)
	p.line.step(p.entries, p.leaving)
	p.events.stepped()
	p.played = true
}

// known returns the newest tick of which every input is known.
func (p *Peer[W, I]) known() int64 {
	least := int64(never)
	for _, s := range p.seats {
		if s.state != out {
			least = min(least, s.track.newest)
		}
	}
	return least
}

// confirm settles the ticks of which every input is known by now.
func (p *Peer[W, I]) confirm(now time.Duration) {
	for upto := min(p.known(), p.line.tick); p.confirmed < upto; {
		p.confirmed++
		p.events.confirm(p.confirmed)
		if p.confirmed%hashEvery == 0 {
			p.hash(now, p.confirmed)
		}
	}
}

// play computes the ticks that are due, as far as guessing is allowed.
func (p *Peer[W, I]) play(now time.Duration, in I) {
	p.pace.advance(now, p.lead())
	for n := 0; p.pace.take(); n++ {
		switch {
		case n == maxTicksPerAdvance:
			p.count.Skipped += 1 + uint64(p.pace.pos)
			p.pace.pos = 0
			return
		case p.line.tick+1-p.known() > int64(p.cfg.MaxPrediction):
			p.count.Stalls++
			p.pace.pos++
			p.pace.hold()
			return
		}
		p.add(p.own, in)
		p.step()
		p.confirm(now)
	}
}

// lead returns by how many ticks we are ahead of the player who is furthest behind.
func (p *Peer[W, I]) lead() float64 {
	most, any := 0.0, false
	for _, s := range p.seats {
		if s == p.own || s.state != here {
			continue
		}
		if a := s.link.ahead(); !any || a > most {
			most, any = a, true
		}
	}
	return most
}

// add appends an input to what a player does, checked by the game, as everybody does with it.
func (p *Peer[W, I]) add(s *seat[I], in I) {
	p.code.Quantise(&in)
	if p.game.Check != nil {
		in = p.game.Check(s.id, s.track.guess(), in)
		p.code.Quantise(&in)
	}
	guess := s.track.guess()
	s.track.put(in)
	if t := s.track.newest; p.line != nil && t <= p.line.tick && t < p.wrong && !p.code.Equal(&guess, &in) {
		p.wrong = t
	}
}

// View returns the world of the newest tick: what to draw. It is borrowed until the next Advance or Update and must not be changed. Before the
// match has begun it is nil.
func (p *Peer[W, I]) View() (w *W) {
	p.locked(func(time.Duration) {
		if p.line != nil {
			w = p.line.world.V
		}
	})
	return w
}

// Confirmed returns the world of the newest tick that will not be taken back, in lanes: the same for all players. It is borrowed until the
// next call of Confirmed. Before the match has begun it is nil.
func (p *Peer[W, I]) Confirmed() (s *replica.Snapshot) {
	p.locked(func(time.Duration) {
		if p.line != nil {
			s = p.compare.lent
			p.line.capture(s, p.confirmed)
		}
	})
	return s
}

// Err returns why the match is over for this player: ErrLeft, ErrAlone, ErrLeftOut or a *DesyncError; nil while it is not.
func (p *Peer[W, I]) Err() (err error) {
	p.locked(func(time.Duration) { err = p.err })
	return err
}

// locked runs f with the time, whoever drives the endpoint.
func (p *Peer[W, I]) locked(f func(now time.Duration)) {
	if p.host == nil {
		f(p.now)
		return
	}
	now := p.host.Lock()
	defer p.host.Unlock()
	f(now)
}
