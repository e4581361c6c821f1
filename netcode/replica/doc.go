// Package replica puts a game's world on the wire. It knows what a sim world looks like, and nothing of
// sessions' packets, clocks, servers or clients; both of these speak its messages.
//
// A Plan, built once by reflection, turns every field of a world into lanes: unsigned integers of known
// width. A Snapshot is a whole world in lanes. Everything that has to be exact works on lanes: deltas,
// hashes, and the question whether a prediction was right.
//
//	world --Capture--> Snapshot --Encode against baselines--> bytes --Decode--> Snapshot --Restore--> world
//
// Capture also snaps the world itself to the grid of its lanes. Server and client both do it after each
// Step, so a world that travelled is equal to the one that stayed, to the bit.
//
// # Tags
//
// A field's `net` tag says how it travels. A tag on a struct or array applies to all the fields within
// that have none of their own. Fields of W outside of tables are the world's globals, one row.
//
//	range=a:b     ints; floats together with step: clamped to the range
//	step=s        floats: the distance of two values on the grid; 1/64 is understood
//	bits=n        unsigned ints: 0 to 2^n-1, clamped
//	angle=n       float32 in radians: 2^n directions, kept in [-π, π)
//	quat=n        [4]float32, a rotation x, y, z, w: kept at length 1, three components of n bits, 4 to 12
//	quat,step=s   the same, with components on a grid as fine as s: 0.0003455 to 0.101
//	const         set at spawn; costs nothing while unchanged, the whole row when it is changed after all
//	server        never sent: zero on clients and in past worlds
//	owner         only the owner of the row gets it; for everybody else it is zero, in past worlds too
//	lerp          float32: blended between two snapshots by Interpolate; rotations the shorter way round
//	hermite=Vel   float32: blended on the curve that the field Vel beside it says, its velocity per second, part by part
//	smooth        float32: offered to Smooth, which hides corrections of the own rows
//	snap          never blended, the default said aloud
//
// A type may also say itself how its values travel, rows or fields: see sim.Custom.
//
// The tag of a table says who gets its rows, and how often:
//
//	aoi=Pos:cell  a player knows only rows near its own: all within 3/4 of cell, none beyond 9/4 of it. Pos
//	              is a field of the rows with X and Y; what is near is looked for from the first row that the
//	              player owns in a table with an aoi tag
//	rate=n        rows are refreshed n times a second; between, they stay as they were
//
// Untagged integers travel at their full width, bools as a bit, floats as 32 bits, 64-bit integers as two
// lanes. NaN becomes the value nearest 0, infinities the end of the range. There is no place for float64
// and for int and uint without range, whose sizes differ between machines, nor for anything with pointers.
//
// # Deltas
//
// An Encoder predicts each row from its last two states that the receiver has, and sends what differs: a thing that flies on,
// turns on, counts on or rests costs next to nothing. Encode sends a whole world. EncodeRows sends the rows that
// somebody chose, as many as fit: then each row of the receiver's snapshot has an age.
//
// # Reading order
//
// tag.go, walk.go, custom.go, op.go and plan.go (what there is to send), world.go, snapshot.go and capture.go (worlds
// and lanes), baseline.go, vector.go and deviate.go (what is expected, and what is not), delta.go, runs.go, trits.go, delta_encode.go and
// delta_decode.go (the bytes),
// encode_rows.go (parts of worlds), feed.go, holdings.go, slots.go, sourced.go, compose.go and ledger.go (what each client holds, and gets), hold.go (the
// client's side of it), tabletag.go and area.go (who is near), interpolate.go, predicted.go and
// smooth.go (what a client does with two worlds), diff.go and desync.go (where two worlds part), inputs.go, message.go,
// events.go, calls.go and control.go (the other messages),
// channels.go, schema.go and about.go (the session they travel in, and why it is refused), limits.go and errors.go.
//
// Nothing here starts goroutines or reads clocks. A Plan and an Inputs are read-only once built and safe
// for concurrent use; all else is not, except that any number may read the same Snapshot.
package replica
