package wire

// ZigZag maps signed numbers to unsigned ones so that small magnitudes stay small: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.
func ZigZag(v int32) uint32 { return uint32(v)<<1 ^ uint32(v>>31) }

// UnZigZag is the inverse of ZigZag.
func UnZigZag(u uint32) int32 { return int32(u>>1) ^ -int32(u&1) }
