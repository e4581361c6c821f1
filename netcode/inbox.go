package netcode

import (
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// Limits of each half of a Conn's inbox: what came on Bulk channels, and all else.
const (
	inboxMessages = 4096 // beyond, a message of an unreliable channel is dropped
	inboxBytes    = 1 << 20

	// From half of that on the peer is asked to hold the half's reliable channels back, until half of this was read. What is on its way is
	// taken: at most the window of each channel.
	holdMessages = inboxMessages / 2
	holdBytes    = inboxBytes / 2

	holdEvery = time.Second // between words to the peer that held channels are read all the same
)

// inbox is what arrived and was not read. What came on Bulk channels is read last: a transfer holds nothing up here
// either.
type inbox struct {
	halves [2]pile // Bulk last
	held   bool    // the peer was asked to hold something back
	saidAt time.Duration
}

// pile is messages in the order in which they came.
type pile struct {
	messages []Message
	bytes    int
	channels uint16 // the reliable ones whose messages come here, a bit each
	held     bool
}

func newInbox(ep *session.Endpoint) (in inbox) {
	for i := range ep.Channels() {
		if kind := ep.Kind(i); kind == session.Bulk {
			in.halves[1].channels |= 1 << i
		} else if kind.Reliable() {
			in.halves[0].channels |= 1 << i
		}
	}
	return in
}

// put adds a copy of a message and reports whether there was room: for what is reliable there is.
func (in *inbox) put(channel int, key uint64, data []byte) bool {
	bit := uint16(1) << channel
	p := &in.halves[0]
	if in.halves[1].channels&bit != 0 {
		p = &in.halves[1]
	}
	reliable := p.channels&bit != 0
	if !reliable && (len(p.messages) >= inboxMessages || p.bytes+len(data) > inboxBytes) {
		return false
	}
	p.messages = append(p.messages, Message{channel, key, slices.Clone(data)})
	p.bytes += len(data)
	return true
}

// take removes the oldest message of the first half that has one.
func (in *inbox) take() (m Message, ok bool) {
	for i := range in.halves {
		if p := &in.halves[i]; len(p.messages) > 0 {
			m = p.messages[0]
			p.messages[0] = Message{}
			p.messages = p.messages[1:]
			p.bytes -= len(m.Data)
			return m, true
		}
	}
	return m, false
}

func (in *inbox) empty() bool { return len(in.halves[0].messages)+len(in.halves[1].messages) == 0 }

// news reports whether the peer has to be told something: a half fills or was read, or there was silence for long while
// held channels are read.
func (in *inbox) news(now time.Duration, read bool) bool {
	changed := false
	for i := range in.halves {
		p := &in.halves[i]
		full := p.bytes >= holdBytes || len(p.messages) >= holdMessages
		low := p.bytes <= holdBytes/2 && len(p.messages) <= holdMessages/2
		if !p.held && full && p.channels != 0 || p.held && low {
			p.held = !p.held
			changed = true
		}
	}
	return changed || read && in.held && now-in.saidAt >= holdEvery
}

// say returns the channels that the peer is to hold back, which it is told now.
func (in *inbox) say(now time.Duration) (channels uint16) {
	for i := range in.halves {
		if p := &in.halves[i]; p.held {
			channels |= p.channels
		}
	}
	in.held, in.saidAt = channels != 0, now
	return channels
}
