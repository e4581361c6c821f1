package replica

import "errors"

// Errors of Decode, Inputs.Parse, ParseSnapshotHeader and ParseControl. All mean that the bytes cannot
// have come from an honest peer with the same schema; errors.Is tells them apart.
var (
	// ErrShort: the message ends before what it announces.
	ErrShort = errors.New("replica: message ends early")
	// ErrTrailing: bytes follow the end of the message.
	ErrTrailing = errors.New("replica: bytes follow the end of the message")
	// ErrRange: a field holds a value outside of its lane, or a message names a slot or count above its limit.
	ErrRange = errors.New("replica: value out of range")
	// ErrRow: a row in a state that no table can be in, such as alive with generation 0.
	ErrRow = errors.New("replica: impossible row")
	// ErrKind: a control message of unknown kind.
	ErrKind = errors.New("replica: unknown control message")
)

// SchemaError says which field of a world or input cannot travel, and what to do about it.
type SchemaError struct {
	Path string // of the field, such as World.Players.Pos
	Why  string
}

func (e *SchemaError) Error() string { return "replica: " + e.Path + ": " + e.Why }
