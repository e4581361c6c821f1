package server

import (
	"fmt"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Server is the authority over one match of a game. New makes one; the zero Server is of no use.
//
// Players, Stats, Kick, AddBot and Err are safe for concurrent use. Tick, Poll, Endpoint and
// Snapshot belong to whoever drives the server: either Run, or a caller with a clock of its own.
type Server[W, I any] struct {
	game      *sim.Game[W, I]
	cfg       Config
	tickRate  int // Hz
	sendEvery int // ticks per snapshot
	period    time.Duration
	plan      *replica.Plan[W]
	codec     *replica.Inputs[I]
	endpoint  *session.Endpoint // nil of a room
	door      *door
	inbox     *inbox[W, I]  // of a room; nil with an endpoint of its own
	sign      *replica.Room // likewise: what its clients are told

	mu        sync.Mutex // guards what follows, during a Tick and for the callers of Stats and the like
	world     *replica.World[W]
	present   present // the newest executed tick
	failed    error   // of a panic; ticks have stopped
	frozen    bool    // likewise, for another process to go on
	thawed    bool    // it goes on with a frozen match, and there was no tick yet
	history   *history
	rewind    rewinder[W]
	watch     *watch[W, I] // nil when everybody may know everything
	filter    []bool       // by table of the plan: not everybody may know all of it
	uniform   bool         // what two players may know of a row is the same
	roster    roster[W, I]
	peers     []*peer[W, I]
	step      stepper[W, I]
	emit      emitter
	answers   answers[W, I]
	out       broadcaster
	audience  *audience[W, I] // nil when nobody may watch
	recording recording[W, I]
	stats     counters
	host      *netcode.Host // of Listen; nil in virtual time
	ran       bool

	commands []replica.Command[I] // scratch of receiveInput
	control  []byte               // scratch of tell
	ticket   []byte               // scratch of returns
}

// New returns a server of game g at Config.FirstTick, with nobody in it. The game must not be changed afterwards.
func New[W, I any](g *sim.Game[W, I], cfg Config) (*Server[W, I], error) { return open(g, cfg, nil) }

// open returns a server whose sessions may resume those of earlier starts.
func open[W, I any](g *sim.Game[W, I], cfg Config, former []session.Former) (*Server[W, I], error) {
	s, err := prepare(g, cfg, new(door))
	if err != nil {
		return nil, err
	}
	sessions := s.sessionConfig()
	sessions.Former = former
	if s.endpoint, err = netcode.NewEndpoint(sessions); err != nil {
		return nil, err
	}
	s.endpoint.Listen(true)
	s.endpoint.SetInfo(s.info())
	return s, s.begin(s.cfg.FirstTick)
}

// prepare makes a server that has neither sessions nor a world.
func prepare[W, I any](g *sim.Game[W, I], cfg Config, d *door) (*Server[W, I], error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return nil, fmt.Errorf("server: world of game %q: %w", g.Name, err)
	}
	codec, err := replica.NewInputs[I]()
	if err != nil {
		return nil, fmt.Errorf("server: input of game %q: %w", g.Name, err)
	}
	s := &Server[W, I]{game: g, cfg: cfg, plan: plan, codec: codec, door: d}
	s.tickRate, s.sendEvery = g.Rates()
	s.plan.SetTickRate(s.tickRate)
	s.period = time.Second / time.Duration(s.tickRate)
	return s, nil
}

func (s *Server[W, I]) sessionConfig() session.Config {
	c := replica.SessionConfig(s.game.Name, replica.SchemaHash(s.plan.Hash(), s.codec.Hash(), s.tickRate, s.game.Messages()))
	c.About = replica.About(s.plan.Describe(), s.codec.Describe(), s.tickRate, s.game.Messages())
	c.IdleTimeout, c.Rate, c.Secret = s.cfg.IdleTimeout, s.cfg.Rate, s.cfg.Secret
	c.Key, c.Authorize = s.cfg.Key, s.cfg.Authorize
	c.MaxPerNetwork, c.ResumeFor = s.cfg.MaxPerNetwork, max(0, s.cfg.Resume)
	c.MaxConns = s.cfg.MaxPlayers + s.cfg.MaxSpectators + spareSessions
	return c
}

// begin makes the world of tick t, before any player.
func (s *Server[W, I]) begin(t sim.Tick) (err error) {
	s.present = present{tick: t, period: s.period}
	s.world = s.plan.NewWorld()
	s.history = newHistory(s.plan.NewSnapshot)
	s.rewind = rewinder[W]{plan: s.plan, history: s.history, cap: capUnits(s.cfg.RewindCap, s.tickRate), sendEvery: s.sendEvery,
		recall: s.plan.NewRecall(), beyond: float32(replica.Beyond.Seconds()) * float32(s.tickRate)}
	s.step = newStepper(s)
	s.recording = newRecording(s)
	s.filter, s.uniform = s.plan.Filter(s.game.See != nil), s.plan.Uniform()
	s.emit, s.answers = newEmitter(s.game.Events, s.period, s.world.Tables(), s.filter), newAnswers[W, I](s.game.RPCs)
	s.out.past, s.out.enc, s.out.comp = s.history, s.plan.NewEncoder(), s.plan.NewComposer()
	s.watch = newWatch(s.game, s.plan, s.world)
	s.audience = newAudience(s, t)
	defer func() { err = s.failed }()
	defer s.rescue(t)
	if s.game.Init != nil {
		s.game.Init(s.world.V)
	}
	s.plan.Capture(s.history.push(t), s.world)
	return nil
}

// Endpoint returns the server's end of all sessions, for a driver that carries datagrams itself:
// it gives them to Endpoint.Receive, calls Endpoint.Advance and Server.Tick, and takes what
// Endpoint.Transmit has to say. With Run, leave it alone.
func (s *Server[W, I]) Endpoint() *session.Endpoint { return s.endpoint }

// Snapshot returns the newest world, in lanes. It is borrowed for the next 127 ticks.
func (s *Server[W, I]) Snapshot() *replica.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.history.at(s.present.tick)
}

// Err returns the *PanicError that stopped the ticks, or nil.
func (s *Server[W, I]) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}
