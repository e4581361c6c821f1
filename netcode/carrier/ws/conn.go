//go:build !js

package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/coder/websocket"

	"github.com/halftick/halftick/netcode/carrier"
)

// Conn is a WebSocket that carries records. It is a carrier.Conn. The zero Conn is of no use: see Dial and NewHandler.
type Conn struct {
	carrier.Guard
	raw      net.Conn // below TLS: its deadlines end a read or write that waits, and closing it waits for nobody
	ws       *websocket.Conn
	controls rate
	inRecord bool
	spare    [1]byte
}

var _ carrier.Conn = (*Conn)(nil)

// begin makes a Conn of a WebSocket. It is called before anything is read.
func (c *Conn) begin(ws *websocket.Conn, gate *carrier.Gate) {
	c.ws = ws
	ws.SetReadLimit(carrier.MaxRecord)
	c.Init(c.raw, gate, remoteAddr(c.raw), time.Now())
}

func remoteAddr(conn net.Conn) netip.AddrPort {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort()
	}
	return netip.AddrPort{}
}

// below returns the socket under TLS, its buffers kept small.
func below(conn net.Conn) net.Conn {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		carrier.TuneStream(t)
	}
	return conn
}

// ReadRecord is carrier.Conn's. A record that finds no room in b ends the WebSocket with io.ErrShortBuffer.
func (c *Conn) ReadRecord(b []byte) (n int, err error) {
	typ, r, err := c.ws.Reader(context.Background())
	if err != nil {
		return 0, c.fail(err)
	}
	if typ != websocket.MessageBinary {
		return 0, c.fail(carrier.ErrMalformed)
	}
	c.Partial(true)
	c.inRecord = true
	for {
		room := b[n:]
		if len(room) == 0 {
			room = c.spare[:]
		}
		k, err := r.Read(room)
		switch {
		case err == io.EOF && n == 0:
			return 0, c.fail(carrier.ErrEmpty)
		case err == io.EOF:
			c.inRecord = false
			c.Whole()
			return n, nil
		case err != nil:
			return 0, c.fail(err)
		case n+k > len(b):
			return 0, c.fail(tooLong(len(b)))
		}
		n += k
	}
}

func tooLong(room int) error {
	if room < carrier.MaxRecord {
		return io.ErrShortBuffer
	}
	return carrier.ErrOversize
}

// WriteRecord is carrier.Conn's.
func (c *Conn) WriteRecord(b []byte) error {
	if len(b) == 0 || len(b) > carrier.MaxRecord {
		return carrier.ErrRecordSize
	}
	c.allowWrite()
	err := c.ws.Write(context.Background(), websocket.MessageBinary, b)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = carrier.ErrStalled
	case errors.Is(err, net.ErrClosed):
		err = net.ErrClosed
	}
	_ = c.end(err)
	return err
}

// allowWrite gives the next write its time. It fails as the write will.
func (c *Conn) allowWrite() { _ = c.raw.SetWriteDeadline(time.Now().Add(c.WriteLimit())) }

// pinged and ponged are called by the reader for each control frame.
func (c *Conn) pinged(ctx context.Context, data []byte) bool {
	c.ponged(ctx, data)
	c.allowWrite() // of the answer
	return true
}

func (c *Conn) ponged(context.Context, []byte) {
	if !c.controls.allow(time.Now()) {
		_ = c.End(carrier.ErrFlood, c.raw.Close) // the reader fails next, and closes the rest
	}
}

// fail ends the WebSocket because of an error of its reader, and returns the reason in the words of package carrier.
func (c *Conn) fail(err error) error {
	err = c.reason(err)
	_ = c.end(err)
	return err
}

func (c *Conn) reason(err error) error {
	var op *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		if why := c.Expired(time.Now()); why != nil {
			return why
		}
		return carrier.ErrUnauthenticated // the limit was lifted at the moment it struck
	case errors.Is(err, websocket.ErrMessageTooBig):
		return carrier.ErrOversize
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed
	case (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) && c.inRecord:
		return carrier.ErrTruncated
	case errors.Is(err, io.EOF) || websocket.CloseStatus(err) != -1:
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return carrier.ErrTruncated // within a header
	case errors.As(err, &op), errors.Is(err, io.ErrShortBuffer), err == carrier.ErrEmpty, err == carrier.ErrOversize:
		return err
	}
	return carrier.ErrMalformed
}

// Close is carrier.Conn's. There is no closing handshake: the session has one of its own.
func (c *Conn) Close() error { return c.end(nil) }

func (c *Conn) end(reason error) error {
	err := c.End(reason, c.raw.Close)
	_ = c.ws.CloseNow()
	return err
}
