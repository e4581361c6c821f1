package netcode

import (
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

// outboxDatagrams is how many datagrams an outbox holds; then they leave.
const outboxDatagrams = 64

// outbox collects the datagrams that a host sends at once, of all its sessions, so that they leave with one system call. The
// zero outbox is ready to use; its room grows to what it once had to hold.
type outbox struct {
	batch []carrier.Datagram
	rooms [][]byte
}

// room returns where to write the next record: session.MaxRecordSize bytes.
func (o *outbox) room() []byte {
	if len(o.batch) == len(o.rooms) {
		o.rooms = append(o.rooms, make([]byte, session.MaxRecordSize))
	}
	return o.rooms[len(o.batch)]
}

// add takes the first n bytes of the room as a datagram and reports whether the outbox is full.
func (o *outbox) add(n int, to session.Path) (full bool) {
	o.batch = append(o.batch, carrier.Datagram{Data: o.room()[:n], Addr: to.Addr, Local: to.Local})
	return len(o.batch) == outboxDatagrams
}

// send empties the outbox into a socket; nil loses what is in it. A carrier's error is like a loss: the protocol
// repairs it, or ends the session by its timeout.
func (o *outbox) send(socket carrier.Datagrams) {
	if len(o.batch) > 0 && socket != nil {
		_, _ = socket.WriteBatch(o.batch)
	}
	o.batch = o.batch[:0]
}
