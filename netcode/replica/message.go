package replica

import (
	"encoding/binary"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// SnapshotHeader stands before the delta of a snapshot.
type SnapshotHeader struct {
	Tick      sim.Tick      // of the snapshot
	Base      sim.Tick      // of the snapshot it is a delta against, when HasBase
	HasBase   bool          // false: against the empty world
	InputTick sim.Tick      // newest input that the server has from this client; 0 before the first
	Margin    int16         // how long before its use the newest executed input arrived, in 1/32 tick; negative: late
	Flags     SnapshotFlags // what happened to this client's input at Tick
}

// SnapshotFlags are facts about one client's input at the snapshot's tick.
type SnapshotFlags uint8

// FlagMissed says that the server had no input from this client for this tick and made one up.
const FlagMissed SnapshotFlags = 1 << iota

// hasBase is the flag byte's top bit on the wire; the low bits are the SnapshotFlags.
const hasBase = 0x80

// AppendSnapshotHeader appends a header; the delta follows it.
//
//	flags      1        bit 7: a base follows; bits 0-6: Flags
//	tick       4        little-endian
//	base       varint   tick - base; only when bit 7 is set
//	input      varint   zig-zag of input tick - tick
//	margin     varint   zig-zag
func AppendSnapshotHeader(dst []byte, h SnapshotHeader) []byte {
	flags := byte(h.Flags) &^ hasBase
	if h.HasBase {
		flags |= hasBase
	}
	dst = append(dst, flags)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.Tick))
	if h.HasBase {
		dst = wire.AppendVarint(dst, uint32(h.Tick-h.Base))
	}
	dst = wire.AppendVarint(dst, wire.ZigZag(int32(h.InputTick-h.Tick)))
	return wire.AppendVarint(dst, wire.ZigZag(int32(h.Margin)))
}

// ParseSnapshotHeader reads a header and returns it with the delta that follows, which shares b's memory.
// The error is ErrShort or ErrRange.
func ParseSnapshotHeader(b []byte) (h SnapshotHeader, delta []byte, err error) {
	if len(b) < 5 {
		return SnapshotHeader{}, nil, ErrShort
	}
	h.HasBase = b[0]&hasBase != 0
	h.Flags = SnapshotFlags(b[0] &^ hasBase)
	h.Tick = sim.Tick(binary.LittleEndian.Uint32(b[1:]))
	b = b[5:]
	if h.HasBase {
		h.Base = h.Tick - sim.Tick(varint(&b, &err))
	}
	h.InputTick = h.Tick + sim.Tick(wire.UnZigZag(varint(&b, &err)))
	margin := wire.UnZigZag(varint(&b, &err))
	h.Margin = int16(margin)
	if err == nil && int32(h.Margin) != margin {
		err = ErrRange
	}
	if err != nil {
		return SnapshotHeader{}, nil, err
	}
	return h, b, nil
}

// varint takes a number from the front of b, or sets err.
func varint(b *[]byte, err *error) uint32 {
	v, rest, bad := wire.Varint(*b)
	if bad != nil && *err == nil {
		*err = ErrShort
	}
	*b = rest
	return v
}
