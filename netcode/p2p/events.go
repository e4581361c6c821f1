package p2p

import (
	"fmt"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// EventInfo is what a listener is told about an event besides its value.
type EventInfo struct {
	sim.EventKey
	Predicted bool // its tick is not confirmed: it may be taken back
}

// EventCounters say what became of events.
type EventCounters struct {
	Shown     uint64 // given to listeners, if there were any
	Cancelled uint64 // of the shown: a rollback has undone them
	Repeated  uint64 // computed again by a rollback, and not shown again
	Dropped   uint64 // could not be written, not in Game.Events, or too many in one tick
}

// events decides when what happens is shown:
//
//	Step --emission--> in the list of its tick
//	Predicted: shown once the tick is computed. Computed again: known key -> nothing; a key that is missing now -> taken back
//	others:    shown once the tick is confirmed
type events struct {
	types []*sim.EventType
	on    [sim.MaxEvents][]listener
	undo  [sim.MaxEvents][]listener
	me    sim.PlayerID

	ticks  []moment // by tick modulo their number
	tick   int64    // being computed
	latest int64    // that was ever computed
	before []happening
	due    due
	spare  due
	counts EventCounters
}

type listener func(EventInfo, []byte)

// moment is what happens in one tick.
type moment struct{ list []happening }

type happening struct {
	event, n uint8
	source   sim.PlayerID
	shown    bool
	again    bool // of before: it happened again
	body     []byte
}

// due is what listeners are to be told, in order.
type due struct {
	list   []dueEvent
	bodies []byte
}

type dueEvent struct {
	listeners  []listener
	info       EventInfo
	from, upto int // of the body in bodies
}

func newEvents(all []sim.AnyEvent, me sim.PlayerID, ticks int) events {
	e := events{me: me, ticks: make([]moment, ticks), latest: -1}
	for _, t := range all {
		e.types = append(e.types, t.Type())
	}
	return e
}

func (e *events) at(tick int64) *moment { return &e.ticks[tick%int64(len(e.ticks))] }

// step begins a tick, for the first time or again.
func (e *events) step(tick int64) {
	m := e.at(tick)
	e.before, m.list = m.list, e.before[:0]
	if tick > e.latest {
		e.before, e.latest = e.before[:0], tick // of an older tick in the same place
	}
	e.tick = tick
}

// happen takes what Step emits.
func (e *events) happen(m sim.Emission) {
	i := slices.Index(e.types, m.Event)
	now := e.at(e.tick)
	if i < 0 || m.Err != nil || len(now.list) == maxEvents {
		e.counts.Dropped++
		return
	}
	if m.To != 0 && m.To != e.me {
		return
	}
	h := happening{event: uint8(i), source: m.Source}
	for j := range now.list {
		if o := &now.list[j]; o.event == h.event && o.source == h.source {
			h.n++
		}
	}
	for j := range e.before {
		if o := &e.before[j]; o.event == h.event && o.source == h.source && o.n == h.n {
			o.again, h.shown = true, o.shown
			e.counts.Repeated++
		}
	}
	n := len(now.list)
	now.list = slices.Grow(now.list, 1)[:n+1]
	h.body = append(now.list[n].body[:0], m.Body...)
	now.list[n] = h
}

// stepped ends a tick: what is predicted is shown, and what did not happen again is taken back.
func (e *events) stepped() {
	for i := range e.before {
		if o := &e.before[i]; o.shown && !o.again {
			e.counts.Cancelled++
			e.add(e.undo[o.event], o, true)
		}
	}
	for i := range e.at(e.tick).list {
		h := &e.at(e.tick).list[i]
		if !h.shown && e.types[h.event].Delivery() == sim.Predicted {
			e.show(h, true)
		}
	}
	e.before = e.before[:0]
}

// confirm shows what was held back for a tick to be certain.
func (e *events) confirm(tick int64) {
	e.tick = tick
	for i := range e.at(tick).list {
		if h := &e.at(tick).list[i]; !h.shown {
			e.show(h, false)
		}
	}
}

func (e *events) show(h *happening, predicted bool) {
	h.shown = true
	e.counts.Shown++
	e.add(e.on[h.event], h, predicted)
}

// add makes an event due for its listeners.
func (e *events) add(to []listener, h *happening, predicted bool) {
	if len(to) == 0 {
		return
	}
	d := &e.due
	from := len(d.bodies)
	d.bodies = append(d.bodies, h.body...)
	key := sim.EventKey{Tick: sim.Tick(e.tick), Source: h.source, N: h.n}
	d.list = append(d.list, dueEvent{to, EventInfo{key, predicted}, from, len(d.bodies)})
}

// take returns what is due, and leaves another list for what comes.
func (e *events) take() due {
	d := e.due
	e.due, e.spare = e.spare, due{}
	return d
}

// give returns the memory of what was due.
func (e *events) give(d due) {
	clear(d.list)
	e.spare = due{d.list[:0], d.bodies[:0]}
}

// tell calls the listeners.
func (d *due) tell() {
	for i := range d.list {
		ev := &d.list[i]
		for _, fn := range ev.listeners {
			fn(ev.info, d.bodies[ev.from:ev.upto])
		}
	}
}

// On calls fn with each event e that everybody or this player is told: a Predicted one when its tick is first computed, any other when its tick
// is confirmed. It is called by Advance or Update, last, and may call the Peer. On panics when the event is not in Game.Events.
func On[T, W, I any](p *Peer[W, I], e *sim.Event[T], fn func(T, EventInfo)) {
	listen(p, &p.events.on, e, fn)
}

// OnCancel calls fn with each event that was shown and that a rollback has undone, as it was shown: stop the sound, take the flash away. See On.
func OnCancel[T, W, I any](p *Peer[W, I], e *sim.Event[T], fn func(T, EventInfo)) {
	listen(p, &p.events.undo, e, fn)
}

func listen[T, W, I any](p *Peer[W, I], to *[sim.MaxEvents][]listener, e *sim.Event[T], fn func(T, EventInfo)) {
	i := slices.Index(p.events.types, e.Type())
	if i < 0 {
		panic(fmt.Sprintf("p2p: event %q is not in Game.Events", e.Name()))
	}
	p.locked(func(time.Duration) {
		to[i] = append(to[i], func(info EventInfo, body []byte) {
			var v T
			if e.Decode(body, &v) == nil { // it was written here
				fn(v, info)
			}
		})
	})
}
