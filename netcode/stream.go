package netcode

import (
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/session"
)

// stream is one TCP connection of a host. At most one record waits for its writer, so that what
// waits longer waits in the session, where newer data replaces it.
type stream struct {
	host        *Host
	path        session.Path
	conn        *tcp.Conn
	out         chan record
	established bool
}

type record struct {
	n    int
	data [carrier.MaxRecord]byte
}

// outRecords is one record of the session and one handshake reply; a further reply is dropped, to be asked for again.
const outRecords = 2

// addStream starts the goroutines of a stream, under the lock. After Close it refuses.
func (h *Host) addStream(c *tcp.Conn) *stream {
	select {
	case <-h.done:
		c.Close()
		return nil
	default:
	}
	s := &stream{
		host: h, conn: c,
		path: session.Path{Carrier: session.TCP, Addr: c.RemoteAddr()},
		out:  make(chan record, outRecords),
	}
	h.streams[s.path] = s
	h.running.Add(2)
	go s.read()
	go s.write()
	return s
}

// send hands a record to the writer, under the lock, and holds the session back until it is written.
func (s *stream) send(b []byte) {
	var r record
	r.n = copy(r.data[:], b)
	select {
	case s.out <- r:
		s.host.ep.SetBlocked(s.path, true)
	default:
	}
}

// write writes records until the stream ends.
func (s *stream) write() {
	defer s.host.running.Done()
	for r := range s.out {
		if s.conn.WriteRecord(r.data[:r.n]) != nil {
			s.conn.Close() // the reader ends the stream
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
			h.ep.Gone(now, s.path)
			delete(h.streams, s.path)
			close(s.out)
			s.conn.Close()
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

// closeFinished closes the streams whose session has ended, under the lock.
func (h *Host) closeFinished() {
	stats := h.ep.Stats()
	if n := stats.Closed + stats.Failed; n != h.ended {
		h.ended = n
		for path, s := range h.streams {
			if s.established && !h.ep.Alive(path) {
				s.close()
			}
		}
	}
}
