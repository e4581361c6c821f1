package server

import (
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// scope decides who hears of events that are about a row (sim.About): who may know the row after the tick. No byte for the others depends on them.
type scope struct {
	tables  []sim.Rows // of the world, the first is table 1 of the plan
	filter  []bool     // by table of the plan: not everybody may know all of it
	narrow  bool       // there is an event in this tick that not everybody may hear of
	view    *sim.View  // of the player that is being told; nil when nothing is narrow
	eyes    eyes       // scratch: the player's own move with its snapshots alone
	skipped skipped
}

// place returns which table of the plan it is, 0 for nil, -1 when it is none of the world's.
func (c *scope) place(table sim.Rows) int {
	if table == nil {
		return 0
	}
	if i := slices.Index(c.tables, table); i >= 0 {
		return i + 1
	}
	return -1
}

// openScope finds out whether it matters to the tick's events who may know what.
func (s *Server[W, I]) openScope() {
	c := &s.emit.scope
	c.narrow = s.watch != nil && slices.ContainsFunc(s.emit.list, func(m emitted) bool { return s.filter[m.table] })
}

// scopeOf finds out what a player may know.
func (s *Server[W, I]) scopeOf(p *player[W, I]) {
	c := &s.emit.scope
	c.view = nil
	if c.narrow && !p.watches() {
		c.eyes = append(c.eyes[:0], p.eyes...)
		c.view = s.watch.see(s.world.V, p.id, &c.eyes)
	}
}

// mayHear reports whether a player is told of an event.
func (s *Server[W, I]) mayHear(p *player[W, I], m *emitted) bool {
	c := &s.emit.scope
	switch {
	case m.to != 0 && m.to != p.id:
		return false
	case c.view == nil || m.table == 0 || !s.filter[m.table] || m.source == p.id:
		return true
	}
	table := c.tables[m.table-1]
	if slot := m.row.Slot(); slot < table.Slots() {
		if meta := table.Meta(slot); meta.Alive && meta.Gen == m.row.Gen() {
			return meta.Owner == p.id || c.view.Of(table).Sees(m.row)
		}
	}
	return p.feed.Holds(m.table, m.row, s.history.ring[:])
}

// skipped counts the events of a message's tick that its receiver is not told of, so that the numbers of those it is told of do not tell
// how many there were. Those that it has caused itself keep theirs: its client has counted them, too.
type skipped struct {
	round   uint64
	sources [sim.MaxPlayers + 1]struct {
		round uint64 // of the counts
		n     [sim.MaxEvents]uint8
	}
}

// begin starts another message.
func (k *skipped) begin() { k.round++ }

// add counts an event.
func (k *skipped) add(m *emitted) {
	c := &k.sources[m.source]
	if c.round != k.round {
		c.round, c.n = k.round, [sim.MaxEvents]uint8{}
	}
	c.n[m.event]++
}

// before returns how many there were of the event's kind and source.
func (k *skipped) before(p sim.PlayerID, m *emitted) uint8 {
	c := &k.sources[m.source]
	if c.round != k.round || m.source == p && p != 0 {
		return 0
	}
	return c.n[m.event]
}
