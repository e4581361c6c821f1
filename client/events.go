package client

import (
	"fmt"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// EventInfo is what a listener is told about an event besides its value.
type EventInfo struct {
	sim.EventKey
	Predicted bool          // by this client, ahead of the server
	Age       time.Duration // how long ago it happened, by what stands on the screen: less than a frame but for what came late, or was predicted by a replay only
}

// EventCounters say what became of events.
type EventCounters struct {
	Shown     uint64 // given to listeners, if there were any
	Predicted uint64 // of them, before the server said so
	Late      uint64 // of the shown: the screen had passed their tick by two ticks or more
	Confirmed uint64 // of the predicted: the server's copy came
	Cancelled uint64 // of the predicted: they did not happen on the server
	Repeated  uint64 // emitted again by a replay, and not shown again
	Crowded   uint64 // predicted, and left to the server since too many waited for it
	Hurried   uint64 // shown before the screen was there, since too many waited
	Malformed uint64 // messages, and events that could not be read
}

// events decides when what happens is shown. Everything has a key (tick, source, event, n); ticks are counted without wraparound.
//
//	Step, for a new tick --emission--> own: known key? no -> due, now          yes -> nothing
//	server, own event   ---message---> own: known key? no -> due, now          yes -> confirmed
//	server, any other   ---message---> waiting until the view is at its tick -> due
//	snapshot of tick a, with all messages that it tells of: own events up to a without a copy -> due, to be taken back
//
// What is due is given to the listeners at the end of the Advance, when nothing is locked.
type events struct {
	types []*sim.EventType // in the order of the wire
	on    [sim.MaxEvents][]listener
	undo  [sim.MaxEvents][]listener

	me     sim.PlayerID
	rate   float64              // ticks per second
	tick   int64                // being predicted
	latest int64                // newest that was predicted
	used   [sim.MaxEvents]uint8 // in tick: the next n

	own      []happening // predicted ones until the server has spoken, and its copies until no replay reaches them
	waiting  []happening
	heard    int64 // newest tick of which every reliable event is here
	promised int64 // newest tick with reliable events that a snapshot told of
	truth    int64 // tick of the newest snapshot

	due    due
	spare  due // of an earlier Advance, to be used again
	parsed []replica.Happening
	counts EventCounters
}

type listener func(EventInfo, []byte)

// happening is one event that is not settled yet.
type happening struct {
	tick      int64
	event, n  uint8
	source    sim.PlayerID
	confirmed bool // of own: the server's copy is here
	body      []byte
}

// due is what listeners are to be told, in order.
type due struct {
	list   []dueEvent
	bodies []byte
	calls  []func()
}

type dueEvent struct {
	listeners  []listener
	info       EventInfo
	from, upto int // of the body in bodies
}

func (d *due) empty() bool { return len(d.list) == 0 && len(d.calls) == 0 }

func newEvents(all []sim.AnyEvent) (e events) {
	for _, t := range all {
		e.types = append(e.types, t.Type())
	}
	return e
}

// begin forgets everything of an earlier session but who listens.
func (e *events) begin() {
	*e = events{types: e.types, on: e.on, undo: e.undo, due: e.due, spare: e.spare, counts: e.counts}
}

// step is told that a tick is about to be computed, for the first time or again.
func (e *events) step(tick int64) {
	e.tick, e.latest = tick, max(e.latest, tick)
	e.used = [sim.MaxEvents]uint8{}
}

// predicted takes what Step emits. It gets own Predicted events only: see sim.Frame.Local.
func (e *events) predicted(m sim.Emission) {
	i := slices.Index(e.types, m.Event)
	if i < 0 || m.Err != nil || e.used[i] == maxSameEvents {
		return // the server does not send it either
	}
	h := happening{tick: e.tick, event: uint8(i), n: e.used[i], source: e.me}
	e.used[i]++
	switch {
	case e.find(&h) != nil:
		e.counts.Repeated++
	case len(e.own) == maxOwnEvents:
		e.counts.Crowded++
	case m.To == 0 || m.To == e.me:
		e.counts.Predicted++
		e.keep(&e.own, h, m.Body)
		e.show(&h, m.Body, true)
	}
}

// find returns the own event with the same key, or nil.
func (e *events) find(h *happening) *happening {
	for i := range e.own {
		if o := &e.own[i]; o.tick == h.tick && o.event == h.event && o.n == h.n {
			return o
		}
	}
	return nil
}

// keep adds h with a copy of the body. It uses the memory of what was there before.
func (e *events) keep(list *[]happening, h happening, body []byte) {
	n := len(*list)
	*list = slices.Grow(*list, 1)[:n+1]
	h.body = append((*list)[n].body[:0], body...)
	(*list)[n] = h
}

// message takes in what the server says has happened.
func (e *events) message(b []byte, reliable bool) {
	h, all, err := replica.ParseEvents(b, e.parsed)
	e.parsed = all[:0]
	if err != nil {
		e.counts.Malformed++
		return
	}
	tick := int64(h.Tick)
	if e.truth != 0 {
		tick = unwrap(e.truth, h.Tick)
	}
	for i := range all {
		e.arrive(happening{tick: tick, event: all[i].Event, n: all[i].N, source: all[i].Source}, all[i].Body)
	}
	if reliable && !h.More {
		e.heard = max(e.heard, tick)
	}
}

func (e *events) arrive(h happening, body []byte) {
	if int(h.event) >= len(e.types) {
		e.counts.Malformed++
		return
	}
	if h.source != e.me || e.me == 0 {
		if len(e.waiting) == maxWaitingEvents {
			e.counts.Hurried++
			e.show(&e.waiting[0], e.waiting[0].body, false)
			e.drop(&e.waiting, func(o *happening) bool { return o == &e.waiting[0] })
		}
		e.keep(&e.waiting, h, body)
		return
	}
	if e.types[h.event].Delivery() == sim.Predicted {
		if o := e.find(&h); o != nil {
			o.confirmed = true
			e.counts.Confirmed++
			return
		}
		h.confirmed = true // a replay must not show it again
		if len(e.own) < maxOwnEvents {
			e.keep(&e.own, h, body)
		}
	}
	e.show(&h, body, false)
}

// told takes in a snapshot of tick a, and which events its header tells of.
func (e *events) told(a int64, h replica.SnapshotHeader) {
	e.truth = a
	if h.HasEvents {
		e.promised = max(e.promised, unwrap(a, h.Events))
	}
}

// settle takes back what was predicted and has not happened, once the server's word on it is complete, and forgets what no replay
// will reach.
func (e *events) settle() {
	if e.heard < e.promised {
		return
	}
	e.drop(&e.own, func(o *happening) bool {
		if o.tick > e.truth {
			return false
		}
		if !o.confirmed {
			e.counts.Cancelled++
			e.add(e.undo[o.event], o, o.body, true)
		}
		return true
	})
}

// reach shows what the view, at pos, has come to.
func (e *events) reach(pos float64) {
	e.drop(&e.waiting, func(h *happening) bool {
		if float64(h.tick) > pos {
			return false
		}
		if pos-float64(h.tick) >= lateEvent {
			e.counts.Late++
		}
		e.showAt(h, h.body, false, pos)
		return true
	})
}

// flush shows everything that waits: there will be no view of it.
func (e *events) flush() {
	for i := range e.waiting {
		e.show(&e.waiting[i], e.waiting[i].body, false)
	}
	e.waiting = e.waiting[:0]
}

// show makes an event due that is not shown by the view's time. Its age is counted from what the player does now.
func (e *events) show(h *happening, body []byte, predicted bool) {
	e.showAt(h, body, predicted, float64(e.latest))
}

func (e *events) showAt(h *happening, body []byte, predicted bool, pos float64) {
	e.counts.Shown++
	e.add(e.on[h.event], h, body, predicted)
	if n := len(e.due.list); n > 0 && e.rate > 0 && len(e.on[h.event]) > 0 {
		e.due.list[n-1].info.Age = time.Duration(max(0, pos-float64(h.tick)) / e.rate * float64(time.Second))
	}
}

// add makes an event due for its listeners.
func (e *events) add(to []listener, h *happening, body []byte, predicted bool) {
	if len(to) == 0 {
		return
	}
	d := &e.due
	from := len(d.bodies)
	d.bodies = append(d.bodies, body...)
	key := sim.EventKey{Tick: sim.Tick(h.tick), Source: h.source, N: h.n}
	d.list = append(d.list, dueEvent{to, EventInfo{EventKey: key, Predicted: predicted}, from, len(d.bodies)})
}

// drop removes those for which gone is true, which is asked once for each in order. What they held is used again.
func (e *events) drop(list *[]happening, gone func(*happening) bool) {
	all, kept := *list, 0
	for i := range all {
		if !gone(&all[i]) {
			all[kept], all[i] = all[i], all[kept]
			kept++
		}
	}
	*list = all[:kept]
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
	clear(d.calls)
	e.spare = due{d.list[:0], d.bodies[:0], d.calls[:0]}
}

// tell calls the listeners.
func (d *due) tell() {
	for i := range d.list {
		ev := &d.list[i]
		for _, fn := range ev.listeners {
			fn(ev.info, d.bodies[ev.from:ev.upto])
		}
	}
	for _, fn := range d.calls {
		fn()
	}
}

// On calls fn with each event e when the player sees its tick: what others do at the time of the view, what the own input has caused at
// once. It is called by Advance or Update, last, and may call the client. An event that comes when its tick has been shown is given all the same,
// with its age. On panics when the event is not in Game.Events.
func On[T, W, I any](c *Client[W, I], e *sim.Event[T], fn func(T, EventInfo)) {
	listen(c, &c.events.on, e, fn)
}

// OnCancel calls fn with each Predicted event e that was shown and has not happened on the server, as it was shown: stop the sound, take the
// flash away. See On.
func OnCancel[T, W, I any](c *Client[W, I], e *sim.Event[T], fn func(T, EventInfo)) {
	listen(c, &c.events.undo, e, fn)
}

func listen[T, W, I any](c *Client[W, I], to *[sim.MaxEvents][]listener, e *sim.Event[T], fn func(T, EventInfo)) {
	i := slices.Index(c.events.types, e.Type())
	if i < 0 {
		panic(fmt.Sprintf("client: event %q is not in Game.Events", e.Name()))
	}
	c.locked(func(time.Duration) {
		to[i] = append(to[i], func(info EventInfo, body []byte) {
			var v T
			if e.Decode(body, &v) != nil {
				c.locked(func(time.Duration) { c.events.counts.Malformed++ })
				return
			}
			fn(v, info)
		})
	})
}
