package carrier

import "net/netip"

// Conn is a connection that carries the records of one peer: a TCP stream, a WebSocket, a WebTransport
// session. One goroutine at a time may read, one may write, both at once; the other methods may be
// called by any.
type Conn interface {
	// ReadRecord waits for a record and copies it to b, which should have room for MaxRecord. The error is
	// io.EOF when the peer ended the connection, net.ErrClosed after Close, one of the Err values of this
	// package when the peer went past a limit, else that of the carrier. After any of those it is closed.
	ReadRecord(b []byte) (n int, err error)

	// WriteRecord sends a record of 1 to MaxRecord bytes; else it returns ErrRecordSize and the connection
	// goes on. A reliable carrier waits while it holds unsent data, so that a caller who decides what
	// to send when WriteRecord returns never queues what will be stale. An unreliable one drops what
	// does not pass, silently. After any error the connection is closed. b is borrowed until it returns.
	WriteRecord(b []byte) error

	// Authenticated says that the peer has proved who it is: the limits of unknown peers no longer
	// apply to it. Calling it again does nothing.
	Authenticated()

	// RemoteAddr returns the peer's address; the zero AddrPort when it has none.
	RemoteAddr() netip.AddrPort

	// Close ends the connection and calls that wait. Closing again does nothing.
	Close() error
}
