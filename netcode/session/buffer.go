package session

import "slices"

// buffers keeps byte slices for reuse, by size class, so that steady traffic allocates nothing.
// The zero value is ready to use.
type buffers struct {
	free       [len(bufferSizes)][][]byte
	idle       [len(bufferSizes)]int // the fewest that were free since tidy ran
	assemblies []*assembly
}

var bufferSizes = [...]int{64, 256, 1536, 4 << 10, 16 << 10, 64 << 10}

// get returns a slice of length n, up to MaxMessage, with undefined content.
func (p *buffers) get(n int) []byte {
	for i, size := range bufferSizes {
		if n > size {
			continue
		}
		if len(p.free[i]) == 0 {
			p.refill(i)
		}
		f := p.free[i]
		b := f[len(f)-1]
		p.free[i] = f[:len(f)-1]
		p.idle[i] = min(p.idle[i], len(f)-1)
		return b[:n]
	}
	return make([]byte, n)
}

// refill allocates slices of a size: of small ones some at once, since an endpoint that needs one more than ever will need more.
func (p *buffers) refill(class int) {
	size := bufferSizes[class]
	n := max(1, refillBytes/size)
	p.free[class] = slices.Grow(p.free[class], max(n, leastFree))
	for b := make([]byte, n*size); len(b) > 0; b = b[size:] {
		p.free[class] = append(p.free[class], b[:0:size])
	}
}

// put gives a slice back. The caller must not use it any more.
func (p *buffers) put(b []byte) {
	for i, size := range bufferSizes {
		if cap(b) == size && len(p.free[i])*size < maxIdleBytes {
			p.free[i] = append(p.free[i], b[:0])
			return
		}
	}
}

// any reports whether slices are kept for reuse.
func (p *buffers) any() bool {
	for i := range p.free {
		if len(p.free[i]) > 0 {
			return true
		}
	}
	return false
}

// copyOf returns a copy of b in a slice of its own.
func (p *buffers) copyOf(b []byte) []byte {
	c := p.get(len(b))
	copy(c, b)
	return c
}
