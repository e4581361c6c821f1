package session

import (
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// ServerInfo is what a server tells anybody who asks: for lists of servers, and for clients that do not know
// its key. Nothing proves that it is true.
type ServerInfo struct {
	Name    string // at most 64 bytes
	Players int
	Max     int // the most players

	// What follows is filled in for Endpoint.Query and ignored by SetInfo.

	Key     [32]byte      // the server's public key
	Schema  uint64        // what its messages mean
	Open    bool          // it takes clients in
	Tokens  bool          // it takes nobody in without a token
	Ours    bool          // the same application, channels, schema and protocol version as ours
	Version uint8         // the highest protocol version it speaks
	RTT     time.Duration // how long the answer took
}

// query is a question of ours that waits for its answer.
type query struct {
	id    uint64
	to    Path
	asked time.Duration // first
	again time.Duration // when it is asked again
	left  int           // times
}

// SetInfo sets what the endpoint says of itself, when it listens. A Max of zero stands for Config.MaxConns, and then
// Players is the number of sessions.
func (e *Endpoint) SetInfo(i ServerInfo) { e.info = i }

// Query asks a server what it says of itself. An Info event with its path follows: with Event.Info, or with an
// Err after 1.5 s without an answer. The error says that too many questions wait.
func (e *Endpoint) Query(now time.Duration, to Path) error {
	if len(e.queries) >= maxQueries {
		return fmt.Errorf("session: %d queries wait for an answer already", maxQueries)
	}
	e.queries = append(e.queries, query{id: e.random.Uint64(), to: to, asked: now, again: now, left: queryTries})
	return nil
}

// transmitQuery writes a question that is due.
func (e *Endpoint) transmitQuery(now time.Duration, buf []byte) (int, Path) {
	for i := range e.queries {
		if q := &e.queries[i]; q.again <= now && q.left > 0 {
			q.left--
			q.again = now + queryInterval
			return len(secure.AppendQuery(buf[:0], q.id)), q.to
		}
	}
	return 0, Path{}
}

// advanceQueries gives up the questions that nobody answers.
func (e *Endpoint) advanceQueries(now time.Duration) {
	for i := 0; i < len(e.queries); i++ {
		if q := e.queries[i]; q.left == 0 && q.again <= now {
			e.endQuery(i, Event{Err: &CloseError{Code: CloseNoAnswer}})
			i--
		}
	}
}

// endQuery tells what became of a question.
func (e *Endpoint) endQuery(i int, ev Event) {
	ev.Kind, ev.Path, ev.At = Info, e.queries[i].to, e.now
	e.queries = append(e.queries[:i], e.queries[i+1:]...)
	e.events.push(ev)
}

// queryDeadline returns when the first question is to be asked again or given up.
func (e *Endpoint) queryDeadline() (at time.Duration, ok bool) {
	for _, q := range e.queries {
		if !ok || q.again < at {
			at, ok = q.again, true
		}
	}
	if a := e.asking; a != nil && (!ok || a.again < at) {
		at, ok = a.again, true
	}
	return at, ok
}

// onQuery answers somebody who asks what we are.
func (e *Endpoint) onQuery(now time.Duration, from Path, b []byte) {
	switch {
	case !e.listening:
		e.drop(DropNotListening)
	case !secure.CheckQuery(b):
		e.drop(DropBadInit)
	case e.errorAllowed(now, from):
		players, most := e.info.Players, e.info.Max
		if most == 0 {
			players, most = e.stats.Sessions, max(0, e.cfg.MaxConns)
		}
		e.reply(from, secure.AppendInfo(e.replyBuf[:0], b, secure.Info{
			Lowest: secure.Version, Highest: secure.Version, Key: e.own.Public(), App: e.app, Schema: e.cfg.Schema,
			Players: uint32(players), Max: uint32(most), Closing: e.closing, Tokens: e.cfg.Authorize != nil, Name: e.info.Name,
		}))
	}
}

// onInfo takes the answer to a question of ours, or to a dial that does not know the server's key.
func (e *Endpoint) onInfo(now time.Duration, from Path, b []byte) {
	i, id, ok := secure.ParseInfo(b)
	if !ok {
		e.drop(DropBadAccept)
		return
	}
	for k := range e.queries {
		if q := e.queries[k]; q.id == id && q.to == from && q.left < queryTries {
			e.endQuery(k, Event{Info: e.serverInfo(&i, now-q.asked)})
			return
		}
	}
	if e.foundServer(now, from, &i, id) {
		return
	}
	if c := e.dialTo(from); c != nil && c.dial.id == id {
		c.learnKey(now, &i)
		return
	}
	e.drop(DropBadAccept)
}
