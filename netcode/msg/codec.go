package msg

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"

	"github.com/vmihailenco/msgpack/v5"
)

// Codec writes and reads messages of the type T. A struct travels as an array of its fields, in their order and without
// their names: both ends must have the same T, which Schema tells. It is safe for concurrent use.
type Codec[T any] struct {
	plan   *plan
	schema string
	pool   sync.Pool
}

// coder is a decoder and an encoder that are used again.
type coder[T any] struct {
	value T // being encoded: in here it costs no allocation of its own
	in    bytes.Reader
	dec   *msgpack.Decoder
	out   bytes.Buffer
	enc   *msgpack.Encoder
}

// NewCodec returns a codec for T, or why messages of this type cannot be bounded: T may be made of booleans,
// numbers, strings, arrays, slices, structs and pointers to structs. Interfaces and maps are refused, as are
// types that decode themselves: what those take in memory does not follow from the bytes.
func NewCodec[T any]() (*Codec[T], error) {
	t := reflect.TypeFor[T]()
	p, err := planOf(t, map[reflect.Type]*plan{})
	if err != nil {
		return nil, fmt.Errorf("msg: type %v: %w", t, err)
	}
	return &Codec[T]{plan: p, schema: describe(t), pool: sync.Pool{New: newCoder[T]}}, nil
}

func newCoder[T any]() any {
	c := new(coder[T])
	c.dec, c.enc = msgpack.NewDecoder(&c.in), msgpack.NewEncoder(&c.out)
	c.enc.UseCompactInts(true)
	c.enc.UseCompactFloats(true)
	c.enc.UseArrayEncodedStructs(true)
	return c
}

// Schema returns the shape of T in a line: equal ones read each other's messages.
func (c *Codec[T]) Schema() string { return c.schema }

// Append writes v behind dst. It refuses what Decode would refuse at the other end. With room in dst it allocates nothing.
func (c *Codec[T]) Append(dst []byte, v *T) ([]byte, error) {
	k := c.pool.Get().(*coder[T])
	defer c.pool.Put(k)
	k.out.Reset()
	k.value = *v
	err := k.enc.Encode(&k.value)
	k.value = *new(T)
	if err != nil {
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
	k := c.pool.Get().(*coder[T])
	defer c.pool.Put(k)
	k.in.Reset(b)
	k.dec.ResetReader(&k.in)
	if err := k.dec.Decode(v); err != nil {
		*v = *new(T)
		return fmt.Errorf("msg: %w", err)
	}
	return nil
}

// check scans a message, holds its shape against the type's, and compares the memory that it takes with what it may take.
func (c *Codec[T]) check(b []byte) error {
	text, err := scan(b)
	if err != nil {
		return err
	}
	need, _, err := c.plan.need(b)
	if err != nil {
		return err
	}
	if need += text; need > expansion*len(b)+slack {
		return fmt.Errorf("%w: %d for %d bytes", ErrMemory, need, len(b))
	}
	return nil
}
