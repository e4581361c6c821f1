package msg

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

type item struct {
	Kind  uint8
	Count int32
	At    [2]float32
}

type order struct {
	From  string
	Note  []byte
	Items []item
	Names []string
	Next  *order
	Deep  [][]int16
}

func codecOf[T any](t testing.TB) *Codec[T] {
	t.Helper()
	c, err := NewCodec[T]()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRoundTrip(t *testing.T) {
	c := codecOf[order](t)
	for _, want := range []order{
		{},
		{From: "Ann", Note: []byte{1, 2, 0xff}, Items: []item{{1, -70000, [2]float32{0.5, -3}}, {2, 5, [2]float32{}}}, Names: []string{"ä", ""}},
		{Next: &order{From: "inner", Deep: [][]int16{{1, -2}, {300}}}},
	} {
		b, err := c.Append([]byte("head"), &want)
		if err != nil {
			t.Fatal(err)
		}
		got := order{From: "left over", Names: []string{"left", "over"}}
		if err := c.Decode(b[4:], &got); err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// leastAllocated returns how many bytes f allocates, the least of a few tries: what is counted is the process's, so
// that the runtime's own goroutines and a pool that was just emptied can only add to it.
func leastAllocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 8 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// TestKills: the messages that end a process when a reflecting decoder reads them are refused, at once and
// without memory.
func TestKills(t *testing.T) {
	c := codecOf[order](t)
	deep := bytes.Repeat([]byte{0x91}, MaxBytes)
	for name, k := range map[string]struct {
		b    []byte
		want error
	}{
		"array of 2^32-1":            {[]byte{0xdd, 0xff, 0xff, 0xff, 0xff}, ErrTruncated},
		"map of 2^32-1":              {[]byte{0xdf, 0xff, 0xff, 0xff, 0xff}, ErrTruncated},
		"string of 2^32-1":           {[]byte{0xdb, 0xff, 0xff, 0xff, 0xff}, ErrTruncated},
		"binary of 2^32-1":           {[]byte{0xc6, 0xff, 0xff, 0xff, 0xff}, ErrTruncated},
		"array of 10^7 in a field":   {[]byte{0x96, 0xa0, 0xc0, 0xdd, 0x00, 0x98, 0x96, 0x80}, ErrTruncated},
		"4096 arrays in one another": {deep, ErrDepth},
		"the same in no field":       {append([]byte{0x81, 0xa1, 'X'}, deep[:4000]...), ErrDepth},
		"2 MB of arrays":             {bytes.Repeat([]byte{0x91}, 2<<20), ErrTooLarge},
		"2000 values":                {append([]byte{0xdc, 0x07, 0xd0}, make([]byte, 2000)...), ErrElements},
		"small values in big places": {append(append([]byte{0x96, 0xa0, 0xc0, 0xdc, 0x03, 0xe8}, bytes.Repeat([]byte{0xc0}, 1000)...), 0xc0, 0xc0, 0xc0), ErrMemory},
		"a map for a struct":         {[]byte{0x81, 0xa4, 'F', 'r', 'o', 'm', 0xa0}, ErrShape},
		"a field too few":            {[]byte{0x95, 0xa0, 0xc0, 0xc0, 0xc0, 0xc0}, ErrShape},
		"an array for a number":      {[]byte{0x96, 0xa0, 0xc0, 0x91, 0x93, 0x90, 0, 0xc0, 0xc0, 0xc0, 0xc0}, ErrShape},
		"more than an array holds":   {[]byte{0x96, 0xa0, 0xc0, 0x91, 0x93, 0, 0, 0x93, 0, 0, 0, 0xc0, 0xc0, 0xc0}, ErrShape},
	} {
		var v order
		var err error
		got := leastAllocated(func() { err = c.Decode(k.b, &v) })
		if !errors.Is(err, k.want) {
			t.Errorf("%s: %v, want %v", name, err, k.want)
		}
		if got > slack {
			t.Errorf("%s: took %d bytes of memory to refuse", name, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, k := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":            {nil, ErrTruncated},
		"half a number":      {[]byte{0xcd, 1}, ErrTruncated},
		"half a float":       {[]byte{0xcb, 1, 2, 3}, ErrTruncated},
		"half a length":      {[]byte{0xda, 1}, ErrTruncated},
		"half a string":      {[]byte{0xa3, 'a', 'b'}, ErrTruncated},
		"a key, no value":    {[]byte{0x81, 0xa1, 'a'}, ErrTruncated},
		"two values":         {[]byte{1, 2}, ErrTrailing},
		"never used":         {[]byte{0xc1}, ErrType},
		"extension":          {[]byte{0xd4, 1, 2}, ErrType},
		"extension, sized":   {[]byte{0xc7, 1, 1, 2}, ErrType},
		"time":               {[]byte{0xd6, 0xff, 0, 0, 0, 0}, ErrType},
		"NaN":                {[]byte{0xca, 0x7f, 0xc0, 0, 0}, ErrNumber},
		"infinity":           {[]byte{0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0}, ErrNumber},
		"not UTF-8":          {[]byte{0xa2, 0xc3, 0x28}, ErrText},
		"depth 9":            {append(bytes.Repeat([]byte{0x91}, 9), 1), ErrDepth},
		"depth 8 is allowed": {append(bytes.Repeat([]byte{0x91}, 8), 1), nil},
		"all plain numbers":  {[]byte{0x9a, 0xcc, 1, 0xcd, 1, 2, 0xce, 1, 2, 3, 4, 0xcf, 1, 2, 3, 4, 5, 6, 7, 8, 0xd0, 1, 0xd1, 1, 2, 0xd2, 1, 2, 3, 4, 0xd3, 1, 2, 3, 4, 5, 6, 7, 8, 0xe0, 0xc0}, nil},
	} {
		if err := Scan(k.b); !errors.Is(err, k.want) {
			t.Errorf("%s: %v, want %v", name, err, k.want)
		}
	}
}

func TestUnboundedTypes(t *testing.T) {
	refused := func(name string, err error) {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	_, err := NewCodec[any]()
	refused("any", err)
	_, err = NewCodec[struct{ V []any }]()
	refused("[]any", err)
	_, err = NewCodec[map[string]int]()
	refused("map", err)
	_, err = NewCodec[struct{ At time.Time }]()
	refused("time.Time", err)
	_, err = NewCodec[struct{ F func() }]()
	refused("func", err)
	_, err = NewCodec[struct{ P **int }]()
	refused("pointer to a pointer", err)
	if err == nil || !strings.Contains(err.Error(), "P") {
		t.Errorf("the error does not name the field: %v", err)
	}
}

// TestAppendRefuses: what the other end would refuse is not sent.
func TestAppendRefuses(t *testing.T) {
	c := codecOf[order](t)
	for name, k := range map[string]struct {
		v    order
		want error
	}{
		"too large": {order{Note: make([]byte, MaxBytes)}, ErrTooLarge},
		"NaN":       {order{Items: []item{{At: [2]float32{float32(math.NaN())}}}}, ErrNumber},
		"too many":  {order{Names: make([]string, 2000)}, ErrElements},
	} {
		if b, err := c.Append([]byte{1}, &k.v); !errors.Is(err, k.want) || len(b) != 1 {
			t.Errorf("%s: %v (%d bytes), want %v", name, err, len(b), k.want)
		}
	}
}

func addSeeds(f *testing.F) {
	c := codecOf[order](f)
	for _, v := range []order{{}, {From: "Ann", Items: []item{{Kind: 1}}, Next: &order{Deep: [][]int16{{1}}}}} {
		b, err := c.Append(nil, &v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0xdd, 0xff, 0xff, 0xff, 0xff})
	f.Add(bytes.Repeat([]byte{0x91}, 100))
	f.Add(append([]byte{0xdc, 0, 200}, bytes.Repeat([]byte{0x80}, 200)...))
}

// FuzzScan: what Scan passes, the library reads to the end without an error of form; what it refuses, it refuses
// without memory.
func FuzzScan(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if Scan(b) != nil {
			return
		}
		dec := msgpack.NewDecoder(bytes.NewReader(b))
		if err := dec.Skip(); err != nil {
			t.Fatalf("Scan passed %x, the library says %v", b, err)
		}
		if n := testing.AllocsPerRun(1, func() { _ = Scan(b) }); n != 0 {
			t.Fatalf("Scan allocated %v times", n)
		}
	})
}

// FuzzDecode: whatever the bytes, decoding takes no more memory than promised and what comes out can be sent again.
func FuzzDecode(f *testing.F) {
	addSeeds(f)
	c := codecOf[order](f)
	var warm order
	b, _ := c.Append(nil, &order{From: "x", Items: make([]item, 3)})
	_ = c.Decode(b, &warm)
	f.Fuzz(func(t *testing.T, b []byte) {
		var v order
		var err error
		least := leastAllocated(func() { err = c.Decode(b, &v) })
		if most := uint64(expansion*len(b) + slack); least > most {
			t.Fatalf("%d bytes took %d of memory, want at most %d: %x", len(b), least, most, b)
		}
		if err != nil {
			return
		}
		again, err := c.Append(nil, &v)
		if errors.Is(err, ErrMemory) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrElements) || errors.Is(err, ErrDepth) {
			return // what was packed tighter than Append packs
		}
		var back order
		if err != nil || c.Decode(again, &back) != nil {
			t.Fatalf("%+v cannot be sent (%v) or read again", v, err)
		}
		if third, err := c.Append(nil, &back); err != nil || !bytes.Equal(third, again) {
			t.Fatalf("%+v came back as %+v (%v)", v, back, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	type shot struct {
		From string
		Hits []item
	}
	c := codecOf[shot](b)
	in, err := c.Append(nil, &shot{"Ann", slices.Repeat([]item{{1, 2, [2]float32{3, 4}}}, 4)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var v shot
		if err := c.Decode(in, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	in := append([]byte{0xdc, 0x03, 0xe8}, make([]byte, 1000)...)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Scan(in); err != nil {
			b.Fatal(err)
		}
	}
}

// A message is written without an allocation, as a tick may write many.
func TestSteadyAppendAllocatesNothing(t *testing.T) {
	type hit struct {
		By, Whom uint8
		At       [2]float32
	}
	c := codecOf[hit](t)
	var buf []byte
	var v hit
	turn := func() { buf, _ = c.Append(buf[:0], &hit{1, 2, [2]float32{3.5, -4}}) }
	turn()
	if n := testing.AllocsPerRun(200, turn); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if err := c.Decode(buf, &v); err != nil {
		t.Fatal(err)
	}
	if want := "93010292ca40600000fc"; v.Whom != 2 || c.Schema() != "{By uint8 Whom uint8 At [2]float32}" || hex.EncodeToString(buf) != want {
		t.Errorf("%+v in %x, want %s; schema %s", v, buf, want, c.Schema())
	}
}
