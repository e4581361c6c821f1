package netcode

import (
	"context"
	"net/netip"

	"github.com/halftick/halftick/netcode/carrier"
)

// sockets says that there are none: an address has to be a URL.
const sockets = false

// resolve leaves it to the browser to find a host; the address only tells paths apart.
func resolve(_ context.Context, addr string) ([]netip.AddrPort, error) {
	return []netip.AddrPort{carrier.HostPort("https://" + addr)}, nil
}
