package netcode

import (
	"slices"
	"sync"

	"github.com/halftick/halftick/netcode/session"
)

// Memory remembers which carrier reached a server last, so that the next dial need not wait for those that do not.
// It holds maxRemembered servers and forgets the oldest. The zero Memory is empty; its methods may be called
// from several goroutines at once.
type Memory struct {
	mu      sync.Mutex
	servers []remembered // oldest first
}

type remembered struct {
	server  string
	carrier session.Carrier
}

// won notes the carrier by which a server was reached.
func (m *Memory) won(server string, by session.Carrier) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.servers = slices.DeleteFunc(m.servers, func(r remembered) bool { return r.server == server })
	if len(m.servers) >= maxRemembered {
		m.servers = slices.Delete(m.servers, 0, 1)
	}
	m.servers = append(m.servers, remembered{server, by})
}

// last returns the carrier by which a server was reached last, if it is known.
func (m *Memory) last(server string) (by session.Carrier, ok bool) {
	if m == nil {
		return 0, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.servers, func(r remembered) bool { return r.server == server })
	if i < 0 {
		return 0, false
	}
	return m.servers[i].carrier, true
}
