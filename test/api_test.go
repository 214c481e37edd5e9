package test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files again")

// public are the packages that other modules may import.
var public = []string{"cenotetest", "client", "client/identitypool", "client/keyring", "client/srp", "client/verify"}

// TestThePublicAPIIsAsPromised compares the exported declarations with a golden file: whoever changes them decides that on purpose, and tells
// it in CHANGELOG.md. go test ./test -run PublicAPI -update writes the file.
func TestThePublicAPIIsAsPromised(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	for _, dir := range public {
		writeAPI(t, &got, dir)
	}
	const golden = "testdata/api.txt"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the exported API has changed (-golden +got):\n%s", diff)
	}
}

// writeAPI prints the exported declarations of a package, without comments, in the order of go doc.
func writeAPI(t *testing.T, w *bytes.Buffer, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(fset, files, module+dir)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, "package %s // %s\n\n", p.Name, p.ImportPath)
	show := func(decl ast.Decl) {
		if f, ok := decl.(*ast.FuncDecl); ok {
			f.Body = nil
		}
		if err := format.Node(w, fset, decl); err != nil {
			t.Fatal(err)
		}
		w.WriteString("\n\n")
	}
	values := func(lists ...[]*doc.Value) {
		for _, list := range lists {
			for _, v := range list {
				show(v.Decl)
			}
		}
	}
	functions := func(list []*doc.Func) {
		for _, f := range list {
			show(f.Decl)
		}
	}
	values(p.Consts, p.Vars)
	functions(p.Funcs)
	for _, typ := range p.Types {
		show(typ.Decl)
		values(typ.Consts, typ.Vars)
		functions(typ.Funcs)
		functions(typ.Methods)
	}
}
