package client

import (
	"log/slog"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Client is one player's end of a match, made by Dial, DialConfig or New; the zero Client is of no use.
// One made by New belongs to its caller's goroutine. One made by Dial may be used from several, but
// each world it returns is borrowed until the next call of the same method.
type Client[W, I any] struct {
	ep   *session.Endpoint
	conn *session.Conn
	host *netcode.Host // of Dial; nil of New
	log  *slog.Logger

	wanted  replica.Hello // as Config says
	room    Room          // that the player is in, or was in the session before
	tuning  Tuning
	now     time.Duration // of the latest call
	awake   bool          // there has been an Advance
	greeted bool          // Hello was sent
	entered bool          // there was a Welcome
	me      sim.PlayerID  // 0 before Welcome, and of one who watches
	err     *ClosedError  // once the session is over for good

	game     *sim.Game[W, I]
	plan     *replica.Plan[W]
	teleport float32
	redials  func(why error) bool // of a host that dials again; nil when there is none
	lost     *ClosedError         // why the host is dialling again
	since    time.Duration        // when the state last changed: see Status
	sessions int
	ticket   []byte   // the newest, to resume the session with
	key      [32]byte // that it is bound to, when it was made for this client
	returned bool     // the session has the player of an earlier one
	before   Stats    // counters of earlier sessions

	inputs *replica.Inputs[I]
	in     I // scratch: the input being quantised
	buf    []byte

	clock  clock
	view   viewClock
	pace   pace
	snaps  *snapshots
	cmds   commands[I]
	pred   predictor[W, I]
	past   past[W]
	screen *screen[W]
	roster roster
	chat   chat
	probes probes
	events events
	calls  calls
	doubts doubts
	budget budget
	count  counters
	heard  int64 // newest input that the server has told it has

	troubles troubles
	crowd    crowd
}

// New returns a client over a session that the caller drives: it makes the endpoint from SessionConfig,
// dials, and carries what Transmit gives out. The errors are those of the game's definition.
func New[W, I any](g *sim.Game[W, I], ep *session.Endpoint, conn *session.Conn, cfg Config) (*Client[W, I], error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return nil, err
	}
	rate, _ := g.Rates()
	plan.SetTickRate(rate)
	inputs, err := replica.NewInputs[I]()
	if err != nil {
		return nil, err
	}
	cfg = cfg.resolve()
	c := &Client[W, I]{
		ep: ep, conn: conn, log: cfg.Logger, wanted: cfg.greeting(), tuning: cfg.Tuning, crowd: crowd{watch: cfg.Spectate},
		game: g, plan: plan, teleport: cfg.Teleport, sessions: 1,
		inputs: inputs, probes: probes{every: cfg.ProbeEvery}, doubts: doubts{tell: cfg.Mispredicted},
		events: newEvents(g.Events), calls: newCalls(g.RPCs), budget: budget{clock: cfg.Clock, most: cfg.ReplayBudget},
	}
	c.begin()
	return c, nil
}

// begin makes the state of one session, before the server has said anything.
func (c *Client[W, I]) begin() {
	c.awake, c.greeted, c.entered, c.returned, c.me, c.heard = false, false, false, false, 0, 0
	c.troubles, c.crowd = troubles{}, crowd{watch: c.crowd.watch}
	c.pace = pace{}
	c.clock, c.view, c.count, c.roster = clock{}, viewClock{}, counters{}, roster{}
	c.cmds, c.probes = commands[I]{}, probes{every: c.probes.every}
	c.doubts = doubts{tell: c.doubts.tell}
	c.snaps = newSnapshots(c.plan)
	c.past = past[W]{plan: c.plan, snaps: c.snaps, world: c.plan.NewWorld()}
	c.screen = newScreen(c.plan, c.teleport)
	c.pred = newPredictor(c.game, c.plan, &c.cmds, &c.past, &c.events, c.budget)
	c.inputs.Quantise(&c.pred.neutral)
	c.events.begin()
}

// Advance moves the client on to now: what arrived is taken in, every tick that has begun is predicted
// with the input in, and the inputs are queued for the server. Call it once per frame, at any rate;
// between two calls of more than 250 ms ticks are skipped. now must not fall. The caller transmits.
//
// Last it calls the listeners of On and OnCancel, and what CallFunc was given.
//
// in is what the player holds down. A call in which no tick begins has no use for it, and one in which
// two begin uses it twice: give an event, such as a key that was just pressed, again until Stats.Tick moves on.
func (c *Client[W, I]) Advance(now time.Duration, in I) {
	c.advance(now, in)
	if d := c.events.take(); !d.empty() {
		d.tell()
		c.events.give(d)
	}
}

