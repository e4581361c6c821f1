//go:build !js

package udp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/halftick/halftick/netcode/carrier"
)

// joinEvery is how often a Group looks for interfaces that have come: a cable that was plugged in, a wireless network that
// was found.
const joinEvery = 10 * time.Second

// Group hears what is sent to a port of the local networks: to their broadcast addresses, to a multicast group, or to one of
// the machine's own addresses. Several processes may have a Group on one port; what is sent to
// many reaches them all. The zero Group is of no use: see ListenGroup.
type Group struct {
	conn  *net.UDPConn
	group netip.Addr
	join  func(*net.Interface, net.Addr) error
}

// ListenGroup opens a Group on a port, of IPv4 or IPv6 by its multicast group.
func ListenGroup(group netip.Addr, port uint16) (*Group, error) {
	network, host := "udp4", "0.0.0.0"
	if group.Is6() {
		network, host = "udp6", "::"
	}
	addr := net.JoinHostPort(host, strconv.Itoa(int(port)))
	cfg := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		return errors.Join(raw.Control(func(fd uintptr) { err = share(fd) }), err)
	}}
	pc, err := cfg.ListenPacket(context.Background(), network, addr)
	if err != nil {
		return nil, carrier.ListenError(network, addr, err)
	}
	g := &Group{conn: pc.(*net.UDPConn), group: group}
	if group.Is6() {
		g.join = ipv6.NewPacketConn(pc).JoinGroup
	} else {
		g.join = ipv4.NewPacketConn(pc).JoinGroup
	}
	g.joinAll()
	return g, nil
}

// joinAll joins the group on each interface that can. One that was joined before refuses, which is no matter; nor is one that
// cannot: broadcasts come in all the same.
func (g *Group) joinAll() {
	all, _ := net.Interfaces()
	for i := range all {
		if all[i].Flags&net.FlagUp != 0 && all[i].Flags&net.FlagMulticast != 0 {
			_ = g.join(&all[i], &net.UDPAddr{IP: g.group.AsSlice()})
		}
	}
}

// ReadFrom waits for a datagram and copies it to b; what does not fit is cut off. The error is net.ErrClosed after Close; any
// other is the socket's end too.
func (g *Group) ReadFrom(b []byte) (n int, from netip.AddrPort, err error) {
	for {
		_ = g.conn.SetReadDeadline(time.Now().Add(joinEvery))
		n, from, err = g.conn.ReadFromUDPAddrPort(b)
		var timeout net.Error
		switch {
		case err == nil:
			return n, carrier.Unmap(from), nil
		case errors.As(err, &timeout) && timeout.Timeout():
			g.joinAll()
		case !carrier.Passing(err):
			return 0, netip.AddrPort{}, err
		}
	}
}

// Close ends the Group and a ReadFrom that waits.
func (g *Group) Close() error { return g.conn.Close() }
