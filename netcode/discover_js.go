package netcode

import (
	"context"
	"errors"
	"iter"
	"net/netip"

	"github.com/halftick/halftick/netcode/session"
)

// LANServer is a server that was found on the local network, which a browser lets nobody look at.
type LANServer struct {
	session.ServerInfo
	Addr netip.AddrPort
}

// Discover yields an error: a browser has no sockets.
func Discover(context.Context, Config) iter.Seq2[LANServer, error] {
	return func(yield func(LANServer, error) bool) {
		yield(LANServer{}, errors.New("a browser cannot look around on the local network"))
	}
}

// Announce fails: a browser has no sockets.
func (h *Host) Announce() error { return errors.ErrUnsupported }

// Announce fails: see Host.Announce.
func (l *Listener) Announce() error { return l.host.Announce() }
