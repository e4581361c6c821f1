package carrier

import (
	"net/netip"
	"net/url"
	"strconv"
)

// HostPort returns the address that a URL names when its host is an IP address, else its port on the unspecified
// address: a browser does not tell a page whom it talks to, and a session only has to tell its own paths apart.
func HostPort(rawURL string) netip.AddrPort {
	ip, port := netip.IPv4Unspecified(), uint16(443)
	u, err := url.Parse(rawURL)
	if err != nil {
		return netip.AddrPortFrom(ip, port)
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		ip = a
	}
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		port = uint16(n)
	} else if u.Scheme == "ws" || u.Scheme == "http" {
		port = 80
	}
	return netip.AddrPortFrom(ip.Unmap(), port)
}
