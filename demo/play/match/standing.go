package match

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode"
)

// Standing is how the player's place stands with the server. The zero Standing is of a match without trouble.
type Standing struct {
	State    client.State
	For      time.Duration // how long it has been so
	Sessions int           // so far
	Returned bool          // the present session has the player of an earlier one
	Carrier  string        // that the session travels over
	Attempts int           // of dialling again
	Why      string        // the last session ended, in plain words
	Last     string        // why the latest attempt failed
}

// Standing returns how the player's place stands now, the zero Standing while there is none.
func (m *Match) Standing() (s Standing) {
	if m.seat == nil {
		return s
	}
	c := m.seat.client()
	st := c.Status()
	s = Standing{State: st.State, For: st.For, Sessions: st.Sessions, Returned: st.Returned, Attempts: st.Attempts, Carrier: c.Stats().Transport}
	if st.Why != nil {
		s.Why = plain(st.Why)
	}
	if st.Last != nil {
		s.Last = plain(st.Last)
	}
	return s
}

// Notice says in a line what keeps the match from going on, or nothing.
func (s Standing) Notice() string {
	switch {
	case s.State == client.Stalled:
		return fmt.Sprintf("no answer from the server for %d s", s.seconds())
	case s.State == client.Redialing:
		return "connection lost: " + s.Progress()
	case s.State == client.Joining && s.Sessions > 1:
		return "connected again: joining"
	}
	return ""
}

// Progress says how far dialling again has come.
func (s Standing) Progress() string {
	if s.Attempts > 1 {
		return fmt.Sprintf("dialling again for %d s, attempt %d", s.seconds(), s.Attempts)
	}
	return fmt.Sprintf("dialling again for %d s", s.seconds())
}

func (s Standing) seconds() int { return max(1, int(s.For.Seconds())) }

// Reasons says why the connection was lost and what the latest attempt met.
func (s Standing) Reasons() string {
	text := s.Why
	if s.Last != "" {
		text += "; then: " + s.Last
	}
	return text
}

// News says what has changed since an earlier Standing of the same match, or nothing: the way, or the session.
func (s Standing) News(before Standing) string {
	switch {
	case s.State != client.Playing || before.Sessions == 0:
		return ""
	case s.Sessions > before.Sessions && s.Returned:
		return "connected again: you are where you were"
	case s.Sessions > before.Sessions && before.Why != "":
		return "connected again, as somebody new: " + before.Why
	case s.Sessions > before.Sessions:
		return "connected again, as somebody new"
	case s.Carrier != before.Carrier && before.Carrier != "":
		return fmt.Sprintf("over %s now, no more over %s", strings.ToUpper(s.Carrier), strings.ToUpper(before.Carrier))
	}
	return ""
}

// tries notes which carriers an attempt to connect has tried. It is told from the goroutine that dials.
type tries struct {
	mu  sync.Mutex
	all []string
}

func (t *tries) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = nil
}

// add notes a path: its carrier, when that is not the latest.
func (t *tries) add(p netcode.Path) {
	t.mu.Lock()
	defer t.mu.Unlock()
	by := strings.ToUpper(p.Carrier.String())
	if n := len(t.all); n == 0 || t.all[n-1] != by {
		t.all = append(t.all, by)
	}
}

// String says what is being tried.
func (t *tries) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.all); n > 1 {
		return "no answer over " + strings.Join(t.all[:n-1], " and ") + " yet, trying " + t.all[n-1]
	} else if n == 1 {
		return "trying " + t.all[0]
	}
	return ""
}

// Trying says which carriers an attempt to connect has tried so far, or nothing.
func (m *Match) Trying() string {
	if m.phase != Connecting {
		return ""
	}
	return m.tries.String()
}
