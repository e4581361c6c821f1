package demo

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A promise of docs/security.md names the tests that keep it. Each of them exists, in the package that is named.
func TestPromisesHaveTests(t *testing.T) { haveTests(t, "../docs/security.md", 25, 50) }

// So does each row of docs/gameplay.md.
func TestPainsHaveTests(t *testing.T) { haveTests(t, "../docs/gameplay.md", 25, 60) }

// haveTests checks the tests that the numbered rows of a document name, of which there are so many at least.
func haveTests(t *testing.T, document string, leastRows, leastNamed int) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	rows, named := 0, 0
	packages := map[string]map[string]bool{}
	name := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !regexp.MustCompile(`^ \d+ $`).MatchString(cells[1]) {
			continue
		}
		rows++
		tests := name.FindAllStringSubmatch(cells[3], -1)
		if len(tests) == 0 || strings.TrimSpace(cells[4]) == "" {
			t.Errorf("row%sof %s is kept by no test, or has no status", cells[1], document)
		}
		for _, m := range tests {
			named++
			if packages[m[1]] == nil {
				packages[m[1]] = testsOf(t, m[1])
			}
			if !packages[m[1]][m[2]] {
				t.Errorf("row%sof %s names %s, which is not in %s", cells[1], document, m[2], m[1])
			}
		}
	}
	if rows < leastRows || named < leastNamed {
		t.Errorf("%d rows with %d tests were read in %s: the table has another form", rows, named, document)
	}
}

// testsOf returns the names of the test functions of a directory.
func testsOf(t *testing.T, dir string) map[string]bool {
	files, err := filepath.Glob(path.Join("..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}
