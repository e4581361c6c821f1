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
func TestPromisesHaveTests(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, named := 0, 0
	packages := map[string]map[string]bool{}
	name := regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !regexp.MustCompile(`^ \d+ $`).MatchString(cells[1]) {
			continue
		}
		rows++
		tests := name.FindAllStringSubmatch(cells[3], -1)
		if len(tests) == 0 || strings.TrimSpace(cells[4]) == "" {
			t.Errorf("promise%sis kept by no test, or has no status", cells[1])
		}
		for _, m := range tests {
			named++
			if packages[m[1]] == nil {
				packages[m[1]] = testsOf(t, m[1])
			}
			if !packages[m[1]][m[2]] {
				t.Errorf("promise%snames %s, which is not in %s", cells[1], m[2], m[1])
			}
		}
	}
	if rows < 25 || named < 50 {
		t.Errorf("%d promises with %d tests were read: the table has another form", rows, named)
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
