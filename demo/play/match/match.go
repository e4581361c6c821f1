package match

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
)

// Options say what match to take part in, and how.
type Options struct {
	Connect   string // host:port or URL of a server; empty means one of our own, on a free loopback port
	Local     bool   // no sockets: our own server, a simulated network and the client in this one goroutine
	Name      string // of the player
	Spectate  bool   // only watch a server at Connect
	Room      string // at Connect, by name or code, opened when there is none; empty: any
	Bots      int    // on our own server
	Transport netcode.Transport
	Web       string                // URL of the same server for browsers; empty: none
	Known     *netcode.KnownServers // whose keys are remembered; nil: nobody's
	Place     *Place                // what is kept for coming back after a crash; nil: nothing
	ServerKey [32]byte              // of the server at Connect; zero: as Known says, else whoever answers
	Key       [32]byte              // our own, for which tokens are made; zero: a new one each time
	// FreshToken gets a backend's word that we may come in, for each dial another; nil where the server wants none.
	FreshToken func(context.Context) ([]byte, error)

	Up, Down simnet.Conditions // in front of the client's socket
	Auto     bool              // a bot plays for the player
	Seed     uint64            // of bots and simulated conditions
}

// Phase is what a match is doing.
type Phase uint8

// The phases of a match. Reconnect leads from each to Connecting.
const (
	Connecting Phase = iota + 1
	Playing
	Ended
)

// joinWithin is how long connecting may take before it counts as failed.
const joinWithin = 8 * time.Second

// Match is one match as one player takes part in it. It belongs to one goroutine, that of the window
// or of the status line.
type Match struct {
	opt    Options
	ctx    context.Context
	start  time.Time
	host   *host // our own server; nil when it is somebody else's
	room   *room // of a local match
	link   link
	tuning client.Tuning
	brain  *arena.Bot
	intent arena.Input // of the brain, for the next update

	joined func(*arenaClient) // of OnJoin; may be nil
	phase  Phase
	dialed chan dialed // of the attempt under way
	cancel context.CancelFunc
	seat   seat // nil but while Playing and after it
	reason string
	tries  tries // of the attempt under way

	keepAt time.Duration // when the place is looked at next

	leaving sync.WaitGroup // goodbyes to servers under way
}

// dialed is what came of an attempt to connect.
type dialed struct {
	seat seat
	err  error
}

// Start opens the server if it is to be our own, and begins to connect. The context ends the match.
func Start(ctx context.Context, o Options) (*Match, error) {
	m := &Match{opt: o, ctx: ctx, start: time.Now(), tuning: client.DefaultTuning(), brain: arena.NewBot(o.Seed)}
	m.link = link{up: o.Up, down: o.Down, seed: o.Seed}
	if o.Connect == "" || o.Local {
		h, err := newHost(o.Bots, o.Seed)
		if err != nil {
			return nil, err
		}
		m.host = h
		if o.Local {
			m.room = newRoom(h, o.Seed)
		} else if err := h.serve(ctx); err != nil {
			return nil, err
		}
	}
	m.connect()
	return m, nil
}

// connect begins an attempt to connect, which Update follows.
func (m *Match) connect() {
	m.phase, m.reason = Connecting, ""
	if m.room != nil {
		up, down := m.link.conditions()
		seat, err := m.room.join(m.opt, m.tuning, up, down)
		m.land(dialed{seat, err})
		return
	}
	ctx, cancel := context.WithTimeoutCause(m.ctx, joinWithin, errors.New("no answer"))
	m.cancel = cancel
	done := make(chan dialed, 1)
	m.dialed = done
	addr, cfg := m.addr(), m.link.config(m.opt, m.tuning)
	cfg.Resume = m.opt.Place.Take()
	m.tries.reset()
	cfg.OnTry = m.tries.add
	go func() {
		seat, err := dialSeat(ctx, addr, cfg)
		done <- dialed{seat, err}
	}()
}

// land takes in what came of an attempt.
func (m *Match) land(d dialed) {
	if d.err != nil {
		m.phase, m.reason = Ended, plain(d.err)
		return
	}
	m.phase, m.seat = Playing, d.seat
	m.seat.client().SetTuning(m.tuning)
	if m.joined != nil {
		m.joined(m.seat.client())
	}
}

// OnJoin calls fn with the client of the present session, if there is one, and of each later one: to listen for events.
func (m *Match) OnJoin(fn func(*client.Client[arena.World, arena.Input])) {
	m.joined = fn
	if m.seat != nil {
		fn(m.seat.client())
	}
}

