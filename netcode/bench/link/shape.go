package link

import (
	"math/rand/v2"
	"time"
)

// Shape is how a link treats each of its two directions. The zero Shape passes everything at once.
type Shape struct {
	Delay  time.Duration // one way
	Jitter time.Duration // added to Delay, uniform from 0 to this; a packet overtakes another by it
	Loss   float64       // share of packets lost, each by itself, 0 to 1
	Outage float64       // share of the time in which every packet is lost, 0 to 1
	Mean   time.Duration // mean length of such an outage, exponentially distributed
	Rate   int           // bits per second; 0 means no limit
	Queue  int           // bytes that wait for a limited rate; what comes beyond is dropped
}

// Count is what a host offered to the link in one direction, and what became of it. Bytes are those of IP packets.
type Count struct {
	Packets, Bytes int64
	Lost, Dropped  int64 // packets: by loss or outage; by a full queue
}

// Sub returns what was counted since an earlier count.
func (c Count) Sub(earlier Count) Count {
	return Count{c.Packets - earlier.Packets, c.Bytes - earlier.Bytes, c.Lost - earlier.Lost, c.Dropped - earlier.Dropped}
}

// direction decides the fate of packets one way. A seed fixes the fate of the n-th packet and the times of the
// outages, whatever the protocol does with them. Times count from when the link came up.
type direction struct {
	shape   Shape
	fates   *rand.Rand // one draw for loss and one for jitter per packet, used or not
	weather *rand.Rand
	down    bool          // whether there is an outage
	turns   time.Duration // when that changes
	busy    time.Duration // until when a limited rate is taken
	count   Count
}

func newDirection(shape Shape, seed uint64, which uint64) *direction {
	d := &direction{
		shape:   shape,
		fates:   rand.New(rand.NewPCG(seed, 2*which)),
		weather: rand.New(rand.NewPCG(seed, 2*which+1)),
	}
	d.turns = d.spell()
	return d
}

// spell returns how long the present weather lasts.
func (d *direction) spell() time.Duration {
	s := d.shape
	if s.Outage <= 0 {
		return 1 << 62
	}
	mean := float64(s.Mean)
	if !d.down {
		mean *= (1 - s.Outage) / s.Outage
	}
	return time.Duration(mean * d.weather.ExpFloat64())
}

// take returns when a packet that is offered now comes out, and whether it does.
func (d *direction) take(now time.Duration, size int) (due time.Duration, ok bool) {
	d.count.Packets++
	d.count.Bytes += int64(size)
	lost := d.fates.Float64() < d.shape.Loss
	jitter := time.Duration(d.fates.Float64() * float64(d.shape.Jitter))
	if due = now; d.shape.Rate > 0 {
		d.busy = max(d.busy, now)
		per := time.Second * 8 / time.Duration(d.shape.Rate)
		if waiting := int((d.busy - now) / max(per, 1)); waiting+size > d.shape.Queue {
			d.count.Dropped++
			return 0, false
		}
		d.busy += time.Duration(size) * 8 * time.Second / time.Duration(d.shape.Rate)
		due = d.busy
	}
	for now >= d.turns {
		d.down = !d.down
		d.turns += d.spell()
	}
	if lost || d.down {
		d.count.Lost++
		return 0, false
	}
	return due + d.shape.Delay + jitter, true
}
