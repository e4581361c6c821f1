package server

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// figures calls each with the numbers of a struct, by their paths.
func figures(v reflect.Value, path string, each func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			figures(v.Field(i), path+"."+v.Type().Field(i).Name, each)
		}
	case reflect.Array:
		for i := range v.Len() {
			figures(v.Index(i), fmt.Sprintf("%s.%d", path, i), each)
		}
	default:
		each(path, v)
	}
}

// TestEveryCounterIsAddedUp: of each figure of a match it is decided whether it can be.
func TestEveryCounterIsAddedUp(t *testing.T) {
	alone := []string{".Tick", ".TickTime.", ".Snapshots.OldestP99", ".Shows.OldestP99", ".Network.", ".UDP.", ".Streams."}
	var one, sum Stats
	figures(reflect.ValueOf(&one).Elem(), "", func(_ string, v reflect.Value) { v.Set(reflect.ValueOf(3).Convert(v.Type())) })
	sum.add(one)
	sum.add(one)
	figures(reflect.ValueOf(sum), "", func(path string, v reflect.Value) {
		want := 6
		for _, a := range alone {
			if path == a || strings.HasSuffix(a, ".") && strings.HasPrefix(path, a) {
				want = 0
			}
		}
		if got := v.Convert(reflect.TypeFor[int]()).Interface(); got != want {
			t.Errorf("3 and 3 of %s are %d, want %d", path, got, want)
		}
	})
}
