package sim

import (
	"fmt"

	"github.com/halftick/halftick/netcode/msg"
)

// Delivery says how an event reaches the clients.
type Delivery uint8

const (
	// Reliable events reach every receiver exactly once, whatever the network loses, while its session lives: what happened between two
	// sessions of a player is over when it comes back.
	Reliable Delivery = iota
	// Unreliable events reach a receiver at most once; a lost one is not sent again. For what nobody misses.
	Unreliable
	// Predicted events are Reliable ones that happen at once for the player whose input caused them (see By): its client
	// predicts them. The server's copy is not shown to that player again, and if the server sees it
	// otherwise the client is told to take it back.
	Predicted
)

var deliveryNames = [...]string{"reliable", "unreliable", "predicted"}

func (d Delivery) String() string {
	if int(d) < len(deliveryNames) {
		return deliveryNames[d]
	}
	return fmt.Sprintf("Delivery(%d)", uint8(d))
}

// Event is a kind of thing that happens in a tick and leaves no trace in the world: a shot that is heard, a hit
// that flashes, a notice. T is what is told about it; package msg says which types can travel. Make one
// with NewEvent, as a package variable, and name it in Game.Events. It is safe for concurrent use.
type Event[T any] struct {
	EventType
	codec *msg.Codec[T]
}

// NewEvent returns a kind of event. What is wrong with its name, 1 to 32 bytes, or with T, Game.Validate reports.
func NewEvent[T any](name string, d Delivery) *Event[T] {
	c, err := msg.NewCodec[T]()
	e := &Event[T]{EventType{name: name, delivery: d, err: err}, c}
	if err == nil {
		e.schema = c.Schema()
	}
	return e
}

// Decode reads what Emission.Body holds. The error is one of package msg's.
func (e *Event[T]) Decode(body []byte, v *T) error { return e.codec.Decode(body, v) }

// Append writes v as Emission.Body holds it. The error is one of package msg's, or ErrEventSize.
func (e *Event[T]) Append(dst []byte, v *T) ([]byte, error) {
	b, err := e.codec.Append(dst, v)
	if err == nil && len(b)-len(dst) > MaxEventBytes {
		return dst, ErrEventSize
	}
	return b, err
}

// EventType is what an engine knows about an Event.
type EventType struct {
	name, schema string
	delivery     Delivery
	err          error
}

// Type returns the type itself. It is how an *Event[T] of any T is an AnyEvent.
func (e *EventType) Type() *EventType { return e }

// Name returns the name, 1 to 32 bytes.
func (e *EventType) Name() string { return e.name }

// Delivery returns how it travels.
func (e *EventType) Delivery() Delivery { return e.delivery }

// AnyEvent is an *Event[T] of any T.
type AnyEvent interface{ Type() *EventType }

// EventKey tells an emission from every other of a match: it is the N-th of its event that Source caused in Tick.
type EventKey struct {
	Tick   Tick
	Source PlayerID // whose input caused it; 0: the world
	N      uint8    // counts from 0 within tick, source and event; a client's does not count what others alone are told (To, About)
}

// Emission is what Frame.Emit is given for each Emit of a game.
type Emission struct {
	Event  *EventType
	Source PlayerID
	To     PlayerID // who alone is to know; 0: everybody
	Table  Rows     // of the row that it is about; nil: about none
	Row    ID       // in Table
	Body   []byte   // MessagePack; borrowed until Frame.Emit returns
	Err    error    // why there is no Body
}

// EmitOption is By, To or About.
type EmitOption struct {
	by, to PlayerID
	table  Rows
	row    ID
}

// By names the player whose input caused the event. Without it the world did, and no client predicts it.
func By(p PlayerID) EmitOption { return EmitOption{by: p} }

// To tells the event to one player alone. Without it everybody is told.
func To(p PlayerID) EmitOption { return EmitOption{to: p} }

// About says that the event belongs to a row of a table of the world: sim.About(&w.Units, id). Only players who may know the row as it is after the tick hear of it, by the table's aoi
// tag, Game.See and its owner; of a row that is gone by then, those whose client has it. The player named by By hears of it in any case, as its client may have
// predicted it, and spectators hear of all. With To as well, both must allow it. Without About, an event of a row far away or hidden reaches everybody.
func About(table Rows, row ID) EmitOption { return EmitOption{table: table, row: row} }

// Options returns an Emission with what the options say. It is for engines.
func Options(opts ...EmitOption) (m Emission) {
	for _, o := range opts {
		m.Source, m.To = max(m.Source, o.by), max(m.To, o.to)
		if o.table != nil {
			m.Table, m.Row = o.table, o.row
		}
	}
	return m
}

// Emit makes an event happen in this tick. Step, Join and Leave call it, wherever they run: on the server it is sent
// to the clients; on a predicting client it happens at once if it is Predicted and by that client's player, and
// else not; a tick that is computed again does not make it happen again.
//
// The value is written at once, at most MaxEventBytes of it. An engine drops what is larger, what holds NaN, what is not in
// Game.Events and what is beyond its limits, and counts it. Nothing is returned, since Step must not depend on it.
func Emit[T, W, I any](c *Ctx[W, I], e *Event[T], v T, opts ...EmitOption) {
	f := &c.frame
	if f.Emit == nil {
		return
	}
	m := Options(opts...)
	m.Event = &e.EventType
	if f.Local != 0 && (m.Source != f.Local || e.delivery != Predicted) {
		return
	}
	m.Body, m.Err = e.Append(c.body[:0], &v) //netvet:ok the bytes depend on v alone, and are not part of the world
	c.body = m.Body[:0]
	f.Emit(m)
}
