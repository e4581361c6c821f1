//go:build !js

package ws

import "time"

// maxControls is how many pings and pongs a peer may send in a second. Browsers send none, proxies one in 15 s or more.
const maxControls = 20

// rate counts control frames in windows of a second. The zero rate has counted none.
type rate struct {
	since time.Time
	n     int
}

func (r *rate) allow(now time.Time) bool {
	if now.Sub(r.since) >= time.Second {
		*r = rate{since: now}
	}
	r.n++
	return r.n <= maxControls
}
