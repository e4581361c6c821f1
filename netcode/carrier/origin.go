package carrier

import (
	"net/url"
	"strings"
)

// Origins says which web pages may open sessions with a server, by the Origin header that browsers send with
// every WebSocket and WebTransport request (RFC 6454). Without it any page that a player looks at could play
// in his name, as far as the server trusts the network he is in. The zero Origins lets in pages of the
// server's own host and nobody else.
type Origins struct {
	// Pages are origins such as "https://play.example" or "http://localhost:8080", as browsers write them: scheme, host
	// and port, nothing behind, not even a slash. "*" is any page. When empty, pages from the host and port that the request itself was sent to.
	Pages []string

	// Programs lets in who sends no Origin: programs that are no browsers.
	Programs bool
}

// maxOrigin bounds the header in bytes: a scheme, a name of 255 bytes and a port.
const maxOrigin = 300

// Allow judges a request by its Origin headers and its Host.
func (o Origins) Allow(headers []string, host string) bool {
	switch {
	case len(headers) == 0:
		return o.Programs
	case len(headers) > 1 || len(headers[0]) > maxOrigin:
		return false
	}
	origin := headers[0]
	for _, page := range o.Pages {
		if page == "*" || strings.EqualFold(page, origin) {
			return true
		}
	}
	if len(o.Pages) > 0 {
		return false
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && strings.EqualFold(u.Host, host) &&
		strings.EqualFold(u.Scheme+"://"+u.Host, origin)
}
