package carrier

import (
	"errors"
	"io"
	"testing"
)

func TestArrivals(t *testing.T) {
	a := NewArrivals(2)
	buf := make([]byte, MaxRecord)
	if !a.Put([]byte("one")) || !a.Offer([]byte("two")) || a.Offer([]byte("three")) {
		t.Fatal("it takes another number than two")
	}
	a.End(io.EOF)
	for _, want := range []string{"one", "two"} {
		if n, err := a.Next(buf); err != nil || string(buf[:n]) != want {
			t.Errorf("%q, %v; want %q", buf[:n], err, want)
		}
	}
	if _, err := a.Next(buf); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	if a.Put([]byte("late")) && a.Put([]byte("later")) && a.Put([]byte("too late")) {
		t.Error("it takes for ever after the end")
	}
	for n, want := range map[int]error{0: ErrEmpty, 1: nil, MaxRecord: nil, MaxRecord + 1: ErrOversize} {
		if err := CheckSize(n); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", n, err, want)
		}
	}
}
