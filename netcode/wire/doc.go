// Package wire packs numbers into bits: a BitWriter and a BitReader, Rice codes for small residuals,
// ZigZag for signed ones, and grids on which floats become integers (Quant, Angle). It is a leaf: it
// knows no message and no world.
//
// Bits fill each byte from the least significant one up. Nothing here allocates, except a BitWriter
// whose slice is too short. Results are equal on every CPU: no operation may be fused with another.
package wire
