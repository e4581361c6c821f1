// Package ws carries each record of a session in a binary message of a WebSocket (RFC 6455), for browsers and for
// networks that let only the web pass.
//
// A Handler is mounted in any http.Server and hands each WebSocket to its owner:
//
//	h := ws.NewHandler(ws.Options{Origins: carrier.Origins{Pages: []string{"https://play.example"}}}, accept)
//	mux.Handle("/halftick", h)
//	srv := ws.NewServer(mux, carrier.Limits{})     // an http.Server with limits against idle and slow peers
//
// Programs dial with Dial; the same function in a js/wasm build uses the browser's WebSocket.
//
// A WebSocket is as reliable and as ordered as the TCP below it. No message is compressed: records are encrypted, and
// a compressor would cost 64 KB for each peer. The limits of package carrier hold, and 20 control frames per second.
// There are no cookies and no credentials in the request: who the peer is, its first records say.
//
// Behind a reverse proxy every peer has the proxy's address, since X-Forwarded-For is not believed: raise
// Limits.PendingPerAddr there, and let the proxy limit its clients.
//
// Reading order: conn.go (records), handler.go (who may come in), server.go, dial.go; conn_js.go.
package ws
