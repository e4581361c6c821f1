//go:build !linux && !darwin && !windows

package udp

// keepWhole does nothing where nobody has seen how it is done.
func keepWhole(uintptr, bool) bool { return false }
