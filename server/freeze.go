package server

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// A frozen match is all that a server needs to go on with it in another process:
//
//	magic
//	length    4   of what follows the checksum, little-endian like all numbers
//	checksum  4   CRC-32C of it
//	schema    8   replica.SchemaHash of the game
//	portable  1   see replica.StatesPortable
//	tick 4, seed 8
//	game          its name: length 1, bytes
//	players   1   their number, then each:
//	              id 1, bot 1, joined 4, name: length 1, bytes
//	              unless it is a bot: boot 8, session 4, user 8, client's key 32, claims: length 2, bytes
//	world         its state, server fields included: see replica.States
const frozenMagic = "halftick frozen 1\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrFrozen is returned by Freeze when the match is frozen already.
var ErrFrozen = errors.New("server: the match is frozen already")

// frozen is a match that was read, or is to be written.
type frozen struct {
	schema   uint64
	portable bool
	tick     sim.Tick
	seed     uint64
	game     string
	players  []frozenPlayer
	world    []byte
}

type frozenPlayer struct {
	id     sim.PlayerID
	bot    bool
	joined sim.Tick
	name   string
	former session.Former
}

// Freeze writes the match after its newest tick, to be taken up by Thaw, and ends its ticks, so that it goes on in one place only: Run returns, and
// tells the clients that the server comes back. What waits for the next tick is lost: players who are about to enter come in later, and what Emit was
// given outside of a tick does not happen. It may be called from any goroutine but the game's. The error is ErrFrozen, the server's Err, or the
// writer's: then the match goes on. Rooms are frozen together: see Hall.Freeze.
func (s *Server[W, I]) Freeze(w io.Writer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.frozen:
		return ErrFrozen
	case s.failed != nil:
		return s.failed
	}
	if _, err := w.Write(seal(frozenMagic, s.freeze().append(nil))); err != nil {
		return err
	}
	s.frozen = true
	return nil
}

// Frozen reports whether Freeze has ended the ticks.
func (s *Server[W, I]) Frozen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frozen
}

// freeze gathers what there is to be written.
func (s *Server[W, I]) freeze() *frozen {
	f := s.frozenHead()
	f.tick, f.seed = s.present.tick, s.cfg.Seed
	f.world = s.plan.NewStates().Append(nil, s.world)
	for _, p := range s.roster.active {
		q := frozenPlayer{id: p.id, bot: p.peer == nil, joined: p.joined, name: p.name}
		if p.peer != nil && p.end == nil {
			q.former = p.peer.identity()
		}
		f.players = append(f.players, q)
	}
	return f
}

// frozenHead is what must be the same at both ends.
func (s *Server[W, I]) frozenHead() *frozen {
	return &frozen{game: s.game.Name, portable: replica.StatesPortable(),
		schema: replica.SchemaHash(s.plan.Hash(), s.codec.Hash(), s.tickRate, s.game.Messages())}
}

// identity returns what the owner of a session can be known by when it comes back.
func (p *peer[W, I]) identity() session.Former {
	if p.conn == nil {
		return p.former
	}
	return p.conn.Former()
}

func (f *frozen) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, f.schema)
	b = append(b, flag(f.portable))
	b = binary.LittleEndian.AppendUint32(b, uint32(f.tick))
	b = binary.LittleEndian.AppendUint64(b, f.seed)
	b = append(append(b, byte(len(f.game))), f.game...)
	b = append(b, byte(len(f.players)))
	for i := range f.players {
		b = f.players[i].append(b)
	}
	return append(b, f.world...)
}

// seal puts in front of something frozen what says that it is that, and whole.
func seal(magic string, body []byte) []byte {
	b := append([]byte(nil), magic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(body, castagnoli))
	return append(b, body...)
}

func (p *frozenPlayer) append(b []byte) []byte {
	b = append(b, byte(p.id), flag(p.bot))
	b = binary.LittleEndian.AppendUint32(b, uint32(p.joined))
	b = append(append(b, byte(len(p.name))), p.name...)
	if p.bot {
		return b
	}
	f := &p.former
	b = binary.LittleEndian.AppendUint64(b, f.Boot)
	b = binary.LittleEndian.AppendUint32(b, f.ID)
	b = binary.LittleEndian.AppendUint64(b, f.User)
	b = append(b, f.Client[:]...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(f.Claims)))
	return append(b, f.Claims...)
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}
