package peer

import (
	"bufio"
	"encoding/binary"
	"io"
	"sync"
)

// framed carries messages over a stream of bytes: four bytes in front hold the length, above, and the lane, in the
// lowest byte. One write a message.
type framed struct {
	stream io.ReadWriteCloser
	mu     sync.Mutex // guards buf and the order of writes
	buf    []byte
}

func (f *framed) Send(lane Lane, b []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buf = binary.LittleEndian.AppendUint32(f.buf[:0], uint32(len(b))<<8|uint32(lane))
	f.buf = append(f.buf, b...)
	_, err := f.stream.Write(f.buf)
	return err
}

func (f *framed) Close() error { return f.stream.Close() }

// read hands what arrives to on, as from c, until the stream ends. buffer is that of the reader, in bytes.
func (f *framed) read(c Conn, on Handler, buffer int) {
	r := bufio.NewReaderSize(f.stream, buffer)
	var head [4]byte
	var b []byte
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		h := binary.LittleEndian.Uint32(head[:])
		n := int(h >> 8)
		if n > MaxMessage {
			return
		}
		if cap(b) < n {
			b = make([]byte, n)
		}
		if _, err := io.ReadFull(r, b[:n]); err != nil {
			return
		}
		on(c, Lane(h&0xff), b[:n])
	}
}
