package netvet

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

// TestRules runs the analyzer over games with mistakes and without; what they import of sim is the real one.
func TestRules(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Analyzer, "example.com/games/...")
}

// The compiler knows best what is fused: these tests ask it, for arm64, without running anything.

var fusedAt = regexp.MustCompile(`\([^ ]*/floats\.go:(\d+)\)\tFN?M(ADD|SUB)[SD]`)

// TestCompilerAgrees: wherever it fuses in the game of testdata/floats, the analyzer has spoken.
func TestCompilerAgrees(t *testing.T) {
	src, err := os.ReadFile("testdata/floats/floats.go")
	if err != nil {
		t.Fatal(err)
	}
	step, _, found := strings.Cut(string(src), "// Powers of two")
	if !found {
		t.Fatal("testdata/floats has changed: where does its step end?")
	}
	lines := strings.Split(step, "\n")
	fused := map[int]bool{}
	for _, m := range fusedAt.FindAllStringSubmatch(assembly(t, "-gcflags=-S", "./floats"), -1) {
		if n, _ := strconv.Atoi(m[1]); n <= len(lines) {
			fused[n] = true
		}
	}
	for n := range fused {
		if !strings.Contains(lines[n-1], "// want") {
			t.Errorf("floats.go:%d is fused on arm64, and nothing is said of it: %s", n, lines[n-1])
		}
	}
	if len(fused) < 8 {
		t.Errorf("the compiler fuses in %d lines of the game: the test judges nothing", len(fused))
	}
}

var (
	textAt  = regexp.MustCompile(`^math\.(\w+) STEXT`)
	fusedOp = regexp.MustCompile(`\tFN?M(ADD|SUB)[SD]\t`)
)

// TestExactMath: no function of package math that is said to be exact is compiled to fused operations, except for FMA, which
// is one. For others it is.
func TestExactMath(t *testing.T) {
	fused := map[string]bool{}
	name := ""
	for line := range strings.Lines(assembly(t, "-gcflags=math=-S", "math")) {
		if m := textAt.FindStringSubmatch(line); m != nil {
			name = strings.ToLower(m[1])
		}
		if fusedOp.MatchString(line) {
			fused[name] = true
		}
	}
	for _, name := range exactMath {
		if name != "FMA" && fused[strings.ToLower(name)] {
			t.Errorf("math.%s is said to be exact, and its code for arm64 is fused", name)
		}
	}
	for _, name := range []string{"sin", "cos", "hypot", "pow", "log"} {
		if !fused[name] {
			t.Errorf("math.%s has no fused operation for arm64: the test does not see them", name)
		}
	}
	if !slices.IsSorted(exactMath) {
		t.Error("exactMath is not sorted")
	}
}

// assembly returns what the compiler makes of a package for arm64.
func assembly(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Dir = "testdata"
	cmd.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go build %v: %v\n%s", args, err, out)
	}
	return string(out)
}
