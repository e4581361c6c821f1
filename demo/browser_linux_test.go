package demo_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/carrier/wt"
	"github.com/halftick/halftick/netcode/session"
)

// site is a server that echoes over WebSocket and WebTransport, and serves a page with the client that wants its messages back.
type site struct {
	page    *httptest.Server
	program string // the client's file
	ws, web string // addresses for it
	results chan string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{program: filepath.Join(t.TempDir(), "main.wasm"), results: make(chan string, 1)}
	build := exec.Command("go", "build", "-o", s.program, "./testdata/browser")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cfg := netcode.Config{App: "browser test"}
	for k := netcode.Unreliable; k <= netcode.Bulk; k++ {
		cfg.Channels = append(cfg.Channels, netcode.Channel{Name: fmt.Sprint("kind ", k), Kind: k})
	}
	ln, err := netcode.Listen("127.0.0.1:0", cfg)
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
			wg.Go(func() { echo(c, cfg) })
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })

	mux := http.NewServeMux()
	mux.Handle("/play", ln.WebSocket(ws.Options{Origins: carrier.Origins{Programs: true}}))
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		s.results <- string(b)
	})
	mux.HandleFunc("/main.wasm", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, s.program) })
	mux.HandleFunc("/wasm_exec.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(goroot(t), "lib/wasm/wasm_exec.js"))
	})
	mux.Handle("/", http.FileServer(http.Dir("testdata/browser")))
	s.page = httptest.NewServer(mux)
	t.Cleanup(s.page.Close)
	s.ws = "ws" + strings.TrimPrefix(s.page.URL, "http") + "/play"

	cert, hash, err := wt.DevCertificate(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	l, err := wt.Listen("127.0.0.1:0", wt.Options{
		Path: "/play", TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Origins: carrier.Origins{Pages: []string{s.page.URL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ln.WebTransport(l)
	s.web = "https://" + l.Addr().String() + "/play#" + hash
	return s
}

func echo(c *netcode.Conn, cfg netcode.Config) {
	for {
		m, err := c.Recv(context.Background())
		if err != nil {
			return
		}
		if cfg.Channels[m.Channel].Kind == session.ReliableLatest {
			_ = c.SendKeyed(m.Channel, m.Key, m.Data)
		} else {
			_ = c.Send(m.Channel, m.Data)
		}
	}
}

// TestClientInNode runs the client where there is a WebSocket and no page.
func TestClientInNode(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node here: the browser's WebSocket client is not tested")
	}
	const flag = "--experimental-websocket" // of versions before 22, which later ones know too
	if exec.Command(node, flag, "-e", "process.exit(typeof WebSocket == 'undefined' ? 1 : 0)").Run() != nil {
		t.Skip("this node has no WebSocket: the browser's client is not tested")
	}
	s := newSite(t)
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	script := filepath.Join(goroot(t), "lib/wasm/wasm_exec_node.js")
	out, err := exec.CommandContext(ctx, node, flag, "--stack-size=8192", script, s.program, s.ws).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS over ws") {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	if out, _ := exec.CommandContext(ctx, node, flag, script, s.program, "127.0.0.1:7777").CombinedOutput(); !strings.Contains(string(out), "no sockets") {
		t.Errorf("an address without a scheme: %s", out)
	}
}

// TestClientInChromium runs it in a page, over WebSocket and over WebTransport.
func TestClientInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	var chromium string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
		}
	}
	if chromium == "" {
		t.Skip("no chromium here: WebTransport in a browser is not tested")
	}
	s := newSite(t)
	for server, want := range map[string]string{s.ws: "PASS over ws", s.web: "PASS over wt"} {
		got := s.visit(t, chromium, server)
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", server, got, want)
		}
		t.Logf("%s", got)
	}
}

// visit opens the page in a browser and returns what the client says.
func (s *site) visit(t *testing.T, chromium, server string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	home, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home) // the browser may still write there
	cmd := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+home, s.page.URL+"/?"+url.QueryEscape(server))
	cmd.WaitDelay = 10 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it has many processes
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stop(); _ = cmd.Wait() }()
	select {
	case got := <-s.results:
		return got
	case <-ctx.Done():
		return "no answer from the browser"
	}
}

// goroot returns where the toolchain is.
func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
