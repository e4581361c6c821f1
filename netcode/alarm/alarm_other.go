//go:build !linux

package alarm

import "time"

// Alarm is a timer of the runtime. Set is for one goroutine at a time, and so is Wait; Close may be called at any time. The zero Alarm is of no use: see New.
type Alarm struct{ c *coarse }

// New returns an alarm that is not set.
func New() *Alarm { return &Alarm{newCoarse()} }

// Set makes the alarm ring after d, at once when that is not positive, instead of when it was set to before.
func (a *Alarm) Set(d time.Duration) { a.c.timer.Reset(d) }

// Wait returns true once the alarm has rung, false when it is closed.
func (a *Alarm) Wait() bool { return a.c.wait() }

// Close ends a Wait, now and later. Closing again does nothing.
func (a *Alarm) Close() { a.c.close() }
