package interest

import "github.com/halftick/halftick/netcode/sim"

const (
	// MaxEyes is the number of places from which one player sees. More are ignored.
	MaxEyes = 8

	// buckets is the number of lists that the cells of a Grid share. Two per row at most, so that few cells share one.
	buckets = 2 * sim.MaxRows

	// A row or an eye keeps its cell until it is this part of a cell beyond the edge, so that one that
	// dithers there is not shown and hidden by turns.
	margin = 1.0 / 8

	// maxCell keeps cell numbers far from the end of an int32. What is further out is in the outermost cell.
	maxCell = 1 << 20
)
