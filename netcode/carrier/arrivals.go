package carrier

import "sync"

// Arrivals is where a connection that is brought its records, one by one, keeps them for ReadRecord. All methods may be
// called from several goroutines. The zero Arrivals is of no use: see NewArrivals.
type Arrivals struct {
	records chan []byte
	ended   chan struct{}
	mu      sync.Mutex // guards reason
	reason  error      // of the end
}

// NewArrivals returns an empty Arrivals for at most n records.
func NewArrivals(n int) *Arrivals {
	return &Arrivals{records: make(chan []byte, n), ended: make(chan struct{})}
}

// CheckSize returns what is wrong with a record of n bytes from the peer: ErrEmpty, ErrOversize or nothing.
func CheckSize(n int) error {
	switch {
	case n == 0:
		return ErrEmpty
	case n > MaxRecord:
		return ErrOversize
	}
	return nil
}

// Put adds a record, which it owns from then on, waits while there is no room, and reports whether it was taken: not after
// the end.
func (a *Arrivals) Put(b []byte) bool {
	select {
	case a.records <- b:
		return true
	case <-a.ended:
		return false
	}
}

// Offer is Put that does not wait: without room the record is not taken.
func (a *Arrivals) Offer(b []byte) bool {
	select {
	case a.records <- b:
		return true
	default:
		return false
	}
}

// Next waits for a record and copies it to b. What had arrived before the end is still returned; then the error is the
// reason of the end.
func (a *Arrivals) Next(b []byte) (n int, err error) {
	select {
	case r := <-a.records:
		return copy(b, r), nil
	default:
	}
	select {
	case r := <-a.records:
		return copy(b, r), nil
	case <-a.ended:
		a.mu.Lock()
		defer a.mu.Unlock()
		return 0, a.reason
	}
}

// End gives the reason why nothing follows. It is called once.
func (a *Arrivals) End(reason error) {
	a.mu.Lock()
	a.reason = reason
	a.mu.Unlock()
	close(a.ended)
}

// Ended is closed by End.
func (a *Arrivals) Ended() <-chan struct{} { return a.ended }
