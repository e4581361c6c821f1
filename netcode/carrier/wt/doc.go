// Package wt carries each record of a session in a datagram of WebTransport (over HTTP/3 and QUIC), so that browsers
// have what UDP gives to programs: a lost record holds back none behind it.
//
//	l, err := wt.Listen(":7443", wt.Options{TLS: cfg, Origins: carrier.Origins{Pages: []string{"https://play.example"}}})
//	ln.WebTransport(l)                               // of a netcode.Listener or Host
//	d := netcode.Dialer{WebTransport: wt.Dial}       // of a program; a browser has it without
//
// Records get lost and reordered as on UDP, and the session repairs that. QUIC has a congestion controller of its own
// below that of the session, and encrypts what is encrypted already: WebTransport costs more than UDP and is for whom has
// no UDP. Its port can be that of TCP, not that of the UDP sessions.
//
// What fits a datagram is for QUIC to say; browsers take 1200 bytes and little more as a rule. A record up to
// carrier.MinRecord that does not fit goes alone on a stream of its own, so that records every path has to
// carry pass on every path; a longer one is lost, which is how the session finds the size that passes.
//
// A server needs a certificate that browsers believe in, or, in development, one of DevCertificate, whose hash is
// put into the URL: https://host:port/path#sha256=HEX.
//
// A peer is limited from its first packet: half-open and unauthenticated connections are counted by a carrier.Gate,
// one WebTransport session on each, 16 streams of one record each, 64 KiB of receive buffers. Addresses are proved
// by QUIC, with a Retry first when many are unknown. One page opens one session: a path is the peer's address.
//
// Programs that do not import this package hold no QUIC. Reading order: conn.go (records), listener.go (who may come
// in), dial.go, certificate.go; conn_js.go.
package wt
