package session

import (
	"encoding/binary"
	"time"
)

// What the application reads more slowly than it comes waits at the sender, channel by channel. Nothing is lost or
// refused for it, and no other channel waits.
//
//	receiver                                      sender
//	unread messages pile up: Hold(channels)
//	                          ---- HOLD ---->     begins no new message on them; their queues fill: ErrQueueFull
//	what was on its way still arrives: at most the channel's window, for as much may be unacknowledged
//	they were read: Hold(fewer)
//	                          ---- HOLD ---->     goes on; an event Room where Send was refused
//
// HOLD says all channels that are held, so that the newest alone counts. Every record has it until one that had it was
// acknowledged. Who sends on regardless has its records refused after the channel's window and a quarter.
type holding struct {
	ours, theirs uint16 // channels on which the peer, or we, are to begin nothing; a bit each
	round        uint8  // names ours in the packets that tell it; 0 before the first
	open         bool   // the peer may not know ours yet
	due          bool   // a record has to leave for it
	at           time.Duration
	rest         []allowance // per channel, of those in ours; nil before the first
	heardIn      uint64      // the number of the record that theirs came in, plus one
	heardAt      time.Duration
}

// allowance is what of a channel that is held may still be delivered.
type allowance struct{ messages, bytes int }

const holdSize = 3

// Hold asks the peer to begin no more messages on a set of reliable channels, bit i for channel i, and to go on with those
// that are not in it any more. What is on its way still arrives, at most the window of each: 256 KiB or 512 messages
// (ReliableLatest 4096), of Bulk its MaxQueue or 1024. While an application holds channels it repeats the call every second or so when it reads;
// the session of one that has not for Config.ReadTimeout ends with CloseUnread.
func (c *Conn) Hold(now time.Duration, channels uint16) {
	h := &c.hold
	if channels &= c.ep.reliable; channels|h.ours == 0 || c.state >= lingering {
		return
	}
	if h.rest == nil {
		h.rest = make([]allowance, len(c.in))
	}
	for i := range c.in {
		if channels&^h.ours&(1<<i) != 0 {
			messages, bytes := c.ep.cfg.Channels[i].window()
			h.rest[i] = allowance{int(messages) * 5 / 4, bytes * 5 / 4} // a quarter may begin while HOLD is lost
		}
	}
	h.ours, h.at, h.open, h.due = channels, now, true, true
	h.round = h.round%255 + 1
	c.markReady()
	c.ep.schedule(c)
}

// delivered counts a message on a channel that is held.
func (h *holding) delivered(channel, size int) {
	if h.ours&(1<<channel) != 0 {
		h.rest[channel].messages--
		h.rest[channel].bytes -= size
	}
}

// exhausted reports whether more came on a channel that is held than can have been on its way.
func (h *holding) exhausted(channel int) bool {
	return h.ours&(1<<channel) != 0 && (h.rest[channel].messages <= 0 || h.rest[channel].bytes <= 0)
}

// holds reports whether the peer holds a channel of ours.
func (h *holding) holds(channel int) bool { return h.theirs&(1<<channel) != 0 }

// writeHold writes a HOLD while the peer may not know it.
func (c *Conn) writeHold(w *recordWriter) {
	if h := &c.hold; h.open {
		w.control(frameHold, byte(h.ours), byte(h.ours>>8))
		w.hold = h.round
		w.eliciting = w.eliciting || h.due
	}
}

// parseHold reads a HOLD frame, of which each channel must be a reliable one, and returns the bytes it takes, 0 when it is malformed.
func parseHold(b []byte, channels []Channel) (held uint16, n int) {
	if len(b) < holdSize {
		return 0, 0
	}
	held = binary.LittleEndian.Uint16(b[1:])
	if held&^reliableOf(channels) != 0 {
		return 0, 0
	}
	return held, holdSize
}

// reliableOf returns the set of reliable channels.
func reliableOf(channels []Channel) (set uint16) {
	for i := range channels {
		if channels[i].Kind.Reliable() {
			set |= 1 << i
		}
	}
	return set
}

// takeHold takes the peer's HOLD from record pn.
func (c *Conn) takeHold(now time.Duration, pn uint64, held uint16) {
	h := &c.hold
	if pn+1 <= h.heardIn {
		return // a later one came before
	}
	h.theirs, h.heardIn, h.heardAt = held, pn+1, now
	c.markReady()
}

// lost takes the loss of a packet which told a round of HOLD: it is told again, though nothing else may leave.
func (h *holding) lost(round uint8) {
	h.due = h.due || h.open && round != 0 && round == h.round
}

// acked notes that the peer has a packet which told a round of HOLD.
func (h *holding) acked(round uint8) {
	if round != 0 && round == h.round {
		h.open = false
	}
}

// starved reports whether messages wait on a channel that the peer holds.
func (c *Conn) starved() bool {
	for i := range c.out {
		if c.hold.holds(i) && c.out[i].reliable.waiting.len() > 0 {
			return true
		}
	}
	return false
}

// unreadAt returns when the session ends because an application does not read: ours, or the peer's. A peer should
// find that out for itself, and has a little longer.
func (c *Conn) unreadAt() (at time.Duration, ok bool) {
	limit := c.ep.cfg.ReadTimeout
	if limit < 0 || c.state >= lingering {
		return 0, false
	}
	if c.hold.ours != 0 {
		return c.hold.at + limit, true
	}
	return c.hold.heardAt + limit + unreadSlack, c.hold.theirs != 0 && c.starved()
}

// relieve tells an application that was refused with ErrQueueFull when half of the queue is free.
func (c *Conn) relieve(channel int) {
	r := &c.out[channel].reliable
	if r.refused && r.bytes <= c.ep.cfg.Channels[channel].MaxQueue/2 && r.queued() <= maxQueued/2 {
		r.refused = false
		c.tell(Event{Kind: Room, Conn: c, Channel: channel})
	}
}
