package netvet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

const (
	whyOrder   = "its order differs between two runs: range over slices.Sorted(maps.Keys(m)), or keep a sim.Table or an array"
	whyThreads = "goroutines take turns at random: compute within the tick, or hand the result in as an input"
	whyUnsafe  = "what memory looks like differs between machines: use conversions that the language defines, such as math.Float32bits"
	whyAddress = "an address differs between two runs: print the row's sim.ID"
)

// add notes a finding, unless its line is marked as right.
func (n *node) add(c *checker, pos token.Pos, what, why string) {
	if !c.allowed.at(c.pass.Fset.Position(pos)) {
		n.findings = append(n.findings, finding{pos, what, why})
	}
}

// examine notes what is wrong in a node's own code, and what else the code names.
func (c *checker) examine(n *node) {
	c.globals(n)
	ast.Inspect(n.code, func(at ast.Node) bool {
		switch at := at.(type) {
		case *ast.GoStmt:
			n.add(c, at.Pos(), "starts a goroutine", whyThreads)
		case *ast.SendStmt:
			n.add(c, at.Pos(), "sends on a channel", whyThreads)
		case *ast.SelectStmt:
			n.add(c, at.Pos(), "select", whyThreads)
		case *ast.UnaryExpr:
			if at.Op == token.ARROW {
				n.add(c, at.Pos(), "receives from a channel", whyThreads)
			}
		case *ast.RangeStmt:
			c.ranges(n, at)
		case *ast.CallExpr:
			if c.sortedKeys(n, at) {
				return false
			}
			c.formats(n, at)
		case *ast.Ident:
			c.names(n, at)
		}
		return true
	})
}

func (c *checker) ranges(n *node, r *ast.RangeStmt) {
	switch c.pass.TypesInfo.TypeOf(r.X).Underlying().(type) {
	case *types.Map:
		if used(r.Key) || used(r.Value) {
			n.add(c, r.Pos(), "range over a map", whyOrder)
		}
	case *types.Chan:
		n.add(c, r.Pos(), "receives from a channel", whyThreads)
	}
}

func used(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return e != nil && (!ok || id.Name != "_")
}

// sortedKeys recognizes slices.Sorted(maps.Keys(m)), which is the same everywhere, and goes on below m.
func (c *checker) sortedKeys(n *node, call *ast.CallExpr) bool {
	if !strings.HasPrefix(c.standardName(call), "slices.Sorted") || len(call.Args) == 0 {
		return false
	}
	keys, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if name := ""; ok {
		if name = c.standardName(keys); name != "maps.Keys" && name != "maps.Values" {
			return false
		}
	}
	if !ok {
		return false
	}
	rest := &node{code: &ast.CompositeLit{Elts: append(append([]ast.Expr{}, keys.Args...), call.Args[1:]...)}}
	c.examine(rest)
	n.findings, n.calls = append(n.findings, rest.findings...), append(n.calls, rest.calls...)
	return true
}

// standardName returns "package.Function" of a call, or "".
func (c *checker) standardName(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if x, ok := fun.(*ast.IndexExpr); ok {
		fun = x.X
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		if fn, ok := c.pass.TypesInfo.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil {
			return fn.Pkg().Path() + "." + fn.Name()
		}
	}
	return ""
}

// formats finds addresses that are printed.
func (c *checker) formats(n *node, call *ast.CallExpr) {
	if !strings.HasPrefix(c.standardName(call), "fmt.") {
		return
	}
	for _, arg := range call.Args {
		v := c.pass.TypesInfo.Types[arg].Value
		if v != nil && v.Kind() == constant.String && strings.Contains(constant.StringVal(v), "%p") {
			n.add(c, arg.Pos(), "prints an address (%p)", whyAddress)
		}
	}
}

// names judges one mention: of a function, a package variable or package unsafe.
func (c *checker) names(n *node, id *ast.Ident) {
	switch obj := c.pass.TypesInfo.Uses[id].(type) {
	case *types.PkgName:
		if obj.Imported().Path() == "unsafe" {
			n.add(c, id.Pos(), "uses package unsafe", whyUnsafe)
		}
	case *types.Var:
		if !c.packageVar(obj) {
			return
		}
		if what, why := judgeStandard(obj); what != "" {
			n.add(c, id.Pos(), what, why)
			return
		}
		c.readGlobal(n, id, obj)
		n.call(c, id.Pos(), obj)
	case *types.Func:
		obj = obj.Origin()
		if what, why := judgeStandard(obj); what != "" {
			n.add(c, id.Pos(), what, why)
			return
		}
		n.call(c, id.Pos(), obj)
		c.implementations(n, id.Pos(), obj)
	}
}

func (n *node) call(c *checker, pos token.Pos, to types.Object) {
	if to != n.obj && !c.allowed.at(c.pass.Fset.Position(pos)) {
		n.calls = append(n.calls, call{pos, to})
	}
}

// implementations follows a method of an interface to the types of this package that have it.
func (c *checker) implementations(n *node, pos token.Pos, fn *types.Func) {
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		return
	}
	iface, ok := recv.Type().Underlying().(*types.Interface)
	if !ok {
		return
	}
	scope := c.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		t, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || t.IsAlias() || types.IsInterface(t.Type()) {
			continue
		}
		if p := types.NewPointer(t.Type()); types.Implements(p, iface) {
			if m, _, _ := types.LookupFieldOrMethod(p, true, c.pass.Pkg, fn.Name()); m != nil {
				n.call(c, pos, m)
			}
		}
	}
}
