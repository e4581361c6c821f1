package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode"
)

// Listen opens the sockets of addr, as Server.Listen does.
func (h *Hall[W, I]) Listen(addr string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.host != nil {
		return errors.New("server: Listen was called before")
	}
	host, err := netcode.Bind(addr, h.endpoint)
	if err != nil {
		return err
	}
	if h.cfg.Announce {
		if err := host.Announce(); err != nil {
			return errors.Join(err, host.Close())
		}
	}
	h.host = host
	return nil
}

// Addr returns the address of Listen, or the zero AddrPort before it.
func (h *Hall[W, I]) Addr() netip.AddrPort {
	if host := h.listening(); host != nil {
		at, _ := netip.ParseAddrPort(host.Addr().String())
		return at
	}
	return netip.AddrPort{}
}

// Host returns what drives the sockets of Listen, nil before it: see Server.Host.
func (h *Hall[W, I]) Host() *netcode.Host { return h.listening() }

// Close ends the recordings of the rooms and gives up what Listen opened, for a caller that does not come to call Run: see Server.Close.
func (h *Hall[W, I]) Close() error {
	for _, r := range h.Rooms() {
		if s := r.server.Load(); s != nil {
			s.stop()
		}
	}
	if host := h.listening(); host != nil {
		return host.Close()
	}
	return nil
}

// Run serves the rooms until ctx ends, on the sockets of Listen or those of addr, and rooms that are opened meanwhile. Then it lets every
// room finish its tick, tells the clients, and returns within 3 s with no goroutine left but those of stuck rooms, of which the error tells. It
// may be called once.
func (h *Hall[W, I]) Run(ctx context.Context, addr string) error {
	if h.listening() == nil {
		if err := h.Listen(addr); err != nil {
			return err
		}
	}
	h.mu.Lock()
	host, again, stopped := h.host, h.ran, h.stopping
	h.ran = true
	if !again && !stopped {
		h.door.host, h.running = host, true
		for _, r := range h.rooms.order {
			h.launch(r)
		}
	}
	h.mu.Unlock()
	switch {
	case again:
		return errors.New("server: Run was called before")
	case stopped: // by a Freeze that was sooner
		return host.Shutdown(h.farewell(), drainTime)
	}
	host.OnEvents(h.Poll)
	beat := time.NewTicker(keepEvery)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return errors.Join(h.stop(), host.Shutdown(h.farewell(), drainTime))
		case <-beat.C:
			if h.Frozen() {
				return host.Shutdown(h.farewell(), drainTime)
			}
			h.keep(host.Now())
		}
	}
}

// launch gives a room its goroutine, while the Hall runs and once. A room that Open is building gets it afterwards. h.mu is held.
func (h *Hall[W, I]) launch(r *Room[W, I]) {
	if !h.running || r.started || r.server.Load() == nil && !r.lazy {
		return
	}
	r.started, h.live[r] = true, true
	go r.run()
}

// farewell is what clients are told at the end.
func (h *Hall[W, I]) farewell() string {
	if h.Frozen() {
		return "the server is started again"
	}
	return "the server was stopped"
}

// stop lets all rooms end, and waits for those that can.
func (h *Hall[W, I]) stop() error {
	h.mu.Lock()
	h.stopping, h.running = true, false
	all := slices.Collect(maps.Keys(h.live))
	h.mu.Unlock()
	for _, r := range all {
		r.halt.Do(func() { close(r.quit) })
	}
	limit := time.NewTimer(drainTime)
	defer limit.Stop()
	left := 0
	for _, r := range all {
		if !r.await(limit) {
			left++
		}
	}
	if left > 0 {
		return fmt.Errorf("server: %d rooms are stuck in a tick: their goroutines could not be stopped", left)
	}
	return nil
}

// await waits for the room's goroutine to end, until the timer fires, and reports whether it has. For one that is stuck nobody waits.
func (r *Room[W, I]) await(limit *time.Timer) bool {
	if state, _ := r.State(); state != RoomStuck {
		select {
		case <-r.done:
		case <-limit.C:
			limit.Reset(0)
		}
	}
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// run is the room's goroutine: it computes the ticks that are due, sleeps until the next is, and so on.
func (r *Room[W, I]) run() {
	defer r.leave()
	r.mu.Lock()
	r.goroutine = goroutineNumber()
	r.mu.Unlock()
	host := r.hall.door.host
	if r.server.Load() == nil && !r.turn(host.Now()) {
		return
	}
	s := r.server.Load()
	plan := schedule{start: host.Now(), rate: s.tickRate}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-r.quit:
		case <-timer.C:
		}
		ticks, skipped := plan.due(host.Now())
		s.overrun(skipped)
		for range ticks {
			if r.leaving() {
				break // also when it is behind, and the timer always ready
			}
			if !r.realTurn(s, host) {
				return
			}
		}
		if r.leaving() {
			s.stop()
			return
		}
		timer.Reset(plan.next() - host.Now())
	}
}

// leaving reports whether the Hall is being stopped.
func (r *Room[W, I]) leaving() bool {
	select {
	case <-r.quit:
		return true
	default:
		return false
	}
}

// leave notes that the goroutine ends.
func (r *Room[W, I]) leave() {
	r.hall.mu.Lock()
	delete(r.hall.live, r)
	r.hall.mu.Unlock()
	close(r.done)
}

// realTurn does one turn and measures it, the writing of its datagrams included.
func (r *Room[W, I]) realTurn(s *Server[W, I], host *netcode.Host) (goesOn bool) {
	start := host.Now()
	goesOn = r.turn(start)
	r.hall.flush()
	end := host.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.ticks.add(end, end-start)
	return goesOn
}
