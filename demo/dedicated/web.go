package main

import (
	"crypto/tls"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/ws"
	"github.com/halftick/halftick/netcode/carrier/wt"
)

// webPath is where sessions are opened, over WebSocket and WebTransport alike.
const webPath = "/halftick"

// downloadWithin is how long the client's program may take to a browser.
const downloadWithin = 5 * time.Minute

// webFiles are what the page loads, from -web-root.
var webFiles = [...]string{"play.wasm", "wasm_exec.js"}

//go:embed index.html
var indexPage []byte

// web is what browsers reach: the page with the client, and the match. A nil *web is none.
type web struct {
	server   *http.Server
	listener net.Listener
	fragment string // pins a certificate of development; else empty
}

// openWeb opens the sockets for browsers. The match closes what is its own.
func openWeb(opt options, m served) (*web, error) {
	if opt.web == "" {
		return nil, nil
	}
	w := &web{}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	cert, err := w.certificate(opt)
	if err != nil {
		return nil, err
	}
	cfg.Certificates = []tls.Certificate{cert}
	if w.listener, err = net.Listen("tcp", opt.web); err != nil {
		return nil, cannotListen("-web", opt.web, err)
	}
	origins := carrier.Origins{Pages: opt.webOrigins, Programs: true}
	over, err := wt.Listen(w.listener.Addr().String(), wt.Options{TLS: cfg, Path: webPath, Origins: origins})
	if err != nil {
		w.listener.Close()
		return nil, cannotListen("-web", opt.web, err)
	}
	m.Host().WebTransport(over)
	mux := http.NewServeMux()
	mux.Handle(webPath, m.Host().WebSocket(ws.Options{Origins: origins}))
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /certificate", func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, w.fragment) })
	for _, name := range webFiles {
		mux.HandleFunc("GET /"+name, download(filepath.Join(opt.webRoot, name)))
	}
	w.server = ws.NewServer(mux, carrier.Limits{})
	if w.fragment == "" {
		w.listener = tls.NewListener(w.listener, cfg)
	}
	return w, nil
}

// certificate returns that of the operator or, without one, one of development.
func (w *web) certificate(opt options) (cert tls.Certificate, err error) {
	if opt.webCert != "" {
		if cert, err = tls.LoadX509KeyPair(opt.webCert, opt.webKey); err != nil {
			err = fmt.Errorf("-web-cert: %w", err)
		}
		return cert, err
	}
	host, _, _ := net.SplitHostPort(opt.web)
	cert, w.fragment, err = wt.DevCertificate(time.Now(), "localhost", "127.0.0.1", "::1", host)
	return cert, err
}

func page(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-cache")
	_, _ = rw.Write(indexPage)
}

// download serves a file, compressed where that lies beside it and the browser takes it.
func download(path string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(downloadWithin))
		rw.Header().Set("Cache-Control", "no-cache")
		rw.Header().Set("Vary", "Accept-Encoding")
		if filepath.Ext(path) == ".wasm" {
			rw.Header().Set("Content-Type", "application/wasm")
		}
		if _, err := os.Stat(path + ".gz"); err == nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			rw.Header().Set("Content-Encoding", "gzip")
			http.ServeFile(rw, r, path+".gz")
			return
		}
		http.ServeFile(rw, r, path)
	}
}

// url returns where browsers find the page.
func (w *web) url() string {
	if w == nil {
		return ""
	}
	scheme := "https"
	if w.fragment != "" {
		scheme = "http"
	}
	return scheme + "://" + w.listener.Addr().String()
}

// serve answers browsers until close.
func (w *web) serve(failed func(error)) {
	if w == nil {
		return
	}
	go func() {
		if err := w.server.Serve(w.listener); !errors.Is(err, http.ErrServerClosed) {
			failed(err)
		}
	}()
}

func (w *web) close() {
	if w != nil {
		_ = w.server.Close()
	}
}
