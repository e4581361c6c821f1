package carrier

import (
	"cmp"
	"errors"
	"time"
)

// Limits bounds what peers may cost. The zero Limits has the defaults; so has each field that is zero
// or negative.
type Limits struct {
	// FirstRecord is how long an accepted peer has to send its first whole record; then it is
	// closed with ErrSilent. Default 5 s.
	FirstRecord time.Duration

	// Authenticate is how long an accepted peer has until the owner calls Authenticated; then it is
	// closed with ErrUnauthenticated. Default 10 s.
	Authenticate time.Duration

	// Record is how long a record may take from its first byte to its last, also of an
	// authenticated peer; then the stream is closed with ErrSlow. Default 5 s.
	Record time.Duration

	// Write is how long WriteRecord waits for a peer that takes nothing; then the stream is closed
	// with ErrStalled. Default 10 s.
	Write time.Duration

	// PendingPerAddr is how many peers of one IPv4 address or one IPv6 /64 network may be
	// unauthenticated at a time; the next is reset at once. Default 32.
	PendingPerAddr int

	// Pending is how many peers may be unauthenticated at a time in all; the next is reset at once.
	// Default 1024.
	Pending int
}

func (l Limits) withDefaults() Limits {
	return Limits{
		FirstRecord:    cmp.Or(max(l.FirstRecord, 0), 5*time.Second),
		Authenticate:   cmp.Or(max(l.Authenticate, 0), 10*time.Second),
		Record:         cmp.Or(max(l.Record, 0), 5*time.Second),
		Write:          cmp.Or(max(l.Write, 0), 10*time.Second),
		PendingPerAddr: cmp.Or(max(l.PendingPerAddr, 0), 32),
		Pending:        cmp.Or(max(l.Pending, 0), 1024),
	}
}

// Why a stream was closed by this side. Each is counted in Stats.
var (
	ErrSilent          = errors.New("carrier: peer sent no record in time")
	ErrUnauthenticated = errors.New("carrier: peer opened no session in time")
	ErrSlow            = errors.New("carrier: peer did not complete a record in time")
	ErrStalled         = errors.New("carrier: peer took no data in time")
	ErrOversize        = errors.New("carrier: peer announced a record above 1452 bytes")
	ErrEmpty           = errors.New("carrier: peer announced an empty record")
	ErrTruncated       = errors.New("carrier: stream ended within a record")
	ErrMalformed       = errors.New("carrier: peer broke the rules of the carrier")
	ErrFlood           = errors.New("carrier: peer sent control frames without end")
)

// ErrRecordSize is WriteRecord's answer to an empty record or one above MaxRecord. The connection
// goes on.
var ErrRecordSize = errors.New("carrier: a record has 1 to 1452 bytes")
