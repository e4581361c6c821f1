//go:build !js

package ws

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/halftick/halftick/netcode/carrier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient are limits that no test on the slowest machine reaches; tests shorten the one they are about.
func patient() carrier.Limits {
	return carrier.Limits{FirstRecord: time.Minute, Authenticate: time.Minute, Record: time.Minute, Write: time.Minute}
}

// site is a server with one WebSocket handler.
type site struct {
	*httptest.Server
	handler *Handler
	conns   chan *Conn
}

func serve(t testing.TB, o Options, secure bool) *site {
	t.Helper()
	s := &site{conns: make(chan *Conn, 100)}
	s.handler = NewHandler(o, func(c *Conn) {
		t.Cleanup(func() { c.Close() })
		s.conns <- c
	})
	s.Server = httptest.NewUnstartedServer(s.handler)
	s.Config = NewServer(s.handler, carrier.Limits{})
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func programs(l carrier.Limits) Options {
	return Options{Limits: l, Origins: carrier.Origins{Programs: true}}
}

func (s *site) url() string { return "ws" + strings.TrimPrefix(s.URL, "http") }

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// pair returns both ends of a WebSocket.
func pair(t testing.TB, o Options) (s *site, client, server *Conn) {
	t.Helper()
	s = serve(t, o, false)
	client, err := Dial(soon(t), s.url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return s, client, <-s.conns
}

// hostile opens a WebSocket that can break the rules of this package, though not those of RFC 6455.
func hostile(t testing.TB, s *site) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(soon(t), s.url(), &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

func exchange(t *testing.T, from, to carrier.Conn) {
	t.Helper()
	for _, size := range []int{1, 125, 126, 1200, carrier.MaxRecord} {
		sent := bytes.Repeat([]byte{byte(size)}, size)
		if err := from.WriteRecord(sent); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, carrier.MaxRecord)
		n, err := to.ReadRecord(got)
		if err != nil || !bytes.Equal(got[:n], sent) {
			t.Fatalf("sent %d bytes, got %d, %v", size, n, err)
		}
	}
}

func TestRecordsBothWays(t *testing.T) {
	_, client, server := pair(t, programs(patient()))
	exchange(t, client, server)
	exchange(t, server, client)
	if client.RemoteAddr().String() != server.raw.LocalAddr().String() || server.RemoteAddr().String() != client.raw.LocalAddr().String() {
		t.Errorf("addresses %v and %v", client.RemoteAddr(), server.RemoteAddr())
	}
	for _, size := range []int{0, carrier.MaxRecord + 1} {
		if err := client.WriteRecord(make([]byte, size)); err != carrier.ErrRecordSize {
			t.Errorf("%d bytes: %v, want ErrRecordSize", size, err)
		}
	}
}

func TestOverTLS(t *testing.T) {
	s := serve(t, programs(patient()), true)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	client, err := Dialer{TLS: &tls.Config{RootCAs: roots}}.Dial(soon(t), s.url())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server := <-s.conns
	exchange(t, client, server)
	exchange(t, server, client)
	if c, err := Dial(soon(t), s.url()); err == nil {
		c.Close()
		t.Error("a certificate that nobody vouches for was believed")
	}
}

func TestWhoEnds(t *testing.T) {
	s, client, server := pair(t, programs(patient()))
	server.Authenticated()
	if got := s.handler.Stats(); got.Pending != 0 || got.Open != 1 || got.Accepted != 1 {
		t.Errorf("%+v, want one open", got)
	}
	client.Close()
	client.Close()
	wantEnd(t, server, io.EOF)
	if err := client.WriteRecord([]byte{1}); err != net.ErrClosed {
		t.Errorf("write after Close: %v, want net.ErrClosed", err)
	}
	_, client, server = pair(t, programs(patient()))
	ended := make(chan error)
	go func() {
		_, err := server.ReadRecord(make([]byte, carrier.MaxRecord))
		ended <- err
	}()
	server.Close()
	if err := <-ended; err != net.ErrClosed {
		t.Errorf("a reader that waited got %v, want net.ErrClosed", err)
	}
	wantEnd(t, client, io.EOF)
	if got := s.handler.Stats(); got.Open != 0 {
		t.Errorf("%+v, want none open", got)
	}
}

// wantEnd reads until the WebSocket ends and checks the reason.
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

func TestRecordsAllocateNothing(t *testing.T) {
	_, client, server := pair(t, programs(patient()))
	client.Authenticated()
	server.Authenticated()
	b, buf := make([]byte, 200), make([]byte, carrier.MaxRecord)
	allocs := testing.AllocsPerRun(500, func() {
		if err := client.WriteRecord(b); err != nil {
			t.Fatal(err)
		}
		if _, err := server.ReadRecord(buf); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations per record", allocs)
	}
}
