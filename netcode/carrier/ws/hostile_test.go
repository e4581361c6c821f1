//go:build !js

package ws

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/halftick/halftick/netcode/carrier"
)

const brief = 30 * time.Millisecond

func TestHostilePeers(t *testing.T) {
	binary := websocket.MessageBinary
	for _, c := range []struct {
		name  string
		limit func(*carrier.Limits)
		act   func(*testing.T, *websocket.Conn)
		want  error
		count func(carrier.Stats) uint64
	}{{
		"sends nothing", func(l *carrier.Limits) { l.FirstRecord = brief },
		func(*testing.T, *websocket.Conn) {},
		carrier.ErrSilent, func(s carrier.Stats) uint64 { return s.Silent },
	}, {
		"never opens a session", func(l *carrier.Limits) { l.Authenticate = brief },
		func(t *testing.T, c *websocket.Conn) { send(t, c, binary, 9) },
		carrier.ErrUnauthenticated, func(s carrier.Stats) uint64 { return s.Unopened },
	}, {
		"sends a record of 1453 bytes", func(*carrier.Limits) {},
		func(t *testing.T, c *websocket.Conn) { send(t, c, binary, make([]byte, carrier.MaxRecord+1)...) },
		carrier.ErrOversize, func(s carrier.Stats) uint64 { return s.Oversize },
	}, {
		"sends a megabyte", func(*carrier.Limits) {},
		func(t *testing.T, c *websocket.Conn) { go c.Write(t.Context(), binary, make([]byte, 1<<20)) },
		carrier.ErrOversize, func(s carrier.Stats) uint64 { return s.Oversize },
	}, {
		"sends an empty record", func(*carrier.Limits) {},
		func(t *testing.T, c *websocket.Conn) { send(t, c, binary) },
		carrier.ErrEmpty, func(s carrier.Stats) uint64 { return s.Empty },
	}, {
		"sends text", func(*carrier.Limits) {},
		func(t *testing.T, c *websocket.Conn) { send(t, c, websocket.MessageText, 'h', 'i') },
		carrier.ErrMalformed, func(s carrier.Stats) uint64 { return s.Malformed },
	}} {
		t.Run(c.name, func(t *testing.T) {
			limits := patient()
			c.limit(&limits)
			s := serve(t, programs(limits), false)
			peer := hostile(t, s)
			conn := <-s.conns
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				wantEnd(t, conn, c.want)
			}()
			c.act(t, peer)
			<-ended
			if got := s.handler.Stats(); c.count(got) != 1 || got.Pending != 0 || got.Open != 0 {
				t.Errorf("%+v, want it counted once and nothing open", got)
			}
			peer.CloseNow()
		})
	}
}

func send(t *testing.T, c *websocket.Conn, typ websocket.MessageType, b ...byte) {
	t.Helper()
	if err := c.Write(t.Context(), typ, b); err != nil {
		t.Fatal(err)
	}
}

// Frames by hand, after a handshake, to break the rules of RFC 6455 itself.
func TestBrokenFrames(t *testing.T) {
	for _, c := range []struct {
		name   string
		frames string
		want   error
	}{
		{"unmasked", "\x82\x01x", carrier.ErrMalformed},
		{"reserved bit", "\xc2\x81abcdx", carrier.ErrMalformed},
		{"unknown opcode", "\x83\x81abcdx", carrier.ErrMalformed},
		{"continuation of nothing", "\x80\x81abcdx", carrier.ErrMalformed},
		{"new message within another", "\x02\x81abcdx\x82\x81abcdx", carrier.ErrMalformed},
		{"fragmented ping", "\x09\x81abcdx", carrier.ErrMalformed},
		{"negative length", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffabcd", carrier.ErrMalformed},
		{"a length of 1 TiB", "\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00abcd" + strings.Repeat("x", 2000), carrier.ErrOversize},
		{"a ping of 126 bytes", "\x89\xfe\x00\x7eabcd" + strings.Repeat("x", 126), carrier.ErrMalformed},
		{"a CLOSE of one byte", "\x88\x81abcdx", carrier.ErrMalformed},
		{"a CLOSE with a code that is none", "\x88\x82\x00\x00\x00\x00\x03\xed", carrier.ErrMalformed},
		{"a CLOSE with code 999", "\x88\x82\x00\x00\x00\x00\x03\xe7", carrier.ErrMalformed},
		{"a fragment that makes the record too long", "\x02\xfe\x05\xacabcd" + strings.Repeat("x", 1452) + "\x80\x81abcdx", carrier.ErrOversize},
		{"ends within a record", "\x82\x85abcdx", carrier.ErrTruncated},
		{"ends within a header", "\x82\x85ab", carrier.ErrTruncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, programs(patient()), false)
			conn, answer := request(t, s, "")
			if answer.StatusCode != http.StatusSwitchingProtocols {
				t.Fatal(answer.Status)
			}
			io.WriteString(conn, c.frames)
			conn.(*net.TCPConn).CloseWrite()
			wantEnd(t, <-s.conns, c.want)
		})
	}
}

func TestSlowRecord(t *testing.T) {
	limits := patient()
	limits.Record = brief
	s := serve(t, programs(limits), false)
	conn, _ := request(t, s, "")
	server := <-s.conns
	server.Authenticated() // the limit holds for these too
	io.WriteString(conn, "\x82\x85abcdx")
	wantEnd(t, server, carrier.ErrSlow)
	if got := s.handler.Stats(); got.Slow != 1 {
		t.Errorf("%+v, want it counted", got)
	}
}

