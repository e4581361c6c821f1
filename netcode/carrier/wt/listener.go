//go:build !js

package wt

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"

	"github.com/halftick/halftick/netcode/carrier"
)

const (
	maxHeader       = 8 << 10 // bytes of a request's header
	maxBacklog      = 64      // sessions that may wait for Accept; the next is closed
	retryAbove      = 64      // unauthenticated peers above which every new address is proved first
	handshakeWithin = 5 * time.Second
	idleWithin      = 30 * time.Second
	codeLoad        = quic.ApplicationErrorCode(http3.ErrCodeExcessiveLoad)
)

// Options say who may come in, and as whom the server shows itself.
type Options struct {
	// TLS has the server's certificate. It is required; see DevCertificate for development.
	TLS *tls.Config

	// Path, when not empty, is the only one on which sessions are opened.
	Path string

	Limits  carrier.Limits
	Origins carrier.Origins
}

// Listener accepts WebTransport sessions that carry records. Its methods may be called by any goroutine. The zero
// Listener is of no use: see Listen.
type Listener struct {
	origins carrier.Origins
	path    string
	gate    *carrier.Gate
	socket  net.PacketConn
	quic    *quic.Transport
	early   *quic.EarlyListener
	web     *webtransport.Server
	conns   sync.Map // *Conn of each *quic.Conn; as many as the gate lets in
	backlog chan *Conn
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Listen opens a listener on a UDP address such as ":7443". When another program has the address the error is a
// *carrier.InUseError. Each QUIC connection has a few goroutines of its own besides the listener's.
func Listen(addr string, o Options) (*Listener, error) {
	if o.TLS == nil {
		return nil, errors.New("wt: Options.TLS is missing: WebTransport needs a certificate; DevCertificate makes one for development")
	}
	socket, err := net.ListenPacket("udp", addr)
	if err != nil {
		return nil, carrier.ListenError("udp", addr, err)
	}
	l := &Listener{
		origins: o.Origins, path: o.Path, gate: carrier.NewGate(o.Limits),
		socket: socket, backlog: make(chan *Conn, maxBacklog),
	}
	l.ctx, l.stop = context.WithCancel(context.Background())
	l.quic = &quic.Transport{Conn: socket, VerifySourceAddress: func(net.Addr) bool { return l.gate.Stats().Pending > retryAbove }}
	l.early, err = l.quic.ListenEarly(http3.ConfigureTLSConfig(o.TLS), quicConfig())
	if err != nil {
		socket.Close()
		return nil, err
	}
	l.web = &webtransport.Server{
		H3:          &http3.Server{Handler: http.HandlerFunc(l.serve), MaxHeaderBytes: maxHeader, ConnContext: remember},
		CheckOrigin: func(*http.Request) bool { return true }, // judged before
	}
	webtransport.ConfigureHTTP3Server(l.web.H3)
	l.running.Add(1)
	go l.accept()
	return l, nil
}

// quicConfig is what both ends grant each other.
func quicConfig() *quic.Config {
	return &quic.Config{
		EnableDatagrams: true, EnableStreamResetPartialDelivery: true,
		HandshakeIdleTimeout: handshakeWithin, MaxIdleTimeout: idleWithin,
		MaxIncomingStreams: maxStreams, MaxIncomingUniStreams: maxUniStreams,
		InitialStreamReceiveWindow: streamWindow, MaxStreamReceiveWindow: streamWindow,
		InitialConnectionReceiveWindow: connWindow, MaxConnectionReceiveWindow: connWindow,
	}
}

type quicKey struct{}

// remember lets a request tell on which connection it came.
func remember(ctx context.Context, q *quic.Conn) context.Context {
	return context.WithValue(ctx, quicKey{}, q)
}

// accept counts each connection from its first packet on, and serves those that the limits let in.
func (l *Listener) accept() {
	defer l.running.Done()
	for {
		q, err := l.early.Accept(l.ctx)
		if err != nil {
			return
		}
		if !l.gate.Enter(carrier.Unmap(q.RemoteAddr().(*net.UDPAddr).AddrPort()).Addr()) {
			_ = q.CloseWithError(codeLoad, "too many connections wait to open a session")
			continue
		}
		c := newConn(q, l.gate)
		l.conns.Store(q, c)
		l.running.Go(func() {
			err := l.web.ServeQUICConn(q) // until the connection ends
			c.end(c.why(cmp.Or(err, net.ErrClosed)))
			l.conns.Delete(q)
		})
	}
}

// serve makes a session of a request.
func (l *Listener) serve(w http.ResponseWriter, r *http.Request) {
	q, _ := r.Context().Value(quicKey{}).(*quic.Conn)
	known, _ := l.conns.Load(q)
	c, ok := known.(*Conn)
	switch {
	case r.Method != http.MethodConnect || l.path != "" && r.URL.Path != l.path:
		http.NotFound(w, r)
		return
	case !ok:
		http.Error(w, "the connection ends", http.StatusServiceUnavailable)
		return
	case !l.origins.Allow(r.Header["Origin"], r.Host):
		l.gate.Foreign()
		http.Error(w, "pages of this origin may not play here", http.StatusForbidden)
		return
	}
	s, err := l.web.Upgrade(w, r)
	if err != nil {
		l.gate.Failed()
		c.end(carrier.ErrMalformed)
		return
	}
	c.run(s)
	select {
	case l.backlog <- c:
	default:
		c.Close()
	}
}

// Accept waits for a session that the limits let in. The owner is to read records from it at once, since the time
// limits run since its first packet, to call Authenticated when a session is open, and to Close it in the end. The
// error is net.ErrClosed after Close.
func (l *Listener) Accept() (carrier.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Addr returns the address the listener is bound to.
func (l *Listener) Addr() net.Addr { return l.socket.LocalAddr() }

// Stats returns the counters of the listener and of all its sessions.
func (l *Listener) Stats() carrier.Stats { return l.gate.Stats() }

// Close ends the listener, an Accept that waits and all sessions. Closing again does nothing.
func (l *Listener) Close() error {
	l.stop()
	l.conns.Range(func(_, c any) bool { c.(*Conn).Close(); return true })
	_ = l.web.Close()
	_ = l.early.Close()
	_ = l.quic.Close()
	err := l.socket.Close()
	l.running.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
