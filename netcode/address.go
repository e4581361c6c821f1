package netcode

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// target is a server as it is dialled.
type target struct {
	text      string           // as it was given
	rest      string           // of it behind the scheme
	addrs     []netip.AddrPort // in the order in which they are tried
	transport Transport        // what the address or the Dialer allows
}

// parseTarget takes an address apart and looks its host up.
func parseTarget(ctx context.Context, addr string, transport Transport) (target, error) {
	t := target{text: addr, rest: addr, transport: transport}
	for _, w := range ways {
		if rest, ok := strings.CutPrefix(addr, w.carrier.String()+"://"); ok {
			t.rest, t.transport = rest, w.only
		}
	}
	if scheme, _, ok := strings.Cut(t.rest, "://"); ok {
		return t, fmt.Errorf("address %q: no carrier is called %s", addr, scheme)
	}
	var err error
	t.addrs, err = resolve(ctx, t.rest)
	return t, err
}

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
		host = "127.0.0.1"
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	return interlace(ips, uint16(port)), nil
}

// interlace puts addresses into the order in which they are tried.
func interlace(ips []netip.Addr, port uint16) (addrs []netip.AddrPort) {
	var families [2][]netip.AddrPort // IPv6, IPv4
	for _, ip := range ips {
		ip = ip.Unmap()
		switch ip {
		case netip.IPv4Unspecified():
			ip = netip.AddrFrom4([4]byte{127, 0, 0, 1}) // answers come from there
		case netip.IPv6Unspecified():
			ip = netip.IPv6Loopback()
		}
		family := 0
		if ip.Is4() {
			family = 1
		}
		if at := netip.AddrPortFrom(ip, port); !slices.Contains(families[family], at) {
			families[family] = append(families[family], at)
		}
	}
	for i := 0; len(addrs) < maxAddrs && (i < len(families[0]) || i < len(families[1])); i++ {
		for _, f := range families {
			if i < len(f) {
				addrs = append(addrs, f[i])
			}
		}
	}
	return addrs[:min(len(addrs), maxAddrs)]
}
