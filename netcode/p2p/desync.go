package p2p

import (
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// DesyncError says that two players' worlds have parted, though their inputs were the same: Step is not deterministic, or one of
// the two plays another game.
type DesyncError struct {
	Player sim.PlayerID // the other
	Tick   sim.Tick     // a confirmed one; they may have parted up to 30 ticks before
	Table  string       // the first that differs

	// Difference is the first row and field that differ, ours first; nil when the other did not tell in time.
	Difference *replica.Difference
}

func (e *DesyncError) Error() string {
	if e.Difference != nil {
		return fmt.Sprintf("p2p: desync with player %d: %v", e.Player, e.Difference)
	}
	return fmt.Sprintf("p2p: desync with player %d: tick %d: table %s differs", e.Player, e.Tick, e.Table)
}

// comparison holds the worlds of the last ticks that are compared, until everybody has come that far.
//
//	each, every 30 confirmed ticks:  hashes of the tables --->  the other compares: equal, or
//	both: hashes of the first table that differs, row by row --->  the other finds the row
//	both: that row --->  the other finds the field, and is done
type comparison struct {
	kept  [keptHashes]keptWorld
	lent  *replica.Snapshot // what Confirmed has given out
	found *DesyncError      // what is known of a desync, while more is asked for
	at    time.Duration     // since when
}

type keptWorld struct {
	tableHashes
	world *replica.Snapshot
}

// tableHashes are the hashes of a tick's tables; none while tick is 0.
type tableHashes struct {
	tick   sim.Tick
	hashes []uint64
}

func newComparison(snapshot func() *replica.Snapshot) (c comparison) {
	for i := range c.kept {
		c.kept[i].world = snapshot()
	}
	c.lent = snapshot()
	return c
}

// place returns where what belongs to a compared tick is kept.
func place(t sim.Tick) int { return int(t/hashEvery) % keptHashes }

// of returns the world of a compared tick, or nil.
func (c *comparison) of(t sim.Tick) *keptWorld {
	if k := &c.kept[place(t)]; k.tick == t && t != 0 {
		return k
	}
	return nil
}

// hash sends everybody the hashes of a confirmed tick, and compares with those who were faster.
func (p *Peer[W, I]) hash(now time.Duration, tick int64) {
	k := &p.compare.kept[place(sim.Tick(tick))]
	p.line.capture(k.world, tick)
	k.tick = k.world.Tick
	k.hashes = p.plan.TableHashes(k.hashes[:0], k.world)
	b := worldPart{tick: k.tick, table: -1, slot: -1}.appendTo(p.buf[:0])
	p.broadcast(now, append64(b, k.hashes))
	for _, s := range p.seats {
		if s != p.own && s.state == here {
			p.check(now, s, &s.link.hashes[place(k.tick)])
		}
	}
}

// check compares a player's hashes with our own, if both are there.
func (p *Peer[W, I]) check(now time.Duration, s *seat[I], theirs *tableHashes) {
	own := p.compare.of(theirs.tick)
	if own == nil {
		return
	}
	p.count.Compared++
	table, differ := replica.OtherTable(own.hashes, theirs.hashes)
	if !differ || p.compare.found != nil {
		return
	}
	name := "?"
	if names := p.plan.Tables(); table < len(names) {
		name = names[table]
	}
	p.compare.found, p.compare.at = &DesyncError{Player: s.id, Tick: own.tick, Table: name}, now
	b := worldPart{tick: own.tick, table: table, slot: -1}.appendTo(p.buf[:0])
	_ = p.send(now, s.link.conn, append32(b, p.plan.RowHashes(nil, own.world, table)))
}

// part takes a piece of another player's world.
func (p *Peer[W, I]) part(now time.Duration, s *seat[I], kind byte, b []byte) error {
	m, err := parsePart(kind, b)
	if err != nil {
		return err
	}
	if m.table < 0 {
		if len(m.data) > 8*(replica.MaxTables+1) {
			return errMessage
		}
		h := &s.link.hashes[place(m.tick)]
		h.tick, h.hashes = m.tick, read64(h.hashes[:0], m.data)
		p.check(now, s, h)
		return nil
	}
	own := p.compare.of(m.tick)
	if own == nil {
		return nil // forgotten, or not there yet: then we shall ask
	}
	if m.slot < 0 {
		p.answer(now, s, own.world, m)
		return nil
	}
	d, differ, err := p.plan.DiffRow(own.world, m.table, m.slot, read32(m.data))
	if found := p.compare.found; err == nil && differ && found != nil && found.Player == s.id {
		found.Difference = &d
	}
	return err
}

// answer sends the first row in which a player's table differs from ours.
func (p *Peer[W, I]) answer(now time.Duration, s *seat[I], world *replica.Snapshot, m worldPart) {
	slot, differ := replica.OtherRow(p.plan.RowHashes(nil, world, m.table), read32(m.data))
	if !differ || slot >= sim.MaxRows {
		return
	}
	b := worldPart{tick: m.tick, table: m.table, slot: slot}.appendTo(p.buf[:0])
	_ = p.send(now, s.link.conn, append32(b, p.plan.Row(world, m.table, slot)))
}

// report ends the match after a desync, once it is known where, or the other had its time to tell. Its own answers are delivered first.
func (p *Peer[W, I]) report(now time.Duration) {
	if f := p.compare.found; f != nil && (f.Difference != nil || now-p.compare.at >= reportTime) {
		p.end(now, f)
	}
}
