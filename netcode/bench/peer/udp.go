package peer

import (
	"context"
	"io"
	"net"
	"net/netip"
)

// bareUDP is the floor: a socket, the kernel and the harness. It has Unreliable alone.
type bareUDP struct{}

type udpConn struct {
	socket *net.UDPConn
	to     netip.AddrPort // not valid: the socket is connected
}

func (c *udpConn) Send(lane Lane, b []byte) (err error) {
	switch {
	case lane != Unreliable:
		return ErrLane
	case c.to.IsValid():
		_, err = c.socket.WriteToUDPAddrPort(b, c.to)
	default:
		_, err = c.socket.Write(b)
	}
	return err
}

func (c *udpConn) Close() error {
	if c.to.IsValid() {
		return nil
	}
	return c.socket.Close()
}

func (bareUDP) Listen(addr string, on Handler) (io.Closer, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	s, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	s.SetReadBuffer(4 << 20)
	s.SetWriteBuffer(4 << 20)
	go func() {
		conns := map[netip.AddrPort]*udpConn{}
		for b := make([]byte, 2048); ; {
			n, from, err := s.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			c := conns[from]
			if c == nil {
				c = &udpConn{s, from}
				conns[from] = c
			}
			on(c, Unreliable, b[:n])
		}
	}()
	return s, nil
}

func (bareUDP) Dial(_ context.Context, addr string, on Handler) (Conn, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	s, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return nil, err
	}
	c := &udpConn{socket: s}
	go func() {
		for b := make([]byte, 2048); ; {
			n, _, err := s.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			on(c, Unreliable, b[:n])
		}
	}()
	return c, nil
}
