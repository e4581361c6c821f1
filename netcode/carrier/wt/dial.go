//go:build !js

package wt

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"

	"github.com/halftick/halftick/netcode/carrier"
)

// Dialer is how Dial reaches a server. The zero Dialer is what Dial uses.
type Dialer struct {
	TLS *tls.Config // nil has the system's roots; a hash in the URL takes their place
}

// Dial opens a WebTransport session to a URL such as "https://play.example/halftick", at a UDP address of its host; when
// that is invalid its name decides. The context bounds the dialling only. It sends no Origin: the server
// has to let programs in. It is a netcode.DialWT.
func Dial(ctx context.Context, url string, at netip.AddrPort) (carrier.Conn, error) {
	return Dialer{}.Dial(ctx, url, at)
}

// Dial opens a WebTransport session. See the function Dial.
func (d Dialer) Dial(ctx context.Context, url string, at netip.AddrPort) (carrier.Conn, error) {
	u, hash, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	cfg := d.TLS.Clone()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	if cfg.ServerName == "" {
		cfg.ServerName = u.Hostname()
	}
	if hash != nil {
		pin(cfg, hash)
	}
	if u.Port() == "" {
		u.Host += ":443"
	}
	cfg.NextProtos = []string{http3.NextProtoH3}
	var conn *quic.Conn
	t := webtransport.Transport{
		TLSClientConfig: cfg, QUICConfig: quicConfig(),
		DialAddr: func(ctx context.Context, addr string, cfg *tls.Config, q *quic.Config) (*quic.Conn, error) {
			if at.IsValid() {
				addr = at.String()
			}
			var err error
			conn, err = quic.DialAddrEarly(ctx, addr, cfg, q)
			return conn, err
		},
	}
	_, s, err := t.Dial(ctx, u.String(), nil)
	if err != nil {
		return nil, err
	}
	c := newConn(conn, nil)
	c.run(s)
	return c, nil
}

var errCertificate = errors.New("wt: the server's certificate is not the one that its address names, or not valid now")

// pin makes a certificate with this hash, valid now, the only one that is believed.
func pin(cfg *tls.Config, hash []byte) {
	cfg.InsecureSkipVerify = true
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errCertificate
		}
		cert, now := s.PeerCertificates[0], time.Now()
		sum := sha256.Sum256(cert.Raw)
		if subtle.ConstantTimeCompare(sum[:], hash) != 1 || now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
			return errCertificate
		}
		return nil
	}
}