// Update lets the match go on: call it once per frame with what the player does now.
func (m *Match) Update(in arena.Input) {
	switch m.phase {
	case Connecting:
		select {
		case d := <-m.dialed:
			m.cancel()
			m.land(d)
		default:
		}
	case Playing:
		if m.opt.Auto {
			in = m.intent
		}
		if err := m.seat.update(time.Since(m.start), in); err != nil {
			m.phase, m.reason = Ended, plain(err)
			return
		}
		m.keepPlace(time.Since(m.start))
		// After the update, not before: a view that is asked for before what arrived during a stall has
		// been taken in stops where snapshots ended, and takes seconds to catch up.
		if m.opt.Auto {
			m.intent = m.brain.Think(m.View(), m.Me(), m.seat.client().Stats().Tick)
		}
	}
}

// Phase returns what the match is doing; Reason why it Ended.
func (m *Match) Phase() Phase   { return m.phase }
func (m *Match) Reason() string { return m.reason }

// addr returns the address that is connected to.
func (m *Match) addr() string {
	if m.host != nil {
		return m.host.addr()
	}
	return m.opt.Connect
}

// Where says what we are connected to, and how; while there is no connection, what it is to be.
func (m *Match) Where() string {
	where, _, _ := strings.Cut(m.addr(), "#") // less the pin of a certificate
	switch {
	case m.room != nil:
		return fmt.Sprintf("inside this process, %d bots", m.opt.Bots)
	case m.phase == Playing:
		where = strings.ToUpper(m.seat.client().Stats().Transport) + " to " + where
	case m.opt.Transport != netcode.Auto:
		where += " over " + strings.ToUpper(m.Transport())
	}
	if m.Spectates() && m.phase == Playing {
		where = watching(m.seat.client().Audience()) + ", " + where
	}
	if m.host != nil {
		where += fmt.Sprintf(", our own server with %d bots", m.opt.Bots)
	}
	return where
}

// Spectates reports whether there is no player.
func (m *Match) Spectates() bool { return m.opt.Spectate }

// Behind returns how long after it happened the picture of who watches shows it: what the server holds back, the way here and the
// interpolation delay. It is 0 for who plays, and while nothing is shown.
func (m *Match) Behind() time.Duration {
	if !m.Spectates() || m.seat == nil {
		return 0
	}
	c := m.seat.client()
	s := c.Stats()
	return c.Audience().Delay + s.RTT/2 + s.InterpDelay
}

// watching says how late everything is, and who sees it as well.
func watching(a client.Audience) string {
	late := "live"
	if a.Delay > 0 {
		late = fmt.Sprintf("%v late", a.Delay)
	}
	if others := a.Spectators - 1; others > 0 {
		late += fmt.Sprintf(" with %d others", others)
	}
	return "watching " + late
}

// Close leaves the match and stops our own server; players on it are told. It takes a second at most.
func (m *Match) Close() {
	m.leave()
	m.leaving.Wait()
	if m.host != nil {
		m.host.close()
	}
}

// Goodbye tells the server that the player leaves, and waits for nothing: for who has no time left. The session is over then.
func (m *Match) Goodbye() {
	if m.seat != nil {
		cl := m.seat.client()
		m.leaving.Go(func() { _ = cl.Close() })
	}
}

// keepPlace looks once a second for what the player could come back with. That it cannot be written is no reason not to play.
func (m *Match) keepPlace(now time.Duration) {
	if m.opt.Place != nil && now >= m.keepAt {
		m.keepAt = now + time.Second
		_ = m.opt.Place.Keep(m.seat.client().Resume())
	}
}

// leave gives the place up, or the attempt to get one. A goodbye takes a round trip or, where nobody
// answers, a second; the window does not wait for it.
func (m *Match) leave() {
	if m.seat != nil {
		_ = m.opt.Place.Forget() // a file that stays is no harm: the server knows that the session is over
	}
	switch {
	case m.room != nil && m.seat != nil:
		m.seat.close()
	case m.seat != nil:
		m.leaving.Go(m.seat.close)
	case m.phase == Connecting:
		m.cancel()
		attempt := m.dialed
		m.leaving.Go(func() {
			if d := <-attempt; d.seat != nil {
				d.seat.close()
			}
		})
	}
	m.seat = nil
}

// Reconnect ends the session and starts a new one.
func (m *Match) Reconnect() {
	m.leave()
	m.connect()
}

// Me returns who the player is, 0 while there is none.
func (m *Match) Me() sim.PlayerID {
	if m.seat == nil {
		return 0
	}
	return m.seat.client().Player()
}
