package demo_test

import (
	"go/ast"
	"go/parser"
	"slices"
	"strings"
	"testing"
)

// tolerated are the package variables of pure packages that the rule below cannot see to be constant, with the reason.
var tolerated = map[string]string{
	"demo/arena.directions": "a table computed once, only read",
	"demo/arena.nextNode":   "routes computed once from the level, only read",
	"demo/arena.nodes":      "places computed once from the level, only read",
	"demo/arena.walls":      "the level, read through pointers into it",
}

func TestNoGlobalState(t *testing.T) {
	found := map[string]bool{}
	for _, dir := range append([]string{"netcode/simnet"}, pure...) {
		vars := map[string]*ast.ValueSpec{}
		var files []source
		for _, f := range sources(t) {
			if f.dir == dir {
				files = append(files, f)
				declared(f.ast, vars)
			}
		}
		for _, f := range files {
			for _, what := range suspects(f.ast, vars) {
				name, problem, _ := strings.Cut(what, " ")
				key := dir + "." + name
				found[key] = true
				if tolerated[key] == "" {
					t.Errorf("%s: package variable %s %s\n\trule:   %s keeps no state outside of its values\n"+
						"\treason: two matches in one process must not meet, and a run must replay\n"+
						"\tdo:     make it a constant, a table that is only read, or a field; or name it in tolerated with the reason", f.path, name, problem, dir)
				}
			}
		}
	}
	for key := range tolerated {
		if !found[key] {
			t.Errorf("tolerated names %s, which is gone or harmless now: remove it", key)
		}
	}
}

// TestNoGlobalChance: what draws numbers draws them from a stream that it was given.
func TestNoGlobalChance(t *testing.T) {
	seeded := []string{"New", "NewPCG", "NewChaCha8", "Rand", "PCG", "ChaCha8", "Source"}
	for _, f := range sources(t) {
		name := importedAs(f.ast, "math/rand/v2")
		if name == "" || !slices.Contains(append([]string{"netcode/simnet"}, pure...), f.dir) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == name && !slices.Contains(seeded, s.Sel.Name) {
					t.Errorf("%s draws from the global stream (%s.%s)\n\treason: a run must replay from its seed\n\tdo:     draw from a stream made of the seed", f.path, name, s.Sel.Name)
				}
			}
			return true
		})
	}
}

// declared adds the package variables of f to vars.
func declared(f *ast.File, vars map[string]*ast.ValueSpec) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok.String() != "var" {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for _, n := range spec.Names {
				if n.Name != "_" {
					vars[n.Name] = spec
				}
			}
		}
	}
}

// constructors return values that nothing changes afterwards.
var constructors = []string{"errors.New", "fmt.Errorf", "reflect.TypeFor", "reflect.TypeOf", "sim.NewEvent", "sim.NewRPC"}

// suspects lists "name problem" for every package variable declared in f that has no value to be a table
// of, or comes from a call, and for every change in f of a package variable of its package.
func suspects(f *ast.File, vars map[string]*ast.ValueSpec) (found []string) {
	own := map[string]*ast.ValueSpec{}
	declared(f, own)
	for name, spec := range own {
		if len(spec.Values) == 0 {
			found = append(found, name+" has no initial value, so it waits to be changed")
		}
		for _, v := range spec.Values {
			if call, ok := v.(*ast.CallExpr); ok && !slices.Contains(constructors, callee(call)) {
				found = append(found, name+" holds what "+callee(call)+" returns, which may have state")
			}
		}
	}
	change := func(e ast.Expr) {
		if id := root(e); id != nil && isPackageVar(id, vars) {
			found = append(found, id.Name+" is changed or its address is taken")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok.String() != ":=" {
				for _, e := range n.Lhs {
					change(e)
				}
			}
		case *ast.IncDecStmt:
			change(n.X)
		case *ast.UnaryExpr:
			if n.Op.String() == "&" {
				change(n.X)
			}
		}
		return true
	})
	return found
}

// callee names the function of a call: "pkg.Name" or "Name".
func callee(c *ast.CallExpr) string {
	fun := c.Fun
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	if s, ok := fun.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name + "." + s.Sel.Name
		}
	}
	if id, ok := fun.(*ast.Ident); ok {
		return id.Name
	}
	return "a function"
}

// root returns the variable that an assignable expression changes a part of, or nil.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// isPackageVar reports whether id means the package variable of that name. The parser resolves names
// within a file: a local of the same name has its own declaration, one of another file has none.
func isPackageVar(id *ast.Ident, vars map[string]*ast.ValueSpec) bool {
	spec, ok := vars[id.Name]
	return ok && (id.Obj == nil || id.Obj.Decl == spec)
}

// TestSuspects keeps the judge honest: tables and errors pass, state does not.
func TestSuspects(t *testing.T) {
	f := snippet(t, `package p
var table, ErrX = [2]int{1, 2}, errors.New("x")
var hidden = newThing()
var empty int
var counted, list, pointed = 1, []int{1}, T{}
func f() { counted++; list[0] = 1; g(&pointed); table := 1; table = 2; _ = table }`)
	vars := map[string]*ast.ValueSpec{}
	declared(f, vars)
	var names []string
	for _, s := range suspects(f, vars) {
		name, _, _ := strings.Cut(s, " ")
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"counted", "empty", "hidden", "list", "pointed"}; !slices.Equal(names, want) {
		t.Errorf("suspects are %q, want %q", names, want)
	}
}

func snippet(t *testing.T, src string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(fset, "snippet.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
