// Package netcode carries messages between a client and a server: reliable UDP sessions with channels,
// over TCP where UDP is blocked.
//
//	ln, err := netcode.Listen(":7777", cfg)           conn, err := netcode.Dial(ctx, "play.example:7777", cfg)
//	conn, err := ln.Accept(ctx)                       err = conn.Send(chat, []byte("hello"))
//	msg, err := conn.Recv(ctx)                        msg, err := conn.Recv(ctx)
//
// A session has the channels that Config declares, each unreliable, sequenced (newest wins) or reliable
// and ordered; none holds back another. Messages leave at once, many in one datagram. Dial tries UDP and
// falls back to TCP by itself; Conn.Path says what was chosen.
//
// It is a thin driver: it owns the sockets, the goroutines and the clock of a session.Endpoint, where
// the protocol lives. A whole predicted multiplayer game is one floor up, in packages sim, server and client,
// which drive an endpoint through a Host.
//
// Sessions are encrypted. A client that pins the server's key (Dialer.ServerKey) talks to nobody else; without it
// the first answer is believed. See docs/protocol.md.
//
// Reading order: config.go, dial.go, listen.go, conn.go, inbox.go; then host.go and stream.go, the driver.
package netcode
