package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what takes milliseconds on a calm machine.
const patience = 20 * time.Second

// built builds the program once, as an operator would.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dedicated")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dedicated")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// A process is a server that has printed its banner.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	banner []string
	stderr strings.Builder
	exited chan error
}

// start runs the server until the end of the test and waits for its banner.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: program(t, args...), exited: make(chan error, 1)}
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	watchdog := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer watchdog.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.banner = append(p.banner, lines.Text())
		if strings.HasPrefix(lines.Text(), "  key") { // the last line
			go func() { _, _ = io.Copy(io.Discard, out); p.exited <- p.cmd.Wait() }()
			return p
		}
	}
	_ = p.cmd.Wait()
	t.Fatalf("no banner, but %q and on stderr %q", p.banner, p.stderr.String())
	return nil
}

// find returns what the pattern's group matches in the banner.
func (p *process) find(pattern string) string {
	p.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(strings.Join(p.banner, "\n"))
	if m == nil {
		p.t.Fatalf("no %s in banner %q", pattern, p.banner)
	}
	return m[1]
}

// stop sends a signal and returns the exit code and how long it took.
func (p *process) stop(s os.Signal) (code int, took time.Duration) {
	p.t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("it did not stop")
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(began)
}

// get returns status and body of an admin page.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	c := http.Client{Timeout: patience}
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// refused runs the program with args and returns the one line with which it must refuse them.
func refused(t *testing.T, args ...string) string {
	t.Helper()
	cmd := program(t, args...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	watchdog := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitUsage {
		t.Errorf("%q: exit code %d, want %d; stderr %q", args, code, exitUsage, stderr.String())
	}
	if stdout.Len() > 0 {
		t.Errorf("%q: wrote %q to stdout", args, stdout.String())
	}
	line, rest, _ := strings.Cut(stderr.String(), "\n")
	if line == "" || rest != "" {
		t.Errorf("%q: stderr is %q, want one line", args, stderr.String())
	}
	return line
}
