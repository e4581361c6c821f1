package server

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	randv2 "math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// RecordMaker opens what the replay of a room is written to; nil if it is not recorded. It is called before the room's first tick. Whoever opens
// something closes it, after Room.Done or after Run.
type RecordMaker func(name, code string) (io.Writer, error)

// HallConfig is how a Hall behaves. The zero HallConfig works: the program opens rooms, and clients play in them.
type HallConfig[W, I any] struct {
	// Config is that of every room, and of the sessions, which all share. Name, Announce, IdleTimeout, MaxPerNetwork, Rate, Key, Authorize and
	// Secret are those of the whole process; Seed and Record are not used: see RoomConfig and RecordRooms.
	Config

	// RecordRooms, when not nil, is RoomConfig.Record of the rooms that have none: of those that clients open, and of thawed ones, too.
	RecordRooms RecordMaker

	// MaxRooms is the number of rooms, at most 4096; Open returns ErrRooms beyond. Zero means 64.
	MaxRooms int

	// MaxSessions is the number of sessions in all rooms together; the next is refused as full. Zero means 1024.
	MaxSessions int

	// ClientsOpen lets clients open rooms that do not exist yet, three at once and then one every 20 s. They close when they are empty for Idle.
	ClientsOpen bool

	// Grow opens another room, which closes when it is empty for Idle, when a client wants any and none has place.
	Grow bool

	// Idle is for how long rooms that the program did not open may be empty. Zero means 30 s.
	Idle time.Duration

	// Patience is how many ticks' time one tick may take, 200 ms at least. A room that takes longer is given up: see Hall. Zero means 10.
	Patience int

	// Crashes is a directory that is made when needed: for a room that fails or is stuck, its stack is saved there and its last whole world, for
	// the first 32 such rooms. Empty saves nothing.
	Crashes string

	// Furnish, when not nil, prepares each room before its first tick, from the goroutine that will tick it or that called Open: bots, Handle, On.
	Furnish func(*Room[W, I])
}

// Hall is many matches of one game in one process, behind one address. Each Room ticks on a goroutine of its own; a session says in
// its Hello which room it wants (client.Config.Room), and belongs to that room from then on.
//
//	sockets -> host -> endpoint -> Hall.Poll --inbox--> Room: tick --door--> endpoint
//	           one lock             never waits         no lock while the game's code runs
//
// What one room does the others do not feel, as far as Go allows:
//
//   - A panic of its game ends that room. Its clients are told (replica.CloseFailed), stack and last world are saved (HallConfig.Crashes).
//   - A tick that takes longer than HallConfig.Patience ticks ends it likewise: nobody waits for it any more. But a goroutine cannot be
//     stopped from outside: one in an endless loop goes on using a core and its memory until the process ends (HallStats.Stuck), and takes
//     from the others what the machine then lacks. Restart a process that has such rooms, when its other matches are over.
//   - A slow tick below that delays its own players alone, while there are cores.
//   - What Go cannot recover from ends the process, and all rooms: memory that runs out, a stack overflow, a fatal error of a map.
//
// Rooms share the game's functions, which must not share state; the memory; and the one lock of the host, under which all datagrams are
// sealed and opened, one after another.
//
// Open, Rooms, Find and Stats are safe for concurrent use. Poll, Tick and Endpoint belong to whoever drives the Hall: Run, or a
// caller with a clock of its own, in virtual time.
type Hall[W, I any] struct {
	game     *sim.Game[W, I]
	cfg      HallConfig[W, I]
	plan     *replica.Plan[W]
	period   time.Duration
	patience int // looks
	endpoint *session.Endpoint
	door     door

	mu       sync.Mutex // guards what follows; held for moments, never while the game's code runs or another lock is waited for
	rooms    rooms[W, I]
	peers    []*peer[W, I] // sessions that are open, those of rooms included
	stays    map[uint32]*stay[W, I]
	forgetAt time.Duration
	openings quota
	wrong    quota
	random   *randv2.ChaCha8
	counts   HallStats
	crashes  int
	host     *netcode.Host // of Listen; nil in virtual time
	running  bool          // rooms get goroutines
	stopping bool
	ran      bool                 // Run was called
	frozen   bool                 // by Freeze, for another process to go on
	live     map[*Room[W, I]]bool // whose goroutines have not ended
	list     []byte               // scratch
}

