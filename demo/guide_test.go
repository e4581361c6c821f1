package demo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestGuideBuilds follows docs/guide.md in an empty folder: its blocks are files, they build, and their tests pass.
func TestGuideBuilds(t *testing.T) {
	text, err := os.ReadFile("../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := regexp.MustCompile("(?s)```go ([a-z_]+\\.go)\n(.*?)```").FindAllSubmatch(text, -1)
	if len(files) != 6 {
		t.Fatalf("the guide has %d files, want 6", len(files))
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, string(f[1])), f[2], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// What the guide's "go mod tidy" would pin is pinned here to what this module uses, without a download.
	for from, to := range map[string]string{"../go.mod": "go.mod", "../go.sum": "go.sum"} {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if to == "go.mod" {
			b = regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(b, []byte("module tag"))
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"mod", "edit", "-require=github.com/halftick/halftick@v0.0.0", "-replace=github.com/halftick/halftick=" + root},
		{"vet", "-mod=mod", "."},
		{"test", "-mod=mod", "."},
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
}
