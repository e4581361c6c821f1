package replica

import (
	"encoding/binary"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// Control is a message of the control channel: one of Hello, Welcome, Joined, Left, Probe, ProbeEcho,
// Say, Said, Resume, Room, ListRooms, RoomList, Watch and Audience, as a value.
type Control interface{ appendTo(dst []byte) []byte }

// Hello is the client's first message: it wants to play.
type Hello struct {
	Name  string
	Room  string // name or code of a room, where the server has several; "" for any
	Flags HelloFlags
}

// Welcome is the server's answer to Hello: who the client is, and what the match is like.
type Welcome struct {
	Player    sim.PlayerID  // 1 and up; 0: it watches
	TickRate  int           // Hz, 1 to 240
	SendEvery int           // ticks from one snapshot to the next, 1 to 255
	Seed      uint64        // of the match
	Tick      sim.Tick      // of the server now
	RewindCap time.Duration // how far back shots are judged at most; whole milliseconds, up to 65 s
}

// Joined tells that a player is in the match: sent for everyone who is there, and for every newcomer.
type Joined struct {
	Player sim.PlayerID
	Name   string
	Bot    bool
}

// Left tells that a player has gone.
type Left struct {
	Player sim.PlayerID
	Reason string
}

// Probe asks the server to answer ProbeEcho with the same N.
type Probe struct{ N uint32 }

// ProbeEcho answers a Probe.
type ProbeEcho struct{ N uint32 }

// Say asks the server to show a line of text to all players.
type Say struct{ Text string }

// Said is a line of text of a player, or of the server when Player is 0.
type Said struct {
	Player sim.PlayerID
	Text   string
}

// Resume gives a client what it needs to take its player back, should its session be lost.
type Resume struct {
	Returned bool   // in this session it has taken it back from an earlier one
	Ticket   []byte // at most MaxTicket bytes; parsed: borrowed
}

// Kinds of control messages: the first byte of each.
const (
	kindHello = iota + 1
	kindWelcome
	kindJoined
	kindLeft
	kindProbe
	kindProbeEcho
	kindSay
	kindSaid
	kindResume
	kindRoom
	kindListRooms
	kindRoomList
)

// AppendControl appends a control message: its kind in a byte, then its fields. Numbers are little-endian,
// texts a byte of length and cleaned UTF-8 (see CleanText).
//
//	1 Hello      name; then room and flags 1 (OpenRoom, HiddenRoom), unless both are empty
//	2 Welcome    player 1, tick rate 1, send every 1, seed 8, tick 4, rewind cap in ms 2
//	3 Joined     player 1, bot 1 (0 or 1), name
//	4 Left       player 1, reason
//	5 Probe      n 4
//	6 ProbeEcho  n 4
//	7 Say        text
//	8 Said       player 1, text
//	9 Resume     returned 1 (0 or 1), ticket: length 1, bytes
//	10 Room      name, code
//	11 ListRooms
//	12 RoomList  more 1 (0 or 1); then per room: name, code, players 1, most players 1
//	13 Watch     room, unless empty
//	14 Audience  spectators 2, delay in ms 4
func AppendControl(dst []byte, m Control) []byte { return m.appendTo(dst) }

func (m Hello) appendTo(dst []byte) []byte {
	dst = appendText(append(dst, kindHello), m.Name, MaxName)
	if room := CleanText(m.Room, MaxRoom); room != "" || m.Flags != 0 {
		dst = append(appendText(dst, room, MaxRoom), byte(m.Flags))
	}
	return dst
}

func (m Welcome) appendTo(dst []byte) []byte {
	dst = append(dst, kindWelcome, byte(m.Player), byte(m.TickRate), byte(m.SendEvery))
	dst = binary.LittleEndian.AppendUint64(dst, m.Seed)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(m.Tick))
	return binary.LittleEndian.AppendUint16(dst, uint16(min(m.RewindCap.Milliseconds(), 0xffff)))
}

func (m Joined) appendTo(dst []byte) []byte {
	dst = append(dst, kindJoined, byte(m.Player), 0)
	if m.Bot {
		dst[len(dst)-1] = 1
	}
	return appendText(dst, m.Name, MaxName)
}

func (m Left) appendTo(dst []byte) []byte {
	return appendText(append(dst, kindLeft, byte(m.Player)), m.Reason, MaxReason)
}

func (m Probe) appendTo(dst []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, kindProbe), m.N)
}

func (m ProbeEcho) appendTo(dst []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, kindProbeEcho), m.N)
}

func (m Say) appendTo(dst []byte) []byte {
	return appendText(append(dst, kindSay), m.Text, MaxText)
}

func (m Said) appendTo(dst []byte) []byte {
	return appendText(append(dst, kindSaid, byte(m.Player)), m.Text, MaxText)
}

func (m Resume) appendTo(dst []byte) []byte {
	dst = append(dst, kindResume, 0)
	if m.Returned {
		dst[len(dst)-1] = 1
	}
	ticket := m.Ticket[:min(len(m.Ticket), MaxTicket)]
	return append(append(dst, byte(len(ticket))), ticket...)
}

// ParseControl reads a whole control message. Texts come out clean (see CleanText). The error is ErrKind,
// ErrShort, ErrTrailing or ErrRange.
func ParseControl(b []byte) (Control, error) {
	r := fields{b: b}
	m := r.control()
	switch {
	case r.err != nil:
		return nil, r.err
	case len(r.b) > 0:
		return nil, ErrTrailing
	}
	return m, nil
}

// control reads a kind and its fields.
func (r *fields) control() Control {
	switch r.u8() {
	case kindHello:
		return r.hello()
	case kindWelcome:
		return r.welcome()
	case kindJoined:
		p, bot := r.player(), r.bounded(1) == 1
		return Joined{Player: p, Bot: bot, Name: r.text(MaxName)}
	case kindLeft:
		return Left{Player: r.player(), Reason: r.text(MaxReason)}
	case kindProbe:
		return Probe{N: r.u32()}
	case kindProbeEcho:
		return ProbeEcho{N: r.u32()}
	case kindSay:
		return Say{Text: r.text(MaxText)}
	case kindSaid:
		return Said{Player: sim.PlayerID(r.u8()), Text: r.text(MaxText)}
	case kindWatch:
		return r.watch()
	case kindAudience:
		return r.audience()
	case kindResume:
		returned := r.bounded(1) == 1
		return Resume{Returned: returned, Ticket: r.bytes(MaxTicket)}
	case kindRoom:
		return Room{Name: r.text(MaxRoom), Code: r.text(MaxRoomCode)}
	case kindListRooms:
		return ListRooms{}
	case kindRoomList:
		return r.roomList()
	}
	r.fail(ErrKind)
	return nil
}

func (r *fields) welcome() Welcome {
	m := Welcome{
		Player:    sim.PlayerID(r.u8()),
		TickRate:  int(r.bounded(sim.MaxTickRate)),
		SendEvery: int(r.u8()),
		Seed:      r.u64(),
		Tick:      sim.Tick(r.u32()),
		RewindCap: time.Duration(r.u16()) * time.Millisecond,
	}
	if m.TickRate == 0 || m.SendEvery == 0 {
		r.fail(ErrRange)
	}
	return m
}
