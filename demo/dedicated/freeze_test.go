package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFreezeFile: a match that was stopped by a signal goes on in the next process, once; a file that is damaged is refused and kept.
func TestFreezeFile(t *testing.T) {
	dir := t.TempDir()
	file, key := filepath.Join(dir, "match"), filepath.Join(dir, "key")
	args := []string{"-listen", "127.0.0.1:0", "-admin", "", "-bots", "3", "-key", key, "-freeze", file, "-spectators", "2"}
	p := start(t, args...)
	if code, _ := p.stop(syscall.SIGTERM); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.stderr.String())
	}
	whole, err := os.ReadFile(file)
	if err != nil || !strings.Contains(p.stderr.String(), "frozen") {
		t.Fatalf("%v; %s", err, p.stderr.String())
	}
	p = start(t, args...)
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is still there while the match goes on")
	}
	if code, _ := p.stop(syscall.SIGTERM); code != 0 || !strings.Contains(p.stderr.String(), "going on with a frozen match") {
		t.Errorf("exit code %d: %s", code, p.stderr.String())
	}
	whole[len(whole)/2] ^= 1
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if line := refused(t, args...); !strings.Contains(line, "-freeze") || !strings.Contains(line, "damaged") {
		t.Errorf("%q", line)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("a damaged file was thrown away")
	}
	if line := refused(t, "-freeze", file); !strings.Contains(line, "-key") {
		t.Errorf("%q", line)
	}
}
