package replay

import (
	"fmt"
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// teller tells the events of ticks that are passed, each once.
type teller struct {
	types   []*sim.EventType
	on      [sim.MaxEvents][]func(sim.EventKey, []byte)
	waiting []told
}

// told is an event whose tick is not shown yet.
type told struct {
	key   sim.EventKey
	event uint8
	body  []byte
}

func newTeller(all []sim.AnyEvent) (e teller) {
	for _, t := range all {
		e.types = append(e.types, t.Type())
	}
	return e
}

// add takes the events of a tick. Their bodies are copied: the block goes before they are told.
func (e *teller) add(t sim.Tick, events []Event) {
	for _, ev := range events {
		if int(ev.Event) >= len(e.types) || len(e.on[ev.Event]) == 0 {
			continue
		}
		e.waiting = append(e.waiting, told{sim.EventKey{Tick: t, Source: ev.Source, N: ev.N}, ev.Event, slices.Clone(ev.Body)})
	}
}

// tell tells what happened up to tick t.
func (e *teller) tell(t sim.Tick) {
	n := 0
	for ; n < len(e.waiting) && !t.Before(e.waiting[n].key.Tick); n++ {
		for _, fn := range e.on[e.waiting[n].event] {
			fn(e.waiting[n].key, e.waiting[n].body)
		}
	}
	e.waiting = slices.Delete(e.waiting, 0, n)
}

// On calls fn with each event e whose tick is passed by Advance, whoever was told of it in the match. On panics when the event is not in Game.Events.
func On[T, W, I any](p *Playback[W, I], e *sim.Event[T], fn func(T, sim.EventKey)) {
	i := slices.Index(p.events.types, e.Type())
	if i < 0 {
		panic(fmt.Sprintf("replay: event %q is not in Game.Events", e.Name()))
	}
	p.events.on[i] = append(p.events.on[i], func(k sim.EventKey, body []byte) {
		var v T
		if e.Decode(body, &v) == nil {
			fn(v, k)
		}
	})
}
