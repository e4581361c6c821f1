package server

import (
	"github.com/halftick/halftick/netcode/interest"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// watch finds out who may know what: by the aoi tags of the tables, then by the game's See.
//
//	after Step:      rows --> grids, and the first place of each player
//	for each player: the cells around its eyes --> view --> See --> view
type watch[W, I any] struct {
	game   *sim.Game[W, I]
	plan   *replica.Plan[W]
	filter []bool           // by table of the plan: not everybody knows all of it
	near   []bool           // by table of the view: what is near is known, the rest is not
	grids  []*interest.Grid // by table of the plan; nil without an aoi tag
	view   *sim.View
	places [sim.MaxPlayers + 1]place // of the first row of each player in a table with a grid

	eyes  *eyes // of the player whose view is being made
	opens int   // of its eyes
}

type place struct {
	at    sim.Vec2
	known bool
}

// eyes are a player's, by table of the plan.
type eyes [][interest.MaxEyes]interest.Eye

// newWatch returns nil when everybody may know everything.
func newWatch[W, I any](g *sim.Game[W, I], plan *replica.Plan[W], w *replica.World[W]) *watch[W, I] {
	filter := plan.Filter(g.See != nil)
	k := &watch[W, I]{game: g, plan: plan, filter: filter, grids: make([]*interest.Grid, len(filter))}
	all := true
	for i, f := range filter {
		all = all && !f
		if side := plan.Cell(i); side > 0 {
			k.grids[i] = interest.NewGrid(side)
		}
		if i > 0 {
			k.near = append(k.near, k.grids[i] != nil)
		}
	}
	if all {
		return nil
	}
	k.view = sim.NewView(w.Tables(), k.look)
	return k
}

// lookAround takes in where everything is, for snapshots and events. It does so in each tick in which there may be events, whether there are any or not: a row
// keeps its cell for a while beyond the edge, and what a player sees must not tell at which moments somebody looked.
func (s *Server[W, I]) lookAround() {
	if s.watch != nil && (s.sends() || len(s.emit.types) > 0) {
		s.watch.move(s.history.at(s.present.tick))
	}
}

// move takes in where the rows are now.
func (k *watch[W, I]) move(now *replica.Snapshot) {
	clear(k.places[:])
	for i, g := range k.grids {
		if g == nil {
			continue
		}
		for slot := range now.Slots(i) {
			x, y, owner, ok := k.plan.Place(now, i, slot)
			if !ok {
				g.Remove(slot)
				continue
			}
			g.Put(slot, x, y)
			if p := &k.places[owner]; !p.known {
				*p = place{sim.V(x, y), true}
			}
		}
	}
}

// see returns what player p may know. It is borrowed until the next call.
func (k *watch[W, I]) see(w *W, p sim.PlayerID, e *eyes) *sim.View {
	if len(*e) < len(k.grids) {
		*e = make(eyes, len(k.grids))
	}
	k.eyes, k.opens = e, 0
	k.view.Begin(k.near)
	if at := k.places[p]; at.known {
		k.look(at.at)
	} else {
		k.opens++ // it goes on seeing from where it was last
		k.gather(0)
	}
	if k.game.See != nil {
		k.game.See(w, p, k.view)
	}
	return k.view
}

// look opens another eye of the player.
func (k *watch[W, I]) look(at sim.Vec2) {
	if k.opens == interest.MaxEyes {
		return
	}
	for i, g := range k.grids {
		if g != nil {
			(*k.eyes)[i][k.opens].Look(at.X, at.Y, g.Side())
		}
	}
	k.gather(k.opens)
	k.opens++
}

// gather adds what an eye sees to the view.
func (k *watch[W, I]) gather(n int) {
	for i, g := range k.grids {
		if g == nil {
			continue
		}
		if e := &(*k.eyes)[i][n]; e.Open() {
			seen, _ := k.view.Sight(i - 1)
			g.Gather(seen, e)
		}
	}
}
