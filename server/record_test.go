package server

import (
	"bytes"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replay"
)

// TestCloseEndsTheRecording: of a match that is driven by Tick alone the last ticks are in the file, too, once it is closed.
func TestCloseEndsTheRecording(t *testing.T) {
	var file bytes.Buffer
	s, err := New(dotGame(), Config{Secret: testSecret, Record: &file})
	if err != nil {
		t.Fatal(err)
	}
	for tick := range 130 {
		s.Tick(time.Second + time.Duration(tick)*s.period)
	}
	for range 2 { // closing again adds nothing
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := replay.Open(dotGame(), bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if report, err := r.Verify(t.Context()); err != nil || r.Last() != s.Snapshot().Tick || report.First != nil {
		t.Errorf("the file ends with tick %d of %d: %v, %v", r.Last(), s.Snapshot().Tick, report, err)
	}
}
