package server

import "github.com/halftick/halftick/netcode/sim"

// Think decides what bot p does in tick t. The world is the present one, before t's Step: borrowed
// until Think returns and not to be changed. It must not call the server.
type Think[W, I any] func(w *W, p sim.PlayerID, t sim.Tick) I

// AddBot adds a player whose inputs come from think, once per tick, with neither network nor delay.
// It takes part from the next tick on and ends with Kick. The name is cleaned like a client's. With
// Config.MaxPlayers present it returns ErrFull.
func (s *Server[W, I]) AddBot(name string, think func(w *W, p sim.PlayerID, t sim.Tick) I) (sim.PlayerID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &player[W, I]{think: think}
	if !s.roster.enter(p, name, s.cfg.MaxPlayers) {
		return 0, ErrFull
	}
	return p.id, nil
}
