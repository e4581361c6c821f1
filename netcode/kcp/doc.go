// Package kcp carries the reliable channels of a session with KCP, through github.com/xtaci/kcp-go, in
// place of the session's own retransmission. It is there to be compared with, and for those who want
// its forward error correction; on every link that was measured the session's own is ahead.
//
//	c, err := kcp.Dial(ctx, "kcp://play.example:7777", cfg, kcp.Options{})
//	l, err := kcp.Listen(":7777", cfg, kcp.Options{})      // l.Accept(ctx)
//
// Conn has the methods of netcode.Conn. Both ends use this package with the same channels and options.
//
// KCP by itself has no handshake: one datagram of 25 bytes from anybody makes a listener keep 280 KB, and
// another ends a session. Here its segments travel inside of an established session, as messages of
// an unreliable channel of their own: encrypted, authenticated, replayed by nobody, and gone with the session.
//
//	Send, reliable channel -> queue -> one KCP stream, each message behind its header -> segments -> shim
//	Send, other channels   --------------------------------------------------------> the session -> carrier
//
// KCP orders everything: what is sent on a ReliableUnordered, ReliableLatest or Bulk channel arrives in order too, and nothing
// replaces a value that is not sent yet. All reliable channels share KCP's one stream, so that one waits for the other, and so does everything
// behind a large message: that is KCP. Importing kcp-go starts goroutines, which is why netcode itself does not.
package kcp
