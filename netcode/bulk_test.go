//go:build !js

package netcode

import (
	"context"
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/carrier/wt"
)

// bulkSite is a listener with a Bulk channel that is reached over every carrier.
func bulkSite(t testing.TB) (ln *Listener, urls []string) {
	t.Helper()
	ln, err := Listen("127.0.0.1:0", bulkConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	programs := carrier.Origins{Programs: true}
	site := httptest.NewServer(ln.WebSocket(ws.Options{Origins: programs}))
	t.Cleanup(site.Close)
	cert, hash, err := wt.DevCertificate(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	quic, err := wt.Listen("127.0.0.1:0", wt.Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Origins: programs})
	if err != nil {
		t.Fatal(err)
	}
	ln.WebTransport(quic)
	return ln, []string{"udp://" + ln.Addr().String(), "tcp://" + ln.Addr().String(),
		"ws" + strings.TrimPrefix(site.URL, "http"), "wt://" + quic.Addr().String() + "/play#" + hash}
}

// transfer sends n messages of 60 KiB from a client to the server of a site, and returns the client.
func transfer(t testing.TB, ln *Listener, url string, n int) (c *Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d := Dialer{WebTransport: wt.Dial}
	c, err := d.Dial(ctx, url, bulkConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	sc, err := ln.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for range n {
			if _, err := sc.Recv(ctx); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	msg := make([]byte, 60<<10)
	for range n {
		if err := c.SendContext(ctx, bulk, msg); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return c
}

// What QUIC does not take yet waits in the session; it is not thrown away between the two.
func TestTransferOverWebTransportLosesNothingHere(t *testing.T) {
	ln, urls := bulkSite(t)
	c := transfer(t, ln, urls[3], 50)
	if n := c.host.StreamStats().Overrun; n != 0 {
		t.Errorf("%d records of %d were dropped before they came to QUIC", n, c.Stats().PacketsSent)
	}
}

// BenchmarkBulkByCarrier is a transfer over a Bulk channel, both ends in this process. To be compared with BenchmarkStream of
// package wt: what QUIC does alone.
func BenchmarkBulkByCarrier(b *testing.B) {
	ln, urls := bulkSite(b)
	for _, url := range urls {
		b.Run(url[:strings.Index(url, ":")], func(b *testing.B) {
			b.SetBytes(60 << 10)
			transfer(b, ln, url, b.N)
		})
	}
}
