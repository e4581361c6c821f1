package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/replay"
)

// TestRecord: the server leaves a replay behind that is whole and is the same match again.
func TestRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "replays")
	p := start(t, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-bots", "4", "-record", dir)
	metrics := p.find(`admin  (http://\S+)`) + "/metrics"
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if _, body := get(t, metrics); !strings.Contains(body, "halftick_recorded_bytes_total 0\n") && time.Now().Before(end) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing is recorded")
		}
	}
	if code, _ := p.stop(syscall.SIGTERM); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.stderr.String())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.replay"))
	if len(files) != 1 {
		t.Fatalf("files %q", files)
	}
	wholeReplay(t, files[0])
}

// wholeReplay reads a replay to its end and proves it.
func wholeReplay(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := replay.Open(arena.Game(), f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	report, err := m.Verify(context.Background())
	if err != nil || report.First != nil || m.Torn() != 0 || report.Verified+report.Skipped != int(m.Last()-m.First()) {
		t.Errorf("%v, %v, %d bytes torn", report, err, m.Torn())
	}
}
