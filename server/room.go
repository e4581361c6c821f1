package server

import (
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// RoomState is how a room stands.
type RoomState uint8

// The states. From RoomClosed on it takes nobody in and is not in Hall.Rooms any more.
//
//	opening --> open --> closed    by Room.Close, since it was empty, or with the Hall
//	   |         +-----> failed    its game panicked
//	   +---------+-----> stuck     a tick took too long: it is given up
const (
	RoomOpening RoomState = iota // its world is being made; sessions wait
	RoomOpen
	RoomClosed
	RoomFailed
	RoomStuck
)

func (s RoomState) String() string {
	return [...]string{"opening", "open", "closed", "failed", "stuck"}[s]
}

// RoomConfig is what a room has of its own. The zero RoomConfig works.
type RoomConfig struct {
	MaxPlayers int         // zero means that of the Hall
	Seed       uint64      // of its match; zero means a random one
	Hidden     bool        // it is in no list, and not for those who want any room
	Brief      bool        // it closes when it has been empty for HallConfig.Idle, as those that clients open do
	Record     RecordMaker // nil means HallConfig.RecordRooms
}

// Room is one match of a Hall: a world, its players and its ticks, on a goroutine of its own. Its methods are safe for concurrent use and
// never wait for a tick, but for those of Server.
type Room[W, I any] struct {
	hall         *Hall[W, I]
	name, code   string
	cfg          RoomConfig
	server       atomic.Pointer[Server[W, I]] // nil while opening
	inbox        inbox[W, I]
	quit, done   chan struct{}
	halt         sync.Once     // closes quit
	ice          *frozen       // the match that it goes on with, while it is built; nil of a new one
	turns        uint64        // taken; of its goroutine alone
	busy         atomic.Uint64 // the turn that is being taken; 0 between turns
	humans, bots atomic.Int32  // in the match

	mu        sync.Mutex // of the room's goroutine and those who ask; never held while the game's code runs
	state     RoomState
	why       string
	closing   bool // at the end of the next tick, for the reason why
	seen      sighting
	goroutine string // its number, as stacks show it

	// What the Hall knows of it, guarded by the Hall's mutex.
	lazy    bool // its goroutine builds it
	started bool
	hidden  bool
	seats   int           // sessions that were sent here and have not ended
	emptyAt time.Duration // since when there has been nobody
	looked  uint64        // the turn that was being taken at the last look
	looks   int           // in a row that have found the same turn
}

// sighting is how a room was after its newest tick.
type sighting struct {
	tick  sim.Tick
	world *replica.Snapshot // borrowed: it stays as it is for 127 ticks
	stats Stats             // as of the last quarter second
}

// Name returns the room's name, and Code the short one to pass on: both lead to it.
func (r *Room[W, I]) Name() string { return r.name }

// Code returns 6 letters and digits that lead to the room: see Name.
func (r *Room[W, I]) Code() string { return r.code }

// Server returns the match of the room, for AddBot, Kick, Emit, Players and the like. Its methods wait for the tick that is being computed;
// of a room that is stuck, for good. Listen and Run are not for it. Nil while the room is opening.
func (r *Room[W, I]) Server() *Server[W, I] { return r.server.Load() }

// Close ends the room after its next tick: its clients are told why, in at most 100 bytes.
func (r *Room[W, I]) Close(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closing && r.state <= RoomOpen {
		r.closing, r.why = true, replica.CleanText(reason, replica.MaxReason)
	}
}

// Done is closed when the room's goroutine has ended. That of a stuck one may never do.
func (r *Room[W, I]) Done() <-chan struct{} { return r.done }

// State returns how the room stands, and of one that has ended why.
func (r *Room[W, I]) State() (s RoomState, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state <= RoomOpen {
		return r.state, ""
	}
	return r.state, r.why
}

// Stats returns the match's figures as of the last quarter second; those of the network are the Hall's.
func (r *Room[W, I]) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.stats
}

// RoomInfo describes one room.
type RoomInfo struct {
	Name, Code    string
	Hidden, Brief bool
	State         RoomState
	Players, Bots int // Bots are among the Players
	Max           int // Players
	Tick          sim.Tick
	TickTime      TickTime // as of the last quarter second
}

