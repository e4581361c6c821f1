package server

import (
	"errors"
	"fmt"

	"github.com/halftick/halftick/netcode/sim"
)

// ErrFull is returned by AddBot when Config.MaxPlayers are present.
var ErrFull = errors.New("server: full")

// ErrBusy is returned by Emit when too much waits for the next tick.
var ErrBusy = errors.New("server: too many events wait for the next tick")

// PanicError is why a server ended when the game's code (Init, Join, Leave, Step, Check or a bot's
// think function) panicked. The process lives on; this server's world is in an unknown state and its
// ticks have stopped.
type PanicError struct {
	Tick  sim.Tick // that was being computed
	Value any      // given to panic
	Stack []byte   // of the goroutine at the panic
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("server: panic in tick %d: %v\n%s", e.Tick, e.Value, e.Stack)
}

// Unwrap returns the value given to panic when it was an error, such as a runtime.Error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
