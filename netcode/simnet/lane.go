package simnet

import (
	"cmp"
	"math"
	"net"
	"os"
	"sync"
	"time"
)

// Sizes of a lane. A writer waits while either is used up, as it does for the window of a real TCP.
const (
	segmentSize  = 1400 // bytes that share a fate, at most
	laneBytes    = 64 << 10
	laneSegments = 512
)

// A lost segment is sent again after a time-out of minRTO (that of Linux) and a round trip, twice that
// the next time, and so on; the last of maxTries comes through whatever the conditions say.
const (
	minRTO   = 200 * time.Millisecond
	maxTries = 8
)

// never is a deadline that does not come.
const never = time.Duration(math.MaxInt64)

// lane is one direction of an ImpairedConn: bytes enter it, wait, and leave in order. One goroutine at
// a time writes, one reads.
type lane struct {
	clock clock
	done  chan struct{} // of the ImpairedConn
	data  sleeper       // of the reader
	room  sleeper       // of the writer

	mu       sync.Mutex
	shaper   *Shaper
	ring     [laneSegments]segment // buffers are used again
	head     int                   // of the oldest
	count    int
	bytes    int
	tried    time.Duration // when the newest segment was sent for the last time
	arrival  time.Duration // of the newest segment
	readBy   time.Duration // deadlines
	writeBy  time.Duration
	readErr  error // when all has been read, from endAt on
	endAt    time.Duration
	writeErr error // at once
}

// segment is a piece of a stream on its way.
type segment struct {
	at   time.Duration
	data []byte // what the reader has not yet taken
	buf  []byte
}

func newLane(c clock, conditions Conditions, seed uint64, done chan struct{}) *lane {
	return &lane{
		clock: c, done: done, data: newSleeper(), room: newSleeper(),
		shaper: NewShaper(ofStream(conditions), seed), readBy: never, writeBy: never,
	}
}

// ofStream returns what conditions mean below a reliable stream: it hides reordering, copies and
// corruption, cuts its bytes as the path wants them, and what it cannot send waits.
func ofStream(c Conditions) Conditions {
	c.Duplicate, c.Reorder, c.Corrupt, c.Queue, c.MTU = 0, 0, 0, maxTime, 0
	return c
}

// write puts all of b on its way, waiting for room.
func (l *lane) write(b []byte) (n int, err error) {
	for n < len(b) {
		if closed(l.done) {
			return n, net.ErrClosed
		}
		put, wait, err := l.put(b[n:])
		if err != nil {
			return n, err
		}
		if n += put; put == 0 {
			l.room.sleep(wait, l.done)
		}
	}
	return n, nil
}

// put adds one segment; without room for it, it returns how long the writer may wait.
func (l *lane) put(b []byte) (n int, wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.now()
	switch {
	case l.writeErr != nil:
		return 0, 0, l.writeErr
	case now >= l.writeBy:
		return 0, 0, os.ErrDeadlineExceeded
	case l.count == laneSegments || l.bytes >= laneBytes:
		return 0, until(now, l.writeBy), nil
	}
	n = min(len(b), segmentSize)
	l.arrival = max(l.arrival, l.arrives(now, n))
	s := &l.ring[(l.head+l.count)%laneSegments]
	s.at = l.arrival
	s.buf = append(s.buf[:0], b[:n]...)
	s.data = s.buf
	l.count++
	l.bytes += n
	l.data.wake()
	return n, 0, nil
}

// arrives returns when a segment sent now comes through, at the first try or a later one.
func (l *lane) arrives(now time.Duration, size int) time.Duration {
	now = max(now, l.tried)
	wait := minRTO + 2*l.shaper.c.Delay
	for range maxTries - 1 {
		l.tried = now
		if fate := l.shaper.Admit(now, size); fate.Copies > 0 {
			return fate.At[0]
		}
		now += wait
		wait *= 2
	}
	l.tried = now
	return now + l.shaper.c.Delay
}

// until is the time to sleep until a deadline.
func until(now, by time.Duration) time.Duration {
	if by == never {
		return forever
	}
	return max(by-now, 0)
}

// read waits for bytes whose time has come and copies what there is of them to b.
func (l *lane) read(b []byte) (n int, err error) {
	for len(b) > 0 {
		if closed(l.done) {
			return 0, net.ErrClosed
		}
		n, wait, err := l.take(b)
		if n > 0 || err != nil {
			return n, err
		}
		l.data.sleep(wait, l.done)
	}
	return 0, nil
}

// take copies bytes that are due to b; when none are, it returns how long the reader is to wait.
func (l *lane) take(b []byte) (n int, wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.now()
	if now >= l.readBy {
		return 0, 0, os.ErrDeadlineExceeded
	}
	for l.count > 0 && l.ring[l.head].at <= now && n < len(b) {
		n += l.consume(b[n:])
	}
	if n > 0 {
		l.room.wake()
		return n, 0, nil
	}
	next := never
	switch {
	case l.count > 0:
		next = l.ring[l.head].at
	case l.readErr != nil && l.endAt <= now:
		return 0, 0, l.readErr
	case l.readErr != nil:
		next = l.endAt
	}
	return 0, until(now, min(next, l.readBy)), nil
}

// consume copies from the oldest segment.
func (l *lane) consume(b []byte) (n int) {
	s := &l.ring[l.head]
	n = copy(b, s.data)
	s.data = s.data[n:]
	l.bytes -= n
	if len(s.data) == 0 {
		l.head = (l.head + 1) % laneSegments
		l.count--
	}
	return n
}

// end says why nothing more is written; the reader learns it when it has read all.
func (l *lane) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readErr = err
	l.endAt = max(l.arrival, l.clock.now()+l.shaper.c.Delay)
	l.data.wake()
}

// refuse says why nothing more is read; the writer learns it at once.
func (l *lane) refuse(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writeErr = cmp.Or(l.writeErr, err)
	l.room.wake()
}

// setDeadline sets readBy or writeBy, whose goroutine s wakes.
func (l *lane) setDeadline(by *time.Duration, s *sleeper, t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*by = never
	if !t.IsZero() {
		*by = t.Sub(l.clock.epoch)
	}
	s.wake()
}

func (l *lane) set(c Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shaper.setAt(l.clock.now(), ofStream(c))
}

func (l *lane) stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shaper.Stats()
}
