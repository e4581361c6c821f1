package netcode

import (
	"sync/atomic"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// stream is one connection of a host: TCP, WebSocket or WebTransport. Of a reliable one at most one record waits
// for its writer, so that what waits longer waits in the session, where newer data replaces it. Of an unreliable one it is a few, which
// QUIC takes at the rate that it finds; the session goes on when half of them have left.
type stream struct {
	host        *Host
	path        session.Path
	conn        carrier.Conn
	out         chan record
	full        atomic.Bool // the session on an unreliable one is held back
	established bool
	drain       *time.Timer // closes the stream; nil while its session lives
}

type record struct {
	n    int
	data [carrier.MaxRecord]byte
}

const (
	// outRecords is one record of the session and one handshake reply; a further reply is dropped, to be asked for again.
	outRecords = 2
	// outDatagrams is what a tick of a busy session sends at once.
	outDatagrams = 16
)

// addStream starts the goroutines of a stream, under the lock. A stream that was on the same path is dead,
// though its reader does not know yet. After Close addStream refuses.
func (h *Host) addStream(path session.Path, c carrier.Conn) *stream {
	select {
	case <-h.done:
		c.Close()
		return nil
	default:
	}
	if old := h.streams[path]; old != nil {
		old.close()
		h.ep.Gone(h.Now(), path)
	}
	room := outRecords
	if !path.Carrier.Reliable() {
		room = outDatagrams
	}
	s := &stream{host: h, conn: c, path: path, out: make(chan record, room)}
	h.streams[s.path] = s
	h.running.Add(2)
	go s.read()
	go s.write()
	return s
}

// send hands a record to the writer, under the lock, and holds the session back while that has enough.
func (s *stream) send(b []byte) {
	var r record
	r.n = copy(r.data[:], b)
	select {
	case s.out <- r:
		s.hold()
	default:
		s.host.doors.dropped()
	}
}

// hold holds the session back, under the lock, while no more fits.
func (s *stream) hold() {
	switch {
	case s.path.Carrier.Reliable():
		s.host.ep.SetBlocked(s.path, true)
	case len(s.out) == cap(s.out):
		s.full.Store(true)
		if !s.drained() { // else the writer may have looked before
			s.host.ep.SetBlocked(s.path, true)
		}
	}
}

// drained reports whether a session that was held back may go on, and that once.
func (s *stream) drained() bool {
	return len(s.out) <= cap(s.out)/2 && s.full.CompareAndSwap(true, false)
}

// write writes records until the stream ends.
func (s *stream) write() {
	defer s.host.running.Done()
	for r := range s.out {
		if s.conn.WriteRecord(r.data[:r.n]) != nil {
			s.conn.Close() // the reader ends the stream
			continue
		}
		if !s.path.Carrier.Reliable() && !s.drained() {
			continue
		}
		s.host.Lock()
		s.host.ep.SetBlocked(s.path, false)
		s.host.Unlock()
	}
}

// read brings records in until the stream ends, and the session on it with it.
func (s *stream) read() {
	h := s.host
	defer h.running.Done()
	buf := make([]byte, carrier.MaxRecord)
	for {
		n, err := s.conn.ReadRecord(buf)
		now := h.Lock()
		if err != nil {
			if h.streams[s.path] == s {
				h.ep.Gone(now, s.path)
				delete(h.streams, s.path)
			}
			close(s.out)
			s.close()
			if s.drain != nil {
				s.drain.Stop()
			}
			h.Unlock()
			return
		}
		h.ep.Receive(now, s.path, buf[:n])
		if !s.established && h.ep.Established(s.path) {
			s.established = true
			s.conn.Authenticated()
		}
		h.Unlock()
	}
}

func (s *stream) close() error { return s.conn.Close() }

// streamDrain is how long a stream is still read after its session was closed here. A socket closed with
// something unread resets the stream, and a reset can overtake the CLOSE.
const streamDrain = time.Second

// finish ends a stream whose session is over: at once when the peer has ended it, else when the peer,
// who has read the CLOSE by then, ends the stream.
func (s *stream) finish(byPeer bool) {
	switch {
	case byPeer:
		s.close()
	case s.drain == nil:
		s.drain = time.AfterFunc(streamDrain, func() { s.close() })
	}
}

// closeFinished ends the streams whose session has ended or travels elsewhere for good, under the lock.
func (h *Host) closeFinished() {
	stats := h.ep.Stats()
	if n := stats.Closed + stats.Failed + stats.PathsLeft; n != h.ended {
		h.ended = n
		for path, s := range h.streams {
			if over, byPeer := h.ep.Over(path); over && s.established {
				s.finish(byPeer)
			}
		}
	}
}

// busy returns the number of streams that have a session, or wait for its peer to have read the end.
func (h *Host) busy() (n int) {
	for _, s := range h.streams {
		if s.established {
			n++
		}
	}
	return n
}
