package matchtest

import (
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/simnet"
)

// end is one end of the sessions, with its deadline: asked for once after each change, not at each step of the loop.
type end struct {
	ep      *session.Endpoint
	timeout time.Duration
}

const never = 1 << 62

func (e *end) look() {
	at, ok := e.ep.NextTimeout()
	if !ok {
		at = never
	}
	e.timeout = at
}

// due returns when something other than a delivery happens. Nothing happens in between: the loop jumps.
func (m *Match[W, I]) due() time.Duration {
	at := min(m.tickDue(m.ticks+1), m.host.timeout)
	for _, p := range m.Players {
		if !p.gone {
			at = min(at, p.next, p.end.timeout)
		}
	}
	return max(m.Net.Now(), at)
}

// deliver hands over what arrives.
func (m *Match[W, I]) deliver(p simnet.Packet) {
	from := session.Path{Carrier: session.UDP, Addr: p.From}
	if p.To == m.addr {
		m.host.ep.Receive(p.At, from, p.Data)
		m.Server.Poll(p.At)
		m.flush(&m.host, m.addr)
		return
	}
	if to := m.byAddr[p.To]; to != nil && !to.gone {
		to.end.ep.Receive(p.At, from, p.Data)
		m.flush(&to.end, to.addr)
	}
}

// act runs what is due: the server's tick, the players' frames, timers.
func (m *Match[W, I]) act(now time.Duration) {
	if tick := m.tickDue(m.ticks+1) <= now; tick || m.host.timeout <= now {
		m.host.ep.Advance(now)
		if tick {
			m.tick(now)
		}
		m.flush(&m.host, m.addr)
	}
	for _, p := range m.Players {
		if p.gone || p.next > now && p.end.timeout > now {
			continue
		}
		p.end.ep.Advance(now)
		if p.next <= now {
			p.frame(now)
		}
		m.flush(&p.end, p.addr)
	}
}

func (m *Match[W, I]) tick(now time.Duration) {
	m.ticks++
	m.Server.Tick(now)
	if err := m.Server.Err(); err != nil {
		m.Fatal(err)
	}
	s := m.Server.Snapshot()
	m.truth[s.Tick%kept] = s
	if m.AfterTick != nil {
		m.AfterTick()
	}
}

// flush puts on the network what an end has to say.
func (m *Match[W, I]) flush(e *end, from netip.AddrPort) {
	for {
		n, to := e.ep.Transmit(m.Net.Now(), m.buf[:])
		if n == 0 {
			break
		}
		if m.Tap != nil {
			m.Tap(from, m.buf[:n])
		}
		m.Net.Send(from, to.Addr, m.buf[:n])
	}
	e.look()
}
