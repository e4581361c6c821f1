// Package helpful is imported by a game and is no game itself.
package helpful

import "time"

// Mode is changed by a menu.
var Mode uint32 // want Mode:"changes"

// SetMode changes it.
func SetMode(m uint32) { Mode = m } // want SetMode:"1 findings"

// Stamp looks at the clock, out of sight.
func Stamp() uint32 { return stamp() } // want Stamp:"1 findings"

func stamp() uint32 { return uint32(time.Now().Unix()) }

// Clean is.
func Clean(a uint32) uint32 { return a + 1 }

// Ray is a thing with methods.
type Ray struct{ X, Y float32 }

// Plus adds.
func (r Ray) Plus(x float32) float32 { return r.X + x } // want Plus:"0 findings"

// Key is a constant table.
var Key = [...]uint32{1, 2}
