package sim

import (
	"errors"
	"fmt"

	"github.com/halftick/halftick/netcode/msg"
)

// RPC is a question that a client asks the server: Q is asked, R answered; package msg says which types can travel.
// Make one with NewRPC, as a package variable, and name it in Game.RPCs. It is safe for concurrent use.
type RPC[Q, R any] struct {
	RPCType
	query *msg.Codec[Q]
	reply *msg.Codec[R]
}

// NewRPC returns a kind of question. What is wrong with its name, 1 to 32 bytes, or with its types, Game.Validate reports.
func NewRPC[Q, R any](name string) *RPC[Q, R] {
	q, err := msg.NewCodec[Q]()
	r, err2 := msg.NewCodec[R]()
	x := &RPC[Q, R]{RPCType{name: name, err: errors.Join(err, err2)}, q, r}
	if x.err == nil {
		x.schema = q.Schema() + " -> " + r.Schema()
	}
	return x
}

// AppendQuery writes a question. Errors are those of package msg, and ErrCallSize.
func (x *RPC[Q, R]) AppendQuery(dst []byte, q *Q) ([]byte, error) { return appendCall(x.query, dst, q) }

// DecodeQuery reads a question. Errors are those of package msg.
func (x *RPC[Q, R]) DecodeQuery(b []byte, q *Q) error { return x.query.Decode(b, q) }

// AppendReply writes an answer. Errors are those of package msg, and ErrCallSize.
func (x *RPC[Q, R]) AppendReply(dst []byte, r *R) ([]byte, error) { return appendCall(x.reply, dst, r) }

// DecodeReply reads an answer. Errors are those of package msg.
func (x *RPC[Q, R]) DecodeReply(b []byte, r *R) error { return x.reply.Decode(b, r) }

func appendCall[T any](c *msg.Codec[T], dst []byte, v *T) ([]byte, error) {
	b, err := c.Append(dst, v)
	if err == nil && len(b)-len(dst) > MaxCallBytes {
		return dst, ErrCallSize
	}
	return b, err
}

// RPCType is what an engine knows about an RPC.
type RPCType struct {
	name, schema string
	err          error
}

// CallType returns the type itself. It is how an *RPC[Q, R] of any types is an AnyRPC.
func (x *RPCType) CallType() *RPCType { return x }

// Name returns the name.
func (x *RPCType) Name() string { return x.name }

// AnyRPC is an *RPC[Q, R] of any types.
type AnyRPC interface{ CallType() *RPCType }

// CallError is an answer that says no. A handler returns one to tell the client why; any other error of
// a handler is the server's own affair, and the client learns only that there was one.
type CallError struct {
	Code uint16 // the game's; 0 where the handler failed without one
	Text string // for people, at most 200 bytes; more is cut off
}

func (e *CallError) Error() string {
	return fmt.Sprintf("the server says no (code %d): %s", e.Code, e.Text)
}
