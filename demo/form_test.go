package demo_test

import (
	"bytes"
	"go/ast"
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
	var sizes, functions []int
	for _, f := range everySource(t) {
		sizes = append(sizes, f.lines)
		for _, d := range f.ast.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				functions = append(functions, fset.Position(d.End()).Line-fset.Position(d.Pos()).Line+1)
			}
		}
		if f.lines > maxFile {
			t.Errorf("%s has %d lines, more than %d: it holds more than one concern; give each a file of its name", f.path, f.lines, maxFile)
		}
	}
	slices.Sort(sizes)
	slices.Sort(functions)
	median := sizes[len(sizes)/2]
	t.Logf("%d files, median %d lines, largest %d; %d functions, median %d lines, 95 of 100 at most %d",
		len(sizes), median, sizes[len(sizes)-1], len(functions), functions[len(functions)/2], functions[len(functions)*95/100])
	if median > medianFile {
		t.Errorf("the median file has %d lines, more than %d: files have grown past one concern", median, medianFile)
	}
}

func TestPackageNames(t *testing.T) {
	vague := []string{"util", "utils", "helper", "helpers", "common", "misc", "base"}
	for _, f := range everySource(t) {
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

// TestDocumented: what a reader of the library can name, he can read about.
func TestDocumented(t *testing.T) {
	packages := map[string]bool{}
	for _, f := range everySource(t) {
		packages[f.dir] = packages[f.dir] || f.ast.Doc != nil
		if f.ast.Name.Name == "main" || strings.HasPrefix(f.dir, "demo/play/") {
			continue // nobody imports a program or its parts
		}
		for _, name := range undocumented(f.ast) {
			t.Errorf("%s: %s is exported and says nothing of itself: units, ranges, errors, who owns the bytes, concurrency, zero value", f.path, name)
		}
	}
	for dir, ok := range packages {
		if !ok {
			t.Errorf("package %s has no package comment that says what it is and where to start reading", dir)
		}
	}
}

// undocumented lists the exported declarations of f without a comment. One comment can serve a whole
// group of constants, variables or types.
func undocumented(f *ast.File) (names []string) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && reachable(d.Recv) && !slices.Contains(selfExplaining, d.Name.Name) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if d.Doc == nil {
					names = append(names, bare(s)...)
				}
			}
		}
	}
	return names
}

// selfExplaining are methods whose meaning the standard library fixes.
var selfExplaining = []string{"String", "Error", "Unwrap", "Is"}

// reachable reports whether a method's receiver is an exported type; a function's is.
func reachable(recv *ast.FieldList) bool {
	if recv == nil {
		return true
	}
	id := root(typeName(recv.List[0].Type))
	return id != nil && id.IsExported()
}

// typeName strips type parameters and the star from a receiver's type.
func typeName(e ast.Expr) ast.Expr {
	if s, ok := e.(*ast.StarExpr); ok {
		e = s.X
	}
	if l, ok := e.(*ast.IndexListExpr); ok {
		e = l.X
	}
	return e
}

// bare returns the exported names of a specification that has no comment of its own.
func bare(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && s.Comment == nil {
			names = append(names, s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() && s.Doc == nil && s.Comment == nil {
				names = append(names, n.Name)
			}
		}
	}
	return names
}
