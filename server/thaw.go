package server

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// What is wrong with a frozen match.
var (
	ErrNotFrozen = errors.New("server: this is not a frozen match of this version")
	ErrDamaged   = errors.New("server: the frozen match is damaged")
)

// FrozenMismatchError says that a frozen match is of another game than the one it is to go on with.
type FrozenMismatchError struct {
	Game, FrozenGame     string
	Schema, FrozenSchema uint64 // replica.SchemaHash
	Portable             bool   // the frozen match is of a machine of another kind when the games and schemas are the same
}

func (e *FrozenMismatchError) Error() string {
	switch {
	case e.Game != e.FrozenGame:
		return fmt.Sprintf("server: the frozen match is of the game %q, not %q", e.FrozenGame, e.Game)
	case e.Schema != e.FrozenSchema:
		return fmt.Sprintf("server: the frozen match is of another version of %q: its schema is %016x, here it is %016x", e.Game, e.FrozenSchema, e.Schema)
	}
	return "server: the match was frozen on a machine of another kind, whose server fields cannot be read here"
}

// Thaw returns a server that goes on with a frozen match, from the tick after: the same world, server fields included, seed and players. Its players are away and
// have Config.Resume, from the first tick on, to come back to their rows; clients made by Dial do so by themselves if Config.Key is the one that the
// match was frozen with. Bots leave in the first tick unless they are given a mind again before: see Rethink. Config.Seed and FirstTick are not used.
//
// The world goes on as if nothing had happened, but that the past does not reach back beyond the thaw: shots at first are judged no further back.
//
// The errors are those of New, the reader's, ErrNotFrozen, an ErrDamaged that says where, and a *FrozenMismatchError. At most 64 MiB are read. What is read is trusted like a save of the
// game: whoever can write it decides what the world is and who the players are.
func Thaw[W, I any](g *sim.Game[W, I], cfg Config, r io.Reader) (*Server[W, I], error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFrozen+1))
	if err != nil {
		return nil, err
	}
	f, err := readFrozen(b)
	if err != nil {
		return nil, err
	}
	cfg.Seed, cfg.FirstTick = f.seed, f.tick
	s, err := open(g, cfg, f.former())
	if err != nil {
		return nil, err
	}
	return s, s.thaw(f)
}

// Rethink gives a bot of a frozen match its mind back, before the first tick. It returns false when p is no such bot.
func (s *Server[W, I]) Rethink(p sim.PlayerID, think func(w *W, p sim.PlayerID, t sim.Tick) I) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.roster.byID[p]
	if b == nil || b.peer != nil || b.think != nil {
		return false
	}
	b.think, b.end = think, nil
	return true
}

// former are the sessions that clients of a frozen match may resume.
func (f *frozen) former() (all []session.Former) {
	for i := range f.players {
		if p := &f.players[i]; !p.bot && p.former.ID != 0 {
			all = append(all, p.former)
		}
	}
	return all
}

// thaw makes the world and the players those of a frozen match.
func (s *Server[W, I]) thaw(f *frozen) error {
	own := s.frozenHead()
	if f.game != own.game || f.schema != own.schema || f.portable != own.portable {
		return &FrozenMismatchError{own.game, f.game, own.schema, f.schema, f.portable}
	}
	if err := s.plan.NewStates().Read(s.world, f.world); err != nil {
		return fmt.Errorf("%w: its world: %w", ErrDamaged, err)
	}
	s.plan.Capture(s.history.at(f.tick), s.world)
	for i := range f.players {
		q := &f.players[i]
		p := &player[W, I]{id: q.id, name: q.name, active: true, joined: q.joined}
		switch {
		case q.bot:
			p.end = &session.CloseError{Code: session.CloseNormal}
		case q.former.ID == 0: // it was leaving
			p.peer, p.end = &peer[W, I]{closed: true}, &session.CloseError{Code: session.CloseNormal}
		default:
			p.peer = &peer[W, I]{closed: true, former: q.former}
			p.away.lost = &session.CloseError{Code: session.CloseTimeout}
		}
		p.feed = s.plan.NewFeed(p.id, f.tick+1, s.filter)
		s.roster.byID[p.id] = p
		s.roster.activate(p)
		s.audience.hear(p.introduction())
	}
	s.thawed = true
	return nil
}

