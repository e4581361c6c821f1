package server

import (
	"net/netip"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// client is whom a quota counts: a user of a backend, or else a network, since anybody has as many keys as they like.
type client struct {
	user    uint64
	network netip.Addr // an IPv4 address, or the first of an IPv6 network of 64 bits
}

func clientOf(c *session.Conn) client {
	if c.User() != 0 {
		return client{user: c.User()}
	}
	bits, a := 64, c.Path().Addr.Addr().WithZone("").Unmap()
	if a.Is4() {
		bits = 32
	}
	net, _ := a.Prefix(bits)
	return client{network: net.Addr()}
}

// quota limits how often each client may do something. The zero quota has counted nothing.
type quota map[client]*limiter

// allow reports whether a client may do it now, and counts it if so. When maxClients are counted, none that is new may.
func (q *quota) allow(now time.Duration, by client, every time.Duration, burst int) bool {
	if *q == nil {
		*q = quota{}
	}
	l := (*q)[by]
	if l == nil {
		if len(*q) >= maxClients && !q.tidy(now) {
			return false
		}
		l = &limiter{}
		(*q)[by] = l
	}
	return l.allow(now, every, burst)
}

// tidy forgets those who may do as much again as if they had done nothing, and reports whether there were any.
func (q *quota) tidy(now time.Duration) bool {
	before := len(*q)
	for by, l := range *q {
		if l.paid <= now {
			delete(*q, by)
		}
	}
	return len(*q) < before
}
