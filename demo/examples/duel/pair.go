package main

import (
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode/p2p"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
)

// pair is both players in one process, with a bad link between them, in virtual time: p2p.New instead of p2p.Join, and who calls run carries
// the datagrams. A test and a window can use it alike.
type pair struct {
	net   *simnet.Net
	peers [2]*p2p.Peer[World, Input]
	ends  [2]*session.Endpoint
	buf   [session.MaxRecordSize]byte
}

// where returns the address of player i + 1.
func where(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 7000)
}

func newPair(seed uint64, link simnet.Conditions) (*pair, error) {
	p := &pair{net: simnet.New(seed)}
	p.net.Connect(where(0), where(1), link, link)
	for i := range p.peers {
		cfg := p2p.Config{Player: sim.PlayerID(i + 1), Addrs: make([]string, 2), Seed: seed}
		sc, err := p2p.SessionConfig(newGame(), cfg)
		if err != nil {
			return nil, err
		}
		sc.Secret = [32]byte{byte(i + 1), byte(seed)} // both ends are ours: it protects nothing
		if p.ends[i], err = session.NewEndpoint(sc); err != nil {
			return nil, err
		}
		p.ends[i].Listen(true)
		if p.peers[i], err = p2p.New(newGame(), p.ends[i], cfg); err != nil {
			return nil, err
		}
	}
	p.peers[1].Connect(1, session.Path{Carrier: session.UDP, Addr: where(0)})
	return p, nil
}

// set makes the link another one, each way.
func (p *pair) set(link simnet.Conditions) {
	p.net.SetConditions(where(0), where(1), link)
	p.net.SetConditions(where(1), where(0), link)
}

// frame lets both act, and then lets d pass on the network.
func (p *pair) frame(d time.Duration, in [2]Input) {
	for i, peer := range p.peers {
		p.ends[i].Advance(p.net.Now())
		peer.Advance(p.net.Now(), in[i])
		p.flush(i)
	}
	for until := p.net.Now() + d; ; {
		due := until
		for _, ep := range p.ends {
			if at, ok := ep.NextTimeout(); ok {
				due = min(due, max(at, p.net.Now()))
			}
		}
		if packet, ok := p.net.Next(due); ok {
			p.deliver(packet)
		} else if due == until {
			return
		} else {
			for i, ep := range p.ends {
				ep.Advance(due)
				p.flush(i)
			}
		}
	}
}

func (p *pair) deliver(packet simnet.Packet) {
	i := 0
	if packet.To == where(1) {
		i = 1
	}
	p.ends[i].Receive(packet.At, session.Path{Carrier: session.UDP, Addr: packet.From}, packet.Data)
	p.flush(i)
}

// flush puts on the network what a player has to say.
func (p *pair) flush(i int) {
	for {
		n, to := p.ends[i].Transmit(p.net.Now(), p.buf[:])
		if n == 0 {
			return
		}
		p.net.Send(where(i), to.Addr, p.buf[:n])
	}
}
