package replica

import (
	"encoding/binary"
	"time"
)

// Watch is the first message of a client that does not want to play: it takes the place of Hello. The answer is a Welcome for player 0.
type Watch struct {
	Room string // as in Hello
}

// Audience tells everybody how many are watching, and spectators how far behind they are.
type Audience struct {
	Spectators int           // up to 65,535
	Delay      time.Duration // of all that spectators are told; whole milliseconds, up to 49 days
}

// Kinds of control messages for those who watch.
const (
	kindWatch    = 13
	kindAudience = 14
)

func (m Watch) appendTo(dst []byte) []byte {
	dst = append(dst, kindWatch)
	if room := CleanText(m.Room, MaxRoom); room != "" {
		dst = appendText(dst, room, MaxRoom)
	}
	return dst
}

// watch reads the room of a Watch, which is there or not.
func (r *fields) watch() (m Watch) {
	if len(r.b) > 0 {
		m.Room = r.text(MaxRoom)
	}
	return m
}

func (m Audience) appendTo(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(append(dst, kindAudience), uint16(min(m.Spectators, 0xffff)))
	return binary.LittleEndian.AppendUint32(dst, uint32(min(m.Delay.Milliseconds(), 0xffffffff)))
}

func (r *fields) audience() Audience {
	return Audience{Spectators: int(r.u16()), Delay: time.Duration(r.u32()) * time.Millisecond}
}
