package netcode

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/halftick/halftick/netcode/session"
)

// target is a server as it is dialled.
type target struct {
	text      string           // as it was given
	rest      string           // of it behind the scheme
	addrs     []netip.AddrPort // on UDP and TCP, in the order in which they are tried
	transport Transport        // what the address or the Dialer allows
	url       *url.URL         // on the web; else nil
	more      Transport        // what url allows where transport is Auto
	secure    bool             // it speaks TLS on WebSockets too
	web       []netip.AddrPort // of url
}

// addrsOf returns the server's addresses on a carrier.
func (t *target) addrsOf(c session.Carrier) []netip.AddrPort {
	if c == session.WS || c == session.WT {
		return t.web
	}
	return t.addrs
}

// parseTarget takes an address, and a URL of the same server if that is not empty, apart and looks their hosts up.
func parseTarget(ctx context.Context, addr string, transport Transport, web string) (target, error) {
	if t, ok, err := parseURL(addr); ok {
		if err == nil {
			t.web, err = resolve(ctx, t.rest)
		}
		return t, err
	}
	t, err := parsePlain(ctx, addr, transport, web != "")
	if err != nil || web == "" {
		return t, err
	}
	w, ok, err := parseURL(web)
	if err == nil && !ok {
		err = fmt.Errorf("web address %.80q: want a URL, such as https://play.example/path", web)
	}
	if err == nil {
		w.web, err = resolve(ctx, w.rest)
	}
	if err != nil {
		return t, err
	}
	t.url, t.secure, t.web, t.more = w.url, w.secure, w.web, w.transport
	return t, nil
}

// parsePlain takes an address apart that is no URL.
func parsePlain(ctx context.Context, addr string, transport Transport, web bool) (target, error) {
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
	if t.transport > OnlyTCP && !web {
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
