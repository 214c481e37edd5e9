package test

import (
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// operations are the packages of operations: a file for each operation and, on the floor below, files named after their noun.
var operations = []string{"internal/api/userpools", "internal/api/identitypools"}

// snakeOf returns an operation's name as its file spells it: AdminSetUserMFAPreference is admin_set_user_mfa_preference.
func snakeOf(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		begins := unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// namedIn returns the operations that a table of contents names, by their files.
func namedIn(table *ast.File) map[string]string {
	named := map[string]string{}
	ast.Inspect(table, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		name, ok := call.Args[0].(*ast.BasicLit)
		if fn, isName := call.Fun.(*ast.Ident); ok && isName && fn.Name == "op" {
			operation := strings.Trim(name.Value, `"`)
			named[snakeOf(operation)+".go"] = operation
		}
		return true
	})
	return named
}

// declared returns what a file declares at its top, methods by their own name.
func declared(f *ast.File) (names []string) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// TestOperationsStandOnTwoFloors: the file of an operation exports the operation and nothing else, and declares nothing that the file of
// another operation uses.
func TestOperationsStandOnTwoFloors(t *testing.T) {
	t.Parallel()
	_, files := sources(t)
	for _, dir := range operations {
		inside := map[string]*ast.File{}
		for _, f := range files {
			if f.dir == dir && !f.test {
				inside[path.Base(f.name)] = f.file
			}
		}
		if len(inside) == 0 {
			continue // not built yet
		}
		named := namedIn(inside["operations.go"])
		if len(named) < 5 {
			t.Errorf("%s: the table names only %d operations", dir, len(named))
		}
		owner := map[string]string{} // of what the files of operations declare for themselves
		for _, file := range slices.Sorted(maps.Keys(named)) {
			if inside[file] == nil {
				t.Errorf("%s/%s is missing, the file of %s", dir, file, named[file])
				continue
			}
			for _, name := range declared(inside[file]) {
				switch {
				case name == named[file]:
				case ast.IsExported(name):
					t.Errorf("%s/%s exports %s beside %s", dir, file, name, named[file])
				default:
					owner[name] = file
				}
			}
		}
		for file := range named {
			if inside[file] == nil {
				continue
			}
			ast.Inspect(inside[file], func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && owner[id.Name] != "" && owner[id.Name] != file && !slices.Contains(declared(inside[file]), id.Name) {
					t.Errorf("%s/%s uses %s, which %s declares: it belongs in a file named after its noun", dir, file, id.Name, owner[id.Name])
					delete(owner, id.Name)
				}
				return true
			})
		}
	}
}
