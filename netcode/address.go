package netcode

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// target is a server as it is dialled.
type target struct {
	text      string           // as it was given
	rest      string           // of it behind the scheme
	addrs     []netip.AddrPort // in the order in which they are tried
	transport Transport        // what the address or the Dialer allows
	url       *url.URL         // of a server on the web; else nil
	secure    bool             // it speaks TLS on WebSockets too
}

// parseTarget takes an address apart and looks its host up.
func parseTarget(ctx context.Context, addr string, transport Transport) (target, error) {
	if t, ok, err := parseURL(addr); ok {
		if err == nil {
			t.addrs, err = resolve(ctx, t.rest)
		}
		return t, err
	}
	if !sockets {
		return target{}, fmt.Errorf("address %q: a browser has no sockets: want a wss://, ws://, wt:// or https:// address", addr)
	}
	t := target{text: addr, rest: addr, transport: transport}
	for _, w := range ways {
		if rest, ok := strings.CutPrefix(addr, w.carrier.String()+"://"); ok && w.of == Auto {
			t.rest, t.transport = rest, w.only
		}
	}
	if scheme, _, ok := strings.Cut(t.rest, "://"); ok {
		return t, fmt.Errorf("address %q: no carrier is called %s", addr, scheme)
	}
	if t.transport > OnlyTCP {
		return t, fmt.Errorf("address %q: over %v a server is a URL, such as wss://play.example/path", addr, t.transport)
	}
	var err error
	t.addrs, err = resolve(ctx, t.rest)
	return t, err
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