func (c *Client[W, I]) advance(now time.Duration, in I) {
	if c.err != nil {
		return
	}
	if c.lost != nil {
		c.wait(now)
		return
	}
	fresh := !c.awake || now-c.now <= stallAfter
	c.now, c.awake = now, true
	c.clock.advance(now)
	news := c.receive(now)
	if news && !c.crowd.watch {
		c.settle(now, fresh)
	} else if c.pred.replay.running {
		auth, a := c.snaps.newest()
		c.catchUp(auth, a)
	}
	if c.err != nil || c.lost != nil {
		return
	}
	c.view.advance(now, c.tuning.InterpDelay, c.tuning.Extrapolation)
	if c.run(in) {
		c.sendInputs(now)
	}
	c.screen.drawn = false
	c.acknowledge(now, news)
	c.sendControl(now)
	c.happen(now)
}

// happen decides what the listeners are to be told.
func (c *Client[W, I]) happen(now time.Duration) {
	c.events.settle()
	if c.view.started {
		c.events.reach(c.shownAt())
	}
	c.calls.expire(now, &c.events.due)
}

// receive takes in the events and reports whether there is a new snapshot.
func (c *Client[W, I]) receive(now time.Duration) bool {
	before := c.snaps.count
	for c.lost == nil { // what comes after a loss is of the session that the host has dialled meanwhile: see wait
		ev, ok := c.ep.Event()
		if !ok {
			break
		}
		switch {
		case ev.Conn != c.conn:
		case ev.Kind == session.Closed:
			c.ended(now, ev.Err)
		case ev.Kind == session.Stalled || ev.Kind == session.Resumed:
			c.quiet(&ev)
		case ev.Kind == session.Message && ev.Channel == replica.ChanSnapshot:
			c.snapshot(ev.At, ev.Data)
		case ev.Kind == session.Message && ev.Channel == replica.ChanControl:
			c.control(now, ev.Data)
		case ev.Kind == session.Message && (ev.Channel == replica.ChanEvent || ev.Channel == replica.ChanEffect):
			c.events.message(ev.Data, ev.Channel == replica.ChanEvent)
		case ev.Kind == session.Message && ev.Channel == replica.ChanCall:
			if !c.calls.answer(ev.Data, &c.events.due) {
				c.count.malformed++
			}
		}
	}
	return c.snaps.count != before
}

// snapshot takes in a message of the snapshot channel, which arrived at the given time, maybe well
// before this frame. Before Welcome there is no use for it.
func (c *Client[W, I]) snapshot(at time.Duration, b []byte) {
	h, delta, err := replica.ParseSnapshotHeader(b)
	switch {
	case err != nil:
		c.count.malformed++
		return
	case !c.entered:
		c.count.uninvited++
		return
	}
	if !c.snaps.take(h, delta) {
		return
	}
	_, tick := c.snaps.newest()
	c.follow(at, tick)
	c.view.arrive(at, tick)
	c.events.told(tick, h)
	c.reported(tick, h)
}

// follow lets own time run as the server does.
func (c *Client[W, I]) follow(at time.Duration, tick int64) {
	if share := c.pace.share(); c.pace.arrive(at, tick, c.clock.rate) && c.pace.share() != share {
		c.clock.line.follow(c.now, c.clock.rate, c.pace.share())
		c.view.line.follow(c.now, c.view.rate, c.pace.share())
	}
}

// reported takes in what the header says about our inputs.
func (c *Client[W, I]) reported(tick int64, h replica.SnapshotHeader) {
	newest := unwrap(tick, h.InputTick)
	_, ours := c.clock.ran(newest)
	c.trouble(h.Flags, ours && newest > c.heard && h.Margin < 0)
	c.doubts.arrived(tick, h.Flags&replica.FlagMissed != 0, c.view.sendEvery)
	if !ours {
		return // none yet, or of before the clock was set
	}
	c.heard = newest
	c.cmds.acked = newest
	c.clock.report(tick, newest, float64(h.Margin)/viewUnits)
}

// trouble takes in what a snapshot said was wrong with our inputs.
func (c *Client[W, I]) trouble(flags replica.SnapshotFlags, late bool) {
	kind := NoTrouble
	if flags&replica.FlagMissed != 0 {
		c.count.missed++
		kind = InputsMissing
	}
	if flags&replica.FlagEarly != 0 {
		c.count.early++
		kind = InputsEarly
	}
	if late {
		c.count.late++
		kind = InputsLate
	}
	if c.troubles.heard(c.now, kind) {
		c.log.Warn("the server cannot use many of our inputs", "why", kind.String(), "share", c.troubles.share, "margin", c.clock.margin)
	}
}

