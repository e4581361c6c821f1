package tcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

var _ carrier.Conn = (*Conn)(nil)

// Conn is a stream of records. One goroutine at a time may read, one may write, both at once; the
// other methods may be called by any. The zero Conn is of no use: see Dial and Listener.Accept.
type Conn struct {
	carrier.Guard
	conn net.Conn

	in         [2 * frameSize]byte // room for a whole record and what came behind it
	start, end int                 // of what in holds
	out        [frameSize]byte
}

// Dial opens a stream to an address such as "play.example:7777". The context bounds the dialling
// only. The limits of unknown peers do not apply to whom we called; those of slow records and of
// writing do.
func Dial(ctx context.Context, addr string) (*Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return newConn(conn, nil), nil
}

// newConn makes a Conn of a socket that was dialled or that a gate let in.
func newConn(conn net.Conn, gate *carrier.Gate) *Conn {
	c := &Conn{conn: conn}
	if t, ok := conn.(*net.TCPConn); ok {
		carrier.TuneStream(t)
	}
	var remote netip.AddrPort
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		remote = a.AddrPort()
	}
	c.Init(conn, gate, remote, time.Now())
	return c
}

// Wrap puts a layer, such as simnet.ImpairConn, between the records and the socket. It is to be
// called before the first record. A nil wrap does nothing.
func (c *Conn) Wrap(wrap func(net.Conn) net.Conn) {
	if wrap == nil {
		return
	}
	c.conn = wrap(c.conn)
	c.Rewire(c.conn)
}

// ReadRecord waits for a record and copies it to b, which should have room for carrier.MaxRecord; a
// record that finds no room gives io.ErrShortBuffer and is kept for the next call. The error is
// io.EOF when the peer ended the stream between two records, net.ErrClosed after Close, one of the
// Err values of package carrier when the peer went past a limit, else that of the socket. After any of
// those the stream is closed.
func (c *Conn) ReadRecord(b []byte) (n int, err error) {
	for {
		record, size, err := parseFrame(c.in[c.start:c.end])
		if err != nil {
			return 0, c.fail(err)
		}
		if size > 0 {
			if len(b) < len(record) {
				return 0, io.ErrShortBuffer
			}
			n = copy(b, record)
			c.start += size
			c.Whole()
			return n, nil
		}
		if err := c.fill(); err != nil {
			return 0, c.fail(err)
		}
	}
}

// fill waits for more bytes of the stream.
func (c *Conn) fill() error {
	c.end = copy(c.in[:], c.in[c.start:c.end])
	c.start = 0
	c.Partial(c.end > 0)
	n, err := c.conn.Read(c.in[c.end:])
	c.end += n
	switch {
	case n > 0 || err == nil:
		return nil // an error will come again
	case errors.Is(err, os.ErrDeadlineExceeded):
		return c.Expired(time.Now())
	case err == io.EOF && c.end > 0:
		return carrier.ErrTruncated
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed
	}
	return err
}

// WriteRecord sends a record of 1 to carrier.MaxRecord bytes; else it returns ErrRecordSize and the
// stream goes on. It waits while the kernel holds unsent data, so that a caller who decides what to
// send when WriteRecord returns never queues what will be stale; after Limits.Write it gives up with
// ErrStalled. After this and any other error the stream is closed. b is borrowed until WriteRecord
// returns.
func (c *Conn) WriteRecord(b []byte) error {
	if len(b) == 0 || len(b) > carrier.MaxRecord {
		return carrier.ErrRecordSize
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.WriteLimit())) // it fails as Write will
	_, err := c.conn.Write(appendFrame(c.out[:0], b))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = carrier.ErrStalled
	case errors.Is(err, net.ErrClosed):
		err = net.ErrClosed
	}
	return c.fail(err)
}

// fail closes the stream because of err, counts that once, and returns err.
func (c *Conn) fail(err error) error {
	_ = c.End(err, c.conn.Close)
	return err
}

// Close ends the stream and calls that wait. What the kernel holds is still sent. Closing again does
// nothing.
func (c *Conn) Close() error { return c.End(nil, c.conn.Close) }
