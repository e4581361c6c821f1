package p2p

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// closeWait is how long Close waits for the goodbyes to leave.
const closeWait = time.Second

// Join listens, dials the players before this one, waits for those after it, and returns once everybody is here: the match has begun. Call
// Update once per frame from then on. The errors are those of the Config and of netcode.Bind; when the context ends first the error says who was missing.
func Join[W, I any](ctx context.Context, g *sim.Game[W, I], cfg Config) (*Peer[W, I], error) {
	sc, err := SessionConfig(g, cfg)
	if err != nil {
		return nil, err
	}
	ep, err := netcode.NewEndpoint(sc)
	if err != nil {
		return nil, err
	}
	p, err := New(g, ep, cfg)
	if err != nil {
		return nil, err
	}
	for i, addr := range cfg.Addrs[:cfg.Player-1] {
		to, err := lookUp(ctx, addr)
		if err != nil {
			return nil, fmt.Errorf("p2p: address of player %d: %w", i+1, err)
		}
		p.Connect(sim.PlayerID(i+1), session.Path{Carrier: session.UDP, Addr: to})
	}
	h, err := netcode.Bind(cfg.Addrs[cfg.Player-1], ep)
	if err != nil {
		return nil, err
	}
	if err := p.assemble(ctx, h); err != nil {
		h.Close()
		return nil, err
	}
	return p, nil
}

func lookUp(ctx context.Context, addr string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return netip.AddrPort{}, fmt.Errorf("%q: want host:port, as in ann.example:7000", addr)
	}
	n, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ips[0].Unmap(), uint16(n)), nil
}

// look is how often Join looks whether everybody is here.
const look = 10 * time.Millisecond

// assemble waits until everybody is here.
func (p *Peer[W, I]) assemble(ctx context.Context, h *netcode.Host) error {
	p.host = h
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		begun := false
		p.locked(func(now time.Duration) {
			p.now = now
			p.gather(now)
			begun = p.line != nil
		})
		if begun {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("p2p: %w while waiting for %s", context.Cause(ctx), p.missing())
		}
	}
}

// missing names who is not here, and what they answered.
func (p *Peer[W, I]) missing() (who string) {
	p.locked(func(time.Duration) {
		for _, s := range p.seats {
			if s.state != awaited {
				continue
			}
			if who != "" {
				who += ", "
			}
			who += fmt.Sprintf("player %d", s.id)
			if s.path != (session.Path{}) {
				who += " at " + p.cfg.Addrs[s.id-1]
			}
			if s.why != nil {
				who += fmt.Sprintf(" (%v)", s.why)
			}
		}
	})
	return who
}

// Update is Advance for a Peer made by Join: call it once per frame with what the player holds down now. When the match is over it returns why, as Err does.
func (p *Peer[W, I]) Update(in I) error {
	now := p.host.Lock()
	p.advance(now, in)
	d, err := p.events.take(), p.err
	p.host.Unlock()
	d.tell()
	p.host.Lock()
	p.events.give(d)
	p.host.Unlock()
	return err
}

// Addr returns the address that is listened on; zero for a Peer made by New.
func (p *Peer[W, I]) Addr() netip.AddrPort {
	if p.host == nil {
		return netip.AddrPort{}
	}
	at, _ := netip.ParseAddrPort(p.host.Addr().String())
	return at
}

// Close leaves the match: the others are told, and go on without this player. Of a Peer made by New only the sessions are closed; the caller
// transmits. Closing again does nothing.
func (p *Peer[W, I]) Close() error {
	p.locked(func(now time.Duration) { p.end(now, ErrLeft) })
	if p.host == nil {
		return nil
	}
	return p.host.Shutdown("left the match", closeWait)
}
