package house_test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
)

// secretRooms are those that hold what is presented against what is known. How
// long a comparison there takes must not tell how much of a guess was right.
var secretRooms = []string{"internal/identity", "internal/identity/signature", "internal/callback", "internal/secret"}

// secretName is how they name what must not be compared byte by byte.
var secretName = regexp.MustCompile(`(?i)(secret|signature|password|token|hash|mac|sum)$`)

// hastyComparisons end at the first byte that differs.
var hastyComparisons = map[string][]string{
	"bytes":   {"Equal", "Compare", "EqualFold", "HasPrefix"},
	"strings": {"Compare", "EqualFold"},
	"slices":  {"Equal", "Compare"},
	"reflect": {"DeepEqual"},
}

// hasty returns what a node says that compares secrets, or "". names are those of
// imported packages.
func (s source) hasty(n ast.Node, names map[string]string) string {
	if s.test() || !slices.Contains(secretRooms, s.directory()) {
		return ""
	}
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if (n.Op == token.EQL || n.Op == token.NEQ) && !constant(n.X) && !constant(n.Y) && (namesSecret(n.X) || namesSecret(n.Y)) {
			return n.Op.String()
		}
	case *ast.SelectorExpr:
		if name, ok := n.X.(*ast.Ident); ok && slices.Contains(hastyComparisons[path.Base(names[name.Name])], n.Sel.Name) {
			return name.Name + "." + n.Sel.Name
		}
	}
	return ""
}

// constant reports whether an expression is a literal or nil: whether there is a
// secret at all is no secret.
func constant(x ast.Expr) bool {
	name, isName := x.(*ast.Ident)
	_, isLiteral := x.(*ast.BasicLit)
	return isLiteral || isName && name.Name == "nil"
}

func namesSecret(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return secretName.MatchString(x.Name)
	case *ast.SelectorExpr:
		return secretName.MatchString(x.Sel.Name)
	case *ast.IndexExpr:
		key, ok := x.Index.(*ast.BasicLit)
		return ok && secretName.MatchString(key.Value[:len(key.Value)-1]) || namesSecret(x.X)
	case *ast.SliceExpr:
		return namesSecret(x.X)
	case *ast.CallExpr:
		return slices.ContainsFunc(x.Args, namesSecret)
	}
	return false
}
