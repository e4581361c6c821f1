package server

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// CallCounters say what became of clients' questions. Each is exactly one of these.
type CallCounters struct {
	Answered  uint64
	Refused   uint64 // by a handler, with a *sim.CallError
	Failed    uint64 // a handler returned another error, which is logged, or an answer that cannot travel
	Busy      uint64 // too many at once, or too fast
	NoHandler uint64
	Unread    uint64 // not a question of that RPC
	Stale     uint64 // asked in a session that has ended before the next tick
}

// question waits for the next tick.
type question struct {
	conn *session.Conn // that it came on: an answer on another would be taken for that of another question
	id   uint16
	rpc  uint8
	body []byte
}

// answers is what clients can ask, and what they have asked.
type answers[W, I any] struct {
	types    []*sim.RPCType // in the order of the wire
	handlers [sim.MaxRPCs]handler[W, I]
	answer   []byte // scratch
	message  []byte // scratch
	counts   CallCounters
}

// handler answers the question in body, the answer in dst.
type handler[W, I any] func(c *sim.Ctx[W, I], w *W, p sim.PlayerID, body, dst []byte) ([]byte, error)

// errUnread is a handler's answer to bytes that are not a question.
var errUnread = errors.New("server: not a question of that RPC")

func newAnswers[W, I any](rpcs []sim.AnyRPC) (d answers[W, I]) {
	for _, x := range rpcs {
		d.types = append(d.types, x.CallType())
	}
	return d
}

// Handle answers the questions of one RPC with fn. It is called in the tick after the question came, before Step, from the goroutine
// that ticks, with the context that Join has: it may change the world, and emit events. It must not call the server. A *sim.CallError that it returns
// travels to the client; of any other error the client learns only that there was one. Handle panics when the RPC is not in Game.RPCs, or
// has a handler already.
func Handle[Q, R, W, I any](s *Server[W, I], x *sim.RPC[Q, R], fn func(c *sim.Ctx[W, I], w *W, p sim.PlayerID, q Q) (R, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.answers.types, x.CallType())
	switch {
	case i < 0:
		panic(fmt.Sprintf("server: RPC %q is not in Game.RPCs", x.Name()))
	case s.answers.handlers[i] != nil:
		panic(fmt.Sprintf("server: RPC %q has a handler already", x.Name()))
	}
	s.answers.handlers[i] = func(c *sim.Ctx[W, I], w *W, p sim.PlayerID, body, dst []byte) ([]byte, error) {
		var q Q
		if err := x.DecodeQuery(body, &q); err != nil {
			return dst, errUnread
		}
		r, err := fn(c, w, p, q)
		if err != nil {
			return dst, err
		}
		return x.AppendReply(dst, &r)
	}
}

// receiveCall files a question for the next tick, or says at once that it cannot be answered.
func (s *Server[W, I]) receiveCall(now time.Duration, p *peer[W, I], b []byte) {
	if !p.call.allow(now, controlEvery, controlBurst) {
		s.drop(now, p, DropFlood)
		return
	}
	pl := p.player
	if pl == nil || !pl.active {
		s.drop(now, p, DropUnexpected)
		return
	}
	q, err := replica.ParseQuery(b)
	if err != nil {
		s.drop(now, p, DropMalformed)
		return
	}
	if len(pl.asked) == maxAsked || !p.work.allow(now, callEvery, callBurst) {
		s.answers.counts.Busy++
		s.reply(now, pl, replica.Reply{ID: q.ID, Verdict: replica.Busy})
		return
	}
	pl.asked = append(pl.asked, question{p.conn, q.ID, q.RPC, slices.Clone(q.Body)})
}

// calls answers everything that was asked before tick t.
func (s *Server[W, I]) calls(now time.Duration, t sim.Tick) {
	for _, p := range s.roster.active {
		for i := range p.asked {
			q := &p.asked[i]
			if p.peer == nil || p.peer.conn != q.conn {
				s.answers.counts.Stale++
				continue
			}
			s.reply(now, p, s.answer(now, p, t, q))
		}
		clear(p.asked)
		p.asked = p.asked[:0]
	}
}

// answer lets the handler answer, and counts.
func (s *Server[W, I]) answer(now time.Duration, p *player[W, I], t sim.Tick, q *question) replica.Reply {
	d, no := &s.answers, replica.Reply{ID: q.id}
	if int(q.rpc) >= len(d.types) || d.handlers[q.rpc] == nil {
		d.counts.NoHandler++
		no.Verdict = replica.NoHandler
		return no
	}
	s.recording.patched()
	b, err := d.handlers[q.rpc](s.step.outside(s, t), s.world.V, p.id, q.body, d.answer[:0])
	d.answer = b[:0]
	if err == nil {
		d.counts.Answered++
		return replica.Reply{ID: q.id, Body: b}
	}
	if err == errUnread {
		d.counts.Unread++
		no.Verdict = replica.Unread
		return no
	}
	no.Verdict = replica.Refused
	if why, ok := errors.AsType[*sim.CallError](err); ok {
		d.counts.Refused++
		no.Code, no.Text = why.Code, why.Text
		return no
	}
	d.counts.Failed++
	s.log(now, "a call failed", p, "rpc", d.types[q.rpc].Name(), "why", err)
	no.Text = "the call failed"
	return no
}

// reply sends an answer. A client that does not take answers is expelled, like one that takes no control messages.
func (s *Server[W, I]) reply(now time.Duration, p *player[W, I], r replica.Reply) {
	if p.end != nil || p.peer == nil || p.peer.closed {
		return
	}
	s.answers.message = replica.AppendReply(s.answers.message[:0], r)
	if err := s.send(now, p.peer, replica.ChanCall, s.answers.message); errors.Is(err, session.ErrQueueFull) {
		s.kick(p, replica.CloseSlow, "too far behind")
	}
}
