package udp

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

// An alarm never rings early, also when it has rung before, and allocates nothing.
func TestAlarm(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	for _, d := range []time.Duration{time.Microsecond, 3 * time.Millisecond, 300 * time.Microsecond} {
		start := time.Now()
		if a.sleep(d); time.Since(start) < d {
			t.Errorf("slept %v of %v", time.Since(start), d)
		}
	}
	if n := testing.AllocsPerRun(100, func() { a.sleep(time.Microsecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestCloseEndsASleep(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		a.sleep(time.Hour)
		close(over)
	}()
	a.close()
	<-over
}

// What comes one by one, but densely, is read together, and all of it.
func TestGatheredReads(t *testing.T) {
	server, client := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	server.Gather()
	const all = 200
	go func() {
		for i := range all {
			_ = client.WriteTo([]byte{byte(i)}, server.LocalAddr())
			time.Sleep(100 * time.Microsecond) // a runtime under load makes this longer: then there is less to gather
		}
	}()
	batch := make([]carrier.Datagram, 64)
	for next := 0; next < all; {
		n, err := server.ReadBatch(batch)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range batch[:n] {
			if len(d.Data) != 1 || d.Data[0] != byte(next) {
				t.Fatalf("got %v, want %d", d.Data, next)
			}
			next++
		}
	}
}
