//go:build !js

package wt

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/webtransport-go"
	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode/carrier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient are limits that no test on the slowest machine reaches; tests shorten the one they are about.
func patient() carrier.Limits {
	return carrier.Limits{FirstRecord: time.Minute, Authenticate: time.Minute, Record: time.Minute, Write: time.Minute}
}

func programs(l carrier.Limits) Options {
	return Options{Limits: l, Origins: carrier.Origins{Programs: true}, Path: "/play"}
}

// serve opens a listener, and returns the URL that pins its certificate.
func serve(t testing.TB, o Options) (l *Listener, url string) {
	t.Helper()
	cert, fragment, err := DevCertificate(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	o.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	l, err = Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, "https://" + l.Addr().String() + "/play#" + fragment
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(t testing.TB, url string) *Conn {
	t.Helper()
	c, err := Dial(soon(t), url, netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*Conn)
}

func accept(t testing.TB, l *Listener) *Conn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*Conn)
}

// exchange sends records until each has come through, since datagrams may be lost.
func exchange(t *testing.T, from, to carrier.Conn, sizes ...int) {
	t.Helper()
	arrived := make(chan []byte)
	go func() {
		for {
			b := make([]byte, carrier.MaxRecord)
			n, err := to.ReadRecord(b)
			if err != nil {
				close(arrived)
				return
			}
			select {
			case arrived <- b[:n]:
			case <-t.Context().Done():
				return
			}
		}
	}()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	ctx := soon(t)
	for _, size := range sizes {
		sent := bytes.Repeat([]byte{byte(size)}, size)
		for came := false; !came; {
			if err := from.WriteRecord(sent); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-arrived:
				came = bytes.Equal(got, sent)
			case <-again.C:
			case <-ctx.Done():
				t.Fatalf("no record of %d bytes came", size)
			}
		}
	}
}

func TestRecordsBothWays(t *testing.T) {
	l, url := serve(t, programs(patient()))
	client, server := dial(t, url), accept(t, l)
	exchange(t, client, server, 1, 100, carrier.MinRecord)
	exchange(t, server, client, 1, 100, carrier.MinRecord)
	if client.RemoteAddr().String() != l.Addr().String() || !server.RemoteAddr().IsValid() {
		t.Errorf("addresses %v and %v", client.RemoteAddr(), server.RemoteAddr())
	}
	for _, size := range []int{0, carrier.MaxRecord + 1} {
		if err := client.WriteRecord(make([]byte, size)); err != carrier.ErrRecordSize {
			t.Errorf("%d bytes: %v, want ErrRecordSize", size, err)
		}
	}
}

// A record that fits no datagram comes on a stream.
func TestRecordOnAStream(t *testing.T) {
	l, url := serve(t, programs(patient()))
	client, server := dial(t, url), accept(t, l)
	for _, size := range []int{1, carrier.MinRecord} {
		sent := bytes.Repeat([]byte{byte(size)}, size)
		if err := client.writeStream(sent); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, carrier.MaxRecord)
		if n, err := server.ReadRecord(b); err != nil || !bytes.Equal(b[:n], sent) {
			t.Errorf("got %d bytes, %v, want %d", n, err, size)
		}
	}
}

func TestWhoEnds(t *testing.T) {
	l, url := serve(t, programs(patient()))
	client, server := dial(t, url), accept(t, l)
	server.Authenticated()
	if got := l.Stats(); got.Pending != 0 || got.Open != 1 || got.Accepted != 1 {
		t.Errorf("%+v, want one open", got)
	}
	client.Close()
	client.Close()
	wantEnd(t, server, io.EOF)
	wantEnd(t, client, net.ErrClosed)
	if err := client.WriteRecord([]byte{1}); err != net.ErrClosed {
		t.Errorf("write after Close: %v, want net.ErrClosed", err)
	}
	client, server = dial(t, url), accept(t, l)
	server.Close()
	wantEnd(t, client, io.EOF)
	if got := l.Stats(); got.Open != 0 || got.Pending != 0 {
		t.Errorf("%+v, want none open", got)
	}
	l.Close()
	if _, err := l.Accept(); err != net.ErrClosed {
		t.Errorf("Accept after Close: %v", err)
	}
}

// wantEnd reads until the session ends and checks the reason.
func wantEnd(t *testing.T, c *Conn, want error) {
	t.Helper()
	buf := make([]byte, carrier.MaxRecord)
	for {
		if _, err := c.ReadRecord(buf); err != nil {
			if err != want {
				t.Errorf("ended with %v, want %v", err, want)
			}
			return
		}
	}
}

