package cell

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"
)

// Limits of the time it takes to connect.
const (
	dialTime    = 20 * time.Second
	dialsBeside = 8                      // at the same time
	helloAgain  = 250 * time.Millisecond // where it may be lost
)

// call is the client's life.
func (n *node) call(addr string, commands <-chan command) error {
	boxes := newInboxes(n.spec.Conns, n.spec.Down, n.spec.Run)
	welcomed := make([]chan struct{}, n.spec.Conns)
	for i := range welcomed {
		welcomed[i] = make(chan struct{}, 1)
	}
	completed := make(chan struct{}, 1)
	on := func(_ peer.Conn, _ peer.Lane, b []byte) {
		m, ok := parse(b)
		if !ok || int(m.conn) >= len(boxes) {
			return
		}
		switch m.kind {
		case welcome:
			signal(welcomed[m.conn])
		case whole:
			signal(completed)
		case data, counted:
			boxes[m.conn].take(n.spec.Down, m, len(b))
		}
	}
	conns, dials, err := n.dialAll(addr, on, welcomed)
	if err != nil {
		return n.tell.Encode(report{Event: "ready", Err: err.Error()})
	}
	if err := n.tell.Encode(report{Event: "ready", Dials: dials}); err != nil {
		return err
	}
	for c := range commands {
		switch c.Do {
		case "go":
			n.urgent(true)
			if err := n.play(conns, completed); err != nil {
				return err
			}
		case "finish":
			if err := n.finish(boxes, n.spec.Down, c.Expect, conns); err != nil {
				return err
			}
		case "stop":
			return nil
		}
	}
	return nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// dialAll connects, each connection until the server has answered it, and returns how long each took in microseconds.
func (n *node) dialAll(addr string, on peer.Handler, welcomed []chan struct{}) ([]peer.Conn, []int32, error) {
	conns, dials := make([]peer.Conn, n.spec.Conns), make([]int32, n.spec.Conns)
	errs := make(chan error, n.spec.Conns)
	beside := make(chan struct{}, dialsBeside)
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	var wg sync.WaitGroup
	for i := range conns {
		wg.Go(func() {
			beside <- struct{}{}
			defer func() { <-beside }()
			began := clock()
			c, err := n.row.Transport.Dial(ctx, addr, on)
			if err == nil {
				err = n.greet(ctx, c, uint16(i), welcomed[i])
			}
			if err != nil {
				errs <- fmt.Errorf("dial %d: %w", i, err)
				return
			}
			conns[i], dials[i] = c, int32((clock()-began)/time.Microsecond)
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return nil, nil, err
	default:
		return conns, dials, nil
	}
}

// greet says hello until the server has answered.
func (n *node) greet(ctx context.Context, c peer.Conn, number uint16, welcomed <-chan struct{}) error {
	again := time.NewTicker(helloAgain)
	defer again.Stop()
	for said := false; ; {
		if !said {
			if err := (message{kind: hello, conn: number}).send(c, n.lane()); err != nil {
				return err
			}
			said = n.lane() == peer.Reliable
		}
		select {
		case <-welcomed:
			return nil
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// play runs the streams and reports when what counts begins and when it ends.
func (n *node) play(conns []peer.Conn, completed chan struct{}) error {
	begin := clock() + 10*time.Millisecond
	from := begin + n.spec.Warm
	until := from + n.spec.Run
	pacers := make([]*pacer, len(n.spec.Up))
	for i, s := range n.spec.Up {
		p := &pacer{stream: s, number: byte(i), conns: conns, begin: begin, from: from, until: until, whole: completed}
		if pacers[i] = p; s.Hz == 0 {
			go p.flood()
		} else {
			go p.steady()
		}
	}
	time.Sleep(from - clock())
	if err := n.profile(true); err != nil {
		return err
	}
	if err := n.tell.Encode(report{Event: "begin", Sample: usage()}); err != nil {
		return err
	}
	time.Sleep(until - clock())
	r := report{Event: "end", Sample: usage(), Sent: make([]int, len(pacers))}
	for i, p := range pacers {
		r.Sent[i] = p.due()
		r.Failed += int(p.failed.Load())
	}
	if err := n.profile(false); err != nil {
		return err
	}
	return n.tell.Encode(r)
}
