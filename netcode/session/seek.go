package session

import (
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// search is a question to whoever hears it, such as all servers of a local network. The zero value is none.
type search struct {
	id    uint64
	to    []Path // that are still to be asked
	asked time.Duration
	heard map[found]struct{}
}

// found tells servers apart: one that answers from two addresses is one, and two may share a key on one machine.
type found struct {
	key  [32]byte
	port uint16
}

// Seek asks all servers that a datagram to one of these addresses reaches, such as the broadcast address of a network, what they say
// of themselves. An Info event follows for each server of the same application that was not heard of before, with
// the path that it answered from; there is none for silence. Asking again, in place of what waits to be asked, finds those whose
// answers were lost. Nobody's word is proved by it: dial with the key that was told.
func (e *Endpoint) Seek(now time.Duration, to []Path) {
	s := &e.seeking
	if s.heard == nil {
		s.id, s.heard = e.random.Uint64(), make(map[found]struct{})
	}
	s.to, s.asked = append(s.to[:0], to...), now
}

// IsQuery reports whether a datagram is a question that Seek or Query ask. A driver that listens for them on another socket
// than the one that answers, which has to be that of its game, gives it nothing else.
func IsQuery(b []byte) bool { return secure.CheckQuery(b) }

// transmitSearch writes the next question of a search.
func (e *Endpoint) transmitSearch(buf []byte) (int, Path) {
	s := &e.seeking
	if len(s.to) == 0 {
		return 0, Path{}
	}
	to := s.to[len(s.to)-1]
	s.to = s.to[:len(s.to)-1]
	return len(secure.AppendQuery(buf[:0], s.id)), to
}

// foundServer takes an answer to a search, and reports whether it is one.
func (e *Endpoint) foundServer(now time.Duration, from Path, i *secure.Info, id uint64) bool {
	s := &e.seeking
	if s.heard == nil || id != s.id {
		return false
	}
	who := found{i.Key, from.Addr.Port()}
	if _, again := s.heard[who]; again || i.App != e.app || len(s.heard) >= maxFound {
		return true
	}
	s.heard[who] = struct{}{}
	e.events.push(Event{Kind: Info, Path: from, At: now, Info: e.serverInfo(i, now-s.asked)})
	return true
}

// serverInfo is what a server has said of itself.
func (e *Endpoint) serverInfo(i *secure.Info, took time.Duration) *ServerInfo {
	return &ServerInfo{
		Name: i.Name, Players: int(i.Players), Max: int(i.Max), Key: i.Key, Schema: i.Schema, Open: !i.Closing, Tokens: i.Tokens,
		Ours:    i.App == e.app && i.Schema == e.cfg.Schema && i.Lowest <= secure.Version && secure.Version <= i.Highest,
		Version: i.Highest, RTT: took,
	}
}
