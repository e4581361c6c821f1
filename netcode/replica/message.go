package replica

import (
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// SnapshotHeader stands before the delta of a snapshot.
type SnapshotHeader struct {
	Tick      sim.Tick      // of the snapshot
	Base      sim.Tick      // of the snapshot it is a delta against, when HasBase
	Older     sim.Tick      // of the snapshot before Base that motion is taken from, when HasOlder
	Start     sim.Tick      // without a base: what the client holds of ticks before it is to be forgotten
	HasBase   bool          // false: against the empty world
	HasOlder  bool          // only together with HasBase
	InputTick sim.Tick      // newest input that the server has from this client; 0 before the first
	Margin    int16         // how long before its use the newest executed input arrived, in 1/32 tick; negative: late
	Flags     SnapshotFlags // what happened to this client's input at Tick
	Events    sim.Tick      // newest tick, up to Tick, of which this client was sent reliable events, when HasEvents
	HasEvents bool          // false: none in the last 127 ticks
}

// SnapshotFlags are facts about one client's input at the snapshot's tick.
type SnapshotFlags uint8

const (
	// FlagMissed says that the server had no input from this client for this tick, or one since the last snapshot, and made one up.
	FlagMissed SnapshotFlags = 1 << iota
	// FlagEarly says that since the last snapshot it dropped inputs which were for ticks too far ahead.
	FlagEarly
)

// The flag byte's top bits on the wire; the low bits are the SnapshotFlags.
const (
	hasBase   = 0x80
	hasEvents = 0x40
	hasOlder  = 0x20
	nearBases = 0x10
	headBits  = hasBase | hasEvents | hasOlder | nearBases
)

// nearTicks is how far back base and older may be to share a byte.
const nearTicks = 16

// AppendSnapshotHeader appends a header; the delta follows it.
//
//	flags      1        bit 7: a base follows; bit 6: events follow; bit 5: an older base follows; bit 4: both are near; bits 0-3: Flags
//	tick       varint
//	near       1        tick - base, 0 to 15, and 16 times base - older - 1; only when bit 4 is set, together with bits 7 and 5; else:
//	base       varint   tick - base, 0 to MaxAge; only when bit 7 is set
//	start      varint   tick - start; only when bit 7 is not set
//	older      varint   base - older, 1 to MaxAge; only when bits 7 and 5 are set
//	input      varint   zig-zag of input tick - tick
//	margin     varint   zig-zag
//	events     1        tick - events, 0 to 127; only when bit 6 is set
//
// Events that are more than 127 ticks old are left out.
func AppendSnapshotHeader(dst []byte, h SnapshotHeader) []byte {
	flags := byte(h.Flags) &^ headBits
	if h.HasEvents = h.HasEvents && h.Tick-h.Events <= maxEventAge; h.HasEvents {
		flags |= hasEvents
	}
	if h.HasBase {
		flags |= hasBase
	}
	if h.HasOlder {
		flags |= hasOlder
	}
	if h.near() {
		flags |= nearBases
	}
	dst = append(dst, flags)
	dst = wire.AppendVarint(dst, uint32(h.Tick))
	dst = h.appendBases(dst)
	dst = wire.AppendVarint(dst, wire.ZigZag(int32(h.InputTick-h.Tick)))
	dst = wire.AppendVarint(dst, wire.ZigZag(int32(h.Margin)))
	if h.HasEvents {
		dst = append(dst, byte(h.Tick-h.Events))
	}
	return dst
}

// near reports whether base and older share a byte.
func (h *SnapshotHeader) near() bool {
	return h.HasBase && h.HasOlder && h.Tick-h.Base < nearTicks && h.Base-h.Older-1 < nearTicks
}

func (h *SnapshotHeader) appendBases(dst []byte) []byte {
	switch {
	case h.near():
		return append(dst, byte(h.Tick-h.Base)+nearTicks*byte(h.Base-h.Older-1))
	case !h.HasBase:
		return wire.AppendVarint(dst, uint32(h.Tick-h.Start))
	}
	dst = wire.AppendVarint(dst, uint32(h.Tick-h.Base))
	if h.HasOlder {
		dst = wire.AppendVarint(dst, uint32(h.Base-h.Older))
	}
	return dst
}

// ParseSnapshotHeader reads a header and returns it with the delta that follows, which shares b's memory.
// The error is ErrShort or ErrRange.
func ParseSnapshotHeader(b []byte) (h SnapshotHeader, delta []byte, err error) {
	if len(b) == 0 {
		return SnapshotHeader{}, nil, ErrShort
	}
	flags := b[0]
	h.HasBase, h.HasOlder, h.HasEvents = flags&hasBase != 0, flags&hasOlder != 0, flags&hasEvents != 0
	h.Flags = SnapshotFlags(flags &^ headBits)
	if h.HasOlder && !h.HasBase || flags&nearBases != 0 && !h.HasOlder {
		return SnapshotHeader{}, nil, ErrRange
	}
	b = b[1:]
	h.Tick = sim.Tick(varint(&b, &err))
	h.parseBases(&b, flags&nearBases != 0, &err)
	h.InputTick = h.Tick + sim.Tick(wire.UnZigZag(varint(&b, &err)))
	margin := wire.UnZigZag(varint(&b, &err))
	h.Margin = int16(margin)
	if err == nil && int32(h.Margin) != margin {
		err = ErrRange
	}
	if h.HasEvents && err == nil {
		h.Events, b, err = eventTick(h.Tick, b)
	}
	if err != nil {
		return SnapshotHeader{}, nil, err
	}
	return h, b, nil
}

func (h *SnapshotHeader) parseBases(b *[]byte, near bool, err *error) {
	switch {
	case near && len(*b) == 0:
		*err = ErrShort
	case near:
		h.Base = h.Tick - sim.Tick((*b)[0]%nearTicks)
		h.Older = h.Base - 1 - sim.Tick((*b)[0]/nearTicks)
		*b = (*b)[1:]
	case !h.HasBase:
		h.Start = h.Tick - sim.Tick(varint(b, err))
	default:
		h.Base = h.Tick - sim.Tick(age(b, 0, err))
		if h.HasOlder {
			h.Older = h.Base - sim.Tick(age(b, 1, err))
		}
	}
}

// eventTick takes the byte that tells of the newest tick with events.
func eventTick(t sim.Tick, b []byte) (events sim.Tick, rest []byte, err error) {
	switch {
	case len(b) == 0:
		return 0, nil, ErrShort
	case b[0] > maxEventAge:
		return 0, nil, ErrRange
	}
	return t - sim.Tick(b[0]), b[1:], nil
}

// age takes a number of ticks from the front of b, or sets err when there is none from least to MaxAge.
func age(b *[]byte, least uint32, err *error) uint32 {
	v := varint(b, err)
	if *err == nil && (v < least || v > MaxAge) {
		*err = ErrRange
	}
	return v
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
