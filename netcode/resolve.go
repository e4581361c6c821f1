//go:build !js

package netcode

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// sockets says that addresses need not be URLs.
const sockets = true

// resolve returns the addresses of a host:port, IPv6 and IPv4 in turns, IPv6 first, at most maxAddrs ("the client
// SHOULD modify the ordered list to interleave address families", RFC 8305 section 4). An unspecified one, such as that of a
// listener on all addresses, means this machine.
func resolve(ctx context.Context, addr string) ([]netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: want host:port, as in play.example:7777 or 127.0.0.1:7777", addr)
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return nil, fmt.Errorf("address %q: port %q is not a number from 1 to 65535", addr, service)
	}
	if host == "" {
		return interlace([]netip.Addr{netip.IPv6Loopback(), netip.IPv4Unspecified()}, uint16(port)), nil
	}
	if ip, err := netip.ParseAddr(host); err == nil { // the resolver would lose its zone
		return interlace([]netip.Addr{ip}, uint16(port)), nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	return interlace(ips, uint16(port)), nil
}
