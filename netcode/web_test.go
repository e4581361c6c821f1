//go:build !js

package netcode

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/carrier/wt"
	"github.com/halftick/halftick/netcode/session"
)

// webConfig has a channel of every kind, its number one less than the kind's.
func webConfig() Config {
	cfg := Config{App: "web test", IdleTimeout: 20 * time.Second}
	for k := Unreliable; k <= Bulk; k++ {
		cfg.Channels = append(cfg.Channels, Channel{Name: fmt.Sprint("kind ", k), Kind: k})
	}
	return cfg
}

// web is a listener that echoes on WebSocket, the same over TLS, and WebTransport.
type web struct {
	ln         *Listener
	plain, tls *httptest.Server
	wt         *wt.Listener
	hash       string
}

func newWeb(t *testing.T) *web {
	t.Helper()
	ln, err := Listen("127.0.0.1:0", webConfig())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept(context.Background())
			if err != nil {
				return
			}
			wg.Go(func() { echo(c) })
		}
	})
	t.Cleanup(func() {
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	w := &web{ln: ln}
	programs := carrier.Origins{Programs: true}
	handler := ln.WebSocket(ws.Options{Origins: programs})
	w.plain, w.tls = httptest.NewServer(handler), httptest.NewTLSServer(handler)
	t.Cleanup(w.plain.Close)
	t.Cleanup(w.tls.Close)
	cert, hash, err := wt.DevCertificate(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	w.hash = hash
	w.wt, err = wt.Listen("127.0.0.1:0", wt.Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Origins: programs})
	if err != nil {
		t.Fatal(err)
	}
	ln.WebTransport(w.wt)
	return w
}

func echo(c *Conn) {
	for {
		m, err := c.Recv(context.Background())
		if err != nil {
			return
		}
		if webConfig().Channels[m.Channel].Kind == ReliableLatest {
			err = c.SendKeyed(m.Channel, m.Key, m.Data)
		} else {
			err = c.Send(m.Channel, m.Data)
		}
		if err != nil {
			return
		}
	}
}

func (w *web) dialer() Dialer {
	roots := x509.NewCertPool()
	roots.AddCert(w.tls.Certificate())
	return Dialer{TLS: &tls.Config{RootCAs: roots}, WebTransport: wt.Dial}
}

func (w *web) dial(t *testing.T, d Dialer, url string) *Conn {
	t.Helper()
	c, err := d.Dial(deadline(t), url, webConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (w *web) urls() map[string]session.Carrier {
	return map[string]session.Carrier{
		"ws" + strings.TrimPrefix(w.plain.URL, "http"):        session.WS,
		"wss" + strings.TrimPrefix(w.tls.URL, "https"):        session.WS,
		"wt://" + w.wt.Addr().String() + "/play#" + w.hash:    session.WT,
		"https://" + w.wt.Addr().String() + "/play#" + w.hash: session.WT,
	}
}

func TestEveryKindOverTheWeb(t *testing.T) {
	w := newWeb(t)
	for url, want := range w.urls() {
		t.Run(strings.SplitN(url, ":", 2)[0], func(t *testing.T) {
			c := w.dial(t, w.dialer(), url)
			if c.Path().Carrier != want {
				t.Errorf("the session travels over %v, want %v", c.Path(), want)
			}
			for i, ch := range webConfig().Channels {
				roundTrip(t, c, i, ch.Kind)
			}
		})
	}
	w.ln.host.Lock() // as a caller may hold a lock that is taken under this one
	stats := w.ln.host.StreamStats()
	w.ln.host.Unlock()
	if stats.Accepted != 4 {
		t.Errorf("%+v, want 4 accepted", stats)
	}
}

// roundTrip sends messages until they have come back: unreliable ones may be lost.
func roundTrip(t *testing.T, c *Conn, channel int, kind session.ChannelKind) {
	t.Helper()
	ctx := deadline(t)
	for _, size := range []int{1, 1000, 9000} {
		sent := bytes.Repeat([]byte{byte(channel)}, size)
		for came := false; !came; {
			var err error
			if kind == ReliableLatest {
				err = c.SendKeyed(channel, 7, sent)
			} else {
				err = c.Send(channel, sent)
			}
			if err != nil {
				t.Fatalf("%v, %d bytes: %v", kind, size, err)
			}
			wait := ctx
			if !kind.Reliable() {
				var stop context.CancelFunc
				wait, stop = context.WithTimeout(ctx, time.Second)
				defer stop()
			}
			m, err := c.Recv(wait)
			if err != nil && (kind.Reliable() || ctx.Err() != nil) {
				t.Fatalf("%v, %d bytes: %v", kind, size, err)
			}
			came = err == nil && m.Channel == channel && bytes.Equal(m.Data, sent)
		}
	}
}

// Nothing speaks QUIC where the WebSocket is: after a moment that one is taken.
func TestWebFallsBackToWebSocket(t *testing.T) {
	w := newWeb(t)
	d := w.dialer()
	d.FallbackAfter = 20 * time.Millisecond
	c := w.dial(t, d, w.plain.URL)
	if c.Path().Carrier != session.WS {
		t.Errorf("the session travels over %v, want ws", c.Path())
	}
	d.WebTransport = nil
	if c := w.dial(t, d, w.tls.URL); c.Path().Carrier != session.WS {
		t.Errorf("the session travels over %v, want ws", c.Path())
	}
}

// A session whose WebSocket or WebTransport is cut goes on over another one; nothing is lost or repeated.
func TestWebSessionSurvivesItsCarrier(t *testing.T) {
	w := newWeb(t)
	for url := range w.urls() {
		t.Run(strings.SplitN(url, ":", 2)[0], func(t *testing.T) {
			c := w.dial(t, w.dialer(), url)
			const messages = 60
			channel := int(ReliableOrdered - Unreliable)
			for i := range messages {
				if i%20 == 10 {
					w.ln.host.Lock()
					for _, s := range w.ln.host.streams {
						s.close()
					}
					w.ln.host.Unlock()
				}
				if err := c.Send(channel, []byte{byte(i)}); err != nil {
					t.Fatal(err)
				}
				if m, err := c.Recv(deadline(t)); err != nil || m.Data[0] != byte(i) {
					t.Fatalf("message %d: got %v, %v", i, m.Data, err)
				}
			}
		})
	}
}

func TestWebAddresses(t *testing.T) {
	for _, bad := range []string{"ws://", "wss:///path", "wt://me@127.0.0.1/", "https://127.0.0.1:99999/", "http://" + strings.Repeat("a", maxURL), "ftp://127.0.0.1:1"} {
		if _, err := Dial(deadline(t), bad, webConfig()); err == nil {
			t.Errorf("%.40q was dialled", bad)
		}
	}
	if _, err := (&Dialer{Transport: OnlyWS}).Dial(deadline(t), "127.0.0.1:1", webConfig()); err == nil || !strings.Contains(err.Error(), "URL") {
		t.Errorf("%v, want to hear that a URL is wanted", err)
	}
	if _, err := Dial(deadline(t), "wt://127.0.0.1:1/", webConfig()); err == nil || !strings.Contains(err.Error(), "wt.Dial") {
		t.Errorf("%v, want to hear how to get WebTransport", err)
	}
	for addr, want := range map[string]string{"ws://a/x": "a:80", "wss://a": "a:443", "wt://[::1]:7/": "[::1]:7", "https://a/": "a:443"} {
		if to, ok, err := parseURL(addr); !ok || err != nil || to.rest != want {
			t.Errorf("%s is at %q, %v, want %s", addr, to.rest, err, want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"wss://play.example/halftick", "wt://[::1]:7443/#sha256=00", "http://a:b@c", "ws://%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, addr string) {
		to, ok, err := parseURL(addr)
		if !ok || err != nil {
			return
		}
		for _, c := range []session.Carrier{session.WS, session.WT} {
			if u := to.urlFor(c); !strings.Contains(u, "://") || c == session.WS && strings.Contains(u, "#") {
				t.Errorf("%q is dialled as %q over %v", addr, u, c)
			}
		}
	})
}

// Whoever does not ask for WebTransport holds no QUIC.
func TestNoQUICUnlessAskedFor(t *testing.T) {
	out, err := exec.CommandContext(deadline(t), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("no go command here: %v", err)
	}
	if !bytes.Contains(out, []byte("coder/websocket")) || bytes.Contains(out, []byte("quic-go")) {
		t.Error("netcode links QUIC, or not even WebSocket")
	}
}

func TestOrderOfCarriers(t *testing.T) {
	ctx := deadline(t)
	for _, c := range []struct {
		addr, web string
		transport Transport
		wt        bool
		want      string
	}{
		{"127.0.0.1:1", "", Auto, true, "[udp tcp] [0s 1s]"},
		{"127.0.0.1:1", "https://127.0.0.1:2/x", Auto, true, "[udp wt tcp ws] [0s 1s 2s 2s]"},
		{"127.0.0.1:1", "https://127.0.0.1:2/x", Auto, false, "[udp tcp ws] [0s 1s 1s]"},
		{"127.0.0.1:1", "ws://127.0.0.1:2/x", Auto, true, "[udp tcp ws] [0s 1s 1s]"},
		{"127.0.0.1:1", "wt://127.0.0.1:2/x", Auto, true, "[udp wt tcp] [0s 1s 2s]"},
		{"127.0.0.1:1", "https://127.0.0.1:2/x", OnlyUDP, true, "[udp] [0s]"},
		{"127.0.0.1:1", "https://127.0.0.1:2/x", Web, true, "[wt ws] [0s 1s]"},
		{"tcp://127.0.0.1:1", "https://127.0.0.1:2/x", Auto, true, "[tcp] [0s]"},
		{"https://127.0.0.1:2/x", "", Auto, true, "[wt ws] [0s 1s]"},
		{"ws://127.0.0.1:2/x", "", Auto, true, "[ws] [0s]"},
	} {
		to, err := parseTarget(ctx, c.addr, c.transport, c.web)
		if err != nil {
			t.Errorf("%s and %s: %v", c.addr, c.web, err)
			continue
		}
		all := to.carriers(c.wt)
		if got := fmt.Sprint(all, starts(all, time.Second)); got != c.want {
			t.Errorf("%s and %s over %v: %s, want %s", c.addr, c.web, c.transport, got, c.want)
		}
	}
	if _, err := parseTarget(ctx, "127.0.0.1:1", Auto, "127.0.0.1:2"); err == nil || !strings.Contains(err.Error(), "URL") {
		t.Errorf("a web address that is no URL: %v", err)
	}
}

// Where neither UDP nor TCP gets through, a session is opened over the web address of the same server; it goes on over UDP
// as soon as that works.
func TestRaceGoesOnToTheWeb(t *testing.T) {
	w := newWeb(t)
	w.ln.host.tcp.Close()
	for _, c := range []struct {
		url  string
		want session.Carrier
	}{{w.plain.URL, session.WS}, {"https://" + w.wt.Addr().String() + "/play#" + w.hash, session.WT}} {
		var broken atomic.Bool
		broken.Store(true)
		d := w.dialer()
		d.Web, d.FallbackAfter, d.ProbeEvery = c.url, 20*time.Millisecond, 20*time.Millisecond
		d.WrapUDP = func(s carrier.Datagrams) carrier.Datagrams { return breakable{s, &broken} }
		conn := w.dial(t, d, w.ln.Addr().String())
		if got := conn.Path().Carrier; got != c.want {
			t.Fatalf("the session travels over %v, want %v", got, c.want)
		}
		roundTrip(t, conn, 2, ReliableOrdered)
		broken.Store(false)
		for ctx := deadline(t); conn.Path().Carrier != session.UDP; roundTrip(t, conn, 2, ReliableOrdered) {
			if ctx.Err() != nil {
				t.Fatalf("the session still travels over %v", conn.Path())
			}
		}
	}
}

// A session that had to take a WebSocket finds WebTransport when it works.
func TestSessionFindsWebTransport(t *testing.T) {
	w := newWeb(t)
	d := w.dialer()
	var blocked atomic.Bool
	blocked.Store(true)
	d.FallbackAfter, d.ProbeEvery = 10*time.Millisecond, 20*time.Millisecond
	d.WebTransport = func(ctx context.Context, url string, at netip.AddrPort) (carrier.Conn, error) {
		if blocked.Load() {
			return nil, errors.New("blocked")
		}
		return wt.Dial(ctx, "https://"+w.wt.Addr().String()+"/play#"+w.hash, netip.MustParseAddrPort(w.wt.Addr().String()))
	}
	c := w.dial(t, d, w.plain.URL)
	if got := c.Path().Carrier; got != session.WS {
		t.Fatalf("the session travels over %v, want ws", got)
	}
	blocked.Store(false)
	for ctx := deadline(t); c.Path().Carrier != session.WT; roundTrip(t, c, 2, ReliableOrdered) {
		if ctx.Err() != nil {
			t.Fatalf("the session still travels over %v", c.Path())
		}
	}
}

// The error names every carrier and what it met; of a dial that was given up also those that still waited.
func TestDialErrorNamesAll(t *testing.T) {
	w := newWeb(t)
	w.ln.Close()
	w.plain.Close()
	cfg := webConfig()
	cfg.DialTimeout = 100 * time.Millisecond
	d := Dialer{Web: w.plain.URL, FallbackAfter: time.Millisecond}
	_, err := d.Dial(deadline(t), w.ln.Addr().String(), cfg)
	for _, want := range []string{"udp://", "tcp://", "ws://", "no answer", "refused"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error %q does not say %q", err, want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if _, err = d.Dial(ctx, w.ln.Addr().String(), cfg); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("given up: %v", err)
	}
}
