package main

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLifeOfAServer(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGTERM there")
	}
	p := start(t, "-listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "-bots", "3", "-name", "Lund")
	if len(p.banner) > 6 {
		t.Errorf("the banner has %d lines, want at most 6: %q", len(p.banner), p.banner)
	}
	p.find(`(arena server "Lund")`)
	p.find(`game +127\.0\.0\.1:(\d+), udp and tcp, 60 Hz, up to 64 players, 3 bots`)
	admin := "http://" + p.find(`http://(127\.0\.0\.1:\d+)`)

	for _, page := range []string{"/livez", "/readyz"} {
		if code, body := get(t, admin+page); code != 200 {
			t.Errorf("%s answers %d %q, want 200", page, code, body)
		}
	}
	if code, _ := get(t, admin+"/"); code != 404 {
		t.Errorf("/ answers %d, want 404", code)
	}
	waitForMetric(t, admin, `halftick_players{kind="bot"} 3`)
	waitForMetric(t, admin, `halftick_info{name="Lund"} 1`)

	code, took := p.stop(syscall.SIGTERM)
	if code != 0 || took >= 3*time.Second {
		t.Errorf("SIGTERM: exit code %d after %v, want 0 within 3 s; stderr %q", code, took, p.stderr.String())
	}
	if !strings.HasPrefix(p.stderr.String(), "{") {
		t.Errorf("the log of a server without a terminal is %q, want JSON", p.stderr.String())
	}
}

// waitForMetric polls until /metrics has the line.
func waitForMetric(t *testing.T, admin, line string) {
	t.Helper()
	var body string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, body = get(t, admin+"/metrics"); strings.Contains(body, "\n"+line+"\n") {
			return
		}
	}
	t.Fatalf("no line %q in\n%s", line, body)
}

func TestInterruptToo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted there")
	}
	p := start(t, "-listen", "127.0.0.1:0", "-admin", "")
	if strings.Contains(strings.Join(p.banner, "\n"), "admin") {
		t.Errorf("the banner speaks of admin pages that are off: %q", p.banner)
	}
	if code, took := p.stop(os.Interrupt); code != 0 || took >= 3*time.Second {
		t.Errorf("SIGINT: exit code %d after %v, want 0 within 3 s", code, took)
	}
}

// With a key file a server is the same to its clients after a restart.
func TestKeyStaysTheSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.key")
	var keys []string
	for _, args := range [][]string{{"-key", file}, {"-key", file}, nil} {
		p := start(t, append(args, "-listen", "127.0.0.1:0", "-admin", "")...)
		keys = append(keys, p.find(`key    ([0-9a-f]{64})`))
		_ = p.cmd.Process.Kill()
	}
	if keys[0] != keys[1] || keys[1] == keys[2] {
		t.Errorf("the keys of three starts, the last without a file: %q", keys)
	}
}

func TestRefusesWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-no-such-flag"}, "-no-such-flag"},
		{[]string{"-bots", "many"}, "bots"},
		{[]string{"7777"}, `"7777" is not a flag`},
		{[]string{"-listen", "nonsense"}, "-listen"},
		{[]string{"-listen", ":70000"}, "-listen"},
		{[]string{"-listen", "203.0.113.7:0", "-admin", ""}, "no such address"},
		{[]string{"-listen", "[::1"}, "-listen"},
		{[]string{"-admin", "7780"}, "-admin"},
		{[]string{"-max-players", "0"}, "1 to 255"},
		{[]string{"-max-players", "256"}, "1 to 255"},
		{[]string{"-web-origin", "play.example"}, "SCHEME://HOST"},
		{[]string{"-web-origin", "https://play.example/"}, "nothing behind it"},
		{[]string{"-web", ":0", "-web-root", "/nowhere"}, "play.wasm"},
		{[]string{"-bots", "-1"}, "-bots"},
		{[]string{"-bots", "9", "-max-players", "8"}, "0 to 8"},
		{[]string{"-name", "a\nb"}, "-name"},
		{[]string{"-name", strings.Repeat("x", 65)}, "-name"},
	} {
		if line := refused(t, c.args...); !strings.Contains(line, c.says) {
			t.Errorf("%q is refused with %q, want a word about %q", c.args, line, c.says)
		}
	}
}

func TestHelp(t *testing.T) {
	out, err := program(t, "-help").Output()
	if err != nil || !strings.Contains(string(out), "-max-players") {
		t.Errorf("-help: %v, %q", err, out)
	}
}

func TestAddressInUse(t *testing.T) {
	first := start(t, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0")
	game := "127.0.0.1:" + first.find(`game +127\.0\.0\.1:(\d+)`)
	admin := first.find(`http://(127\.0\.0\.1:\d+)`)
	if line := refused(t, "-listen", game, "-admin", ""); !strings.Contains(line, "in use") || !strings.Contains(line, game) {
		t.Errorf("a second server at %s says %q, want the address and that it is in use", game, line)
	}
	if line := refused(t, "-listen", "127.0.0.1:0", "-admin", admin); !strings.Contains(line, "in use") || !strings.Contains(line, "-admin") {
		t.Errorf("a second admin at %s says %q, want the flag and that it is in use", admin, line)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if line := refused(t, "-listen", taken.Addr().String(), "-admin", ""); !strings.Contains(line, "in use") {
		t.Errorf("with the TCP port taken it says %q, want that it is in use", line)
	}
}

// TestAwait: what ends the wait for an orderly stop decides the exit code.
func TestAwait(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	never := make(chan error)
	ended := func(err error) chan error { c := make(chan error, 1); c <- err; return c }
	again := make(chan os.Signal, 1)
	again <- os.Interrupt
	if code := await(ended(nil), quiet, nil); code != 0 {
		t.Errorf("an orderly end: exit code %d, want 0", code)
	}
	if code := await(ended(errors.New("broken")), quiet, nil); code != exitFailed {
		t.Errorf("an end with an error: exit code %d, want %d", code, exitFailed)
	}
	if code := await(never, quiet, again); code != exitFailed {
		t.Errorf("a second signal: exit code %d, want %d", code, exitFailed)
	}
}

func TestDurationsInTheLogHaveAUnit(t *testing.T) {
	var b strings.Builder
	newLogger(&b).Warn("ticks given up", "skipped", 1500*time.Millisecond)
	if !strings.Contains(b.String(), `"skipped":"1.5s"`) {
		t.Errorf("the log says %s", b.String())
	}
}
