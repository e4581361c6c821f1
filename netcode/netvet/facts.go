package netvet

import (
	"fmt"
	"go/types"
	"path"
	"slices"
)

// summary is what a package tells those that import it about one of its functions or variables: all that is wrong in its
// reach, and how products pass through it.
type summary struct {
	Findings []farFinding
	Flow     flow
}

// farFinding is a finding in another package.
type farFinding struct {
	What, Why, Where string
	Chain            []string
}

// changes marks a package variable that something writes after its initialization.
type changes struct{}

func (*summary) AFact() {}
func (*changes) AFact() {}

func (s *summary) String() string { return fmt.Sprintf("%d findings", len(s.Findings)) }
func (*changes) String() string   { return "changes" }

// maxFar is how many findings a function carries into other packages. More are said where they are, once these are mended.
const maxFar = 16

// export tells importing packages what this one knows.
func (c *checker) export() {
	for _, n := range c.order {
		if !n.obj.Exported() {
			continue // others cannot name it
		}
		s := &summary{Findings: c.far(n)}
		if fn, ok := n.obj.(*types.Func); ok {
			if f := c.fusion[fn]; f != nil {
				s.Flow = *f
			}
		}
		if len(s.Findings) > 0 || s.Flow != (flow{}) {
			c.pass.ExportObjectFact(n.obj, s)
		}
	}
	for v := range c.changed {
		if v.Pkg() == c.pass.Pkg && v.Exported() {
			c.pass.ExportObjectFact(v, new(changes))
		}
	}
}

// far collects what is wrong in reach of a function.
func (c *checker) far(root *node) (all []farFinding) {
	add := func(f farFinding) {
		known := slices.ContainsFunc(all, func(o farFinding) bool { return o.Where == f.Where && o.What == f.What })
		if len(all) < maxFar && !known {
			all = append(all, f)
		}
	}
	names := func(v *visit) []string { return append([]string{qualified(root.obj)}, v.chain()[1:]...) }
	c.walk(root, func(v *visit) {
		for _, f := range v.n.findings {
			at := c.pass.Fset.Position(f.pos)
			add(farFinding{f.what, f.why, fmt.Sprintf("%s:%d", path.Base(at.Filename), at.Line), names(v)})
		}
	}, func(v *visit, to call) {
		var s summary
		if c.pass.ImportObjectFact(to.to, &s) {
			for _, f := range s.Findings {
				add(farFinding{f.What, f.Why, f.Where, append(names(v), f.Chain...)})
			}
		}
	})
	return all
}
