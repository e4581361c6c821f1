package server

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/sim"
)

// Run serves game g on addr, such as ":7777", over UDP and TCP, until ctx ends, with the zero Config
// and a random seed. See Server.Run.
func Run[W, I any](ctx context.Context, g *sim.Game[W, I], addr string) error {
	var seed [8]byte
	rand.Read(seed[:])
	s, err := New(g, Config{Seed: binary.LittleEndian.Uint64(seed[:])})
	if err != nil {
		return err
	}
	return s.Run(ctx, addr)
}

// Listen opens the sockets of addr, UDP and TCP on one port, so that the port of ":0" is known and
// taken before Run. Clients can open sessions at once, and enter with the first tick. Errors are those
// of netcode.Bind, and one for a second call.
func (s *Server[W, I]) Listen(addr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.inbox != nil:
		return errors.New("server: a room is served by its Hall")
	case s.host != nil:
		return errors.New("server: Listen was called before")
	}
	h, err := netcode.Bind(addr, s.endpoint)
	if err != nil {
		return err
	}
	if s.cfg.Announce {
		if err := h.Announce(); err != nil {
			return errors.Join(err, h.Close())
		}
	}
	s.host = h
	return nil
}

// Addr returns the address of Listen, or the zero AddrPort before it.
func (s *Server[W, I]) Addr() netip.AddrPort {
	if h := s.listening(); h != nil {
		at, _ := netip.ParseAddrPort(h.Addr().String())
		return at
	}
	return netip.AddrPort{}
}

// Host returns what drives the sockets of Listen, nil before it: browsers come in by its WebSocket and WebTransport.
func (s *Server[W, I]) Host() *netcode.Host { return s.listening() }

// Close ends the recording, whose last second waits until then, and gives up what Listen opened: for a caller that does not come to call Run, as one who
// calls Tick. After Run there is nothing left to close.
func (s *Server[W, I]) Close() error {
	s.stop()
	if h := s.listening(); h != nil {
		return h.Close()
	}
	return nil
}

func (s *Server[W, I]) listening() *netcode.Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.host
}

// Run serves the match until ctx ends, on the sockets of Listen or, without an earlier Listen, on
// those of addr. Then it tells the clients, waits for them at most 1.5 s, and returns nil with no
// goroutine left. It returns early with the error of Listen, or with a *PanicError when the game's
// code panicked. It may be called once.
func (s *Server[W, I]) Run(ctx context.Context, addr string) error {
	if s.listening() == nil {
		if err := s.Listen(addr); err != nil {
			return err
		}
	}
	s.mu.Lock()
	h, again := s.host, s.ran
	s.ran = true
	s.mu.Unlock()
	if again {
		return errors.New("server: Run was called before")
	}
	h.OnEvents(s.Poll)
	reason := "the server was stopped"
	err := s.loop(ctx, h)
	switch {
	case err != nil:
		reason = "the game failed"
	case s.Frozen():
		reason = "the server is started again"
	}
	s.stop()
	return errors.Join(err, h.Shutdown(reason, drainTime))
}

// stop ends what is kept of the match: there will be no more ticks.
func (s *Server[W, I]) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endRecording()
}

// loop runs the ticks that are due, sleeps until the next is, and so on.
func (s *Server[W, I]) loop(ctx context.Context, h *netcode.Host) error {
	plan := schedule{start: h.Now(), rate: s.tickRate}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		ticks, skipped := plan.due(h.Now())
		s.overrun(skipped)
		for range ticks {
			if err := s.realTick(h); err != nil || s.Frozen() {
				return err
			}
		}
		timer.Reset(plan.next() - h.Now())
	}
}

// realTick does one tick and measures it, the writing of its datagrams included.
func (s *Server[W, I]) realTick(h *netcode.Host) error {
	start := h.Lock()
	s.Tick(start)
	h.Unlock()
	end := h.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.ticks.add(end, end-start)
	return s.failed
}

// overrun counts time that the schedule gave up.
func (s *Server[W, I]) overrun(skipped time.Duration) {
	if skipped == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.overruns++
	s.stats.overrunTime += skipped
	if s.stats.overrunLog.allow(s.present.at, time.Second, 3) {
		s.cfg.Logger.Warn("ticks given up: the machine is too slow", "skipped", skipped, "total", s.stats.overrunTime)
	}
}