// fromNow says that a stay has no end yet, but will have: Config.Resume after the first look.
const fromNow = -1

// stay is where a session was, so that its successor gets there.
type stay[W, I any] struct {
	room  *Room[W, I]
	user  uint64
	until time.Duration // once it is over; 0 before; fromNow of a session of an earlier start, until the first look
}

// NewHall returns a Hall of game g without any room. The game must not be changed afterwards.
func NewHall[W, I any](g *sim.Game[W, I], cfg HallConfig[W, I]) (*Hall[W, I], error) {
	return openHall(g, cfg, nil)
}

// openHall returns a Hall whose sessions may resume those of earlier starts.
func openHall[W, I any](g *sim.Game[W, I], cfg HallConfig[W, I], former []session.Former) (*Hall[W, I], error) {
	h := &Hall[W, I]{game: g, stays: map[uint32]*stay[W, I]{}, live: map[*Room[W, I]]bool{}}
	var err error
	if cfg, err = cfg.resolve(); err != nil {
		return nil, err
	}
	h.cfg, h.random = cfg, newRandom(cfg.Secret)
	model, err := prepare(g, cfg.Config, &h.door)
	if err != nil {
		return nil, err
	}
	h.plan, h.period = model.plan, model.period
	h.patience = int(max(time.Duration(cfg.Patience)*h.period, leastPatience) / keepEvery)
	settings := model.sessionConfig()
	settings.MaxConns, settings.Former = cfg.MaxSessions+spareSessions, former
	if h.endpoint, err = netcode.NewEndpoint(settings); err != nil {
		return nil, err
	}
	h.endpoint.Listen(true)
	return h, nil
}

