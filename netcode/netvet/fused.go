package netvet

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"math"
)

const whyFused = "some CPUs round once where others round twice: write float32(x*y) + z (or float64), at the product"

// flow is how products that are not rounded yet pass through a function. Bit 0 is the receiver, then come the parameters.
//
//	func (a Vec2) Scaled(k float32) Vec2 { return Vec2{a.X * k, a.Y * k} }    Returns
//	func (a Vec2) Add(b Vec2) Vec2       { return Vec2{a.X + b.X, a.Y + b.Y} }  Adds 0 and 1
//	func V(x, y float32) Vec2            { return Vec2{x, y} }                  Passes 1 and 2
type flow struct {
	Returns bool   // a product
	Adds    uint64 // parameters that it adds or subtracts
	Passes  uint64 // parameters that are in its result
}

// load is what an expression may carry: a product, and the values of parameters.
type load struct {
	product bool
	params  uint64
}

func (l *load) join(o load) { l.product, l.params = l.product || o.product, l.params|o.params }

// tracer follows products through one function.
type tracer struct {
	c      *checker
	n      *node
	flow   *flow
	params map[types.Object]load // what the parameters carry: themselves
	vars   map[types.Object]load // what local variables and fields may carry at this place
	loud   bool                  // the last round: findings are noted
}

// fuse computes the flow of all functions until nothing changes, and then notes the findings.
func (c *checker) fuse() {
	var all []*tracer
	for _, n := range c.order {
		if fn, ok := n.obj.(*types.Func); ok {
			c.fusion[fn] = &flow{}
			all = append(all, c.newTracer(n, fn))
		}
	}
	for changed := true; changed; {
		changed = false
		for _, t := range all {
			before := *t.flow
			t.trace()
			changed = changed || before != *t.flow
		}
	}
	for _, t := range all {
		t.loud = true
		t.trace()
	}
}

func (c *checker) newTracer(n *node, fn *types.Func) *tracer {
	t := &tracer{c: c, n: n, flow: c.fusion[fn], params: map[types.Object]load{}}
	sig := fn.Signature()
	if r := sig.Recv(); r != nil {
		t.params[r] = load{params: 1}
	}
	for i := range min(sig.Params().Len(), 62) {
		t.params[sig.Params().At(i)] = load{params: 2 << i}
	}
	return t
}

// trace goes through the function once, in the order of the source, inner expressions first. A variable or field carries
// what it was given further up: around a loop nothing is fused.
func (t *tracer) trace() {
	t.vars = maps.Clone(t.params)
	literals := 0
	var stack []ast.Node
	ast.Inspect(t.n.code, func(n ast.Node) bool {
		if n != nil {
			if _, ok := n.(*ast.FuncLit); ok {
				literals++
			}
			stack = append(stack, n)
			return true
		}
		n, stack = stack[len(stack)-1], stack[:len(stack)-1]
		switch n := n.(type) {
		case *ast.FuncLit:
			literals--
		case *ast.ReturnStmt:
			if literals == 0 {
				t.returns(n)
			}
		default:
			t.leave(n)
		}
		return true
	})
}

// leave judges a piece of code whose parts have been judged.
func (t *tracer) leave(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if (n.Op == token.ADD || n.Op == token.SUB) && t.float(n) {
			t.summand(n.X)
			t.summand(n.Y)
		}
	case *ast.AssignStmt:
		t.assign(n)
	case *ast.ValueSpec:
		for i, v := range n.Values {
			if len(n.Values) == len(n.Names) {
				t.store(n.Names[i], t.load(v))
			}
		}
	case *ast.CallExpr:
		t.arguments(n)
	}
}

func (t *tracer) returns(r *ast.ReturnStmt) {
	for _, e := range r.Results {
		l := t.load(e)
		t.flow.Returns = t.flow.Returns || l.product
		t.flow.Passes |= l.params
	}
}

func (t *tracer) assign(a *ast.AssignStmt) {
	if len(a.Lhs) != len(a.Rhs) {
		return
	}
	for i, lhs := range a.Lhs {
		switch a.Tok {
		case token.ASSIGN, token.DEFINE:
			t.store(lhs, t.load(a.Rhs[i]))
		case token.MUL_ASSIGN:
			if t.float(lhs) && !t.exactFactor(a.Rhs[i]) {
				t.store(lhs, load{product: true})
			}
		case token.ADD_ASSIGN, token.SUB_ASSIGN:
			if t.float(lhs) {
				t.summand(lhs)
				t.summand(a.Rhs[i])
			}
		}
	}
}

// store notes what a variable or a field carries from now on. What it carried before stays: branches are not told apart.
func (t *tracer) store(to ast.Expr, l load) {
	obj := t.place(to)
	if obj == nil || l == (load{}) {
		return
	}
	l.join(t.vars[obj])
	t.vars[obj] = l
}

// place returns the local variable or the field that an expression names.
func (t *tracer) place(e ast.Expr) types.Object {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := t.c.pass.TypesInfo.ObjectOf(x).(*types.Var); ok && !t.c.packageVar(v) {
			return v
		}
	case *ast.SelectorExpr:
		if s := t.c.pass.TypesInfo.Selections[x]; s != nil && s.Kind() == types.FieldVal {
			return s.Obj()
		}
	}
	return nil
}

