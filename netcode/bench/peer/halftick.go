package peer

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
)

// halftick is this library. Its clients use netcode.Conn; its server takes events from the host, as package server does, so that
// a session costs it no goroutine.
type halftick struct{ redundancy int }

// serverKey is the server's, so that clients can pin the other half as those of a game do: a client that has to ask is
// answered only a few times a second at one address, and here all have the same.
var serverKey = [32]byte{'b', 'e', 'n', 'c', 'h'}

func (h halftick) config() netcode.Config {
	return netcode.Config{
		App:      "bench",
		MaxConns: 4096,
		Channels: []netcode.Channel{
			Unreliable: {Name: "unreliable", Kind: netcode.Unreliable},
			Reliable:   {Name: "reliable", Kind: netcode.ReliableOrdered, Redundancy: h.redundancy},
			Bulk:       {Name: "bulk", Kind: netcode.Bulk},
		},
	}
}

// again calls send until its channel has room.
func again(send func() error) error {
	for {
		if err := send(); !errors.Is(err, netcode.ErrQueueFull) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// dialed is a client's session.
type dialed struct{ conn *netcode.Conn }

func (c *dialed) Send(lane Lane, b []byte) error {
	return again(func() error { return c.conn.Send(int(lane), b) })
}

func (c *dialed) Close() error { return c.conn.Close() }

func (h halftick) Dial(ctx context.Context, addr string, on Handler) (Conn, error) {
	server, err := ecdh.X25519().NewPrivateKey(serverKey[:])
	if err != nil {
		return nil, err
	}
	d := netcode.Dialer{Transport: netcode.OnlyUDP, ServerKey: [32]byte(server.PublicKey().Bytes())}
	conn, err := d.Dial(ctx, addr, h.config())
	if err != nil {
		return nil, err
	}
	c := &dialed{conn}
	go func() {
		for {
			m, err := conn.Recv(context.Background())
			if err != nil {
				return
			}
			on(c, Lane(m.Channel), m.Data)
		}
	}()
	return c, nil
}

// hosted is a server's session.
type hosted struct {
	host *netcode.Host
	conn *session.Conn
}

func (c *hosted) Send(lane Lane, b []byte) error {
	return again(func() error {
		now := c.host.Lock()
		defer c.host.Unlock()
		return c.conn.Send(now, int(lane), b)
	})
}

func (c *hosted) Close() error {
	now := c.host.Lock()
	defer c.host.Unlock()
	c.conn.Close(now, session.CloseNormal, "")
	return nil
}

func (h halftick) Listen(addr string, on Handler) (io.Closer, error) {
	cfg := h.config()
	cfg.Key = serverKey
	ep, err := netcode.NewEndpoint(cfg)
	if err != nil {
		return nil, err
	}
	host, err := netcode.Bind(addr, ep)
	if err != nil {
		return nil, err
	}
	host.OnEvents(func(time.Duration) {
		for ev, ok := ep.Event(); ok; ev, ok = ep.Event() {
			switch ev.Kind {
			case session.Opened:
				ev.Conn.SetOwner(&hosted{host, ev.Conn})
			case session.Message:
				on(ev.Conn.Owner().(*hosted), Lane(ev.Channel), ev.Data)
			}
		}
	})
	return host, nil
}

// SendEach queues for all under one lock, as a server does once a tick.
func (h halftick) SendEach(conns []Conn, lane Lane, message func(i int) []byte) (failed int) {
	host := conns[0].(*hosted).host
	now := host.Lock()
	defer host.Unlock()
	for i, c := range conns {
		if c.(*hosted).conn.Send(now, int(lane), message(i)) != nil {
			failed++
		}
	}
	return failed
}

func tell(s netcode.Stats) string {
	return fmt.Sprintf("rtt %v (least %v, jitter %v), loss out %.3f in %.3f, packets %d sent %d lost %d spurious, messages %d retransmitted %d repeated, queued %d B",
		s.RTT.Round(time.Microsecond), s.MinRTT.Round(time.Microsecond), s.Jitter.Round(time.Microsecond), s.LossOut, s.LossIn,
		s.PacketsSent, s.PacketsLost, s.PacketsSpurious, s.Retransmitted, s.Repeated, s.QueuedBytes)
}

func (c *dialed) Tell() string { return tell(c.conn.Stats()) }

func (c *hosted) Tell() string {
	c.host.Lock()
	defer c.host.Unlock()
	return tell(c.conn.Stats())
}
