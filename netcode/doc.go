// Package netcode carries messages between a client and a server: sessions with channels, over UDP, and over WebTransport, TCP or
// WebSocket where UDP does not get through.
//
//	ln, err := netcode.Listen(":7777", cfg)           conn, err := netcode.Dial(ctx, "play.example:7777", cfg)
//	conn, err := ln.Accept(ctx)                       err = conn.Send(chat, []byte("hello"))
//	msg, err := conn.Recv(ctx)                        msg, err := conn.Recv(ctx)
//
// A session has the channels that Config declares, each of one Kind, from Unreliable to Bulk; none holds back another. Messages
// leave at once, many in one datagram. Dial races the carriers; the session moves to another one, without losing a
// message of a reliable channel, when its own fails or a better one gets through. Conn.Path says what is in use.
//
// It is a thin driver: it owns the sockets, the goroutines and the clock of a session.Endpoint, where
// the protocol lives. A whole predicted multiplayer game is one floor up, in packages sim, server and client,
// which drive an endpoint through a Host.
//
// Sessions are encrypted. A client that pins the server's key (Dialer.ServerKey) talks to nobody else; one that keeps a file
// (Dialer.Known) believes the first answer of a server and holds it to that key from then on; with neither, each
// first answer is believed. See docs/protocol.md and docs/security.md.
//
// Reading order: config.go, dial.go, listen.go, conn.go, inbox.go (what users see); host.go, stream.go, outbox.go, handshakes.go and doors.go (the
// driver); pilot.go, race.go, ways.go, address.go, resolve.go, better.go, redial.go, reopen.go and explain.go (how a client finds a way, and
// another); web.go and web_listen.go (URLs); known.go, keyfile.go and authorize.go (who is believed); discover.go (the local network); limits.go.
package netcode
