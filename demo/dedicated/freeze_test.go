package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
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

// TestFreezeThatCannotBe: a place that cannot be written is refused at the start, and ends a server with a failure when it has become so.
func TestFreezeThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	key, sub := filepath.Join(dir, "key"), filepath.Join(dir, "sub")
	args := []string{"-listen", "127.0.0.1:0", "-admin", "", "-key", key, "-freeze", filepath.Join(sub, "match")}
	if line := refused(t, args...); !strings.Contains(line, "-freeze") {
		t.Errorf("no such directory: %q", line)
	}
	p := start(t, "-listen", "127.0.0.1:0", "-admin", "", "-key", key) // makes the file of the key
	p.stop(syscall.SIGTERM)
	if line := refused(t, "-listen", "127.0.0.1:0", "-admin", "", "-key", key, "-rooms", "1", "-freeze", key); !strings.Contains(line, "-freeze") {
		t.Errorf("a file for a directory: %q", line)
	}
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	p = start(t, args...)
	if err := os.Remove(sub); err != nil {
		t.Fatal(err)
	}
	if code, _ := p.stop(syscall.SIGTERM); code != exitFailed || !strings.Contains(p.stderr.String(), "not kept") {
		t.Errorf("exit code %d: %s", code, p.stderr.String())
	}
}

// TestFreezeRooms: rooms that were stopped by a signal go on in the next process, once; those that are missing are made. Each start records each
// room into a file of its own.
func TestFreezeRooms(t *testing.T) {
	dir := t.TempDir()
	rooms, replays := filepath.Join(dir, "rooms"), filepath.Join(dir, "replays")
	args := []string{"-listen", "127.0.0.1:0", "-admin", "", "-rooms", "2", "-bots", "3", "-key", filepath.Join(dir, "key"), "-freeze", rooms,
		"-record", replays}
	p := start(t, args...)
	filmed(t, replays, 2)
	if code, _ := p.stop(syscall.SIGTERM); code != 0 || !strings.Contains(p.stderr.String(), "the rooms are frozen") {
		t.Fatalf("exit code %d: %s", code, p.stderr.String())
	}
	if err := os.Remove(filepath.Join(rooms, "arena-1.room")); err != nil {
		t.Fatal(err)
	}
	p = start(t, args...)
	if left, _ := os.ReadDir(rooms); len(left) != 0 {
		t.Errorf("files are still there while the rooms go on: %v", left)
	}
	filmed(t, replays, 4)
	if code, _ := p.stop(syscall.SIGTERM); code != 0 || !strings.Contains(p.stderr.String(), "going on with frozen rooms") {
		t.Errorf("exit code %d: %s", code, p.stderr.String())
	}
	if left, _ := os.ReadDir(rooms); len(left) != 2 {
		t.Errorf("kept are %v", left)
	}
	for _, room := range []string{"arena-1", "arena-2"} {
		files, _ := filepath.Glob(filepath.Join(replays, "*-"+room+".replay"))
		if len(files) != 2 {
			t.Errorf("of %s there are the replays %q, want two", room, files)
		}
		for _, f := range files {
			wholeReplay(t, f)
		}
	}
}

// filmed waits until so many replays have begun.
func filmed(t *testing.T, dir string, n int) {
	t.Helper()
	for end, begun := time.Now().Add(patience), 0; begun < n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d replays have begun, want %d", begun, n)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.replay"))
		begun = 0
		for _, f := range files {
			if info, err := os.Stat(f); err == nil && info.Size() > 0 {
				begun++
			}
		}
	}
}
