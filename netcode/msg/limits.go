package msg

// Limits of one message. A message beyond one of them is refused, as a whole, before anything is decoded.
const (
	// MaxBytes is the size of the largest message.
	MaxBytes = 4096
	// MaxDepth is how deep arrays and maps may nest: a plain value has depth 0, [1] has 1.
	MaxDepth = 8
	// MaxElements is how many values a message may have in all, the keys of maps among them.
	MaxElements = 1024

	// A message may take expansion times its size and slack bytes of memory when it is decoded.
	expansion = 4
	slack     = 1024
)
