package netvet

import (
	"go/ast"
	"go/token"
	"strings"
)

// allowed are the lines that a comment says to be right all the same.
type allowed map[string]map[int]bool

func (a allowed) at(p token.Position) bool { return a[p.Filename][p.Line] }

const mark = "//netvet:ok"

// readAllowed collects the marks of the package, and reports those without a reason.
func (c *checker) readAllowed() allowed {
	all := allowed{}
	for _, file := range c.pass.Files {
		var code map[int]bool // the lines with code, found when they are asked for
		for _, group := range file.Comments {
			for _, comment := range group.List {
				reason, ok := strings.CutPrefix(comment.Text, mark)
				if !ok {
					continue
				}
				if reason, _, _ = strings.Cut(reason, "//"); strings.TrimSpace(reason) == "" {
					c.pass.Reportf(comment.Pos(), "%s needs a reason: say why this line is the same on every machine", mark)
					continue
				}
				if code == nil {
					code = c.codeLines(file)
				}
				at := c.pass.Fset.Position(comment.Pos())
				if all[at.Filename] == nil {
					all[at.Filename] = map[int]bool{}
				}
				all[at.Filename][at.Line] = true
				if !code[at.Line] {
					all[at.Filename][at.Line+1] = true
				}
			}
		}
	}
	return all
}

// codeLines returns the lines of a file on which something other than a comment begins or ends.
func (c *checker) codeLines(file *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		}
		lines[c.pass.Fset.Position(n.Pos()).Line] = true
		lines[c.pass.Fset.Position(n.End()-1).Line] = true
		return true
	})
	return lines
}
