package session

import (
	"bytes"
	"slices"
	"time"
)

// Former is a session of an earlier start of a server, which took its state along: its client may resume it as if there had been none. See
// Config.Former. Whoever has one and the server's key can give the session to whom he likes.
type Former struct {
	Boot   uint64 // the start of the server that its tickets are of
	ID     uint32
	User   uint64
	Client [32]byte // the client's public key
	Claims []byte
}

// Former returns what a later start of the server needs for the client of this session to resume it.
func (c *Conn) Former() Former {
	return Former{c.ep.boot, c.id, c.user, c.peerKey, bytes.Clone(c.claims)}
}

// boots returns the starts that tickets may be of besides the present one.
func boots(all []Former) (list []uint64) {
	for i := range all {
		if b := all[i].Boot; !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	return list
}

// adopt makes the sessions of earlier starts ones that were lost now, when the endpoint learns for the first time when that is.
func (e *Endpoint) adopt(now time.Duration) {
	for i := range e.cfg.Former {
		f := &e.cfg.Former[i]
		if e.lost == nil {
			e.lost = make(map[uint32]left)
		}
		e.lost[f.ID] = left{f.Client, f.User, bytes.Clone(f.Claims), now + e.cfg.ResumeFor}
	}
	e.cfg.Former = nil
}
