//go:build !enet

package peer

// withC returns the rows that need C libraries: none without the build tag enet.
func withC() []Row { return nil }
