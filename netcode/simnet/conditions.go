package simnet

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Conditions say what one direction of a path does to datagrams. The zero Conditions are a perfect
// path. They are a plain value: comparable, and text by String and Parse.
//
// On its way a datagram meets, in this order: an outage or burst (lost), a hop that it is too large for (lost), the bottleneck
// (waits, or finds the queue full and is lost), random loss, corruption, the delay, duplication.
type Conditions struct {
	// Delay is the least time a datagram takes, 0 to 1 minute.
	Delay time.Duration

	// Jitter is the most time added to Delay, 0 to 1 minute. What is added to each datagram is
	// uniform in [0, Jitter] and independent, so datagrams closer than Jitter may overtake each
	// other. The mean is Delay + Jitter/2.
	Jitter time.Duration

	// Loss is the share of datagrams lost independently of each other, 0 to 1.
	Loss float64

	// Burst is loss that comes in pieces of time.
	Burst Burst

	// Duplicate is the share of datagrams that arrive twice, 0 to 1; the second one has a jitter
	// of its own.
	Duplicate float64

	// Reorder is the share of datagrams that are held back for ReorderBy, so that later ones
	// overtake them, 0 to 1. A zero ReorderBy means 20 ms.
	Reorder   float64
	ReorderBy time.Duration

	// Rate is the speed of the bottleneck in bytes per second, with IP and UDP headers
	// (HeaderSize a datagram); 0 means no limit, the most is 2^31-1.
	Rate int

	// Queue is how long a datagram may wait for the bottleneck; one that would wait longer is lost.
	// Zero means 100 ms. It has no effect without Rate.
	Queue time.Duration

	// MTU is the size of the largest datagram that passes, in bytes without IP and UDP headers; a larger one is lost without
	// a word. 0 means no limit, the most is 65535.
	MTU int

	// Corrupt is the share of datagrams that arrive with one bit flipped, 0 to 1. On a real path
	// the checksum of UDP catches nearly all of these.
	Corrupt float64
}

// Burst is the Gilbert-Elliott model in time: the path is up or down, for times that are exponentially
// distributed; while it is down all is lost. Since the model runs in time and not by datagram, paths
// with one seed have the same bursts whatever is sent.
type Burst struct {
	Share float64       // of the time that the path is down, 0 to 0.95
	Mean  time.Duration // of one piece, 1 ms to 1 minute; zero means 100 ms
}

// HeaderSize is what IPv4 and UDP add to a datagram, in bytes. The bottleneck counts it.
const HeaderSize = 28

// What zero means, and the limits of fields.
const (
	defaultReorderBy = 20 * time.Millisecond
	defaultQueue     = 100 * time.Millisecond
	defaultBurst     = 100 * time.Millisecond

	maxTime  = time.Minute
	minBurst = time.Millisecond // shorter pieces would cost time without an effect
	maxShare = 0.95             // of bursts: the rest has to come through some time
	maxRate  = math.MaxInt32
	maxMTU   = math.MaxUint16
)

// Validate returns an error that names the first field out of its range.
func (c Conditions) Validate() error {
	for _, f := range c.times() {
		if *f.value < 0 || *f.value > maxTime {
			return fmt.Errorf("simnet: %s %v: want 0 to %v", f.name, *f.value, maxTime)
		}
	}
	for _, f := range c.shares() {
		if !(*f.value >= 0 && *f.value <= f.most) { // so that NaN is out of range
			return fmt.Errorf("simnet: %s %v%%: want 0%% to %v%%", f.name, 100**f.value, 100*f.most)
		}
	}
	if c.Burst.Mean > 0 && c.Burst.Mean < minBurst {
		return fmt.Errorf("simnet: burst of %v: want at least %v", c.Burst.Mean, minBurst)
	}
	if c.Rate < 0 || c.Rate > maxRate {
		return fmt.Errorf("simnet: rate %d B/s: want 0 to %d", c.Rate, maxRate)
	}
	if c.MTU < 0 || c.MTU > maxMTU {
		return fmt.Errorf("simnet: mtu %d: want 0 to %d", c.MTU, maxMTU)
	}
	return nil
}

// effective returns c with each field in its range and with the defaults in place.
func (c Conditions) effective() Conditions {
	for _, f := range c.times() {
		*f.value = min(max(*f.value, 0), maxTime)
	}
	for _, f := range c.shares() {
		if !(*f.value >= 0) { // so that NaN becomes 0
			*f.value = 0
		}
		*f.value = min(*f.value, f.most)
	}
	c.Rate = min(max(c.Rate, 0), maxRate)
	c.MTU = min(max(c.MTU, 0), maxMTU)
	c.Queue = cmp.Or(c.Queue, defaultQueue)
	c.ReorderBy = cmp.Or(c.ReorderBy, defaultReorderBy)
	c.Burst.Mean = max(cmp.Or(c.Burst.Mean, defaultBurst), minBurst)
	return c
}

type timeField struct {
	name  string
	value *time.Duration
}

func (c *Conditions) times() [5]timeField {
	return [...]timeField{
		{"delay", &c.Delay}, {"jitter", &c.Jitter}, {"burst", &c.Burst.Mean}, {"reorder", &c.ReorderBy}, {"queue", &c.Queue},
	}
}

type shareField struct {
	name  string
	value *float64
	most  float64
}

func (c *Conditions) shares() [5]shareField {
	return [...]shareField{
		{"loss", &c.Loss, 1}, {"burst", &c.Burst.Share, maxShare}, {"dup", &c.Duplicate, 1},
		{"reorder", &c.Reorder, 1}, {"corrupt", &c.Corrupt, 1},
	}
}
