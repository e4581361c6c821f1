package replica

import (
	"fmt"
	"math/bits"
	"reflect"
	"strings"
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Inputs is how inputs of type I travel. It is read-only and safe for concurrent use. Make one with NewInputs.
type Inputs[I any] struct{ inputSchema }

// NewInputs reads the fields and tags of I, a plain value without tables. A *SchemaError names the first
// field that cannot travel. Inputs know the tags range, step, bits and angle.
func NewInputs[I any]() (*Inputs[I], error) {
	s, err := newInputSchema(reflect.TypeFor[I]())
	if err != nil {
		return nil, err
	}
	return &Inputs[I]{*s}, nil
}

// inputSchema is the part of an Inputs that does not depend on I's static type.
type inputSchema struct {
	t     table
	about string
	hash  uint64
}

func newInputSchema(typ reflect.Type) (*inputSchema, error) {
	w := walker{root: typ.Name()}
	t, err := w.table(typ)
	if err != nil {
		return nil, err
	}
	if len(t.ops) > MaxInputLanes {
		return nil, w.errorf("", "%d lanes: an input has at most %d", len(t.ops), MaxInputLanes)
	}
	for i := range t.ops {
		if o := &t.ops[i]; o.constant || o.owner || o.lerp || o.smooth {
			return nil, w.errorf(t.paths[i], "const, owner, lerp and smooth mean nothing in an input")
		}
	}
	if len(t.customs) > 0 {
		return nil, w.errorf(t.paths[t.customs[0].first], "an input has no sim.Custom: its fields are plain numbers")
	}
	if len(t.hidden) > 0 {
		return nil, w.errorf("", "an input has no server fields")
	}
	about := fmt.Sprintf("input: %d lanes\n%s", len(t.ops), strings.Join(t.about, ""))
	return &inputSchema{t, about, hashText(about)}, nil
}

// Hash returns the schema hash of the input: see Plan.Hash.
func (x *inputSchema) Hash() uint64 { return x.hash }

// Describe returns the schema for people: a line per lane.
func (x *inputSchema) Describe() string { return fmt.Sprintf("schema %016x\n%s", x.hash, x.about) }

// Quantise makes in what it will be after its journey: clamped, on the grid, without NaN.
func (x *Inputs[I]) Quantise(in *I) {
	for i := range x.t.ops {
		o := &x.t.ops[i]
		o.store(unsafe.Pointer(in), o.load(unsafe.Pointer(in)))
	}
}

// Command is one tick's input of one player.
type Command[I any] struct {
	Tick  sim.Tick // the tick it is for
	View  uint16   // how far behind Tick the player's screen was, in 1/32 tick
	Input I
}

// SnapshotAck says which snapshots the client has decoded.
type SnapshotAck struct {
	Tick sim.Tick // of the newest
	Has  bool     // false: none yet

	// Missing are the snapshots between the newest one's base and itself that did not come: bit 0 for the one sent
	// before the newest, and so on.
	Missing uint64
}

// missed reports whether the snapshot sent n before the newest did not come. Of those further back than
// maxMissing nothing is known.
func (a SnapshotAck) missed(n int) bool { return n > 0 && a.Missing>>(n-1)&1 != 0 }

// An input message is a stream of bits (see package wire):
//
//	6      number of commands
//	32     tick of the newest, unless there are none
//	1      is there an ack? if so, when there are commands:
//	       1   0: tick of the newest - ack is below 1024 and follows in 10 bits
//	           1: the ack follows in 32 bits; so it does without commands
//	       1   are snapshots missing? if so, the number of bits that follow in 6 bits, less 1, and a bit per snapshot
//	       then each command, the oldest first, against the one before (the first: against view 0 and
//	       the zero input):
//	Rice   zig-zag of the difference of the views modulo 2^16    the first: k = 8, then k adapts; raw 16 bits
//	1      does the input differ? if so:
//	1      in the same lanes as the last one that did? if not, a bit per lane: does it differ?
//	Rice   for each of them wider than a bit: zig-zag of (lane - the one before) modulo 2^width, less 1    k adapts, raw width
//
// Means adapt as in a delta. Views begin with a mean of 4, a lane with one of 2^(width/2).
const (
	commandsBits   = 6
	ackBits        = 10
	missingBits    = 6
	viewK, viewRaw = 8, 16
)

// Append appends a message with the newest commands of cmds, which are for consecutive ticks with the
// newest last: at most MaxCommands, and none before a gap in the ticks. Inputs are clamped as by Quantise.
func (x *Inputs[I]) Append(dst []byte, ack SnapshotAck, cmds []Command[I]) []byte {
	cmds = cmds[consecutiveFrom(cmds):]
	var w wire.BitWriter
	w.Reset(dst)
	w.Bits(uint32(len(cmds)), commandsBits)
	var newest sim.Tick
	if len(cmds) > 0 {
		newest = cmds[len(cmds)-1].Tick
		w.Bits(uint32(newest), 32)
	}
	appendAck(&w, ack, newest, len(cmds) > 0)
	if ack.Has {
		appendMissing(&w, ack.Missing)
	}
	var last inputState
	last.start(&x.t)
	for i := range cmds {
		last.write(&w, &x.t, cmds[i].View, unsafe.Pointer(&cmds[i].Input))
	}
	return w.Bytes()
}

// consecutiveFrom returns where the commands begin that fit into one message.
func consecutiveFrom[I any](cmds []Command[I]) int {
	first := len(cmds) - 1
	for first > 0 && len(cmds)-first < MaxCommands && cmds[first-1].Tick+1 == cmds[first].Tick {
		first--
	}
	return max(first, 0)
}

func appendAck(w *wire.BitWriter, ack SnapshotAck, newest sim.Tick, near bool) {
	w.Bool(ack.Has)
	if !ack.Has {
		return
	}
	if near {
		far := newest-ack.Tick >= 1<<ackBits
		w.Bool(far)
		if !far {
			w.Bits(uint32(newest-ack.Tick), ackBits)
			return
		}
	}
	w.Bits(uint32(ack.Tick), 32)
}

func appendMissing(w *wire.BitWriter, m uint64) {
	n := uint(bits.Len64(m))
	w.Bool(n > 0)
	if n == 0 {
		return
	}
	w.Bits(uint32(n-1), missingBits)
	w.Bits(uint32(m), min(n, 32))
	if n > 32 {
		w.Bits(uint32(m>>32), n-32)
	}
}

func parseMissing(r *wire.BitReader) uint64 {
	if !r.Bool() {
		return 0
	}
	n := uint(r.Bits(missingBits)) + 1
	m := uint64(r.Bits(min(n, 32)))
	if n > 32 {
		m |= uint64(r.Bits(n-32)) << 32
	}
	return m
}

// Parse reads a message and returns its commands in cmds[:0], which grows to at most MaxCommands. The
// error is ErrShort, ErrTrailing or ErrRange.
func (x *Inputs[I]) Parse(b []byte, cmds []Command[I]) (SnapshotAck, []Command[I], error) {
	cmds = cmds[:0]
	var r wire.BitReader
	r.Reset(b)
	n := int(r.Bits(commandsBits))
	if n > MaxCommands {
		return SnapshotAck{}, cmds, shortOr(&r, ErrRange)
	}
	var newest sim.Tick
	if n > 0 {
		newest = sim.Tick(r.Bits(32))
	}
	ack := parseAck(&r, newest, n > 0)
	if ack.Has {
		ack.Missing = parseMissing(&r)
	}
	var last inputState
	last.start(&x.t)
	for i := range n {
		if !last.read(&r, &x.t) {
			return SnapshotAck{}, cmds[:0], shortOr(&r, ErrRange)
		}
		cmds = append(cmds, Command[I]{Tick: newest - sim.Tick(n-1-i), View: last.view})
		x.t.storeFields(unsafe.Pointer(&cmds[i].Input), last.lanes[:len(x.t.ops)])
	}
	if err := ended(&r); err != nil {
		return SnapshotAck{}, cmds[:0], err
	}
	return ack, cmds, nil
}

func parseAck(r *wire.BitReader, newest sim.Tick, near bool) SnapshotAck {
	switch {
	case !r.Bool():
		return SnapshotAck{}
	case near && !r.Bool():
		return SnapshotAck{Tick: newest - sim.Tick(r.Bits(ackBits)), Has: true}
	}
	return SnapshotAck{Tick: sim.Tick(r.Bits(32)), Has: true}
}

// inputState is the command before, and what both ends have learned from those so far.
type inputState struct {
	begun bool
	view  uint16
	lanes [MaxInputLanes]uint32
	last  [MaxInputLanes]bool // which lanes differed in the last input that did
	views mean
	moves [MaxInputLanes]mean // residuals, less 1
}

func (s *inputState) start(t *table) {
	s.views = meanOf(4)
	for i := range t.ops {
		s.lanes[i], s.moves[i] = t.ops[i].zero, 16<<(t.ops[i].width/2)
	}
}

// viewK returns the Rice parameter for the next difference of views.
func (s *inputState) viewK() uint {
	if !s.begun {
		return viewK
	}
	return s.views.k()
}

// saw takes note of a difference of views.
func (s *inputState) saw(u uint32) {
	if s.begun {
		s.views.learn(u)
	}
	s.begun = true
}

// write writes a command and makes it the one before.
func (s *inputState) write(w *wire.BitWriter, t *table, view uint16, in unsafe.Pointer) {
	u := residual(uint32(view), uint32(s.view), 32-viewRaw, 0)
	w.RiceN(u, s.viewK(), viewRaw)
	s.saw(u)
	s.view = view
	differ, asBefore := false, true
	for i := range t.ops {
		d := t.ops[i].load(in) != s.lanes[i]
		differ = differ || d
		asBefore = asBefore && d == s.last[i]
	}
	w.Bool(differ)
	if !differ {
		return
	}
	w.Bool(asBefore)
	if !asBefore {
		for i := range t.ops {
			s.last[i] = t.ops[i].load(in) != s.lanes[i]
			w.Bool(s.last[i])
		}
	}
	s.writeLanes(w, t, in)
}

// writeLanes writes the lanes that differ.
func (s *inputState) writeLanes(w *wire.BitWriter, t *table, in unsafe.Pointer) {
	for i := range t.ops {
		if !s.last[i] {
			continue
		}
		v, width := t.ops[i].load(in), t.ops[i].width
		if width > 1 {
			u := residual(v, s.lanes[i], 32-width, 0) - 1
			w.RiceN(u, s.moves[i].k(), uint(width))
			s.moves[i].learn(u)
		}
		s.lanes[i] = v
	}
}

// read reads a command in place of the one before. It returns false when a value is out of range.
func (s *inputState) read(r *wire.BitReader, t *table) bool {
	u := r.RiceN(s.viewK(), viewRaw)
	s.saw(u)
	s.view += uint16(wire.UnZigZag(u))
	if !r.Bool() {
		return true
	}
	if !r.Bool() {
		for i := range t.ops {
			s.last[i] = r.Bool()
		}
	}
	for i := range t.ops {
		if s.last[i] && !s.readLane(r, &t.ops[i], i) {
			return false
		}
	}
	return true
}

// readLane reads a lane that differs.
func (s *inputState) readLane(r *wire.BitReader, o *op, i int) bool {
	if o.width == 1 {
		s.lanes[i] ^= 1
		return true
	}
	u := r.RiceN(s.moves[i].k(), uint(o.width))
	s.moves[i].learn(u)
	s.lanes[i] = (s.lanes[i] + uint32(wire.UnZigZag(u+1))) & o.mask
	return o.valid(s.lanes[i])
}

// Equal reports whether two inputs are the same after their journey.
func (x *Inputs[I]) Equal(a, b *I) bool {
	for i := range x.t.ops {
		if o := &x.t.ops[i]; o.load(unsafe.Pointer(a)) != o.load(unsafe.Pointer(b)) {
			return false
		}
	}
	return true
}
