package kcp

import (
	"cmp"
	"context"
	"sync"
	"time"

	kcpgo "github.com/xtaci/kcp-go/v5"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
)

// Conn is a session whose reliable channels KCP carries. Its methods are those of netcode.Conn, and may be called from
// several goroutines at once. It has three goroutines of its own: one takes the session's messages, one
// reads KCP's stream, one writes it; kcp-go adds two.
type Conn struct {
	conn     *netcode.Conn
	channels []netcode.Channel
	linger   time.Duration
	shim     *shim
	kcp      *kcpgo.UDPSession

	in      chan netcode.Message
	out     chan []byte // reliable messages behind their headers
	over    chan struct{}
	err     error         // set before over is closed
	fin     chan struct{} // closed when the peer has read everything
	finOnce sync.Once
	running sync.WaitGroup

	mu      sync.Mutex
	queued  []int // bytes waiting, per channel
	closing bool
	broken  error // why this end ended the session, when the peer's stream was malformed
	counts  counts
}

// counts are what session.Stats cannot know.
type counts struct {
	sent, delivered, dropped uint64
}

// outMessages is the number of reliable messages that may wait; the next one is refused with ErrQueueFull.
const outMessages = 4096

// closeStream tells the peer that its stream was malformed.
const closeStream = session.CloseProtocol

// newConn puts KCP on a session.
func newConn(conn *netcode.Conn, cfg netcode.Config, tunnel int, opt Options) (*Conn, error) {
	s := &shim{conn: conn, tunnel: tunnel, fec: opt.ParityShards > 0, in: make(chan []byte, inPackets), closed: make(chan struct{})}
	// Both ends are what kcp-go calls a client: there is one peer, and nothing to listen for.
	k, err := kcpgo.NewConn4(1, peer{}, nil, opt.DataShards, opt.ParityShards, true, s)
	if err != nil {
		return nil, err
	}
	k.SetNoDelay(1, 10, 2, 1)
	k.SetACKNoDelay(true)
	k.SetWindowSize(window, window)
	k.SetMtu(segmentSize)
	c := &Conn{
		conn: conn, channels: cfg.Channels[:tunnel], linger: max(0, cmp.Or(cfg.Linger, time.Second)), shim: s, kcp: k,
		in: make(chan netcode.Message, inMessages), out: make(chan []byte, outMessages),
		over: make(chan struct{}), fin: make(chan struct{}),
		queued: make([]int, tunnel),
	}
	c.running.Add(3)
	go c.receive()
	go c.readStream()
	go c.writeStream()
	return c, nil
}

// receive takes the session's messages until it ends: KCP's packets to KCP, the others to Recv.
func (c *Conn) receive() {
	defer c.running.Done()
	for {
		m, err := c.conn.Recv(context.Background())
		if err != nil {
			c.end(err)
			return
		}
		switch {
		case m.Channel == c.shim.tunnel && len(m.Data) == 1:
			c.finOnce.Do(func() { close(c.fin) })
		case m.Channel == c.shim.tunnel:
			c.shim.arrived(m.Data)
		default:
			c.deliverOrDrop(m)
		}
	}
}

// deliverOrDrop gives Recv a message that may be lost.
func (c *Conn) deliverOrDrop(m netcode.Message) {
	select {
	case c.in <- m:
	default:
		c.mu.Lock()
		c.counts.dropped++
		c.mu.Unlock()
	}
}

// readStream reads KCP's stream until it ends. While Recv does not keep up it waits, and KCP's window closes.
func (c *Conn) readStream() {
	defer c.running.Done()
	for {
		m, fin, err := readMessage(c.kcp, c.channels)
		if err != nil {
			c.breakOff(err)
			return
		}
		if fin {
			_ = c.conn.Send(c.shim.tunnel, []byte{1})
			continue
		}
		select {
		case c.in <- m:
			c.mu.Lock()
			c.counts.delivered++
			c.mu.Unlock()
		case <-c.over:
			return
		}
	}
}

// writeStream writes what Send queued. A Write waits while KCP's window is full.
func (c *Conn) writeStream() {
	defer c.running.Done()
	for {
		select {
		case b := <-c.out:
			if _, err := c.kcp.Write(b); err != nil {
				return
			}
			if b[0] != finChannel {
				c.mu.Lock()
				c.queued[b[0]] -= len(b) - streamHeader
				c.mu.Unlock()
			}
		case <-c.over:
			return
		}
	}
}

// breakOff ends the session when the peer's stream makes no sense. At the end of the session itself it does nothing.
func (c *Conn) breakOff(err error) {
	select {
	case <-c.over:
		return
	default:
	}
	c.mu.Lock()
	c.broken = err
	c.mu.Unlock()
	_ = c.conn.CloseWith(closeStream, err.Error())
}

// end takes KCP down after the session.
func (c *Conn) end(err error) {
	c.mu.Lock()
	c.err = cmp.Or(c.broken, err)
	c.mu.Unlock()
	close(c.over)
	c.kcp.Close()
	c.shim.Close()
}
