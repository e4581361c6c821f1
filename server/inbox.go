package server

import (
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

// inbox holds what the sessions of a room brought until its next tick: whoever drives the endpoint puts it in, under the host's lock,
// and never waits for the room; the room takes all of it at once.
//
//	Hall.Poll -> coming --- swapped by take ---> taken -> Server.deliver
type inbox[W, I any] struct {
	mu            sync.Mutex
	coming, taken post[W, I]
}

// post is events, with the bytes of their messages one after another.
type post[W, I any] struct {
	letters []letter[W, I]
	bytes   []byte
}

type letter[W, I any] struct {
	to         *peer[W, I]
	event      session.Event // without Data
	from, upto int           // of its Data in bytes
}

// put files an event, whose data it copies. It reports false, and keeps nothing, when the peer has brought too much since the last tick.
func (b *inbox[W, I]) put(p *peer[W, I], ev *session.Event) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ev.Kind == session.Message {
		if p.letters == maxLetters || p.letterBytes+len(ev.Data) > maxLetterBytes {
			return false
		}
		p.letters++
		p.letterBytes += len(ev.Data)
	}
	c := &b.coming
	l := letter[W, I]{to: p, event: *ev, from: len(c.bytes)}
	c.bytes = append(c.bytes, ev.Data...)
	l.event.Data, l.upto = nil, len(c.bytes)
	c.letters = append(c.letters, l)
	return true
}

// take returns what has come since the last call, borrowed until the next.
func (b *inbox[W, I]) take() *post[W, I] {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.taken.letters)
	b.coming, b.taken = post[W, I]{b.taken.letters[:0], b.taken.bytes[:0]}, b.coming
	for i := range b.taken.letters {
		b.taken.letters[i].to.letters, b.taken.letters[i].to.letterBytes = 0, 0
	}
	return &b.taken
}

// read takes in everything that has come. Inputs count as of when they arrived.
func (s *Server[W, I]) read(now time.Duration) {
	post := s.inbox.take()
	for i := range post.letters {
		l := &post.letters[i]
		l.event.Data = post.bytes[l.from:l.upto]
		at := now
		if l.event.Kind == session.Message && l.event.Channel == replica.ChanInput {
			at = min(now, l.event.At)
		}
		s.deliver(at, l.to, &l.event)
	}
}
