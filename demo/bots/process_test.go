package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what takes a moment on a calm machine.
const patience = 40 * time.Second

// built builds this program and the server it plays against, as an operator would, and returns their directory.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "bots")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", dir, ".", "../dedicated")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := built(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(filepath.Join(dir, name), args...)
}

// play runs bots to its end.
func play(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := program(t, "bots", args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	watchdog := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	_ = cmd.Run() // the exit code tells
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

var address = regexp.MustCompile(`game +(127\.0\.0\.1:\d+)`)

// serve runs a server until the end of the test and returns its address and its process.
func serve(t *testing.T, args ...string) (string, *os.Process) {
	t.Helper()
	cmd := program(t, "dedicated", append([]string{"-listen", "127.0.0.1:0", "-admin", ""}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var over sync.WaitGroup
	t.Cleanup(func() { _ = cmd.Process.Kill(); over.Wait() })
	watchdog := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			over.Go(func() { _, _ = io.Copy(io.Discard, out); _ = cmd.Wait() })
			return m[1], cmd.Process
		}
	}
	_ = cmd.Wait()
	t.Fatal("the server printed no address")
	return "", nil
}
