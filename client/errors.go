package client

import (
	"errors"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
)

// Errors of Dial and Update, for errors.Is. Each stands for a *ClosedError that says more.
var (
	// ErrFull: the server has no room for another player now.
	ErrFull = errors.New("client: the server is full")

	// ErrNoRoom: the server has no room of that name or code.
	ErrNoRoom = errors.New("client: there is no such room")

	// ErrNoOpen: the room may not be opened: clients may not, or there are too many, or this one has opened too many.
	ErrNoOpen = errors.New("client: no room may be opened")

	// ErrRoomOver: the room was closed. Its server may have others.
	ErrRoomOver = errors.New("client: the room was closed")

	// ErrFailed: the game, or this room of it, has failed at the server.
	ErrFailed = errors.New("client: the game has failed")

	// ErrClosed: the session is over. It holds for every *ClosedError.
	ErrClosed = errors.New("client: the session is over")
)

// errNotWelcome is returned by Say before the server has answered.
var errNotWelcome = errors.New("client: not in the match yet")

// ClosedError is why a session ended or never began. A mismatch of versions is one too: its text
// names both schema hashes and, when the server told, the first field, event or rate that differs and what it is on both sides. The
// *session.CloseError inside has the hashes as numbers.
type ClosedError struct {
	Reason string // for people, such as "server shutting down"; what came from the server is in quotes
	Err    error  // usually a *session.CloseError
}

func (e *ClosedError) Error() string { return "client: " + e.Reason }

// Unwrap returns the cause.
func (e *ClosedError) Unwrap() error { return e.Err }

// Is tells what kind of end it was.
func (e *ClosedError) Is(target error) bool {
	if target == ErrClosed {
		return true
	}
	var why *session.CloseError
	if !errors.As(e.Err, &why) {
		return false
	}
	switch target {
	case ErrFull:
		return why.Refusal == session.RefusedFull || why.Code == replica.CloseFull
	case ErrNoRoom:
		return why.Code == replica.CloseNoRoom
	case ErrNoOpen:
		return why.Code == replica.CloseNoOpen
	case ErrRoomOver:
		return why.Code == replica.CloseRoomOver
	case ErrFailed:
		return why.Code == replica.CloseFailed
	}
	return false
}

func closedError(err error) *ClosedError {
	if err == nil {
		return &ClosedError{Reason: "closed", Err: session.ErrClosed}
	}
	return &ClosedError{Reason: err.Error(), Err: err}
}
