package match

import (
	"net/netip"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/simnet"
)

const (
	tickPeriod = time.Second / arena.TickRate
	// maxStep is how much may happen in one update. Time beyond it, as when the window slept, never happens.
	maxStep = 250 * time.Millisecond
)

var localServer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 7777)

// room is a whole match in one goroutine: the server and a simulated network, in virtual time. It is
// what a browser plays, which has no sockets. It reads no clock: what was due by the time that it is
// given happens then, in order.
type room struct {
	host *host
	net  *simnet.Net
	tick time.Duration // when the server's next tick is due
	seen time.Duration // the time it was given last
	dial int           // connections so far
	buf  [session.MaxDatagram]byte
}

func newRoom(h *host, seed uint64) *room { return &room{host: h, net: simnet.New(seed)} }

// localSeat is a place in a room.
type localSeat struct {
	room *room
	addr netip.AddrPort
	ep   *session.Endpoint
	conn *session.Conn
	c    *arenaClient
}

// join dials the server of the room from an address of its own.
func (r *room) join(o Options, t client.Tuning, up, down simnet.Conditions) (seat, error) {
	r.dial++
	s := &localSeat{room: r, addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 2}), uint16(40000+r.dial))}
	r.net.Connect(s.addr, localServer, up, down)
	settings, err := client.SessionConfig(arena.Game())
	if err != nil {
		return nil, err
	}
	settings.Secret = [32]byte{byte(r.dial)} // nobody else is on this network
	if s.ep, err = session.NewEndpoint(settings); err != nil {
		return nil, err
	}
	if s.conn, err = s.ep.Dial(r.net.Now(), session.Path{Carrier: session.UDP, Addr: localServer}); err != nil {
		return nil, err
	}
	s.c, err = client.New(arena.Game(), s.ep, s.conn, client.Config{Name: o.Name, Tuning: t})
	return s, err
}

func (s *localSeat) update(now time.Duration, in arena.Input) error {
	r := s.room
	until := r.net.Now() + min(now-r.seen, maxStep)
	r.seen = now
	s.run(until)
	s.c.Advance(until, in)
	r.flush(s.ep, s.addr)
	return s.c.Err()
}

// run lets everything happen that is due until then.
func (s *localSeat) run(until time.Duration) {
	r := s.room
	for r.net.Now() < until {
		if p, ok := r.net.Next(min(until, s.due())); ok {
			s.deliver(p)
			continue
		}
		s.act(r.net.Now())
	}
}

// due returns when something other than a delivery happens next.
func (s *localSeat) due() time.Duration {
	r, at := s.room, s.room.tick
	for _, ep := range []*session.Endpoint{s.ep, r.host.srv.Endpoint()} {
		if t, ok := ep.NextTimeout(); ok {
			at = min(at, t)
		}
	}
	return max(at, r.net.Now())
}

func (s *localSeat) deliver(p simnet.Packet) {
	from := session.Path{Carrier: session.UDP, Addr: p.From}
	if p.To == s.addr {
		s.ep.Receive(p.At, from, p.Data)
		s.room.flush(s.ep, s.addr)
		return
	}
	srv := s.room.host.srv
	srv.Endpoint().Receive(p.At, from, p.Data)
	srv.Poll(p.At)
	s.room.flush(srv.Endpoint(), localServer)
}

// act runs timers, and the server's tick when it is due.
func (s *localSeat) act(now time.Duration) {
	r, srv := s.room, s.room.host.srv
	srv.Endpoint().Advance(now)
	if r.tick <= now {
		r.tick += tickPeriod
		srv.Tick(now)
	}
	r.flush(srv.Endpoint(), localServer)
	s.ep.Advance(now)
	r.flush(s.ep, s.addr)
}

// flush puts on the network what an endpoint has to send.
func (r *room) flush(ep *session.Endpoint, from netip.AddrPort) {
	for {
		n, to := ep.Transmit(r.net.Now(), r.buf[:])
		if n == 0 {
			return
		}
		r.net.Send(from, to.Addr, r.buf[:n])
	}
}

func (s *localSeat) view() *arena.World   { return s.c.ViewAt(s.room.net.Now()) }
func (s *localSeat) client() *arenaClient { return s.c }

func (s *localSeat) condition(up, down simnet.Conditions) {
	s.room.net.Connect(s.addr, localServer, up, down)
}

func (s *localSeat) close() {
	_ = s.c.Close()
	s.room.flush(s.ep, s.addr)
}
