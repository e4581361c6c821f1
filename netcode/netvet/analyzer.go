package netvet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports what is not deterministic in what is reachable from the functions of a sim.Game. See the package comment.
var Analyzer = &analysis.Analyzer{
	Name:      "netvet",
	Doc:       help,
	URL:       "https://pkg.go.dev/github.com/halftick/halftick/netcode/netvet",
	Run:       run,
	FactTypes: []analysis.Fact{new(summary), new(changes)},
}

const help = `find what makes a game differ between two machines

A game's Step runs on the server, in every client that predicts, again after each correction, and in replays. netvet follows
what Step, Join, Leave, Init, Check and See of each sim.Game reach, across packages, and reports what would make two runs of
one tick differ, with the calls that lead there and what to do instead:

  clock     time.Now, timers                    -> count ticks: c.Tick, c.DT
  chance    math/rand, crypto/rand, maphash     -> c.Rand(p)
  order     range over a map                    -> slices.Sorted(maps.Keys(m)), or a table
  threads   go, channels, select, sync          -> do it before or after the tick
  outside   os, net, log, fmt.Print             -> put it into an input or an event
  state     package and captured variables      -> a field of the world
  floats    x*y + z, fused on some CPUs         -> float32(x*y) + z
  math      math.Sin, Exp, Pow, Hypot, ...      -> a table rounded to a grid; math.Sqrt, Floor, Abs are exact
  types     pointers, slices, maps, strings,    -> sim.Table, sized integers, float32, arrays and
            int, float64 in worlds and inputs      structs of them
  memory    unsafe, %p

	go run github.com/halftick/halftick/netcode/netvet/cmd/netvet ./...
	go vet -vettool=$(which netvet) ./...         # cached: only what changed is read again

A line that is right all the same is marked, with the reason:

	for _, p := range prices { //netvet:ok a sum does not depend on the order`

// checker is the work on one package.
type checker struct {
	pass    *analysis.Pass
	allowed allowed
	nodes   map[types.Object]*node // functions, methods and package variables of this package
	order   []*node                // the same in the order of the source
	changed map[*types.Var]bool    // package variables that something writes after their initialization
	fusion  map[*types.Func]*flow
	seen    map[string]bool // what was reported
}

func run(pass *analysis.Pass) (any, error) {
	if standard(pass) {
		return nil, nil
	}
	c := &checker{pass: pass, nodes: map[types.Object]*node{}, changed: map[*types.Var]bool{},
		fusion: map[*types.Func]*flow{}, seen: map[string]bool{}}
	c.allowed = c.readAllowed()
	c.declare()
	c.findChanges()
	c.fuse()
	for _, n := range c.order {
		c.examine(n)
	}
	for _, r := range c.roots() {
		c.follow(r)
	}
	c.export()
	return nil, nil
}

// standard reports whether the package is one of the standard library: those are judged by a list.
func standard(pass *analysis.Pass) bool {
	path := pass.Pkg.Path()
	if pass.Module != nil && pass.Module.Path != "" && pass.Module.Path != "std" && pass.Module.Path != "cmd" {
		return false
	}
	for i := range len(path) {
		if path[i] == '.' {
			return false
		}
		if path[i] == '/' {
			break
		}
	}
	return path != "command-line-arguments"
}

// declare makes a node of every function, method and package variable with an initial value.
func (c *checker) declare() {
	for _, file := range c.pass.Files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if fn, ok := c.pass.TypesInfo.Defs[d.Name].(*types.Func); ok && d.Body != nil {
					c.add(fn, d.Body).decl = d
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.ValueSpec); ok {
						c.declareVars(s)
					}
				}
			}
		}
	}
}

func (c *checker) declareVars(s *ast.ValueSpec) {
	for i, name := range s.Names {
		v, ok := c.pass.TypesInfo.Defs[name].(*types.Var)
		switch {
		case !ok || len(s.Values) == 0:
		case len(s.Values) == len(s.Names):
			c.add(v, s.Values[i])
		default:
			c.add(v, s.Values[0])
		}
	}
}

func (c *checker) add(obj types.Object, code ast.Node) *node {
	n := &node{obj: obj, name: obj.Name(), code: code}
	c.nodes[obj] = n
	c.order = append(c.order, n)
	return n
}
