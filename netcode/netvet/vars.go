package netvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

const noRollback = "it is not part of the world, so nothing rolls it back and other machines do not have it: make it a field of the world"

// packageVar reports whether v is declared outside of all functions.
func (c *checker) packageVar(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// findChanges marks the package variables that a function other than init writes.
func (c *checker) findChanges() {
	for _, n := range c.order {
		if n.decl == nil || n.decl.Recv == nil && n.decl.Name.Name == "init" {
			continue
		}
		c.writes(n.code, func(v *types.Var, _ token.Pos) {
			if c.packageVar(v) {
				c.changed[v] = true
			}
		})
	}
}

// writes calls found for each variable that code assigns, or assigns a part of.
func (c *checker) writes(code ast.Node, found func(*types.Var, token.Pos)) {
	target := func(e ast.Expr) {
		if v := c.variable(e); v != nil {
			found(v, e.Pos())
		}
	}
	ast.Inspect(code, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					target(e)
				}
			}
		case *ast.IncDecStmt:
			target(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				target(n.Key)
				target(n.Value)
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && len(n.Args) > 0 {
				if b, ok := c.pass.TypesInfo.Uses[id].(*types.Builtin); ok && (b.Name() == "delete" || b.Name() == "clear" || b.Name() == "copy") {
					target(n.Args[0])
				}
			}
		}
		return true
	})
}

// variable returns the variable that an assignable expression is, or is a part of.
func (c *checker) variable(e ast.Expr) *types.Var {
	for e != nil {
		switch x := e.(type) {
		case *ast.Ident:
			v, _ := c.pass.TypesInfo.Uses[x].(*types.Var)
			return v
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				if _, ok := c.pass.TypesInfo.Uses[id].(*types.PkgName); ok {
					v, _ := c.pass.TypesInfo.Uses[x.Sel].(*types.Var)
					return v
				}
			}
			e = x.X
		case *ast.IndexExpr:
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
	return nil
}

// globals finds writes of package variables, and reads of those that something writes.
func (c *checker) globals(n *node) {
	c.writes(n.code, func(v *types.Var, pos token.Pos) {
		if c.packageVar(v) {
			n.written = append(n.written, pos)
			n.add(c, pos, fmt.Sprintf("writes package variable %s", v.Name()), noRollback)
		}
	})
}

func (c *checker) readGlobal(n *node, id *ast.Ident, v *types.Var) {
	if slices.Contains(n.written, id.Pos()) {
		return // said already
	}
	if c.changed[v] || v.Pkg() != c.pass.Pkg && c.pass.ImportObjectFact(v, new(changes)) {
		n.add(c, id.Pos(), fmt.Sprintf("reads package variable %s, which something writes", v.Name()), noRollback)
	}
}

// outerWrites finds writes to variables around a function literal that is given to a game, and to the receiver of a method
// value: they live longer than a tick and outside of the world.
func (c *checker) outerWrites(n *node, value ast.Expr) {
	switch x := ast.Unparen(value).(type) {
	case *ast.FuncLit:
		c.writes(x.Body, func(v *types.Var, pos token.Pos) {
			if !c.packageVar(v) && (v.Pos() < x.Pos() || v.Pos() > x.End()) {
				n.add(c, pos, fmt.Sprintf("writes %s, a variable around the function", v.Name()), noRollback)
			}
		})
	case *ast.SelectorExpr:
		fn, ok := c.pass.TypesInfo.Uses[x.Sel].(*types.Func)
		if !ok || fn.Signature().Recv() == nil {
			return
		}
		if method := c.nodes[fn.Origin()]; method != nil {
			recv := fn.Origin().Signature().Recv()
			c.writes(method.code, func(v *types.Var, pos token.Pos) {
				if _, pointer := recv.Type().(*types.Pointer); v == recv && pointer {
					n.add(c, pos, fmt.Sprintf("writes the receiver %s of a method value", v.Name()), noRollback)
				}
			})
		}
	}
}
