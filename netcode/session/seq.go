package session

// extend returns the 64-bit number nearest to near whose low bits are those of low, where bits is 16 or 24:
// how a number that travels shortened is read. It errs only when the two are half a window or more apart.
func extend(low uint32, bits uint, near uint64) uint64 {
	window := uint64(1) << bits
	n := near&^(window-1) | uint64(low)
	switch {
	case n < near && near-n > window/2 && n+window > n:
		return n + window
	case n > near && n-near > window/2 && n >= window:
		return n - window
	}
	return n
}