// Info describes the room as of its newest tick.
func (r *Room[W, I]) Info() RoomInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	bots := int(r.bots.Load())
	return RoomInfo{Name: r.name, Code: r.code, Hidden: r.cfg.Hidden, Brief: r.cfg.Brief, State: r.state, Players: bots + int(r.humans.Load()), Bots: bots,
		Max: r.cfg.MaxPlayers, Tick: r.seen.tick, TickTime: r.seen.stats.TickTime}
}

// places returns how many more may come in. Who has been sent here counts at once, who is away does not.
func (r *Room[W, I]) places() int { return r.cfg.MaxPlayers - r.seats - int(r.bots.Load()) }

// finish moves the room to the state of its end, and reports false when it has another already.
func (r *Room[W, I]) finish(to RoomState, why string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state > RoomOpen {
		return false
	}
	r.state, r.why = to, why
	return true
}

// build makes the match. A panic of the game's Init, or of HallConfig.Furnish, is the error.
func (r *Room[W, I]) build() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	h := r.hall
	cfg := h.cfg.Config
	cfg.MaxPlayers, cfg.Seed, cfg.Logger = r.cfg.MaxPlayers, r.cfg.Seed, h.cfg.Logger.With("room", r.name)
	if cfg.Record, err = r.recordTo(); err != nil {
		return err
	}
	if r.ice != nil {
		cfg.Seed, cfg.FirstTick = r.ice.seed, r.ice.tick
	}
	s, err := prepare(h.game, cfg, &h.door)
	if err != nil {
		return err
	}
	s.inbox, s.sign = &r.inbox, &replica.Room{Name: r.name, Code: r.code}
	if err := s.begin(cfg.FirstTick); err != nil {
		return err
	}
	if r.ice != nil {
		if err := s.thaw(r.ice); err != nil {
			return err
		}
	}
	r.server.Store(s)
	if h.cfg.Furnish != nil {
		h.cfg.Furnish(r)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == RoomOpening {
		r.state = RoomOpen
	}
	return nil
}

// recordTo opens what the room's replay is written to, nil when it is not recorded.
func (r *Room[W, I]) recordTo() (io.Writer, error) {
	switch open := r.hall.cfg.RecordRooms; {
	case r.cfg.Record != nil:
		return r.cfg.Record(r.name, r.code)
	case open != nil:
		return open(r.name, r.code)
	}
	return nil, nil
}

// turn computes one tick, or makes the match where there is none yet, and reports false when the room is over.
func (r *Room[W, I]) turn(now time.Duration) (goesOn bool) {
	r.turns++
	r.busy.Store(r.turns)
	s := r.server.Load()
	var err error
	if s == nil {
		err = r.build()
	} else {
		s.Tick(now)
		err = s.Err()
	}
	r.busy.Store(0)
	if err != nil {
		r.hall.fail(r, now, err)
		return false
	}
	if s == nil {
		return true
	}
	switch state, closing := r.note(s); {
	case state > RoomOpen: // given up: nobody has waited
		r.hall.revived(r)
		return false
	case closing:
		r.hall.end(r, now, RoomClosed, replica.CloseRoomOver, r.why)
		return false
	}
	return true
}

// note lets others see how the room is.
func (r *Room[W, I]) note(s *Server[W, I]) (state RoomState, closing bool) {
	tick, world, humans, bots := s.sight()
	fresh := int(tick)%max(1, s.tickRate/samplesPerSecond) == 0
	var stats Stats
	if fresh {
		stats = s.Stats()
	}
	r.humans.Store(int32(humans))
	r.bots.Store(int32(bots))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.tick, r.seen.world = tick, world
	if fresh {
		r.seen.stats = stats
	}
	return r.state, r.closing
}

// sight returns the newest tick and its world, and who is in the match or entering it.
func (s *Server[W, I]) sight() (t sim.Tick, world *replica.Snapshot, humans, bots int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.roster.byID {
		if p != nil && p.think == nil {
			humans++
		} else if p != nil {
			bots++
		}
	}
	return s.present.tick, s.history.at(s.present.tick), humans, bots
}