// Twenty pings in a second are answered; of more, the reader sees a closed socket and the count says why.
func TestPingFlood(t *testing.T) {
	for _, c := range []struct {
		pings int
		want  error
		count uint64
	}{{maxControls, io.EOF, 0}, {5 * maxControls, net.ErrClosed, 1}} {
		s := serve(t, programs(patient()), false)
		conn, _ := request(t, s, "")
		io.WriteString(conn, strings.Repeat("\x89\x80abcd", c.pings))
		conn.(*net.TCPConn).CloseWrite()
		wantEnd(t, <-s.conns, c.want)
		if got := s.handler.Stats(); got.Flooded != c.count {
			t.Errorf("%d pings: %+v, want %d flooded", c.pings, got, c.count)
		}
	}
}

// request sends a handshake with further header lines.
func request(t *testing.T, s *site, lines string) (net.Conn, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: play.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", lines)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn, answer
}

func TestOriginIsJudged(t *testing.T) {
	s := serve(t, Options{Limits: patient(), Origins: carrier.Origins{Pages: []string{"https://play.example"}}}, false)
	for _, c := range []struct {
		lines string
		want  int
	}{
		{"Origin: https://play.example\r\n", http.StatusSwitchingProtocols},
		{"Origin: https://evil.example\r\n", http.StatusForbidden},
		{"Origin: null\r\n", http.StatusForbidden},
		{"", http.StatusForbidden},
	} {
		if _, answer := request(t, s, c.lines); answer.StatusCode != c.want {
			t.Errorf("%q: %s, want %d", c.lines, answer.Status, c.want)
		}
	}
	if got := s.handler.Stats(); got.RefusedOrigin != 3 || got.Accepted != 1 {
		t.Errorf("%+v, want 3 refused", got)
	}
}

// Two may be pending: the rest hears 429, until one is authenticated.
func TestUnauthenticatedConnections(t *testing.T) {
	limits := patient()
	limits.PendingPerAddr = 2
	s := serve(t, programs(limits), false)
	for range 2 {
		request(t, s, "")
	}
	for range 5 {
		if _, answer := request(t, s, ""); answer.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s, want 429", answer.Status)
		}
	}
	(<-s.conns).Authenticated()
	if _, answer := request(t, s, ""); answer.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("%s, want 101", answer.Status)
	}
	if got := s.handler.Stats(); got.RefusedAddr != 5 || got.Accepted != 3 || got.Pending != 2 {
		t.Errorf("%+v", got)
	}
}

// What is no handshake leaves nothing behind in the gate.
func TestNoHandshake(t *testing.T) {
	s := serve(t, programs(patient()), false)
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := s.handler.Stats(); res.StatusCode != http.StatusUpgradeRequired || got.Pending != 0 || got.Open != 0 || got.AcceptErrors != 1 {
		t.Errorf("%s, %+v", res.Status, got)
	}
}

// Of ten that send no request, the server keeps three.
func TestIdleConnections(t *testing.T) {
	s := serve(t, programs(patient()), false)
	held := NewServer(s.handler, carrier.Limits{PendingPerAddr: 3})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error)
	go func() { over <- held.Serve(l) }()
	closed := 0
	for range 10 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			closed++
			continue
		}
		defer c.Close()
		fmt.Fprint(c, "GET / HTTP/1.1\r\n")
		c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			closed++
		}
	}
	if closed != 7 {
		t.Errorf("%d of 10 were closed, want 7", closed)
	}
	held.Close()
	<-over
}

func TestLargeHeader(t *testing.T) {
	s := serve(t, programs(patient()), false)
	if _, answer := request(t, s, "X-Long: "+strings.Repeat("x", maxHeader)+"\r\n"); answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%s, want 431", answer.Status)
	}
}

func TestPeerThatReadsNothing(t *testing.T) {
	limits := patient()
	limits.Write = brief
	s := serve(t, programs(limits), false)
	request(t, s, "")
	conn := <-s.conns
	var err error
	for record, n := make([]byte, carrier.MaxRecord), 0; err == nil && n < 1<<20; n++ {
		err = conn.WriteRecord(record)
	}
	if err != carrier.ErrStalled || s.handler.Stats().Stalled != 1 {
		t.Errorf("got %v, %+v, want ErrStalled, counted once", err, s.handler.Stats())
	}
}

// A compressor is not agreed on, whoever asks for it.
func TestCompressionIsNotAgreed(t *testing.T) {
	s := serve(t, programs(patient()), false)
	_, answer := request(t, s, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")
	if got := answer.Header.Get("Sec-WebSocket-Extensions"); answer.StatusCode != http.StatusSwitchingProtocols || got != "" {
		t.Errorf("%s, extensions %q", answer.Status, got)
	}
}

// A record may come in fragments, with pings between them, as RFC 6455 section 5.4 has it.
func TestFragmentsMakeARecord(t *testing.T) {
	s := serve(t, programs(patient()), false)
	conn, _ := request(t, s, "")
	server := <-s.conns
	io.WriteString(conn, "\x02\x81\x00\x00\x00\x00a"+"\x89\x80abcd"+"\x00\x80abcd"+"\x00\x81\x00\x00\x00\x00b"+"\x8a\x80abcd"+"\x80\x81\x00\x00\x00\x00c")
	buf := make([]byte, carrier.MaxRecord)
	if n, err := server.ReadRecord(buf); err != nil || string(buf[:n]) != "abc" {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

// Fragments of nothing without end are a record that takes too long.
func TestEndlessFragments(t *testing.T) {
	limits := patient()
	limits.Record = brief
	s := serve(t, programs(limits), false)
	conn, _ := request(t, s, "")
	go func() {
		for b := "\x02\x80abcd"; ; b = "\x00\x80abcd" {
			if _, err := io.WriteString(conn, b); err != nil {
				return
			}
		}
	}()
	server := <-s.conns
	wantEnd(t, server, carrier.ErrSlow)
}
