package peer

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"time"

	"github.com/quic-go/quic-go"
)

// quicGo is quic-go: one long stream for Reliable, one for Bulk, datagrams for Unreliable.
type quicGo struct{}

type quicConn struct {
	conn    *quic.Conn
	streams [Lanes]*framed
	ready   chan struct{} // closed once there is a reliable stream
}

func (c *quicConn) Send(lane Lane, b []byte) error {
	switch {
	case lane == Unreliable:
		return c.conn.SendDatagram(append([]byte(nil), b...))
	case c.streams[lane] == nil:
		return ErrLane
	}
	return c.streams[lane].Send(lane, b)
}

func (c *quicConn) Close() error { return c.conn.CloseWithError(0, "") }

func (c *quicConn) readDatagrams(on Handler) {
	for {
		b, err := c.conn.ReceiveDatagram(c.conn.Context())
		if err != nil {
			return
		}
		on(c, Unreliable, b)
	}
}

func quicConfig() *quic.Config {
	return &quic.Config{EnableDatagrams: true, MaxIdleTimeout: 30 * time.Second, KeepAlivePeriod: 10 * time.Second}
}

func (quicGo) Listen(addr string, on Handler) (io.Closer, error) {
	identity, err := selfSigned()
	if err != nil {
		return nil, err
	}
	ln, err := quic.ListenAddr(addr, &tls.Config{Certificates: []tls.Certificate{identity}, NextProtos: []string{"bench"}}, quicConfig())
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := ln.Accept(context.Background())
			if err != nil {
				return
			}
			go accept(&quicConn{conn: conn, ready: make(chan struct{})}, on)
		}
	}()
	return ln, nil
}

// accept takes the client's streams. Who answers does so on the stream of Reliable, so datagrams wait for it.
func accept(c *quicConn, on Handler) {
	go func() {
		select {
		case <-c.ready:
			c.readDatagrams(on)
		case <-c.conn.Context().Done():
		}
	}()
	for {
		s, err := c.conn.AcceptStream(context.Background())
		if err != nil {
			return
		}
		var lane [1]byte
		if _, err := io.ReadFull(s, lane[:]); err != nil || Lane(lane[0]) >= Lanes {
			return
		}
		f := &framed{stream: s}
		if c.streams[lane[0]] = f; Lane(lane[0]) == Reliable {
			close(c.ready)
		}
		go f.read(c, on, streamBuffer)
	}
}

func (quicGo) Dial(ctx context.Context, addr string, on Handler) (Conn, error) {
	conn, err := quic.DialAddr(ctx, addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"bench"}}, quicConfig())
	if err != nil {
		return nil, err
	}
	c := &quicConn{conn: conn}
	for _, lane := range []Lane{Reliable, Bulk} {
		s, err := conn.OpenStreamSync(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := s.Write([]byte{byte(lane)}); err != nil {
			return nil, err
		}
		c.streams[lane] = &framed{stream: s}
		go c.streams[lane].read(c, on, streamBuffer)
	}
	go c.readDatagrams(on)
	return c, nil
}

// selfSigned makes a certificate that the clients of these benchmarks do not look at.
func selfSigned() (tls.Certificate, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, t, t, public, private)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, err
}
