package session

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// schedule is the channels in the order in which they are served: classes of one priority each, lowest
// number first, and behind all others classes of Bulk channels. It is made once per endpoint.
type schedule struct {
	classes [][]uint8 // channels
	bulk    int       // the first class of Bulk channels
}

func newSchedule(channels []Channel) (s schedule) {
	order := make([]uint8, len(channels))
	for i := range order {
		order[i] = uint8(i)
	}
	slices.SortStableFunc(order, func(a, b uint8) int {
		x, y := &channels[a], &channels[b]
		if late := cmp.Compare(x.lateness(), y.lateness()); late != 0 {
			return late
		}
		return cmp.Compare(x.Priority, y.Priority)
	})
	for n, i := range order {
		ch := &channels[i]
		if n == 0 || ch.lateness() != channels[order[n-1]].lateness() || ch.Priority != channels[order[n-1]].Priority {
			s.classes = append(s.classes, nil)
		}
		last := len(s.classes) - 1
		s.classes[last] = append(s.classes[last], i)
		if ch.Kind != Bulk {
			s.bulk = last + 1
		}
	}
	return s
}

// lateness is 1 for Bulk channels, which go behind all others, else 0.
func (ch *Channel) lateness() int {
	if ch.Kind == Bulk {
		return 1
	}
	return 0
}

// turns divides what a session sends among its channels, by start-time fair queueing (Goyal, Vin, Cheng
// 1996) within a class: each message starts, in the virtual time of its class, when the one before on its
// channel is over or when it came, whichever is later, and lasts as long as its bytes by the channel's
// weight; the one that starts first goes first.
type turns struct {
	start  []uint64 // per channel: when its next message starts
	time   []uint64 // per class: when the message started that was served last
	idle   uint16   // channels that had nothing to send
	waited int      // bytes that others sent while a Bulk channel waited
}

func newTurns(s *schedule, channels int) turns {
	times := make([]uint64, channels+len(s.classes))
	return turns{start: times[:channels], time: times[channels:]}
}

// arrive notes whether a channel of a class has something to send. One that had nothing has no turns to catch up on.
func (t *turns) arrive(class, channel int, some bool) {
	switch bit := uint16(1) << channel; {
	case !some:
		t.idle |= bit
	case t.idle&bit != 0:
		t.idle &^= bit
		t.start[channel] = max(t.start[channel], t.time[class])
	}
}

// next returns which of the channels in a mask, which is not zero, is to be served.
func (t *turns) next(ready uint16) (channel int) {
	first := uint64(1<<64 - 1)
	for ; ready != 0; ready &= ready - 1 {
		if i := bits.TrailingZeros16(ready); t.start[i] < first {
			first, channel = t.start[i], i
		}
	}
	return channel
}

// served notes that a channel of a class sent n bytes.
func (t *turns) served(class, channel, n, weight int) {
	t.time[class] = max(t.time[class], t.start[channel])
	t.start[channel] += uint64(n) << 10 / uint64(weight)
}

// hasNext reports whether a channel has something to send now.
func (c *Conn) hasNext(channel int) bool {
	ch, o := &c.ep.cfg.Channels[channel], &c.out[channel]
	if ch.Kind.Reliable() {
		_, ok := o.reliable.toSend(ch, c.hold.holds(channel))
		return ok
	}
	return o.unreliable.pending()
}

// writeMessages fills the record: the classes in their order, then what is repeated, then Bulk, which goes
// first once others have sent bulkPatience bytes while it waited.
func (c *Conn) writeMessages(now time.Duration, w *recordWriter) {
	s := &c.ep.order
	bulk := c.bulkWaits()
	if bulk && !w.bulkHeld && c.turns.waited >= bulkPatience {
		c.writeBulk(now, w, 1)
	}
	before := len(w.buf)
	for class := range s.bulk {
		c.writeClass(now, class, w, maxFrames)
	}
	if !c.path.Carrier.Reliable() && (w.eliciting || bulk && c.loss.probes > 0) {
		c.writeRedundancy(now, w)
	}
	if bulk {
		c.turns.waited += len(w.buf) - before
		if !w.bulkHeld {
			c.writeBulk(now, w, maxFrames)
		}
	}
}

// bulkWaits reports whether a Bulk channel has something to send now.
func (c *Conn) bulkWaits() bool {
	s := &c.ep.order
	for _, class := range s.classes[s.bulk:] {
		for _, i := range class {
			if c.hasNext(int(i)) {
				return true
			}
		}
	}
	return false
}

// writeBulk writes at most n frames of Bulk channels.
func (c *Conn) writeBulk(now time.Duration, w *recordWriter, n int) {
	s := &c.ep.order
	for class := s.bulk; class < len(s.classes) && n > 0; class++ {
		if wrote := c.writeClass(now, class, w, n); wrote > 0 {
			n -= wrote
			c.turns.waited = 0
		}
	}
}

// writeClass writes at most n frames of the channels of a class, each in its turn, until none has one that
// fits. It returns how many it wrote.
func (c *Conn) writeClass(now time.Duration, class int, w *recordWriter, n int) (wrote int) {
	ready := uint16(0)
	for _, i := range c.ep.order.classes[class] {
		some := c.hasNext(int(i))
		c.turns.arrive(class, int(i), some)
		if some {
			ready |= 1 << i
		}
	}
	for ready != 0 && wrote < n {
		i := c.turns.next(ready)
		before := len(w.buf)
		if c.ep.cfg.Channels[i].Kind.Reliable() {
			c.writeReliable(now, i, w)
		} else {
			c.writeUnreliable(now, i, w)
		}
		if len(w.buf) == before {
			ready &^= 1 << i
			c.turns.arrive(class, i, c.hasNext(i))
			continue
		}
		c.turns.served(class, i, len(w.buf)-before, c.ep.cfg.Channels[i].Weight)
		wrote++
	}
	return wrote
}
