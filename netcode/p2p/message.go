package p2p

import (
	"encoding/binary"
	"errors"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Channels of a session between two players.
const (
	chanControl = iota
	chanInput
)

func channels() []session.Channel {
	return []session.Channel{
		chanControl: {Name: "control", Kind: session.ReliableOrdered, Redundancy: 2, MaxMessage: maxControl},
		chanInput:   {Name: "input", Kind: session.Unreliable, MaxMessage: maxInput},
	}
}

// Kinds of control messages: their first byte. Numbers are little-endian.
//
//	hello   1 | player 1 | players 1 | input delay 1 | seed 8
//	gone    2 | player 1 | inputs: the newest that the sender has of this player, as in an input message
//	hashes  3 | tick 4 | a hash of each table, 8 bytes each
//	rows    4 | tick 4 | table 1 | a hash of each row, 4 bytes each
//	row     5 | tick 4 | table 1 | slot 2 | the row's lanes, 4 bytes each
//
// An input message is
//
//	lead    1    how far the sender seems to be ahead, in quarters of a tick, signed
//	inputs       as replica.Inputs.Append writes them, acknowledging what the sender has of the receiver
const (
	kindHello = 1 + iota
	kindGone
	kindHashes
	kindRows
	kindRow
)

// errMessage says that a message from another player makes no sense.
var errMessage = errors.New("p2p: malformed message")

// hello is what each player says first.
type hello struct {
	player  sim.PlayerID
	players int
	delay   int
	seed    uint64 // counts from player 1
}

func (m hello) appendTo(b []byte) []byte {
	b = append(b, kindHello, byte(m.player), byte(m.players), byte(m.delay))
	return binary.LittleEndian.AppendUint64(b, m.seed)
}

func parseHello(b []byte) (m hello, err error) {
	if len(b) != 11 {
		return m, errMessage
	}
	m = hello{sim.PlayerID(b[0]), int(b[1]), int(b[2]), binary.LittleEndian.Uint64(b[3:])}
	if m.player < 1 || int(m.player) > m.players || m.players > MaxPlayers || m.delay > maxAhead {
		return m, errMessage
	}
	return m, nil
}

// worldPart is a piece of a world that is compared: hashes of its tables (table -1), of a table's rows (slot -1), or a row.
type worldPart struct {
	tick        sim.Tick
	table, slot int
	data        []byte // numbers of 8 bytes for tables, else 4
}

func (m worldPart) appendTo(b []byte) []byte {
	kind := byte(kindHashes)
	if m.table >= 0 {
		if kind = kindRows; m.slot >= 0 {
			kind = kindRow
		}
	}
	b = binary.LittleEndian.AppendUint32(append(b, kind), uint32(m.tick))
	if m.table >= 0 {
		b = append(b, byte(m.table))
	}
	if m.slot >= 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(m.slot))
	}
	return append(b, m.data...)
}

// parsePart reads what follows the kind. The data is borrowed from b.
func parsePart(kind byte, b []byte) (m worldPart, err error) {
	m.table, m.slot = -1, -1
	head, size := 4, 8
	switch kind {
	case kindRows:
		head, size = 5, 4
	case kindRow:
		head, size = 7, 4
	}
	if len(b) < head || (len(b)-head)%size != 0 {
		return m, errMessage
	}
	m.tick = sim.Tick(binary.LittleEndian.Uint32(b))
	if head > 4 {
		m.table = int(b[4])
	}
	if head > 5 {
		m.slot = int(binary.LittleEndian.Uint16(b[5:]))
	}
	m.data = b[head:]
	return m, nil
}

func append64(b []byte, all []uint64) []byte {
	for _, v := range all {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

func append32(b []byte, all []uint32) []byte {
	for _, v := range all {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func read64(all []uint64, b []byte) []uint64 {
	for ; len(b) >= 8; b = b[8:] {
		all = append(all, binary.LittleEndian.Uint64(b))
	}
	return all
}

func read32(b []byte) (all []uint32) {
	for ; len(b) >= 4; b = b[4:] {
		all = append(all, binary.LittleEndian.Uint32(b))
	}
	return all
}