// summand judges an operand of + or -.
func (t *tracer) summand(e ast.Expr) {
	l := t.load(e)
	t.flow.Adds |= l.params
	if l.product && t.loud {
		t.n.add(t.c, e.Pos(), fmt.Sprintf("a product is added without being rounded (%s)", types.ExprString(e)), whyFused)
	}
}

// arguments judges what is handed to a function that adds it.
func (t *tracer) arguments(call *ast.CallExpr) {
	f, args := t.callee(call)
	for i, arg := range args {
		if arg == nil || f.Adds&(1<<i) == 0 {
			continue
		}
		l := t.load(arg)
		t.flow.Adds |= l.params
		if l.product && t.loud {
			t.n.add(t.c, arg.Pos(), fmt.Sprintf("a product is added by %s without being rounded (%s)", types.ExprString(call.Fun), types.ExprString(arg)), whyFused)
		}
	}
}

// callee returns the flow of the function that is called, with its receiver and arguments by bit.
func (t *tracer) callee(call *ast.CallExpr) (flow, []ast.Expr) {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	args := append([]ast.Expr{nil}, call.Args...)
	var id *ast.Ident
	switch x := fun.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
		if s := t.c.pass.TypesInfo.Selections[x]; s != nil && s.Kind() == types.MethodVal {
			args[0] = x.X
		}
	default:
		return flow{}, nil
	}
	fn, ok := t.c.pass.TypesInfo.Uses[id].(*types.Func)
	if !ok {
		return flow{}, nil
	}
	fn = fn.Origin()
	if f := t.c.fusion[fn]; f != nil {
		return *f, args
	}
	var s summary
	if fn.Pkg() != nil && fn.Pkg() != t.c.pass.Pkg && t.c.pass.ImportObjectFact(fn, &s) {
		return s.Flow, args
	}
	return flow{}, nil
}

// load returns what the value of an expression may carry.
func (t *tracer) load(e ast.Expr) (l load) {
	if t.c.pass.TypesInfo.Types[e].Value != nil {
		return load{}
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		return t.load(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.SUB || x.Op == token.ADD || x.Op == token.AND {
			return t.load(x.X)
		}
	case *ast.BinaryExpr:
		l.product = x.Op == token.MUL && t.float(x) && !t.exactFactor(x.X) && !t.exactFactor(x.Y)
	case *ast.Ident:
		return t.vars[t.c.pass.TypesInfo.ObjectOf(x)]
	case *ast.SelectorExpr:
		if obj := t.place(x); obj != nil {
			l = t.vars[obj]
			if !pointer(t.c.pass.TypesInfo.TypeOf(x.X)) {
				l.join(t.load(x.X))
			}
		}
	case *ast.CompositeLit:
		for _, elt := range x.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			l.join(t.load(elt))
		}
	case *ast.CallExpr:
		return t.result(x)
	}
	return l
}

// result returns what a call gives back. A conversion to a float type rounds; one to another type of struct does not.
func (t *tracer) result(call *ast.CallExpr) (l load) {
	if t.c.pass.TypesInfo.Types[call.Fun].IsType() {
		if t.float(call) || len(call.Args) != 1 {
			return load{}
		}
		return t.load(call.Args[0])
	}
	f, args := t.callee(call)
	l.product = f.Returns
	for i, arg := range args {
		if arg != nil && f.Passes&(1<<i) != 0 {
			l.join(t.load(arg))
		}
	}
	return l
}

// float reports whether an expression is a float or of a type parameter that may be one.
func (t *tracer) float(e ast.Expr) bool {
	typ := t.c.pass.TypesInfo.TypeOf(e)
	if typ == nil {
		return false
	}
	if p, ok := types.Unalias(typ).(*types.TypeParam); ok {
		return mayBeFloat(p.Constraint())
	}
	b, ok := typ.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}

func mayBeFloat(constraint types.Type) bool {
	iface, ok := constraint.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for i := range iface.NumEmbeddeds() {
		switch x := iface.EmbeddedType(i).(type) {
		case *types.Union:
			for k := range x.Len() {
				if b, ok := x.Term(k).Type().Underlying().(*types.Basic); ok && b.Info()&types.IsFloat != 0 {
					return true
				}
			}
		default:
			if b, ok := x.Underlying().(*types.Basic); ok && b.Info()&types.IsFloat != 0 || mayBeFloat(x) {
				return true
			}
		}
	}
	return false
}

// exactFactor reports whether multiplying with e never rounds: it is a constant power of two.
func (t *tracer) exactFactor(e ast.Expr) bool {
	v := t.c.pass.TypesInfo.Types[e].Value
	if v == nil {
		return false
	}
	f, _ := constant.Float64Val(constant.ToFloat(v))
	frac, _ := math.Frexp(math.Abs(f))
	return frac == 0.5 || f == 0
}

func pointer(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}
