package replica

import (
	"encoding/binary"

	"github.com/halftick/halftick/netcode/sim"
)

// Query is a client's question, on ChanCall.
type Query struct {
	ID   uint16 // the client's, to know the answer by
	RPC  uint8  // place in Game.RPCs
	Body []byte // MessagePack; borrowed from the message
}

// Verdict says what came of a question.
type Verdict uint8

// The verdicts.
const (
	Answered  Verdict = iota // Body is the answer
	Refused                  // by the handler: Code and Text say why
	NoHandler                // the server has none for this RPC
	Busy                     // too many questions of this client at once, or too fast
	Unread                   // the question was not one
	numVerdicts
)

// Reply is the server's answer to the question with the same ID, on ChanCall.
type Reply struct {
	ID      uint16
	Verdict Verdict
	Body    []byte // of Answered: MessagePack; borrowed from the message
	Code    uint16 // of Refused: the game's
	Text    string // of Refused: for people
}

// AppendQuery appends a question; it ends with the message:
//
//	id      2   little-endian
//	rpc     1   place in Game.RPCs
//	body        MessagePack, at most 1024 bytes
func AppendQuery(dst []byte, q Query) []byte {
	return append(append(binary.LittleEndian.AppendUint16(dst, q.ID), q.RPC), q.Body...)
}

// ParseQuery reads a question. The error is ErrShort or ErrRange.
func ParseQuery(b []byte) (Query, error) {
	switch {
	case len(b) < 3:
		return Query{}, ErrShort
	case b[2] >= sim.MaxRPCs || len(b)-3 > sim.MaxCallBytes:
		return Query{}, ErrRange
	}
	return Query{binary.LittleEndian.Uint16(b), b[2], b[3:]}, nil
}

// AppendReply appends an answer; it ends with the message:
//
//	id        2   little-endian
//	verdict   1   0 answered, 1 refused, 2 no handler, 3 busy, 4 unread
//	then of 0: body, MessagePack, at most 1024 bytes
//	     of 1: code 2, little-endian; text, a byte of length and cleaned UTF-8
func AppendReply(dst []byte, r Reply) []byte {
	dst = append(binary.LittleEndian.AppendUint16(dst, r.ID), byte(r.Verdict))
	switch r.Verdict {
	case Answered:
		return append(dst, r.Body...)
	case Refused:
		return appendText(binary.LittleEndian.AppendUint16(dst, r.Code), r.Text, MaxText)
	}
	return dst
}

// ParseReply reads an answer. The error is ErrShort, ErrTrailing or ErrRange.
func ParseReply(b []byte) (Reply, error) {
	f := fields{b: b}
	r := Reply{ID: f.u16(), Verdict: Verdict(f.bounded(uint8(numVerdicts) - 1))}
	switch r.Verdict {
	case Answered:
		if len(f.b) > sim.MaxCallBytes {
			return Reply{}, ErrRange
		}
		r.Body, f.b = f.b, nil
	case Refused:
		r.Code, r.Text = f.u16(), f.text(MaxText)
	}
	switch {
	case f.err != nil:
		return Reply{}, f.err
	case len(f.b) > 0:
		return Reply{}, ErrTrailing
	}
	return r, nil
}
