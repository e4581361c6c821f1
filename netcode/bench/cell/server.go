package cell

import (
	"fmt"
	"sync/atomic"

	"github.com/halftick/halftick/netcode/bench/peer"
)

// serve is the server's life.
func (n *node) serve(addr string, commands <-chan command) error {
	boxes := newInboxes(n.spec.Conns, n.spec.Up, n.spec.Run)
	known := make(chan struct{})
	var left atomic.Int64
	left.Store(int64(n.spec.Conns))
	baseline := settled()
	ln, err := n.row.Transport.Listen(addr, func(c peer.Conn, lane peer.Lane, b []byte) {
		m, ok := parse(b)
		if !ok || int(m.conn) >= len(boxes) {
			return
		}
		box := &boxes[m.conn]
		switch m.kind {
		case hello:
			// Answered beside: a handler may run under a lock of the transport's.
			if box.know(c) && left.Add(-1) == 0 {
				close(known)
			}
			go message{kind: welcome, conn: m.conn}.send(c, n.lane())
		case data, counted:
			if box.take(n.spec.Up, m, len(b)) {
				go message{kind: whole, conn: m.conn}.send(c, n.lane())
			}
		}
	})
	if err != nil {
		return n.tell.Encode(report{Event: "ready", Err: fmt.Sprintf("listen: %v", err)})
	}
	defer ln.Close()
	if err := n.tell.Encode(report{Event: "ready", Sample: baseline}); err != nil {
		return err
	}
	var on atomic.Bool
	var pacers []*pacer
	for c := range commands {
		switch c.Do {
		case "go":
			<-known
			n.urgent(true)
			pacers = n.tick(boxes, &on)
		case "begin", "end":
			if err := n.mark(c.Do, boxes, pacers, &on); err != nil {
				return err
			}
		case "finish":
			if err := n.finish(boxes, n.spec.Up, c.Expect, connsOf(boxes)); err != nil {
				return err
			}
		case "stop":
			return nil
		}
	}
	return nil
}

// know notes a client's connection. It reports whether it is new.
func (b *inbox) know(c peer.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.conn == nil
	b.conn = c
	return fresh
}

func connsOf(boxes []inbox) (conns []peer.Conn) {
	for i := range boxes {
		boxes[i].mu.Lock()
		if c := boxes[i].conn; c != nil {
			conns = append(conns, c)
		}
		boxes[i].mu.Unlock()
	}
	return conns
}

// tick begins the server's streams. They run until the process ends.
func (n *node) tick(boxes []inbox, on *atomic.Bool) []*pacer {
	pacers := make([]*pacer, len(n.spec.Down))
	all, _ := n.row.Transport.(peer.Fanout)
	for i, s := range n.spec.Down {
		pacers[i] = &pacer{stream: s, number: byte(i), conns: connsOf(boxes), begin: clock(), until: 1 << 62, on: on, all: all}
		go pacers[i].steady()
	}
	return pacers
}

// mark begins or ends what counts, and reports.
func (n *node) mark(event string, boxes []inbox, pacers []*pacer, on *atomic.Bool) error {
	if event == "begin" {
		if err := n.profile(true); err != nil {
			return err
		}
	}
	on.Store(event == "begin")
	r := report{Event: event, Sample: usage(), Sent: make([]int, len(pacers))}
	r.Sample.Received = bulk(boxes)
	for i, p := range pacers {
		r.Sent[i] = int(p.sent.Load())
		r.Failed += int(p.failed.Load())
	}
	if event == "end" {
		if err := n.profile(false); err != nil {
			return err
		}
	}
	return n.tell.Encode(r)
}
