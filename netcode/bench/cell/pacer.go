package cell

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"
)

// pacer sends a stream over all connections.
type pacer struct {
	stream Stream
	number byte
	conns  []peer.Conn
	begin  time.Duration // on the clock; first message
	from   time.Duration // messages due from here
	until  time.Duration // to here count
	on     *atomic.Bool  // when not nil, says whether a message counts in place of from and until
	all    peer.Fanout   // when not nil, sends what is due together
	whole  chan struct{} // told of each transfer that is complete

	sent   atomic.Int64 // messages that count
	failed atomic.Int64
}

// slot is how finely a pacer of many connections keeps time: one sleep a message would measure the timers.
const slot = time.Millisecond

// after is how long a steady stream goes on once nothing counts any more, so that the last message that does is like
// the others: what follows it shows that it is missing.
const after = 300 * time.Millisecond

// counts reports whether a message due at that time is to be measured.
func (p *pacer) counts(due time.Duration) byte {
	if p.on != nil && p.on.Load() || p.on == nil && due >= p.from && due < p.until {
		p.sent.Add(1)
		return counted
	}
	return data
}

// due returns how many messages count of those that were due by now. A steady one whose Send is still blocked is
// among them.
func (p *pacer) due() int {
	if p.stream.Hz == 0 || p.on != nil {
		return int(p.sent.Load())
	}
	n := 0
	for i := range p.conns {
		first := p.begin + p.apart(i)
		n += p.beats(p.until-first) - p.beats(p.from-first)
	}
	return n
}

// beat returns when the k-th message of a connection is due, after the first one.
func (p *pacer) beat(k int) time.Duration {
	return time.Duration(math.Round(float64(k) * float64(time.Second) / p.stream.Hz))
}

// beats returns how many messages of a connection are due less than d after the first one, that one included.
func (p *pacer) beats(d time.Duration) int {
	n := max(0, int(d.Seconds()*p.stream.Hz)-1)
	for p.beat(n) < d {
		n++
	}
	return n
}

// apart returns how much later than the first connection's the i-th one's messages are due.
func (p *pacer) apart(i int) time.Duration {
	if p.stream.Together {
		return 0
	}
	return time.Duration(i) * p.beat(1) / time.Duration(len(p.conns))
}

// steady sends on the beat. A message is stamped with the time of the call of Send; with the time it was due
// when the Send before it has only now returned, so that a transport does not look better by blocking.
func (p *pacer) steady() {
	b := make([]byte, p.stream.Size)
	n := len(p.conns)
	if p.stream.Together && p.all != nil {
		p.together(b)
		return
	}
	freed := time.Duration(0)
	for m := 0; ; m++ {
		due := p.begin + p.beat(m/n) + p.apart(m%n)
		if due >= p.until+after {
			return
		}
		now := clock()
		if wait := due - now; wait > 0 {
			if n > 1 {
				wait = (wait + slot - 1).Truncate(slot)
			}
			time.Sleep(wait)
			now = clock()
		}
		at := now
		if n == 1 && freed > due {
			at = due
		}
		message{p.counts(due), p.number, uint16(m % n), uint32(m / n), at}.put(b)
		if p.conns[m%n].Send(p.stream.Lane, b) != nil {
			p.failed.Add(1)
		}
		freed = clock()
	}
}

// together sends to all connections on each beat, as a server does on a tick.
func (p *pacer) together(b []byte) {
	for k := 0; ; k++ {
		due := p.begin + p.beat(k)
		if due >= p.until {
			return
		}
		time.Sleep(due - clock())
		p.failed.Add(int64(p.all.SendEach(p.conns, p.stream.Lane, func(i int) []byte {
			message{p.counts(due), p.number, uint16(i), uint32(k), clock()}.put(b)
			return b
		})))
	}
}

// flood sends one transfer after the other, or without end.
func (p *pacer) flood() {
	b := make([]byte, p.stream.Size)
	size := p.stream.Transfer
	if size == 0 {
		size = math.MaxInt
	}
	for seq := uint32(0); ; seq++ {
		at := clock()
		if at >= p.until {
			return
		}
		kind := p.counts(at)
		for left := size; left > 0; left -= len(b) {
			if clock() >= p.until {
				return
			}
			message{kind, p.number, 0, seq, at}.put(b)
			if p.conns[0].Send(p.stream.Lane, b[:min(len(b), left)]) != nil {
				p.failed.Add(1)
				return
			}
		}
		<-p.whole
	}
}
