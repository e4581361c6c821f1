package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"
	"time"
)

// FuzzOpen: whatever a file holds, opening, playing and verifying it ends, without a panic. Checksums are made right, so that what is behind them is reached.
func FuzzOpen(f *testing.F) {
	whole := shoot(f, 1, 90, nil).Bytes()
	f.Add(whole, uint16(0), byte(0))
	f.Add(whole, uint16(300), byte(0xff))
	f.Add(whole[:len(whole)-100], uint16(20), byte(1))
	f.Add([]byte(magic), uint16(0), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, at uint16, flip byte) {
		b = bytes.Clone(b)
		if len(b) > 0 {
			b[int(at)%len(b)] ^= flip
		}
		mend(b)
		m, err := Open(race(), bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if p, err := m.Play(); err == nil {
			for range 40 {
				if p.Advance(50*time.Millisecond) != nil {
					break
				}
				p.View()
			}
			_ = p.Seek(m.Last())
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = m.Verify(ctx)
	})
}

// mend gives every block its right checksum.
func mend(b []byte) {
	for at := len(magic); at+blockHead < len(b); {
		n := int(binary.LittleEndian.Uint32(b[at:]))
		if n <= 0 || n > len(b)-at-blockHead {
			return
		}
		endBlock(b[at : at+blockHead+n])
		at += blockHead + n
	}
}
