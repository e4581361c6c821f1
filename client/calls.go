package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// Errors of calls, besides *sim.CallError, which is the game's own no. After ErrDeadline and ErrLost the call may have been done or not.
var (
	// ErrNoHandler: the server does not answer this RPC.
	ErrNoHandler = errors.New("client: the server has no handler for this RPC")
	// ErrDeadline: no answer came in time.
	ErrDeadline = errors.New("client: no answer in time")
	// ErrBusy: too many calls at once, or too fast, on this side or on the server's.
	ErrBusy = errors.New("client: too many calls")
	// ErrLost: the session ended before the answer came.
	ErrLost = errors.New("client: the session ended before the answer")

	errUnread    = errors.New("client: the server could not read the question")
	errNoWaiting = errors.New("client: Call is for a client made by Dial; with one made by New use CallFunc")
)

// calls are the questions that have no answer yet.
type calls struct {
	types []*sim.RPCType // in the order of the wire
	next  uint16
	open  map[uint16]openCall
	order []uint16 // of open, the oldest first
	buf   []byte
}

// openCall is one. done is called once: at once, with everything locked, where it only hands on, else when listeners are.
type openCall struct {
	by     time.Duration
	atOnce bool
	done   func(body []byte, err error)
}

func newCalls(all []sim.AnyRPC) calls {
	c := calls{open: map[uint16]openCall{}}
	for _, x := range all {
		c.types = append(c.types, x.CallType())
	}
	return c
}

// add takes in a new call and returns its id.
func (c *calls) add(o openCall) (id uint16) {
	for _, taken := c.open[c.next]; taken; _, taken = c.open[c.next] {
		c.next++
	}
	id = c.next
	c.next++
	c.open[id] = o
	c.order = append(c.order, id)
	return id
}

// remove takes a call out.
func (c *calls) remove(id uint16) (o openCall, ok bool) {
	if o, ok = c.open[id]; ok {
		delete(c.open, id)
		c.order = slices.DeleteFunc(c.order, func(x uint16) bool { return x == id })
	}
	return o, ok
}

// finish ends a call; body is borrowed.
func (c *calls) finish(id uint16, body []byte, err error, d *due) {
	o, ok := c.remove(id)
	if !ok {
		return // nobody waits for it any more
	}
	body = slices.Clone(body)
	if o.atOnce {
		o.done(body, err)
		return
	}
	d.calls = append(d.calls, func() { o.done(body, err) })
}

// answer takes in the server's word, and reports false when it cannot be read. Answers that nobody waits for are dropped.
func (c *calls) answer(b []byte, d *due) bool {
	r, err := replica.ParseReply(b)
	if err == nil {
		c.finish(r.ID, r.Body, refusal(&r), d)
	}
	return err == nil
}

func refusal(r *replica.Reply) error {
	switch r.Verdict {
	case replica.Answered:
		return nil
	case replica.Refused:
		return &sim.CallError{Code: r.Code, Text: r.Text}
	case replica.NoHandler:
		return ErrNoHandler
	case replica.Busy:
		return ErrBusy
	}
	return errUnread
}

// expire ends what has waited too long.
func (c *calls) expire(now time.Duration, d *due) {
	for i := 0; i < len(c.order); {
		if id := c.order[i]; c.open[id].by <= now {
			c.finish(id, nil, ErrDeadline, d)
			continue
		}
		i++
	}
}

// fail ends everything.
func (c *calls) fail(err error, d *due) {
	for len(c.order) > 0 {
		c.finish(c.order[0], nil, err, d)
	}
}

// ask sends a question.
func (c *Client[W, I]) ask(now time.Duration, x *sim.RPCType, body []byte, o openCall) (id uint16, err error) {
	rpc := slices.Index(c.calls.types, x)
	switch {
	case rpc < 0:
		return 0, fmt.Errorf("client: RPC %q is not in Game.RPCs", x.Name())
	case c.err != nil:
		return 0, c.err
	case c.lost != nil:
		return 0, ErrLost
	case c.crowd.watch:
		return 0, errSpectator
	case !c.entered:
		return 0, errNotWelcome
	case len(c.calls.open) == maxCalls:
		return 0, ErrBusy
	}
	id = c.calls.add(o)
	c.calls.buf = replica.AppendQuery(c.calls.buf[:0], replica.Query{ID: id, RPC: uint8(rpc), Body: body})
	if err := c.conn.Send(now, replica.ChanCall, c.calls.buf); err != nil {
		c.calls.remove(id)
		if errors.Is(err, session.ErrQueueFull) {
			return 0, ErrBusy
		}
		return 0, fmt.Errorf("%w: %w", ErrLost, err) // the session has ended, which Advance has not heard of yet
	}
	return id, nil
}

// CallFunc asks the server, and calls done with the answer or an error: ErrNoHandler, ErrDeadline, ErrBusy, ErrLost or a *sim.CallError.
// done is called once, by Advance or Update, last, and may call the client. The answer may take timeout; zero means 5 s. An error that is
// returned says that nothing was asked, and done is not called: ErrBusy, ErrLost, a *ClosedError, that the match has not begun, or that q cannot travel.
func CallFunc[Q, R, W, I any](c *Client[W, I], x *sim.RPC[Q, R], q Q, timeout time.Duration, done func(R, error)) error {
	body, err := x.AppendQuery(nil, &q)
	if err != nil {
		return err
	}
	if timeout <= 0 {
		timeout = callTimeout
	}
	c.locked(func(now time.Duration) {
		_, err = c.ask(now, x.CallType(), body, openCall{by: now + timeout, done: func(b []byte, why error) {
			done(readReply(x, b, why))
		}})
	})
	return err
}

func readReply[Q, R any](x *sim.RPC[Q, R], body []byte, why error) (r R, err error) {
	if why != nil {
		return r, why
	}
	return r, x.DecodeReply(body, &r)
}

// Call asks the server and waits for the answer, until ctx ends and at most 5 s when ctx has no deadline. It is for clients made by Dial, and
// for a goroutine other than the one that calls Update, since Update brings the answer. Errors are those of CallFunc, and ctx's when it
// was cancelled; the server may have done then what it was asked.
func Call[Q, R, W, I any](ctx context.Context, c *Client[W, I], x *sim.RPC[Q, R], q Q) (r R, err error) {
	if c.host == nil {
		return r, errNoWaiting
	}
	body, err := x.AppendQuery(nil, &q)
	if err != nil {
		return r, err
	}
	if _, has := ctx.Deadline(); !has {
		limited, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		ctx = limited
	}
	type answer struct {
		body []byte
		err  error
	}
	came := make(chan answer, 1)
	var id uint16
	c.locked(func(now time.Duration) { // the context is the deadline
		id, err = c.ask(now, x.CallType(), body, openCall{by: math.MaxInt64, atOnce: true,
			done: func(b []byte, why error) { came <- answer{b, why} }})
	})
	if err != nil {
		return r, err
	}
	select {
	case a := <-came:
		return readReply(x, a.body, a.err)
	case <-ctx.Done():
		c.locked(func(time.Duration) { c.calls.remove(id) })
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return r, ErrDeadline
		}
		return r, ctx.Err()
	}
}
