//go:build !js

package wt

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/webtransport-go"

	"github.com/halftick/halftick/netcode/carrier"
)

const (
	// maxArrived is how many records may wait for ReadRecord; QUIC keeps some more, then datagrams are dropped.
	maxArrived = 32

	// A peer's streams under way: those of HTTP/3 and some records. Beyond, they wait at the peer.
	maxStreams    = 8
	maxUniStreams = 16
	streamWindow  = 16 << 10 // bytes
	connWindow    = 64 << 10
)

// Conn is a WebTransport session that carries records. It is a carrier.Conn, an unreliable one. The zero Conn is of no
// use: see Dial and Listener.Accept. Besides QUIC's own goroutines it has two, one for datagrams and one for streams.
type Conn struct {
	carrier.Guard
	quic    *quic.Conn
	session *webtransport.Session
	arrived *carrier.Arrivals

	mu    sync.Mutex // guards timer
	timer *time.Timer
}

var _ carrier.Conn = (*Conn)(nil)

func newConn(q *quic.Conn, gate *carrier.Gate) *Conn {
	c := &Conn{quic: q, arrived: carrier.NewArrivals(maxArrived)}
	c.Init(c, gate, q.RemoteAddr().(*net.UDPAddr).AddrPort(), time.Now())
	context.AfterFunc(q.Context(), func() { c.end(c.why(nil)) })
	return c
}

// run begins to read a session.
func (c *Conn) run(s *webtransport.Session) {
	c.session = s
	go c.readDatagrams()
	go c.readStreams()
}

func (c *Conn) readDatagrams() {
	for {
		b, err := c.session.ReceiveDatagram(c.quic.Context())
		if err != nil {
			c.end(c.why(err))
			return
		}
		if !c.take(b) {
			return
		}
	}
}

// readStreams takes records that fit no datagram, each alone on its stream.
func (c *Conn) readStreams() {
	buf := make([]byte, carrier.MaxRecord+1)
	for {
		s, err := c.session.AcceptUniStream(c.quic.Context())
		if err != nil {
			c.end(c.why(err))
			return
		}
		_ = s.SetReadDeadline(time.Now().Add(c.RecordLimit()))
		n, err := io.ReadFull(s, buf)
		switch {
		case err == nil:
			c.end(carrier.ErrOversize)
			return
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			if !c.take(append([]byte(nil), buf[:n]...)) {
				return
			}
		case c.quic.Context().Err() == nil:
			s.CancelRead(0) // slow, or given up by the peer: lost
		}
	}
}

// take hands a record to ReadRecord, and reports whether there will be another.
func (c *Conn) take(b []byte) bool {
	if err := carrier.CheckSize(len(b)); err != nil {
		c.end(err)
		return false
	}
	return c.arrived.Put(b)
}

// ReadRecord is carrier.Conn's.
func (c *Conn) ReadRecord(b []byte) (n int, err error) {
	if n, err = c.arrived.Next(b); err == nil {
		c.Whole()
	}
	return n, err
}

// WriteRecord is carrier.Conn's. It waits while QUIC has 32 datagrams that its congestion control holds back.
func (c *Conn) WriteRecord(b []byte) error {
	if len(b) == 0 || len(b) > carrier.MaxRecord {
		return carrier.ErrRecordSize
	}
	err := c.session.SendDatagram(b)
	if _, large := errors.AsType[*quic.DatagramTooLargeError](err); large {
		if len(b) > carrier.MinRecord {
			return nil // lost
		}
		return c.writeStream(b)
	}
	if err != nil {
		return c.fail(err)
	}
	return nil
}

// writeStream sends a record alone on a stream. When the peer allows no more of them it is lost.
func (c *Conn) writeStream(b []byte) error {
	s, err := c.session.OpenUniStream()
	if err != nil {
		if c.quic.Context().Err() == nil {
			return nil
		}
		return c.fail(err)
	}
	_ = s.SetWriteDeadline(time.Now().Add(c.WriteLimit()))
	if _, err := s.Write(b); err != nil {
		s.CancelWrite(0)
		return nil
	}
	_ = s.Close()
	return nil
}

// SetReadDeadline ends the connection at a time, by one of the limits of package carrier.
func (c *Conn) SetReadDeadline(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	if !at.IsZero() {
		c.timer = time.AfterFunc(time.Until(at), func() {
			if why := c.Expired(time.Now()); why != nil {
				c.end(why)
			}
		})
	}
	return nil
}

// why puts the end of a connection into the words of package carrier.
func (c *Conn) why(err error) error {
	if cause := context.Cause(c.quic.Context()); cause != nil {
		err = cause
	}
	var app *quic.ApplicationError
	var session *webtransport.SessionError
	var idle *quic.IdleTimeoutError
	switch {
	case errors.As(err, &app) && app.Remote, errors.As(err, &session) && session.Remote:
		return io.EOF
	case errors.As(err, &app), errors.As(err, &session), errors.Is(err, net.ErrClosed), errors.Is(err, context.Canceled):
		return net.ErrClosed
	case errors.As(err, &idle):
		return io.EOF
	}
	return err
}

func (c *Conn) fail(err error) error {
	err = c.why(err)
	c.end(err)
	return err
}

// Close is carrier.Conn's.
func (c *Conn) Close() error {
	c.end(net.ErrClosed)
	return nil
}

// end ends the whole QUIC connection, which has nothing else on it.
func (c *Conn) end(reason error) {
	_ = c.End(reason, func() error {
		c.mu.Lock()
		if c.timer != nil {
			c.timer.Stop()
		}
		c.mu.Unlock()
		c.arrived.End(reason)
		return c.quic.CloseWithError(0, "")
	})
}
