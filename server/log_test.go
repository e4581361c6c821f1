package server

import (
	"bytes"
	"log/slog"
	"testing"
	"time"
)

// Players who come and go by the hundred write no more than some lines a second, and what they call themselves stays on its line.
func TestLogLinesAreLimited(t *testing.T) {
	var out bytes.Buffer
	m := newMatch(t, dotGame(), Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	m.join("A\nlevel=ERROR msg=forged")
	p := m.server.roster.active[0]
	if lines := bytes.Count(out.Bytes(), []byte("\n")); lines != 1 {
		t.Fatalf("one player joined in %d lines:\n%s", lines, &out)
	}
	start := m.now
	for ; m.now < start+5*time.Second; m.now += time.Millisecond {
		m.server.log(m.now, "player joined", p)
	}
	if lines := bytes.Count(out.Bytes(), []byte("\n")); lines < 50 || lines > logBurst+5*10+1 {
		t.Errorf("%d lines in 5 s", lines)
	}
}
