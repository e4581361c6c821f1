package sim

// Custom is a type of values that say themselves how they travel: a pointer to it has these methods. It may be the type of a row or of
// any field in a row or a world, at any depth; the fields beside it are as always. Values are plain (no pointers), but may hold
// what has no place elsewhere, such as float64 and int.
//
// The engines call NetEncode after each Step and NetDecode at once afterwards, on the value made zero, so that server and client
// have the same: what NetDecode does not set is zero from then on. Three rules:
//
//   - Encoding what NetDecode has made of lanes gives the same lanes again.
//   - NetDecode makes something of any lanes within their widths, which come from the network, and leaves them as they are.
//   - Both are a part of the game, as Step is: no clock, no chance, no globals, no allocations. A panic in them ends a server.
//
// Lanes are compared, hashed and sent as other integers are. One of 5 bits and more is taken for a quantity, whose motion is expected to go on:
// give each its own. Tags const, owner and server hold for the whole value.
type Custom interface {
	NetLanes() []uint8        // the width of each lane, 1 to 32 bits: asked once, of the zero value
	NetEncode(lanes []uint32) // fills the lanes; one that is too large for its width becomes the largest
	NetDecode(lanes []uint32) // sets the value, which is zero
}
