package replica

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// AckDelay is how long either side of a game session may hold back an acknowledgement. Both sides
// send a packet every tick, so an acknowledgement nearly always travels for nothing in the next one:
// 20 ms is one tick at 60 Hz plus the jitter of a sleeping tick loop.
const AckDelay = 20 * time.Millisecond

// SchemaHash combines what client and server must agree on before they can read each other: the hash
// of the world's plan, the hash of the input's plan, the tick rate in Hz, and the events and RPCs as sim.Game.Messages
// describes them. It goes into session.Config.Schema, so a mismatch is refused in the handshake.
func SchemaHash(world, inputs uint64, tickRate int, messages string) uint64 {
	var b [20]byte
	binary.LittleEndian.PutUint64(b[0:], world)
	binary.LittleEndian.PutUint64(b[8:], inputs)
	binary.LittleEndian.PutUint32(b[16:], uint32(tickRate))
	h := fnv.New64a()
	h.Write(b[:])
	h.Write([]byte(messages))
	return h.Sum64()
}

// SessionConfig returns the session settings that the client and the server of a game share: the
// game's name, its schema hash, the channels and the acknowledgement delay. Callers set the rest.
func SessionConfig(name string, schema uint64) session.Config {
	return session.Config{App: name, Schema: schema, Channels: Channels(), AckDelay: AckDelay}
}

// Why a game server ends a session, beyond what the session protocol knows.
const (
	CloseFull     session.CloseCode = session.CloseApp + iota // no place for another player
	CloseNoHello                                              // no Hello came in time
	CloseFlood                                                // too many messages, or too many bad ones
	CloseSlow                                                 // the client does not take its reliable messages
	CloseFailed                                               // the game itself failed
	CloseNoRoom                                               // there is no room of that name or code
	CloseNoOpen                                               // a room may not be opened: clients may not, or there are too many, or too fast
	CloseRoomOver                                             // the room was closed
)
