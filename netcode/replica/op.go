package replica

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/halftick/halftick/netcode/wire"
)

// kind says how an op moves a field between memory and its lane.
type kind uint8

const (
	kindBool kind = iota
	kindInt8
	kindInt16
	kindInt32
	kindInt64
	kindUint8
	kindUint16
	kindUint32
	kindUint64
	kindLow  // the low half of a 64-bit integer at full width
	kindHigh // its high half
	kindFloat
	kindQuant
	kindAngle
	kindQuat // a rotation's largest component; the three others follow it
	kindQuatPart
	kindCustom // a lane of a value that says itself how it travels; table.customs knows it
)

// op is one lane of a row: where the field lies and how it becomes an unsigned integer. The lanes of
// a row are the indices of its ops.
type op struct {
	off      uintptr // of the field in the row
	kind     kind
	width    uint8 // of the lane in bits, 1 to 32
	clamps   bool  // load may change the value: store it back
	constant bool
	owner    bool // only the owner of the row gets it
	lerp     bool
	velocity int // 1 + the lane of what lerp follows on a curve; 0: a straight line
	smooth   bool
	mask     uint32 // 2^width - 1
	top      uint32 // highest lane value, at most mask
	zero     uint32 // lane of the zero value
	lo, hi   int64  // of integer kinds; lane = value - lo
	quant    wire.Quant
	angle    wire.Angle
	quat     wire.Quat
	part     uint8 // of kindQuat and kindQuatPart: which of the four lanes
}

// at returns the address of the op's field in a row.
func at[T any](row unsafe.Pointer, o *op) *T { return (*T)(unsafe.Add(row, o.off)) }

// load returns the lane of the field in row, clamped to what the lane can hold.
func (o *op) load(row unsafe.Pointer) uint32 {
	switch o.kind {
	case kindQuant:
		return o.quant.Lane(*at[float32](row, o))
	case kindAngle:
		return o.angle.Lane(*at[float32](row, o))
	case kindFloat:
		return floatLane(*at[float32](row, o))
	case kindBool:
		if *at[bool](row, o) {
			return 1
		}
		return 0
	case kindQuat, kindQuatPart:
		return o.quat.Lanes(*at[[4]float32](row, o))[o.part]
	case kindLow:
		return uint32(*at[uint64](row, o))
	case kindHigh:
		return uint32(*at[uint64](row, o) >> 32)
	}
	return uint32(min(max(o.loadInt(row), o.lo), o.hi) - o.lo)
}

func (o *op) loadInt(row unsafe.Pointer) int64 {
	switch o.kind {
	case kindInt8:
		return int64(*at[int8](row, o))
	case kindInt16:
		return int64(*at[int16](row, o))
	case kindInt32:
		return int64(*at[int32](row, o))
	case kindInt64:
		return *at[int64](row, o)
	case kindUint8:
		return int64(*at[uint8](row, o))
	case kindUint16:
		return int64(*at[uint16](row, o))
	case kindUint32:
		return int64(*at[uint32](row, o))
	}
	return int64(min(*at[uint64](row, o), math.MaxInt64))
}

// store sets the field in row to the value of a lane, which is at most o.top. Rotations take four: see storeQuat.
func (o *op) store(row unsafe.Pointer, lane uint32) {
	switch o.kind {
	case kindQuant:
		*at[float32](row, o) = o.quant.Value(lane)
	case kindAngle:
		*at[float32](row, o) = o.angle.Value(lane)
	case kindFloat:
		*at[float32](row, o) = math.Float32frombits(lane)
	case kindBool:
		*at[bool](row, o) = lane != 0
	case kindLow:
		p := at[uint64](row, o)
		*p = *p&^math.MaxUint32 | uint64(lane)
	case kindHigh:
		p := at[uint64](row, o)
		*p = *p&math.MaxUint32 | uint64(lane)<<32
	default:
		o.storeInt(row, int64(lane)+o.lo)
	}
}

func (o *op) storeInt(row unsafe.Pointer, v int64) {
	switch o.kind {
	case kindInt8:
		*at[int8](row, o) = int8(v)
	case kindInt16:
		*at[int16](row, o) = int16(v)
	case kindInt32:
		*at[int32](row, o) = int32(v)
	case kindInt64:
		*at[int64](row, o) = v
	case kindUint8:
		*at[uint8](row, o) = uint8(v)
	case kindUint16:
		*at[uint16](row, o) = uint16(v)
	case kindUint32:
		*at[uint32](row, o) = uint32(v)
	case kindUint64:
		*at[uint64](row, o) = uint64(v)
	}
}

// quatLanes are the lanes of a rotation, of which i is the first.
const quatLanes = 4

func quatAt(lanes []uint32, i int) [quatLanes]uint32 { return [quatLanes]uint32(lanes[i:]) }

// captureQuat fills the four lanes of a rotation and snaps it to them.
func (o *op) captureQuat(lanes []uint32, row unsafe.Pointer) {
	p := at[[4]float32](row, o)
	l := o.quat.Lanes(*p)
	copy(lanes, l[:])
	*p = o.quat.Value(l)
}

// storeQuat sets a rotation to the value of its four lanes.
func (o *op) storeQuat(row unsafe.Pointer, lanes []uint32) {
	*at[[4]float32](row, o) = o.quat.Value(quatAt(lanes, 0))
}

// floatLane returns the bits of f; NaN counts as 0 and infinities as the largest finite numbers.
func floatLane(f float32) uint32 {
	if f-f == 0 {
		return math.Float32bits(f)
	}
	switch {
	case f > 0:
		f = math.MaxFloat32
	case f < 0:
		f = -math.MaxFloat32
	default:
		f = 0
	}
	return math.Float32bits(f)
}

// valid reports whether a lane that came from the network stands for a value.
func (o *op) valid(lane uint32) bool {
	if o.kind == kindFloat {
		return lane>>23&0xff != 0xff // neither infinite nor NaN
	}
	return lane <= o.top
}

// float returns the value of a lane of a float kind.
func (o *op) float(lane uint32) float32 {
	switch o.kind {
	case kindQuant:
		return o.quant.Value(lane)
	case kindAngle:
		return o.angle.Value(lane)
	}
	return math.Float32frombits(lane)
}

// leastMoving is the width from which on an integer lane is taken for a quantity, such as a timer, whose
// motion goes on. Narrower ones, bools among them, are taken for kinds of things, which stay what they are.
const leastMoving = 5

// moves reports whether motion is expected to go on in the lane.
func (o *op) moves() bool {
	switch {
	case o.constant:
		return false
	case o.kind == kindFloat || o.kind == kindQuant || o.kind == kindAngle || o.kind == kindQuatPart:
		return true
	}
	return o.width >= leastMoving
}

// setTop sets the highest lane and what follows from it.
func (o *op) setTop(top uint32) {
	o.top = top
	o.width = uint8(max(bits.Len32(top), 1))
	o.mask = uint32(1<<o.width - 1)
	var zero [4]float32
	p := *o
	p.off = 0
	o.zero = p.load(unsafe.Pointer(&zero))
}
