package demo_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Sizes in lines. A file that is read in one sitting holds one concern.
const (
	maxFile    = 600
	medianFile = 150
)

func TestFileSizes(t *testing.T) {
	var sizes []int
	for _, f := range sources(t) {
		sizes = append(sizes, f.lines)
		if f.lines > maxFile {
			t.Errorf("%s has %d lines, more than %d: it holds more than one concern; give each a file of its name", f.path, f.lines, maxFile)
		}
	}
	slices.Sort(sizes)
	median := sizes[len(sizes)/2]
	t.Logf("%d files, median %d lines, largest %d", len(sizes), median, sizes[len(sizes)-1])
	if median > medianFile {
		t.Errorf("the median file has %d lines, more than %d: files have grown past one concern", median, medianFile)
	}
}

func TestPackageNames(t *testing.T) {
	vague := []string{"util", "utils", "helper", "helpers", "common", "misc", "base"}
	for _, f := range sources(t) {
		if slices.Contains(vague, path.Base(f.dir)) || slices.Contains(vague, f.ast.Name.Name) {
			t.Errorf("%s: a package named %s says nothing of what is in it: name it after its concern", f.path, f.ast.Name.Name)
		}
	}
}

// A word is a pattern that no text of the repository may hold.
type word struct {
	pattern *regexp.Regexp
	why     string
}

// The patterns are written so that none matches its own line.
var words = []word{
	{regexp.MustCompile(`/wor[k]/`), "a path of somebody's machine: the repository is read and run elsewhere"},
	{regexp.MustCompile(`(?i)\bissue[ ]#?\d`), "a number in somebody's tracker: say what the matter is"},
	{regexp.MustCompile(`(?i)(proxy|sum)[.]golang[.]org|registry[.]npmjs[.]org|\bpypi[.]org|deb[.]debian[.]org`), "the host of a package registry: which one is used is the machine's business"},
	{regexp.MustCompile(`\b(TOD[O]|FIXM[E]|XX[X])\b`), "a promise instead of a deed: do it, or write down in docs/ what is missing"},
}

func TestWords(t *testing.T) {
	texts := 0
	err := walk(func(name string) error {
		b, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if err != nil || bytes.IndexByte(b, 0) >= 0 || !utf8.Valid(b) || path.Base(name) == "go.sum" {
			return err
		}
		texts++
		for i, line := range strings.Split(string(b), "\n") {
			for _, w := range words {
				if hit := w.pattern.FindString(line); hit != "" {
					t.Errorf("%s:%d: %q: %s", name, i+1, hit, w.why)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if texts < 20 {
		t.Fatalf("read %d texts: the rule judges nothing", texts)
	}
}
