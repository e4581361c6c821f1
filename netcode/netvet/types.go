package netvet

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strings"
)

// judgeTypes reports the fields of a game's world and input that are no plain values.
func (c *checker) judgeTypes(game *types.Named, pos token.Pos) {
	args := game.TypeArgs()
	key := types.TypeString(game, nil)
	if c.seen[key] {
		return // said already, at another literal
	}
	c.seen[key] = true
	for i, role := range []string{"world", "input"} {
		if i < args.Len() {
			j := judge{c, role, pos, map[types.Type]bool{}, &node{name: role}}
			j.field(args.At(i), types.TypeString(args.At(i), types.RelativeTo(c.pass.Pkg)), "", pos)
			c.follow(j.codecs)
		}
	}
}

// judge walks one type. Fields of other packages are reported where the game is.
type judge struct {
	c    *checker
	role string
	game token.Pos
	seen map[types.Type]bool // named types on the way: the language allows none to hold itself, but its parts may recur

	codecs *node // calls the methods of every sim.Custom
}

func (j *judge) field(t types.Type, path, tag string, pos token.Pos) {
	if _, open := types.Unalias(t).(*types.TypeParam); open {
		return // judged where it is filled in, if that is a game
	}
	if why := misfit(t, tag); why != "" {
		j.report(pos, path, t, why)
		return
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if j.seen[n] {
			return
		}
		j.seen[n] = true
		if row := tableRow(n); row != nil {
			j.field(row, path+"[]", "", pos)
			return
		}
		if j.custom(n, pos) {
			tag = "server" // it may hold what does not travel
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		j.field(u.Elem(), path+"[]", tag, pos)
	case *types.Struct:
		for i := range u.NumFields() {
			f, own := u.Field(i), tag
			if text, ok := reflect.StructTag(u.Tag(i)).Lookup("net"); ok && tag != "server" {
				own = text
			}
			at := pos
			if f.Pkg() == j.c.pass.Pkg {
				at = f.Pos()
			}
			j.field(f.Type(), path+"."+f.Name(), own, at)
		}
	}
}

// custom reports whether values of a type say themselves how they travel (sim.Custom). Then their methods run wherever Step does.
func (j *judge) custom(n *types.Named, pos token.Pos) bool {
	set := types.NewMethodSet(types.NewPointer(n))
	found := 0
	for _, name := range []string{"NetLanes", "NetEncode", "NetDecode"} {
		if m := set.Lookup(nil, name); m != nil {
			found++
			at := pos
			if m.Obj().Pkg() == j.c.pass.Pkg {
				at = m.Obj().Pos()
			}
			j.codecs.calls = append(j.codecs.calls, call{at, m.Obj()})
		}
	}
	return found == 3
}

func (j *judge) report(pos token.Pos, path string, t types.Type, why string) {
	j.c.report(pos, fmt.Sprintf("%s is %s", path, types.TypeString(t, types.RelativeTo(j.c.pass.Pkg))), why, []string{j.role})
}

// tableRow returns the row type of a sim.Table, or nil.
func tableRow(n *types.Named) types.Type {
	if n.Obj().Name() == "Table" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == simPath && n.TypeArgs().Len() == 1 {
		return n.TypeArgs().At(0)
	}
	return nil
}

// misfit says why a type has no place in a world or an input, or nothing.
func misfit(t types.Type, tag string) string {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return "a copied world would share what it points to: name rows by sim.ID"
	case *types.Slice:
		return "a copied world would share its elements: use a sim.Table, or an array and a count"
	case *types.Map:
		return "a copied world would share it, and its order is random: use a sim.Table, or an array"
	case *types.Chan, *types.Signature, *types.Interface:
		return "it cannot be sent or compared: keep a number that says which one is meant"
	case *types.Basic:
		return misfitBasic(u, tag)
	}
	return ""
}

func misfitBasic(b *types.Basic, tag string) string {
	switch b.Kind() {
	case types.String:
		return "it has no size: use an array of bytes, or a number that stands for the text"
	case types.Int, types.Uint:
		if !strings.Contains(tag, "range=") && tag != "server" {
			return fmt.Sprintf("it has 32 bits on some machines and 64 on others: use %s32, or give it a range", b.Name())
		}
	case types.Float64:
		if tag != "server" {
			return "it does not travel: use float32, or tag it `net:\"server\"`"
		}
	case types.Uintptr, types.UnsafePointer, types.Complex64, types.Complex128:
		return "it does not travel: use sized integers and float32"
	}
	return ""
}
