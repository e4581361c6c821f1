package msg

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"reflect"

	"github.com/vmihailenco/msgpack/v5"
)

// plan is what a type looks like in a message, and what its values take in memory:
//
//	leaf     anything but an array or a map
//	fields   a struct: an array with an element for each field, or nil; see structCost
//	list     an array of up to most elements; each takes size bytes, twice where the library copies
//	pointer  nil, or what it points to, which takes size bytes
type plan struct {
	form   form
	fields []*plan
	elem   *plan // of a list or a pointer
	size   int
	most   int
}

type form uint8

const (
	leaf form = iota
	fields
	list
	pointer
)

// decodesItself are the interfaces through which a type takes its decoding into its own hands.
var decodesItself = []reflect.Type{
	reflect.TypeFor[msgpack.CustomDecoder](), reflect.TypeFor[msgpack.Unmarshaler](),
	reflect.TypeFor[encoding.BinaryUnmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
}

// planOf returns the plan of a type, or why there is no bound to what its values take.
func planOf(t reflect.Type, seen map[reflect.Type]*plan) (*plan, error) {
	if p := seen[t]; p != nil {
		return p, nil
	}
	p := &plan{}
	seen[t] = p
	for _, i := range decodesItself {
		if reflect.PointerTo(t).Implements(i) {
			return nil, fmt.Errorf("%v decodes itself", t)
		}
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return p, nil
	case reflect.Struct:
		return p, p.structOf(t, seen)
	case reflect.Slice, reflect.Array:
		return p, p.listOf(t, seen)
	case reflect.Pointer:
		return p, p.pointerTo(t, seen)
	}
	return nil, fmt.Errorf("%v is a %v", t, t.Kind())
}

func (p *plan) structOf(t reflect.Type, seen map[reflect.Type]*plan) error {
	p.form = fields
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Anonymous || f.Tag.Get("msgpack") != "" {
			return fmt.Errorf("field %s: unexported, embedded and tagged fields do not travel", f.Name)
		}
		q, err := planOf(f.Type, seen)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		p.fields = append(p.fields, q)
	}
	return nil
}

func (p *plan) listOf(t reflect.Type, seen map[reflect.Type]*plan) (err error) {
	if t.Elem().Kind() == reflect.Uint8 {
		return nil // binary data: as long as its bytes
	}
	p.form, p.most = list, MaxElements
	if p.elem, err = planOf(t.Elem(), seen); err != nil {
		return err
	}
	switch {
	case t.Kind() == reflect.Array:
		p.most = t.Len()
	case t.Elem().Kind() == reflect.String:
		p.size = int(t.Elem().Size())
	default:
		p.size = 2 * int(t.Elem().Size())
	}
	return nil
}

func (p *plan) pointerTo(t reflect.Type, seen map[reflect.Type]*plan) (err error) {
	if t.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("%v: only pointers to structs", t)
	}
	p.form, p.size = pointer, int(t.Elem().Size())
	p.elem, err = planOf(t.Elem(), seen)
	return err
}

// need returns what the value at the front of b, which scan has passed, takes in memory besides its texts, and what follows it.
func (p *plan) need(b []byte) (bytes int, rest []byte, err error) {
	if b[0] == null {
		return 0, b[1:], nil
	}
	switch p.form {
	case pointer:
		bytes, rest, err = p.elem.need(b)
		return bytes + p.size, rest, err
	case leaf:
		if _, _, ok := arrayHeader(b); ok {
			return 0, nil, ErrShape
		}
		var s shape
		rest, err = s.value(b, MaxDepth) // which refuses maps
		return 0, rest, shapeError(err)
	}
	n, rest, ok := arrayHeader(b)
	if !ok || p.form == fields && n != len(p.fields) || p.form == list && n > p.most {
		return 0, nil, ErrShape
	}
	for i := range n {
		elem := p.elem
		if p.form == fields {
			elem = p.fields[i]
		}
		inner, after, err := elem.need(rest)
		if err != nil {
			return 0, nil, err
		}
		bytes, rest = bytes+inner, after
	}
	if p.form == fields {
		return bytes + structCost, rest, nil
	}
	return bytes + n*p.size, rest, nil
}

func shapeError(err error) error {
	if err != nil {
		return ErrShape
	}
	return nil
}

// structCost is what the library allocates for each struct that comes as an array: it asks for a map first, and drops the error.
const structCost = 24

// null is the MessagePack byte of nil.
const null = 0xc0

// arrayHeader returns the number of elements of the array at the front of b, and its first one.
func arrayHeader(b []byte) (n int, rest []byte, ok bool) {
	switch {
	case b[0] >= 0x90 && b[0] <= 0x9f:
		return int(b[0] & 0x0f), b[1:], true
	case b[0] == 0xdc:
		return int(binary.BigEndian.Uint16(b[1:])), b[3:], true
	case b[0] == 0xdd:
		return int(binary.BigEndian.Uint32(b[1:])), b[5:], true
	}
	return 0, nil, false
}