// melt lets the time run for the players of a frozen match, in the first tick.
func (s *Server[W, I]) melt(now time.Duration) {
	if !s.thawed {
		return
	}
	s.thawed = false
	for _, pl := range s.roster.active {
		pl.away.until = now + max(0, s.cfg.Resume)
		if pl.away.lost != nil && s.cfg.Resume <= 0 {
			pl.end = pl.away.lost
		}
	}
}

// readFrozen reads what Freeze wrote.
func readFrozen(b []byte) (*frozen, error) {
	body, err := unseal(frozenMagic, b)
	if err != nil {
		return nil, err
	}
	r := thawReader{b: body}
	f := r.frozen()
	if r.bad != "" {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, r.bad)
	}
	return f, nil
}

// unseal returns what seal was given.
func unseal(magic string, b []byte) (body []byte, err error) {
	head := len(magic)
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, ErrNotFrozen
	}
	if len(b) < head+8 {
		return nil, fmt.Errorf("%w: it ends in the head", ErrDamaged)
	}
	body = b[head+8:]
	switch n := binary.LittleEndian.Uint32(b[head:]); {
	case len(body) > maxFrozen:
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrDamaged, maxFrozen)
	case int64(n) != int64(len(body)):
		return nil, fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, len(body), n)
	case crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[head+4:]):
		return nil, fmt.Errorf("%w: the checksum is another", ErrDamaged)
	}
	return body, nil
}

// thawReader takes things from the front of a frozen match. After the first that is not there everything is zero, and bad says what it was.
type thawReader struct {
	b   []byte
	bad string
}

func (r *thawReader) take(n int, what string) []byte {
	if n > len(r.b) || r.bad != "" {
		if r.bad == "" {
			r.bad = "no " + what
		}
		return make([]byte, min(n, 64))
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *thawReader) frozen() *frozen {
	f := &frozen{}
	f.schema = binary.LittleEndian.Uint64(r.take(8, "schema"))
	f.portable = r.take(1, "kind of machine")[0] == 1
	f.tick = sim.Tick(binary.LittleEndian.Uint32(r.take(4, "tick")))
	f.seed = binary.LittleEndian.Uint64(r.take(8, "seed"))
	f.game = r.text(32, "name of a game")
	var seen [sim.MaxPlayers + 1]bool
	for range r.take(1, "players")[0] {
		p := r.player()
		if p.id == 0 || seen[p.id] {
			r.fail(fmt.Sprintf("player %d is there twice, or nobody", p.id))
		}
		if r.bad != "" {
			return f
		}
		seen[p.id] = true
		f.players = append(f.players, p)
	}
	f.world = r.b
	return f
}

func (r *thawReader) player() (p frozenPlayer) {
	p.id = sim.PlayerID(r.take(1, "player")[0])
	p.bot = r.take(1, "kind of player")[0] == 1
	p.joined = sim.Tick(binary.LittleEndian.Uint32(r.take(4, "tick of a player")))
	p.name = replica.CleanText(r.text(replica.MaxName, "name of a player"), replica.MaxName)
	if p.bot {
		return p
	}
	f := &p.former
	f.Boot = binary.LittleEndian.Uint64(r.take(8, "session of a player"))
	f.ID = binary.LittleEndian.Uint32(r.take(4, "session of a player"))
	f.User = binary.LittleEndian.Uint64(r.take(8, "user of a player"))
	f.Client = [32]byte(r.take(32, "key of a player"))
	n := int(binary.LittleEndian.Uint16(r.take(2, "claims of a player")))
	if n > maxClaims {
		r.fail("too many claims")
		return p
	}
	f.Claims = bytes.Clone(r.take(n, "claims of a player"))
	return p
}

func (r *thawReader) text(most int, what string) string {
	n := int(r.take(1, what)[0])
	if n > most {
		r.fail("too long a " + what)
		return ""
	}
	return string(r.take(n, what))
}

func (r *thawReader) fail(why string) {
	if r.bad == "" {
		r.bad = why
	}
}
