//go:build !js

package netcode

import (
	"context"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// Servers that announce themselves hear QUERYs on a port of their own, and answer from the socket of their game. So an answer
// tells where to dial by where it comes from, and several servers on a machine hear the same question:
//
//	client, any port --QUERY--> broadcast and multicast, discoveryPort --> every server on the local networks
//	client           <--INFO--- the game's port of each
//
// INFO is at most an eighth of QUERY, and limited like all answers to strangers: MUST 3 of docs/protocol.md.
const discoveryPort = 28771

// Groups that are asked besides the broadcast addresses: of IPv4 one for use within a site (RFC 2365 section 6.1), of IPv6 one of the
// link that nobody has assigned (RFC 4291 section 2.7).
var (
	discoveryGroup4 = netip.AddrFrom4([4]byte{239, 255, 77, 70})
	discoveryGroup6 = netip.MustParseAddr("ff12::6861:6c66:7469:636b")
)

// LANServer is a server that was found on the local network.
type LANServer struct {
	session.ServerInfo
	Addr netip.AddrPort // to dial, over UDP or TCP; link-local ones have a zone
}

// Discover looks for servers of the application that cfg declares on the local networks until ctx ends, and yields each of
// those that announce themselves (Host.Announce) once, when it answers. That may be one of another version of the game: see
// Ours. What a server says of itself is not proved; who dials it with the Key that it told cannot be
// answered by another. The only error is that there is no socket; nothing follows it.
func Discover(ctx context.Context, cfg Config) iter.Seq2[LANServer, error] {
	return func(yield func(LANServer, error) bool) {
		found := make(chan LANServer, maxFound)
		h, err := openSearch(cfg, found)
		if err != nil {
			yield(LANServer{}, err)
			return
		}
		defer h.Close()
		ask := time.NewTimer(0)
		defer ask.Stop()
		for pause := firstAsk; ; {
			select {
			case <-ctx.Done():
				return
			case <-ask.C:
				now := h.Lock()
				h.ep.Seek(now, everywhere())
				h.Unlock()
				ask.Reset(pause)
				pause = min(2*pause, lastAsk)
			case s := <-found:
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// openSearch opens a socket and tells found of who answers on it.
func openSearch(cfg Config, found chan<- LANServer) (*Host, error) {
	ep, err := NewEndpoint(cfg)
	if err != nil {
		return nil, err
	}
	h := newHost(ep)
	h.listening = ":0"
	h.onEvents = func(time.Duration) {
		for ev, ok := ep.Event(); ok; ev, ok = ep.Event() {
			select {
			case found <- LANServer{*ev.Info, ev.Path.Addr}:
			default:
			}
		}
	}
	h.Lock()
	err = h.openUDP()
	h.Unlock()
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// everywhere returns where servers on the local networks hear a question.
func everywhere() (to []session.Path) {
	add := func(a netip.Addr) {
		if len(to) < maxAsked {
			to = append(to, session.Path{Carrier: session.UDP, Addr: netip.AddrPortFrom(a, discoveryPort)})
		}
	}
	add(netip.AddrFrom4([4]byte{255, 255, 255, 255}))
	add(discoveryGroup4)
	all, _ := net.Interfaces()
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		if i.Flags&net.FlagMulticast != 0 {
			add(discoveryGroup6.WithZone(i.Name))
		}
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && i.Flags&(net.FlagBroadcast|net.FlagLoopback) != 0 {
				if b, ok := broadcastOf(n); ok {
					add(b)
				}
			}
		}
	}
	return to
}

// broadcastOf returns the address that stands for all of an IPv4 network.
func broadcastOf(n *net.IPNet) (netip.Addr, bool) {
	ip, mask := n.IP.To4(), n.Mask
	if ip == nil || len(mask) != net.IPv4len {
		return netip.Addr{}, false
	}
	var b [4]byte
	for i := range b {
		b[i] = ip[i] | ^mask[i]
	}
	return netip.AddrFrom4(b), true
}

// Announce makes a listening host known on the local networks: who asks there (Discover) is told what SetInfo said. It ends
// with the host. The error is that neither IPv4 nor IPv6 has a socket for it; it may be called once.
func (h *Host) Announce() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var failed error
	for _, group := range []netip.Addr{discoveryGroup4, discoveryGroup6} {
		g, err := udp.ListenGroup(group, discoveryPort)
		if err != nil {
			failed = err
			continue
		}
		h.groups = append(h.groups, g)
		h.running.Add(1)
		go h.hear(g)
	}
	if len(h.groups) == 0 {
		return fmt.Errorf("announcing on the local network: %v", failed) // of another address than the host's, so none to unwrap
	}
	return nil
}

// hear brings questions in until the group is closed.
func (h *Host) hear(g *udp.Group) {
	defer h.running.Done()
	var b [session.MaxDatagram + 1]byte
	for {
		n, from, err := g.ReadFrom(b[:])
		if err != nil {
			return
		}
		if !session.IsQuery(b[:n]) {
			continue
		}
		now := h.Lock()
		h.ep.Receive(now, session.Path{Carrier: session.UDP, Addr: from}, b[:n])
		h.Unlock()
	}
}

// Announce makes the listener known on the local networks: see Host.Announce.
func (l *Listener) Announce() error { return l.host.Announce() }
