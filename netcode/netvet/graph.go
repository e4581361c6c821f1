package netvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A node is a piece of code with a name: a function, the initial value of a package variable, or a function of a game.
//
//	Step of a game --> step --> fireWeapons --> package variable directions --> math.Sincos: a finding
type node struct {
	obj      types.Object // nil for the function of a game
	name     string
	code     ast.Node
	decl     *ast.FuncDecl // of a function
	findings []finding
	calls    []call
	written  []token.Pos // where package variables are written
}

// A finding is one thing that is wrong, wherever it is reached from.
type finding struct {
	pos  token.Pos
	what string // "range over a map"
	why  string // "its order differs between two runs: sort the keys first"
}

// A call is a mention of a function or a package variable.
type call struct {
	pos token.Pos
	to  types.Object
}

// A visit is a node on the way from a root, by the shortest way.
type visit struct {
	n    *node
	from *visit
}

// chain returns the names from the root to here.
func (v *visit) chain() (names []string) {
	for ; v != nil; v = v.from {
		names = append(names, v.n.name)
	}
	slices.Reverse(names)
	return names
}

// walk visits what is reachable within the package from a root, nearest first; outside is called for each mention of
// another package's function or variable.
func (c *checker) walk(root *node, visited func(*visit), outside func(*visit, call)) {
	known := map[*node]bool{root: true}
	for queue := []*visit{{n: root}}; len(queue) > 0; queue = queue[1:] {
		v := queue[0]
		visited(v)
		for _, to := range v.n.calls {
			next := c.nodes[to.to]
			if next == nil {
				outside(v, to)
			} else if !known[next] {
				known[next] = true
				queue = append(queue, &visit{next, v})
			}
		}
	}
}

// follow reports all that is wrong in reach of a game's function.
func (c *checker) follow(root *node) {
	c.walk(root, func(v *visit) {
		for _, f := range v.n.findings {
			c.report(f.pos, f.what, f.why, v.chain())
		}
	}, func(v *visit, to call) {
		var s summary
		if !c.pass.ImportObjectFact(to.to, &s) || len(s.Findings) == 0 {
			return
		}
		f, where := s.Findings[0], s.Findings[0].Where
		if more := len(s.Findings) - 1; more > 0 {
			where = fmt.Sprintf("%s, and %d more in its reach", where, more)
		}
		c.report(to.pos, fmt.Sprintf("%s (%s)", f.What, where), f.Why, append(v.chain(), f.Chain...))
	})
}

// report says each thing once, with the shortest way to it.
func (c *checker) report(pos token.Pos, what, why string, chain []string) {
	key := fmt.Sprint(pos, what)
	if c.seen[key] || c.allowed.at(c.pass.Fset.Position(pos)) {
		return
	}
	c.seen[key] = true
	c.pass.Report(analysis.Diagnostic{Pos: pos, Message: fmt.Sprintf("%s: %s: %s", strings.Join(chain, " > "), what, why)})
}

// qualified is the name of a function for readers in other packages.
func qualified(obj types.Object) string {
	if fn, ok := obj.(*types.Func); ok {
		if recv := fn.Signature().Recv(); recv != nil {
			if t := named(recv.Type()); t != nil {
				return obj.Pkg().Name() + "." + t.Obj().Name() + "." + obj.Name()
			}
		}
	}
	return obj.Pkg().Name() + "." + obj.Name()
}

// named returns the named type behind a type or a pointer to it, or nil.
func named(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}
