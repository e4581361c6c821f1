package msg

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"sync"

	"github.com/vmihailenco/msgpack/v5"
)

// Codec writes and reads messages of the type T. It is safe for concurrent use.
type Codec[T any] struct {
	widths widths
	pool   sync.Pool
}

// coder is a decoder and an encoder that are used again.
type coder struct {
	in  bytes.Reader
	dec *msgpack.Decoder
	out bytes.Buffer
	enc *msgpack.Encoder
}

// NewCodec returns a codec for T, or why messages of this type cannot be bounded: T may be made of booleans,
// numbers, strings, arrays, slices, structs and pointers to structs. Interfaces and maps are refused, as are
// types that decode themselves: what those take in memory does not follow from the bytes.
func NewCodec[T any]() (*Codec[T], error) {
	t := reflect.TypeFor[T]()
	w, err := widthsOf(t, map[reflect.Type]bool{})
	if err != nil {
		return nil, fmt.Errorf("msg: type %v: %w", t, err)
	}
	return &Codec[T]{widths: w, pool: sync.Pool{New: newCoder}}, nil
}

func newCoder() any {
	c := new(coder)
	c.dec, c.enc = msgpack.NewDecoder(&c.in), msgpack.NewEncoder(&c.out)
	c.enc.UseCompactInts(true)
	c.enc.UseCompactFloats(true)
	c.enc.SetOmitEmpty(true) // so that zero fields cost nothing
	return c
}

// Append writes v behind dst. It refuses what Decode would refuse at the other end.
func (c *Codec[T]) Append(dst []byte, v *T) ([]byte, error) {
	k := c.pool.Get().(*coder)
	defer c.pool.Put(k)
	k.out.Reset()
	if err := k.enc.Encode(v); err != nil {
		return dst, fmt.Errorf("msg: %w", err)
	}
	if err := c.check(k.out.Bytes()); err != nil {
		return dst, err
	}
	return append(dst, k.out.Bytes()...), nil
}

// Decode reads a message into v, which keeps nothing of what it held and shares nothing with b. The error is one of
// this package's when the message was refused unread, else the decoder's: a field of another type. v is zero then.
// It takes at most four times len(b) and 1 KiB of memory.
func (c *Codec[T]) Decode(b []byte, v *T) error {
	*v = *new(T)
	if err := c.check(b); err != nil {
		return err
	}
	k := c.pool.Get().(*coder)
	defer c.pool.Put(k)
	k.in.Reset(b)
	k.dec.ResetReader(&k.in)
	if err := k.dec.Decode(v); err != nil {
		*v = *new(T)
		return fmt.Errorf("msg: %w", err)
	}
	return nil
}

// check scans a message and compares the memory that it can take at most with what it may.
func (c *Codec[T]) check(b []byte) error {
	s, err := scan(b)
	if err != nil {
		return err
	}
	if need := s.text + s.inArrays*c.widths.element + s.containers*c.widths.target; need > expansion*len(b)+slack {
		return fmt.Errorf("%w: up to %d for %d bytes", ErrMemory, need, len(b))
	}
	return nil
}

// decodesItself are the interfaces through which a type takes its decoding into its own hands.
var decodesItself = []reflect.Type{
	reflect.TypeFor[msgpack.CustomDecoder](), reflect.TypeFor[msgpack.Unmarshaler](),
	reflect.TypeFor[encoding.BinaryUnmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
}

// widths are the most bytes that one value of a message can make a decoder allocate, strings and binary data apart.
type widths struct {
	element int // of an array, as an element of a slice
	target  int // of an array or a map, as the target of a pointer
}

func (w *widths) widen(o widths) {
	w.element, w.target = max(w.element, o.element), max(w.target, o.target)
}

// widthsOf returns the widths within t, or why there is no bound to them.
func widthsOf(t reflect.Type, seen map[reflect.Type]bool) (w widths, err error) {
	if seen[t] {
		return w, nil
	}
	seen[t] = true
	for _, i := range decodesItself {
		if reflect.PointerTo(t).Implements(i) {
			return w, fmt.Errorf("%v decodes itself", t)
		}
	}
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return w, nil // binary data: as long as its bytes
		}
		w, err = widthsOf(t.Elem(), seen)
		w.widen(widths{element: int(t.Elem().Size())})
		return w, err
	case reflect.Pointer:
		if t.Elem().Kind() != reflect.Struct {
			return w, fmt.Errorf("%v: only pointers to structs", t)
		}
		w, err = widthsOf(t.Elem(), seen)
		w.widen(widths{target: int(t.Elem().Size())})
		return w, err
	case reflect.Array:
		return widthsOf(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			field, err := widthsOf(t.Field(i).Type, seen)
			if err != nil {
				return w, fmt.Errorf("field %s: %w", t.Field(i).Name, err)
			}
			w.widen(field)
		}
		return w, nil
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return w, nil
	}
	return w, fmt.Errorf("%v is a %v", t, t.Kind())
}