// settle brings the clock and the prediction in line with the newest snapshot.
func (c *Client[W, I]) settle(now time.Duration, fresh bool) {
	auth, tick := c.snaps.newest()
	rtt := c.conn.Stats().RTT
	jumps := c.clock.jumps
	switch {
	case !c.clock.synced:
		c.clock.sync(now, tick, rtt)
	case fresh:
		c.clock.check(now, tick, rtt)
	}
	if c.clock.jumps != jumps {
		c.log.Info("clock set", "tick", sim.Tick(tick), "rtt", rtt)
	}
	c.reconcile(auth, tick)
}

// reconcile compares the prediction with the newest snapshot and corrects it where it was wrong.
func (c *Client[W, I]) reconcile(auth *replica.Snapshot, tick int64) {
	if c.pred.replay.running {
		c.pred.accept(auth)
		c.catchUp(auth, tick)
		return
	}
	switch found := c.pred.judge(auth, tick); {
	case found == wrong && (c.tuning.Reconciliation || c.pred.ownsNothing(tick)):
		c.report(auth, tick)
		c.correct(auth, tick)
		c.count.corrections++
	case found == unknown && c.pred.valid:
		c.correct(auth, tick)
	case found == right:
		c.doubts.missed = false
		c.pred.accept(auth)
	default:
		c.pred.accept(auth)
	}
}

// correct replays the prediction from a snapshot, and lets the screen fade from what it showed to what
// it should have shown.
func (c *Client[W, I]) correct(auth *replica.Snapshot, tick int64) {
	fraction := c.clock.fraction(c.now)
	c.screen.beforeCorrection(&c.pred.results, c.me, fraction)
	if c.pred.restart(c.pred.tick, auth, tick) {
		c.corrected(fraction)
	}
}

// catchUp goes on with a replay that did not fit into the budget of the frames before.
func (c *Client[W, I]) catchUp(auth *replica.Snapshot, tick int64) {
	fraction := c.clock.fraction(c.now)
	c.screen.beforeCorrection(&c.pred.results, c.me, fraction)
	if c.pred.catchUp(auth, tick) {
		c.corrected(fraction)
	}
}

func (c *Client[W, I]) corrected(fraction float64) {
	c.count.lastCorrection = c.screen.afterCorrection(&c.pred.results, c.me, fraction)
	if !c.tuning.Smoothing {
		c.screen.smooth.reset()
	}
}

// run predicts the ticks that have begun and reports whether there were any.
func (c *Client[W, I]) run(in I) bool {
	auth, a := c.snaps.newest()
	ran := false
	for tick, ok := c.clock.take(); ok; tick, ok = c.clock.take() {
		c.in = in
		c.inputs.Quantise(&c.in)
		c.cmds.put(tick, c.in, c.viewFor(tick))
		if c.tuning.Prediction {
			c.pred.advance(tick, auth, a)
		} else {
			c.pred.drop()
		}
		ran = true
	}
	return ran
}

// viewFor returns how far behind a tick the picture is that the player acted on, which is the one drawn before this Advance. A client
// that draws nothing acts on what it would draw now. 0, the present, asks the server not to rewind.
func (c *Client[W, I]) viewFor(tick int64) uint16 {
	if !c.tuning.Rewind {
		return 0
	}
	seen := c.shownAt()
	if c.screen.drawn {
		seen = c.screen.moment
	}
	return max(1, viewOf(tick, seen))
}

// shownAt returns the moment at which others are shown, in ticks without wraparound.
func (c *Client[W, I]) shownAt() float64 {
	if c.tuning.Interpolation {
		return c.view.pos
	}
	_, newest := c.snaps.newest()
	return float64(newest)
}

// sendInputs queues the inputs that the server does not have yet. A message that cannot be queued is
// no loss: the next one repeats it.
func (c *Client[W, I]) sendInputs(now time.Duration) {
	c.buf = c.inputs.Append(c.buf[:0], c.snaps.ack(), c.cmds.unsent())
	_ = c.conn.Send(now, replica.ChanInput, c.buf)
}

// end notes that the session is over, and why.
func (c *Client[W, I]) end(err error) {
	c.err = refusedError(c.game, err)
	c.log.Info("session over", "why", c.err.Reason)
}

// Err returns why the session is over, a *ClosedError, or nil while it is not.
func (c *Client[W, I]) Err() (err error) {
	c.locked(func(time.Duration) { err = c.fault() })
	return err
}

func (c *Client[W, I]) fault() error {
	if c.err == nil {
		return nil
	}
	return c.err
}