func TestOnlyThePinnedCertificate(t *testing.T) {
	_, url := serve(t, programs(patient()))
	plain, _, _ := strings.Cut(url, "#")
	for _, wrong := range []string{plain, plain + "#sha256=" + strings.Repeat("00", 32)} {
		if c, err := Dial(soon(t), wrong, netip.AddrPort{}); err == nil {
			c.Close()
			t.Errorf("%s: somebody was believed", wrong)
		}
	}
	cert, fragment, err := DevCertificate(time.Now().Add(-20*24*time.Hour), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen("127.0.0.1:0", Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Origins: carrier.Origins{Programs: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if c, err := Dial(soon(t), "https://"+l.Addr().String()+"/#"+fragment, netip.AddrPort{}); err == nil {
		c.Close()
		t.Error("a certificate of the past was believed")
	}
}

func TestHostilePeers(t *testing.T) {
	const brief = 50 * time.Millisecond
	for _, c := range []struct {
		name  string
		limit func(*carrier.Limits)
		act   func(*testing.T, *Conn)
		want  error
		count func(carrier.Stats) uint64
	}{{
		"sends nothing", func(l *carrier.Limits) { l.FirstRecord = 300 * time.Millisecond },
		func(*testing.T, *Conn) {},
		carrier.ErrSilent, func(s carrier.Stats) uint64 { return s.Silent },
	}, {
		"never opens a session", func(l *carrier.Limits) { l.Authenticate = 300 * time.Millisecond },
		func(t *testing.T, c *Conn) { c.writeStream([]byte{9}) },
		carrier.ErrUnauthenticated, func(s carrier.Stats) uint64 { return s.Unopened },
	}, {
		"sends too much on a stream", func(*carrier.Limits) {},
		func(t *testing.T, c *Conn) { c.writeStream(make([]byte, carrier.MaxRecord+1)) },
		carrier.ErrOversize, func(s carrier.Stats) uint64 { return s.Oversize },
	}, {
		"sends an empty record", func(*carrier.Limits) {},
		func(t *testing.T, c *Conn) { c.session.SendDatagram(nil) },
		carrier.ErrEmpty, func(s carrier.Stats) uint64 { return s.Empty },
	}} {
		t.Run(c.name, func(t *testing.T) {
			limits := patient()
			c.limit(&limits)
			l, url := serve(t, programs(limits))
			peer, conn := dial(t, url), accept(t, l)
			c.act(t, peer)
			wantEnd(t, conn, c.want)
			if got := l.Stats(); c.count(got) != 1 || got.Pending != 0 || got.Open != 0 {
				t.Errorf("%+v, want it counted once and nothing open", got)
			}
		})
	}
	t.Run("holds a stream half sent", func(t *testing.T) {
		limits := patient()
		limits.Record = brief
		l, url := serve(t, programs(limits))
		peer, conn := dial(t, url), accept(t, l)
		s, err := peer.session.OpenUniStream()
		if err != nil {
			t.Fatal(err)
		}
		s.Write([]byte{1})
		if err := peer.writeStream([]byte("behind")); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, carrier.MaxRecord)
		for n := 0; string(b[:n]) != "behind"; {
			if n, err = conn.ReadRecord(b); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestOriginIsJudged(t *testing.T) {
	l, url := serve(t, Options{Limits: patient(), Origins: carrier.Origins{Pages: []string{"https://play.example"}}})
	u, hash, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{NextProtos: []string{"h3"}}
	pin(cfg, hash)
	for _, c := range []struct {
		origin string
		want   int
	}{{"https://play.example", 200}, {"https://evil.example", 403}, {"", 403}} {
		h := http.Header{}
		if c.origin != "" {
			h.Set("Origin", c.origin)
		}
		d := webtransport.Transport{TLSClientConfig: cfg, QUICConfig: quicConfig()}
		res, s, err := d.Dial(soon(t), u.String(), h)
		if res == nil || res.StatusCode != c.want {
			t.Errorf("%q: %v, %v, want %d", c.origin, res, err, c.want)
		}
		if s != nil {
			s.CloseWithError(0, "")
		}
	}
	if got := l.Stats(); got.RefusedOrigin != 2 {
		t.Errorf("%+v, want 2 refused", got)
	}
}

// Two may be pending: further connections end, until one is authenticated.
func TestUnauthenticatedConnections(t *testing.T) {
	limits := patient()
	limits.PendingPerAddr = 2
	l, url := serve(t, programs(limits))
	for range 2 {
		dial(t, url)
	}
	for range 3 {
		if c, err := Dial(soon(t), url, netip.AddrPort{}); err == nil {
			c.Close()
			t.Error("one more was let in")
		}
	}
	accept(t, l).Authenticated()
	dial(t, url)
	if got := l.Stats(); got.RefusedAddr != 3 || got.Accepted != 3 || got.Pending != 2 {
		t.Errorf("%+v", got)
	}
}

func TestListenErrors(t *testing.T) {
	if _, err := Listen("127.0.0.1:0", Options{}); err == nil {
		t.Error("no certificate is needed")
	}
	l, _ := serve(t, Options{})
	cert, _, _ := DevCertificate(time.Now())
	_, err := Listen(l.Addr().String(), Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	if _, ok := errors.AsType[*carrier.InUseError](err); !ok {
		t.Errorf("%v, want an InUseError", err)
	}
}
