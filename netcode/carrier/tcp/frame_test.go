package tcp

import (
	"bytes"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

// records splits a whole stream, as the definition says it.
func records(stream []byte) (all [][]byte, rest []byte, err error) {
	for {
		record, n, err := parseFrame(stream)
		if err != nil || n == 0 {
			return all, stream, err
		}
		all, stream = append(all, record), stream[n:]
	}
}

func FuzzParseFrame(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0})
	f.Add([]byte{1, 0, 42})
	f.Add([]byte{0xac, 0x05})
	f.Add([]byte{0xad, 0x05})
	f.Add(appendFrame(appendFrame(nil, []byte("hello")), bytes.Repeat([]byte{1}, carrier.MaxRecord)))
	f.Fuzz(func(t *testing.T, stream []byte) {
		if allocs := testing.AllocsPerRun(1, func() { _, _, _ = parseFrame(stream) }); allocs != 0 {
			t.Fatalf("%v allocations", allocs)
		}
		all, rest, err := records(stream)
		var again []byte
		for _, r := range all {
			if len(r) == 0 || len(r) > carrier.MaxRecord {
				t.Fatalf("a record of %d bytes", len(r))
			}
			again = appendFrame(again, r)
		}
		if !bytes.Equal(append(again, rest...), stream) {
			t.Fatal("what was parsed is not what was sent")
		}
		if err == nil && len(rest) >= frameSize {
			t.Fatalf("%d bytes wait, a whole record at least", len(rest))
		}
	})
}

// chunks is the reading end of a stream that arrives in pieces.
type chunks struct {
	net.Conn // nil: nothing else is called
	stream   []byte
	sizes    []byte // of the pieces, in turn; the last one repeats
}

func (c *chunks) Read(b []byte) (int, error) {
	if len(c.stream) == 0 {
		return 0, io.EOF
	}
	size := 1
	if len(c.sizes) > 0 {
		size = max(1, int(c.sizes[0]))
		if len(c.sizes) > 1 {
			c.sizes = c.sizes[1:]
		}
	}
	n := copy(b[:min(size, len(b))], c.stream)
	c.stream = c.stream[n:]
	return n, nil
}

func (c *chunks) Close() error         { return nil }
func (c *chunks) RemoteAddr() net.Addr { return nil }

// However a stream is cut in pieces, the records and the end are the same.
func FuzzReadRecord(f *testing.F) {
	f.Add(appendFrame(appendFrame(nil, []byte("ab")), []byte("c")), []byte{1, 2, 3})
	f.Add(append(appendFrame(nil, make([]byte, carrier.MaxRecord)), 5, 0, 1), []byte{255})
	f.Add([]byte{2, 0, 1, 2, 0, 0, 1}, []byte{4})
	f.Fuzz(func(t *testing.T, stream, sizes []byte) {
		want, rest, wantErr := records(slices.Clone(stream))
		switch {
		case wantErr == nil && len(rest) > 0:
			wantErr = carrier.ErrTruncated
		case wantErr == nil:
			wantErr = io.EOF
		}
		c := newConn(&chunks{stream: stream, sizes: sizes}, nil)
		c.Rewire(deaf{})
		var buf [carrier.MaxRecord]byte
		for i := 0; ; i++ {
			n, err := c.ReadRecord(buf[:])
			if err != nil {
				if err != wantErr || i != len(want) {
					t.Fatalf("ended with %v after %d records, want %v after %d", err, i, wantErr, len(want))
				}
				return
			}
			if i >= len(want) || !bytes.Equal(buf[:n], want[i]) {
				t.Fatalf("record %d differs", i)
			}
		}
	})
}

// deaf is a socket that has no clock.
type deaf struct{ net.Conn }

func (deaf) SetReadDeadline(time.Time) error { return nil }
