package wire

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// item is one thing written: as plain bits, or as a Rice code.
type item struct {
	v    uint32
	n, k uint
	rice bool
}

func items(t *rapid.T) []item {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
		n := rapid.UintRange(0, 32).Draw(t, "n")
		return item{
			v: uint32(rapid.Uint64Range(0, 1<<n-1).Draw(t, "v")), n: n,
			k: rapid.UintRange(0, 31).Draw(t, "k"), rice: rapid.Bool().Draw(t, "rice"),
		}
	}), 0, 100).Draw(t, "items")
}

func (i item) write(w *BitWriter) {
	if i.rice {
		w.RiceN(i.v, i.k, i.n)
	} else {
		w.Bits(i.v, i.n)
	}
}

func (i item) read(r *BitReader) uint32 {
	if i.rice {
		return r.RiceN(i.k, i.n)
	}
	return r.Bits(i.n)
}

func TestBitsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, prefix := items(t), []byte("prefix")
		var w BitWriter
		w.Reset(bytes.Clone(prefix))
		for _, i := range all {
			i.write(&w)
		}
		written := w.Len()
		b := w.Bytes()
		if !bytes.HasPrefix(b, prefix) {
			t.Fatalf("prefix lost: %x", b)
		}
		b = b[len(prefix):]
		if len(b) != (written+7)/8 {
			t.Fatalf("%d bits take %d bytes", written, len(b))
		}
		var r BitReader
		r.Reset(b)
		for n, i := range all {
			if got := i.read(&r); got != i.v {
				t.Fatalf("item %d %+v: read %d", n, i, got)
			}
		}
		if r.Err() != nil || r.Left() != len(b)*8-written {
			t.Fatalf("err %v, %d bits left of %d after %d", r.Err(), r.Left(), len(b)*8, written)
		}
	})
}

// The layout is part of the protocol: bits fill bytes from the low end.
func TestBitsLayout(t *testing.T) {
	var w BitWriter
	w.Bits(0b101, 3)
	w.Bool(true)
	w.Bits(0xabc, 12)
	w.Rice(9, 2) // quotient 2: 1 1 0, then 01 from its low end
	if got, want := w.Bytes(), []byte{0xcd, 0xab, 0b01_0_11}; !bytes.Equal(got, want) {
		t.Fatalf("got %x, want %x", got, want)
	}
	w.Reset(nil)
	w.RiceN(500, 0, 9) // quotient 500 is past the cap: 16 ones, then 9 raw bits
	if got, want := w.Bytes(), []byte{0xff, 0xff, 0xf4, 0x01}; !bytes.Equal(got, want) {
		t.Fatalf("got %x, want %x", got, want)
	}
}

func TestBitsDropsHighBits(t *testing.T) {
	var w BitWriter
	w.Bits(0xffffffff, 3)
	w.Bits(0, 5)
	if got := w.Bytes(); !bytes.Equal(got, []byte{7}) {
		t.Fatalf("got %x", got)
	}
}

func TestReaderShort(t *testing.T) {
	reads := map[string]func(*BitReader) uint32{
		"bits":    func(r *BitReader) uint32 { return r.Bits(9) },
		"rice":    func(r *BitReader) uint32 { return r.Rice(0) }, // ones to the end
		"escaped": func(r *BitReader) uint32 { r.Bits(1); return r.Rice(3) },
	}
	for name, read := range reads {
		var r BitReader
		r.Reset([]byte{0xff})
		if got := read(&r); got != 0 || !errors.Is(r.Err(), ErrShort) || r.Left() != 0 {
			t.Errorf("%s: %d, %v, %d bits left", name, got, r.Err(), r.Left())
		}
		if r.Bits(1) != 0 || r.Err() == nil {
			t.Errorf("%s: the error did not stay", name)
		}
	}
}

func TestZigZag(t *testing.T) {
	for u, v := range []int32{0, -1, 1, -2, 2} {
		if ZigZag(v) != uint32(u) || UnZigZag(uint32(u)) != v {
			t.Errorf("%d <-> %d: got %d, %d", v, u, ZigZag(v), UnZigZag(uint32(u)))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if v := rapid.Int32().Draw(t, "v"); UnZigZag(ZigZag(v)) != v {
			t.Fatal("no round trip")
		}
	})
}

func TestBitsAllocs(t *testing.T) {
	buf := make([]byte, 0, 4096)
	allocs := testing.AllocsPerRun(100, func() {
		var w BitWriter
		w.Reset(buf)
		for i := range uint32(500) {
			w.RiceN(i, 5, 10)
		}
		var r BitReader
		r.Reset(w.Bytes())
		for range 500 {
			r.RiceN(5, 10)
		}
	})
	if allocs != 0 {
		t.Fatalf("%v allocations", allocs)
	}
}

// FuzzBits reads any bytes in any way: it never reads more bits than there are, and what was read whole
// can be written again to the same bits.
func FuzzBits(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3}, uint64(1))
	f.Add([]byte{}, uint64(2))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var r BitReader
		var w BitWriter
		r.Reset(b)
		for r.Err() == nil && r.Left() > 0 {
			before, n := r.Left(), uint(rnd.IntN(33))
			v := r.Bits(n)
			if r.Err() == nil && before-r.Left() != int(n) {
				t.Fatalf("%d bits took %d", n, before-r.Left())
			}
			w.Bits(v, n)
		}
		got := w.Bytes()
		if r.Err() == nil && !bytes.Equal(got, b) {
			t.Fatalf("read %x, wrote %x", b, got)
		}
		r.Reset(b)
		for r.Err() == nil {
			r.RiceN(uint(rnd.IntN(32)), uint(rnd.IntN(33)))
		}
	})
}

func BenchmarkRice(b *testing.B) {
	buf := make([]byte, 0, 1<<16)
	b.ReportAllocs()
	var i uint32
	var w BitWriter
	w.Reset(buf)
	for b.Loop() {
		if i++; i%4096 == 0 {
			w.Reset(buf)
		}
		w.RiceN(i%97, 5, 17)
	}
}
