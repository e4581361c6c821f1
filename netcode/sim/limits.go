package sim

import "errors"

// Limits of what a game declares and emits. Game.Validate refuses more kinds; an engine drops larger events, and counts
// them; larger questions and answers are an error of who sends them.
const (
	MaxEvents     = 64
	MaxRPCs       = 64
	MaxEventBytes = 1024 // of one event, as MessagePack
	MaxCallBytes  = 1024 // of one question or answer, as MessagePack
	maxKindName   = 32   // bytes of the name of an event or an RPC
)

var (
	// ErrEventSize: an event that takes more than MaxEventBytes.
	ErrEventSize = errors.New("sim: an event of more than 1024 bytes")
	// ErrCallSize: a question or an answer that takes more than MaxCallBytes.
	ErrCallSize = errors.New("sim: a question or an answer of more than 1024 bytes")
)
