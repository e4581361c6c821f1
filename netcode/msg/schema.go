package msg

import (
	"fmt"
	"reflect"
	"strings"
)

// describe returns the shape of a type that widthsOf has accepted: kinds, and the names and order of fields. A struct within itself
// is named instead.
func describe(t reflect.Type) string {
	var b strings.Builder
	describeTo(&b, t, nil)
	return b.String()
}

func describeTo(b *strings.Builder, t reflect.Type, within []reflect.Type) {
	switch t.Kind() {
	case reflect.Slice:
		b.WriteString("[]")
		describeTo(b, t.Elem(), within)
	case reflect.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		describeTo(b, t.Elem(), within)
	case reflect.Pointer:
		b.WriteByte('*')
		describeTo(b, t.Elem(), within)
	case reflect.Struct:
		describeStruct(b, t, within)
	default:
		b.WriteString(t.Kind().String())
	}
}

func describeStruct(b *strings.Builder, t reflect.Type, within []reflect.Type) {
	for _, outer := range within {
		if outer == t {
			b.WriteString(t.Name())
			return
		}
	}
	within = append(within, t)
	b.WriteByte('{')
	for i := range t.NumField() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Field(i).Name)
		b.WriteByte(' ')
		describeTo(b, t.Field(i).Type, within)
	}
	b.WriteByte('}')
}
