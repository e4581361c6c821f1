package replica

import (
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
)

type schema struct{ tables []int }

type Plan[W any] struct{ schema }

func NewPlan[W any]() (*Plan[W], error)  { return nil, nil }
func (p *schema) Hash() uint64           { return 0 }
func (p *schema) Describe() string       { return "" }
func (p *schema) Tables() []string       { return nil }
func (p *schema) NewSnapshot() *Snapshot { return nil }
func (p *Plan[W]) NewWorld() *World[W]   { return nil }

type World[W any] struct {
	V    *W
	base unsafe.Pointer
}

type Snapshot struct{ Tick sim.Tick }

func (s *Snapshot) CopyFrom(o *Snapshot)                                                         {}
func (s *Snapshot) Hash() uint64                                                                 { return 0 }
func (p *Plan[W]) Capture(dst *Snapshot, w *World[W])                                            {}
func (p *Plan[W]) Restore(w *World[W], s *Snapshot)                                              {}
func (p *Plan[W]) Copy(dst, src *World[W])                                                       {}
func (p *schema) Encode(dst []byte, s, base *Snapshot) []byte                                    { return nil }
func (p *schema) Decode(dst, base *Snapshot, b []byte) error                                     { return nil }
func (p *Plan[W]) Interpolate(dst *World[W], a, b *Snapshot, t float32)                          {}
func (p *Plan[W]) RestoreOthers(w *World[W], auth *Snapshot, me sim.PlayerID)                    {}
func (p *Plan[W]) TakeOwned(dst, src *World[W], me sim.PlayerID)                                 {}
func (p *schema) EqualOwned(a, b *Snapshot, me sim.PlayerID) bool                                { return false }
func (p *schema) Equal(a, b *Snapshot) bool                                                      { return false }
func (p *schema) Diff(a, b *Snapshot) string                                                     { return "" }
func (p *Plan[W]) Smooth(w *World[W], owner sim.PlayerID, visit func(key SmoothKey, v *float32)) {}

// SmoothKey names one smooth float of one row for as long as the row lives.
type SmoothKey struct {
	Row   sim.ID
	Table uint16
	Lane  uint16
	Angle bool // radians: differences go the shortest way round
}

type Inputs[I any] struct{}

func NewInputs[I any]() (*Inputs[I], error) { return nil, nil }
func (x *Inputs[I]) Hash() uint64           { return 0 }
func (x *Inputs[I]) Describe() string       { return "" }
func (x *Inputs[I]) Quantise(in *I)         {}

// Command is one tick's input of one player.
type Command[I any] struct {
	Tick  sim.Tick // the tick it is for
	View  uint16   // how far behind Tick the player's screen was, in 1/32 tick
	Input I
}

// SnapshotAck is the newest snapshot that the client has decoded.
type SnapshotAck struct {
	Tick sim.Tick
	Has  bool // false: none yet
}

func (x *Inputs[I]) Append(dst []byte, ack SnapshotAck, cmds []Command[I]) []byte { return nil }
func (x *Inputs[I]) Parse(b []byte, cmds []Command[I]) (SnapshotAck, []Command[I], error) {
	return SnapshotAck{}, nil, nil
}

func AppendSnapshotHeader(dst []byte, h SnapshotHeader) []byte { return nil }
func ParseSnapshotHeader(b []byte) (h SnapshotHeader, rest []byte, err error) {
	return SnapshotHeader{}, nil, nil
}

// AppendControl appends a control message.
func AppendControl(dst []byte, m Control) []byte { return nil }

// ParseControl reads a whole control message.
func ParseControl(b []byte) (Control, error) { return nil, nil }

func (Hello) appendTo(dst []byte) []byte     { return dst }
func (Welcome) appendTo(dst []byte) []byte   { return dst }
func (Joined) appendTo(dst []byte) []byte    { return dst }
func (Left) appendTo(dst []byte) []byte      { return dst }
func (Probe) appendTo(dst []byte) []byte     { return dst }
func (ProbeEcho) appendTo(dst []byte) []byte { return dst }
func (Say) appendTo(dst []byte) []byte       { return dst }
func (Said) appendTo(dst []byte) []byte      { return dst }

// CleanText makes text fit to be shown: valid UTF-8 of at most max bytes without control characters.
func CleanText(s string, max int) string { return s }
