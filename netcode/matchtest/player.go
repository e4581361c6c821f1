package matchtest

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Player is a client of a match and who plays it.
type Player[W, I any] struct {
	*client.Client[W, I]

	// Play decides what the player does. It is asked once per frame and may look at whatever the player sees: View, Stats, Player.
	// Nil means hands off the keys.
	Play func(p *Player[W, I]) I

	// After, when not nil, is called after each frame.
	After func(p *Player[W, I])

	// Frame is the time from one frame to the next, a tick unless changed.
	Frame time.Duration

	m     *Match[W, I]
	end   end
	addr  netip.AddrPort
	next  time.Duration // of the next frame
	left  bool          // said goodbye
	shows bool          // it only watches
	gone  bool          // the machine stands still
	seen  sim.Tick      // the newest snapshot that was compared
	tally Compared
}

// Compared counts the snapshots of a player that were held against the server's worlds. A spectator's are compared while the server's worlds are kept
// for longer than they are late.
type Compared struct {
	Worlds uint64 // equal to the last lane
	Missed uint64 // too old, the server's world of that tick was not kept any more
}

// Join lets a player in, over a path with the match's conditions. play may be nil: see Player.Play.
func (m *Match[W, I]) Join(play func(p *Player[W, I]) I) *Player[W, I] {
	m.Helper()
	return m.JoinAs(client.Config{}, play)
}

// JoinAs is Join with a configuration. An empty name becomes "player N".
func (m *Match[W, I]) JoinAs(cfg client.Config, play func(p *Player[W, I]) I) *Player[W, I] {
	m.Helper()
	n := len(m.Players) + 1
	if cfg.Name == "" {
		cfg.Name = fmt.Sprintf("player %d", n)
	}
	p := &Player[W, I]{Play: play, Frame: time.Second / time.Duration(m.rate), m: m, addr: address(1 + n), shows: cfg.Spectate}
	p.next = m.Net.Now() + time.Duration(n)*1700*time.Microsecond // frames of different players do not coincide
	sc := m.session
	sc.Secret = secret(m.opt.Seed, n)
	ep, err := session.NewEndpoint(sc)
	if err != nil {
		m.Fatal(err)
	}
	m.Net.Connect(p.addr, m.addr, m.way, m.way)
	key := session.DialOptions{ServerKey: m.Server.Endpoint().PublicKey(), Token: cfg.Token}
	conn, err := ep.DialWith(m.Net.Now(), session.Path{Carrier: session.UDP, Addr: m.addr}, key)
	if err != nil {
		m.Fatal(err)
	}
	if p.Client, err = client.New(m.game, ep, conn, cfg); err != nil {
		m.Fatal(err)
	}
	p.end = end{ep: ep}
	p.end.look()
	m.Players = append(m.Players, p)
	m.byAddr[p.addr] = p
	return p
}

// View returns what the player sees now. It is borrowed until the next call.
func (p *Player[W, I]) View() *W { return p.ViewAt(p.m.Net.Now()) }

// Compared returns how many of the player's snapshots were held against the server's worlds.
func (p *Player[W, I]) Compared() Compared { return p.tally }

// Addr returns the player's address on the network.
func (p *Player[W, I]) Addr() netip.AddrPort { return p.addr }

// SetConditions changes the player's path, both ways, from the next datagram on; see Options.Conditions.
func (p *Player[W, I]) SetConditions(conditions string) {
	p.m.Helper()
	p.SetConditionsEach(conditions, conditions)
}

// SetConditionsEach changes the two directions of the player's path.
func (p *Player[W, I]) SetConditionsEach(up, down string) {
	p.m.Helper()
	p.m.Net.Connect(p.addr, p.m.addr, p.m.parse(up), p.m.parse(down))
}

// Outage makes everything be lost between the player and the server, from now on for d.
func (p *Player[W, I]) Outage(d time.Duration) {
	p.m.Net.Outage(p.addr, p.m.addr, p.m.Net.Now(), p.m.Net.Now()+d)
}

// Rebind gives the player another address, as a NAT does that has forgotten it.
func (p *Player[W, I]) Rebind() {
	moved := netip.AddrPortFrom(p.addr.Addr(), p.addr.Port()+1)
	p.m.Net.Rebind(p.addr, moved)
	delete(p.m.byAddr, p.addr)
	p.addr = moved
	p.m.byAddr[moved] = p
}

// Leave ends the player's session properly.
func (p *Player[W, I]) Leave() {
	p.m.Helper()
	if err := p.Close(); err != nil {
		p.m.Fatal(err)
	}
	p.left = true
	p.m.flush(&p.end, p.addr)
}

// Stall lets no frame of the player pass for d: the next one is due after that. What comes meanwhile is taken in by the session.
func (p *Player[W, I]) Stall(d time.Duration) { p.next = p.m.Net.Now() + d }

// Vanish stops the player's machine, without a word to anybody.
func (p *Player[W, I]) Vanish() { p.gone = true }

// frame is one frame of the player's screen.
func (p *Player[W, I]) frame(now time.Duration) {
	p.next += p.Frame
	var in I
	if p.Play != nil {
		in = p.Play(p)
	}
	p.Advance(now, in)
	p.m.compare(p)
	if p.After != nil {
		p.After(p)
	}
}