func (c HallConfig[W, I]) resolve() (HallConfig[W, I], error) {
	var err error
	if c.Config, err = c.Config.resolve(); err != nil {
		return c, err
	}
	if c.MaxRooms == 0 {
		c.MaxRooms = defaultMaxRooms
	}
	if c.MaxSessions == 0 {
		c.MaxSessions = defaultMaxSessions
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Idle == 0 {
		c.Idle = roomIdle
	}
	switch {
	case c.MaxRooms < 0 || c.MaxRooms > maxRooms:
		return c, fmt.Errorf("server: HallConfig.MaxRooms %d: want 1 to %d, or 0 for %d", c.MaxRooms, maxRooms, defaultMaxRooms)
	case c.MaxSessions < 0 || c.Patience < 0 || c.Idle < 0:
		return c, fmt.Errorf("server: HallConfig: MaxSessions %d, Patience %d and Idle %v must not be negative", c.MaxSessions, c.Patience, c.Idle)
	case c.Record != nil:
		return c, fmt.Errorf("server: HallConfig.Record is of no use to many rooms: see HallConfig.RecordRooms")
	}
	return c, nil
}

// newRandom returns what codes and seeds are drawn from. It must not be guessed outside of tests, where the secret decides it.
func newRandom(secret [32]byte) *randv2.ChaCha8 {
	if secret == [32]byte{} {
		rand.Read(secret[:])
	}
	return randv2.NewChaCha8(sha256.Sum256(append([]byte("halftick rooms"), secret[:]...)))
}

// Endpoint returns the end of all sessions, for a driver that carries datagrams itself: see Server.Endpoint.
func (h *Hall[W, I]) Endpoint() *session.Endpoint { return h.endpoint }

// Open opens a room, which stays open until Room.Close unless RoomConfig.Brief says otherwise. An empty name means a new one, such as room-1; names that
// differ in case alone are the same. It calls the game's Init, and HallConfig.Furnish. Errors: ErrRoomName, ErrTaken, ErrRooms, what is wrong with
// MaxPlayers, a *PanicError, or that of RoomConfig.Record.
func (h *Hall[W, I]) Open(name string, cfg RoomConfig) (*Room[W, I], error) {
	h.mu.Lock()
	r, err := h.register(name, cfg)
	h.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if err := r.build(); err != nil {
		h.fail(r, 0, err)
		close(r.done)
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.launch(r)
	return r, nil
}

// register takes in a room that is to be built. h.mu is held.
func (h *Hall[W, I]) register(name string, cfg RoomConfig) (*Room[W, I], error) {
	return h.enrol(name, "", cfg)
}

// enrol takes in a room that has a code already, or gets one.
func (h *Hall[W, I]) enrol(name, code string, cfg RoomConfig) (*Room[W, I], error) {
	if name != "" && !goodRoomName(name) {
		return nil, ErrRoomName
	}
	if h.stopping || len(h.rooms.order) >= h.cfg.MaxRooms {
		return nil, ErrRooms
	}
	if cfg.MaxPlayers == 0 {
		cfg.MaxPlayers = h.cfg.MaxPlayers
	}
	if cfg.MaxPlayers < 0 || cfg.MaxPlayers > sim.MaxPlayers {
		return nil, fmt.Errorf("server: RoomConfig.MaxPlayers %d: want 1 to %d, or 0", cfg.MaxPlayers, sim.MaxPlayers)
	}
	if cfg.Seed == 0 {
		cfg.Seed = h.random.Uint64()
	}
	r := &Room[W, I]{hall: h, name: name, code: code, cfg: cfg, hidden: cfg.Hidden, quit: make(chan struct{}), done: make(chan struct{})}
	if err := h.rooms.add(r, h.random.Uint64); err != nil {
		return nil, err
	}
	h.counts.Opened++
	return r, nil
}

// Find returns the room of a name or code, nil when there is none.
func (h *Hall[W, I]) Find(nameOrCode string) *Room[W, I] {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms.find(nameOrCode)
}

// Rooms returns all rooms that can be entered, the oldest first.
func (h *Hall[W, I]) Rooms() []*Room[W, I] {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*Room[W, I](nil), h.rooms.order...)
}

// HallStats is what a Hall did since its start, if not said otherwise.
type HallStats struct {
	Rooms    int // open now
	Sessions int // open now, in rooms and not yet
	Players  int // in rooms now, bots included

	Opened, Closed, Failed uint64 // rooms
	GivenUp                uint64 // rooms that were stuck
	Stuck                  int    // of them: whose goroutine has not ended, and uses a core that nobody can take from it
	Crashes                uint64 // rooms that were saved, and
	Unsaved                uint64 // that were not

	NoRoom, NoOpen, NoPlace uint64 // clients that were turned away: no such room; it may not be opened; all are full
	Lists                   uint64 // answers to who asked which rooms there are
	Matches                 Stats  // of all rooms added up, as of the last quarter second; counters also of those gone. Without Tick, TickTime, ages and network
	Dropped                 DropCounters
	Network                 session.EndpointStats // as of the last look, every 25 ms
	UDP                     netcode.UDPStats      // the UDP socket; only of a Hall that listens
	Streams                 netcode.StreamStats   // TCP peers; likewise
}

// Stats returns the current figures.
func (h *Hall[W, I]) Stats() HallStats {
	host := h.listening()
	var udp netcode.UDPStats
	var streams netcode.StreamStats
	if host != nil { // before our lock, which is taken under the host's
		udp, streams = host.UDPStats(), host.StreamStats()
	}
	h.mu.Lock()
	st := h.counts
	st.UDP, st.Streams = udp, streams
	st.Rooms, st.Sessions = len(h.rooms.order), len(h.peers)
	st.Players = h.present()
	open := slices.Clone(h.rooms.order)
	h.mu.Unlock()
	for _, r := range open { // one that ends meanwhile counts once: it was there
		st.Matches.add(r.Stats())
	}
	return st
}

// present returns how many players there are in all rooms.
func (h *Hall[W, I]) present() (n int) {
	for _, r := range h.rooms.order {
		n += int(r.humans.Load() + r.bots.Load())
	}
	return n
}

func (h *Hall[W, I]) listening() *netcode.Host {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.host
}
