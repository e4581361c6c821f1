package peer

import (
	"context"
	"crypto/ecdh"
	"io"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/kcp"
)

// inside is KCP inside sessions of this library: its packets are encrypted and follow the session's paths.
type inside struct{}

// tunnelled is an end of such a session.
type tunnelled struct{ conn *kcp.Conn }

func (c *tunnelled) Send(lane Lane, b []byte) error {
	return again(func() error { return c.conn.Send(int(lane), b) })
}

func (c *tunnelled) Close() error { return c.conn.Close() }

func (c *tunnelled) Tell() string { return tell(c.conn.Stats()) }

// read hands on what comes until the session ends.
func (c *tunnelled) read(on Handler) {
	for {
		m, err := c.conn.Recv(context.Background())
		if err != nil {
			return
		}
		on(c, Lane(m.Channel), m.Data)
	}
}

func (inside) Dial(ctx context.Context, addr string, on Handler) (Conn, error) {
	server, err := ecdh.X25519().NewPrivateKey(serverKey[:])
	if err != nil {
		return nil, err
	}
	d := netcode.Dialer{Transport: netcode.OnlyUDP, ServerKey: [32]byte(server.PublicKey().Bytes())}
	conn, err := kcp.Dial(ctx, addr, halftick{}.config(), kcp.Options{Dialer: d})
	if err != nil {
		return nil, err
	}
	c := &tunnelled{conn}
	go c.read(on)
	return c, nil
}

func (inside) Listen(addr string, on Handler) (io.Closer, error) {
	cfg := halftick{}.config()
	cfg.Key = serverKey
	l, err := kcp.Listen(addr, cfg, kcp.Options{})
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := l.Accept(context.Background())
			if err != nil {
				return
			}
			go (&tunnelled{conn}).read(on)
		}
	}()
	return l, nil
}
