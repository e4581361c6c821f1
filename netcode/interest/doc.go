// Package interest decides which rows of a world are near somebody, and which of those that somebody may know
// go into the next message when not all fit.
//
// A Grid knows in which square cell each row of a table is and is told where rows went; an Eye is a place from which the
// cells around it are seen. Order sorts rows by weight times waiting time, so that the first that fit a budget go. All
// are plain values over slots and numbers: no world, no session, no clock.
//
//	each tick:              rows that moved --> Grid
//	for each player:        Eye --Grid.Gather--> what is near --Game.See--> what may be known
//	for each row of it:     weight, age --> Order --> what goes into the message first
//
// Reading order: grid.go, eye.go, order.go, limits.go. Nothing here is safe for concurrent use.
package interest
