package netvet

import (
	"go/ast"
	"go/types"
)

const simPath = "github.com/halftick/halftick/netcode/sim"

// roots finds the games of the package: literals of sim.Game and assignments to fields of one. The functions given to them are
// where the walk starts; their worlds and inputs are judged at once.
func (c *checker) roots() (found []*node) {
	for _, file := range c.pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				found = append(found, c.literal(n)...)
			case *ast.AssignStmt:
				found = append(found, c.assigned(n)...)
			}
			return true
		})
	}
	return found
}

// literal returns the functions in a game's literal.
func (c *checker) literal(lit *ast.CompositeLit) (found []*node) {
	game := gameOf(c.pass.TypesInfo.TypeOf(lit))
	if game == nil {
		return nil
	}
	c.judgeTypes(game, lit.Pos())
	fields, ok := game.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i, elt := range lit.Elts {
		name, value := "", elt
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			value = kv.Value
			if id, ok := kv.Key.(*ast.Ident); ok {
				name = id.Name
			}
		} else if i < fields.NumFields() {
			name = fields.Field(i).Name()
		}
		if n := c.root(name, value); n != nil {
			found = append(found, n)
		}
	}
	return found
}

// assigned returns the functions that an assignment puts into a game.
func (c *checker) assigned(a *ast.AssignStmt) (found []*node) {
	for i, lhs := range a.Lhs {
		sel, ok := lhs.(*ast.SelectorExpr)
		if !ok || i >= len(a.Rhs) || gameOf(c.pass.TypesInfo.TypeOf(sel.X)) == nil {
			continue
		}
		if n := c.root(sel.Sel.Name, a.Rhs[i]); n != nil {
			found = append(found, n)
		}
	}
	return found
}

// gameOf returns sim.Game as t or what t points to instantiates it, or nil.
func gameOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	n := named(t)
	if n == nil || n.Obj().Name() != "Game" || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != simPath {
		return nil
	}
	return n
}

// root makes a node of a function that is given to a game. Its name is the game's: Step.
func (c *checker) root(field string, value ast.Expr) *node {
	t := c.pass.TypesInfo.TypeOf(value)
	if t == nil {
		return nil
	}
	if _, ok := t.Underlying().(*types.Signature); !ok {
		return nil
	}
	n := &node{name: field, code: value}
	c.examine(n)
	c.outerWrites(n, value)
	c.addLocal(n, value)
	return n
}

// addLocal follows a local variable to the functions that were assigned to it.
func (c *checker) addLocal(n *node, value ast.Expr) {
	id, ok := ast.Unparen(value).(*ast.Ident)
	if !ok {
		return
	}
	v, ok := c.pass.TypesInfo.Uses[id].(*types.Var)
	if !ok || c.packageVar(v) {
		return
	}
	for _, file := range c.pass.Files {
		if file.FileStart > v.Pos() || v.Pos() > file.FileEnd {
			continue
		}
		ast.Inspect(file, func(at ast.Node) bool {
			a, ok := at.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for i, lhs := range a.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && c.pass.TypesInfo.ObjectOf(id) == v && i < len(a.Rhs) {
					inner := &node{code: a.Rhs[i]}
					c.examine(inner)
					c.outerWrites(inner, a.Rhs[i])
					n.findings, n.calls = append(n.findings, inner.findings...), append(n.calls, inner.calls...)
				}
			}
			return true
		})
	}
}
