package client

import "time"

// Trouble is what the server could lately not use of the player's inputs.
type Trouble uint8

// The kinds of trouble.
const (
	NoTrouble     Trouble = iota
	InputsMissing         // they did not come; the server made them up
	InputsLate            // they came after their tick, and were not executed
	InputsEarly           // they came too long before their tick, and were dropped
)

func (t Trouble) String() string {
	return [...]string{"none", "inputs are lost", "inputs come too late", "inputs come too early"}[t]
}

// Constants of trouble.
const (
	troubleMemory = 32              // snapshots that the share is taken of, falling off
	troubleShare  = 0.1             // of them that make it trouble; a single lost packet does not
	troubleLog    = 5 * time.Second // between two lines in the log
)

// troubles follows what snapshots say about inputs.
type troubles struct {
	share  float64 // of the latest snapshots that told of any
	kind   Trouble // the newest
	logged time.Duration
	known  bool // logged means something
}

// heard takes in what one snapshot told, and reports whether a line is due in the log.
func (t *troubles) heard(now time.Duration, kind Trouble) (log bool) {
	told := 0.0
	if kind != NoTrouble {
		told, t.kind = 1, kind
	}
	t.share += (told - t.share) / troubleMemory
	if t.now() == NoTrouble || t.known && now-t.logged < troubleLog {
		return false
	}
	t.logged, t.known = now, true
	return true
}

// now returns the trouble that there is at present.
func (t *troubles) now() Trouble {
	if t.share < troubleShare {
		return NoTrouble
	}
	return t.kind
}
