package sim

import "testing"

// The reference outputs of splitmix64 for seed 1234567.
func TestRandKnownAnswers(t *testing.T) {
	r := NewRand(1234567)
	for i, want := range []uint64{
		6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
	} {
		if got := r.Uint64(); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
}

func TestRandRanges(t *testing.T) {
	r := NewRand(5)
	var seen [10]bool
	for range 1000 {
		if f := r.Float32(); f < 0 || f >= 1 {
			t.Fatalf("Float32 gave %v", f)
		}
		if f := r.Range(-3, 4); f < -3 || f > 4 {
			t.Fatalf("Range gave %v", f)
		}
		n := r.Intn(10)
		if n < 0 || n > 9 {
			t.Fatalf("Intn gave %d", n)
		}
		seen[n] = true
	}
	for n, ok := range seen {
		if !ok {
			t.Errorf("Intn(10) never gave %d", n)
		}
	}
	if r.Intn(0) != 0 || r.Intn(-4) != 0 {
		t.Error("Intn of nothing is not 0")
	}
}

func TestRandIsAValue(t *testing.T) {
	r := NewRand(9)
	copied := r
	if r.Uint64() != copied.Uint64() {
		t.Error("a copy goes its own way")
	}
}
