// Package msg carries small structured messages, such as events, calls and lobby data, as MessagePack.
//
// The bytes come from a peer, and the reflecting decoder of a MessagePack library believes them: five bytes
// that declare an array of four thousand million elements end the process, and so does nesting that
// is deep enough; neither can be recovered from. So every message passes Scan before anything is decoded: what
// it declares is compared with what is there, and depth, elements and size are bounded. What Scan has
// passed is decoded only when the memory that it will take, computed from the type, is within bounds too.
//
//	type Chat struct { From uint8; Text string }
//
//	codec, err := msg.NewCodec[Chat]()      // once; refuses types that cannot be bounded
//	b, err := codec.Append(nil, &Chat{3, "hi"})
//	var c Chat
//	err = codec.Decode(b, &c)               // b from the network
//
// The format is that of https://github.com/msgpack/msgpack/blob/master/spec.md, without extension types. Structs are
// arrays of their fields: names would be most of a small message.
//
// Reading order: codec.go, scan.go (any message), plan.go (what a type makes of it), schema.go, limits.go.
package msg
