// Package test holds what is true of the repository as a whole.
package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cenote-id/cenote/"

// layers is the table of packages: each may import the project's packages behind the colon and no other. Arrows go downwards only:
// a package stands below all that it may import. "..." allows everything above it in the table.
var layers = []string{
	"internal/fault:",
	"internal/tracing:",
	"internal/seal:",
	"internal/clock:",
	"internal/caller:",
	"internal/model:",
	"internal/config:",
	"internal/libcrypto:",
	"internal/srpgroup:",
	"internal/wire: fault",
	"internal/gen: fault model wire",
	"internal/outbound: tracing",
	"internal/sigv4: fault",
	"internal/credential: fault seal srpgroup",
	"internal/credential/passkey: fault wire",
	"internal/pool: credential fault seal wire",
	"internal/user: credential credential/passkey fault pool seal wire",
	"internal/identity: fault seal wire",
	"internal/store: identity clock credential fault pool seal user wire tracing",
	"internal/archive: store wire",
	"internal/importer: credential fault pool store user wire",
	"internal/federate: fault outbound pool wire",
	"internal/message: credential fault outbound pool tracing user wire",
	"internal/token: credential fault pool seal store user wire",
	"internal/trigger/carrier: outbound wire",
	"internal/trigger/esdk: outbound seal wire",
	"internal/trigger: caller fault pool seal tracing trigger/carrier trigger/esdk user wire",
	"internal/logs: fault outbound pool store user wire",
	"internal/notify: caller credential fault logs message pool store tracing trigger user wire",
	"internal/audit: caller fault logs notify pool store user wire",
	"internal/signin: audit caller credential credential/passkey fault message notify pool seal store token trigger user wire",
	"internal/api: caller fault pool seal wire",
	"internal/limit: api caller fault pool wire",
	"internal/sts: identity outbound fault",
	"internal/api/identitypools: api caller fault federate identity pool seal store token user wire",
	"internal/api/userpools: api audit authorize caller credential credential/passkey fault federate message notify pool seal signin store token trigger user wire",
	"internal/authorize: caller fault federate pool signin store token trigger user wire",
	"internal/external: authorize caller credential fault federate pool signin store token trigger user wire",
	"internal/trail: api caller fault pool store wire",
	"internal/operate: archive caller config fault identity libcrypto message pool seal store token tracing trail wire",
	"internal/door: caller",
	"internal/door/rpc: api caller door fault sigv4 tracing wire",
	"internal/door/oauth: api authorize caller door external fault federate limit pool signin token wire",
	"internal/door/pages: external federate api authorize caller credential limit door fault pool signin store token user wire",
	"internal/door/upload: door importer",
	"internal/door/dev: clock door message trigger wire",
	"internal/standin: pool wire",
	"internal/server: ...",
	"client/srp: srpgroup",
	"client/internal/bounded:",
	"client: client/internal/bounded client/srp",
	"client/keyring: client",
	"client/identitypool: client client/internal/bounded",
	"client/verify:",
	"internal/cli: ...",
	"internal/store/storetest: credential credential/passkey fault pool seal store user wire cenotetest/pgtest",
	"internal/cenotetest/prepared: config server",
	"cenotetest: cenotetest/prepared server trigger",
	"internal/cenotetest/passkeytest:",
	"internal/cenotetest/pgtest:",
	"internal/cenotetest: ...",
	"cmd/cenote: cli",
	"packaging:",
	"examples/go:",
	"examples/grpc: client/verify",
	"examples/scenarios/go/scenario:",
	"examples/scenarios/go/hello: examples/scenarios/go/scenario",
	"examples/scenarios/go/sign-up-with-mfa: client examples/scenarios/go/scenario",
	"examples/scenarios/go/confirm-known-users: examples/scenarios/go/scenario",
	"examples/scenarios/go/tracked-device: client examples/scenarios/go/scenario",
}

// owners says who alone may import a library (a module path or a part of one) outside tests.
var owners = map[string][]string{
	"github.com/go-json-experiment/json":  {"internal/wire"},
	"database/sql":                        {"internal/store"},
	"modernc.org/sqlite":                  {"internal/store"},
	"github.com/jackc/pgx":                {"internal/store", "internal/cenotetest/pgtest"},
	"github.com/pressly/goose":            {"internal/store"},
	"github.com/go-webauthn/webauthn":     {"internal/credential/passkey"},
	"github.com/go-jose/go-jose":          {"internal/token", "internal/door/oauth", "internal/federate", "internal/standin", "client/verify"},
	"github.com/coreos/go-oidc":           {"internal/federate", "test/"},
	"golang.org/x/oauth2":                 {"internal/federate"},
	"github.com/crewjam/saml":             {"internal/federate", "internal/standin"},
	"github.com/russellhaering/goxmldsig": {"internal/federate", "internal/standin"},
	"github.com/wneessen/go-mail":         {"internal/message"},
	"filippo.io/age":                      {"internal/archive", "internal/operate"},
	"filippo.io/bigmod":                   {"client/srp"},
	"github.com/ebitengine/purego":        {"internal/libcrypto"},
	"go.opentelemetry.io":                 {"internal/tracing", "test/"},
	"github.com/gofrs/flock":              {"client", "internal/operate"},
	"github.com/zalando/go-keyring":       {"client/keyring"},
	"github.com/aws/aws-sdk-go-v2":        {"internal/sigv4", "internal/outbound", "internal/logs", "internal/trigger/", "internal/cli", "client", "cenotetest", "test/", "examples/"},
	"github.com/google/licensecheck":      {"packaging"},
	"golang.org/x/crypto/x509roots":       {"packaging"},
	"net/http": {
		"cmd/", "client", "test/", "examples/", "internal/door", "internal/operate", "internal/server", "internal/cli",
		"internal/outbound", "internal/tracing", "internal/logs", "internal/federate", "internal/standin", "internal/sts", "internal/sigv4", "internal/message", "internal/trigger/", "internal/wire", "internal/cenotetest",
	},
	"math/rand": {},
	"C":         {},
}

// clocks are the packages that may read the machine's clock; all others are given the time.
var clocks = []string{"cmd/", "client", "cenotetest", "examples/", "test/", "internal/clock", "internal/operate", "internal/server", "internal/cli", "internal/cenotetest"}

// printers are the packages that may print to the terminal.
var printers = []string{"cmd/", "test/", "internal/cli", "internal/gen", "packaging"}

// source is one Go file of the repository.
type source struct {
	name string // path from the root, with slashes
	dir  string
	test bool // belongs to tests only
	file *ast.File
}

// sources parses every Go file that belongs to the repository.
func sources(t *testing.T) (*token.FileSet, []source) {
	t.Helper()
	fset := token.NewFileSet()
	var files []source
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "node_modules" || base == "testdata" || (strings.HasPrefix(base, ".") && base != "..") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
		files = append(files, source{
			name: rel, dir: path.Dir(rel), file: file,
			test: strings.HasSuffix(rel, "_test.go") || within(path.Dir(rel), []string{"test/", "internal/cenotetest", "internal/store/storetest"}),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d Go files found", len(files))
	}
	return fset, files
}

// imports lists the paths that a file imports.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.file.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}

// within says whether a folder is one of the listed ones; an entry with a slash at its end covers all below it.
func within(dir string, entries []string) bool {
	return slices.ContainsFunc(entries, func(e string) bool {
		return dir == strings.TrimSuffix(e, "/") || (strings.HasSuffix(e, "/") && strings.HasPrefix(dir+"/", e)) || strings.HasPrefix(dir, e+"/")
	})
}

// allowed spreads the table: package -> packages it may import.
func allowed(t *testing.T) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	for _, row := range layers {
		name, list, _ := strings.Cut(row, ":")
		names := strings.Fields(list)
		if slices.Equal(names, []string{"..."}) {
			table[name] = slices.Collect(maps.Keys(table))
			continue
		}
		for i, n := range names {
			if !strings.HasPrefix(n, "client") && !strings.HasPrefix(n, "examples/") {
				names[i] = "internal/" + n
			}
		}
		table[name] = names
	}
	return table
}

func TestPackagesImportDownwardsOnly(t *testing.T) {
	t.Parallel()
	_, files := sources(t)
	table := allowed(t)
	for _, s := range files {
		if strings.HasPrefix(s.dir, "test") || strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		mayImport, known := table[s.dir]
		if !known {
			t.Errorf("%s: package %s is not in the table of layers", s.name, s.dir)
			continue
		}
		for _, p := range s.imports() {
			if rel, ours := strings.CutPrefix(p, module); ours && !slices.Contains(mayImport, rel) {
				t.Errorf("%s imports %s, which %s may not", s.name, rel, s.dir)
			}
		}
	}
}

// TestTheTableHasNoCircle makes sure that the table itself points downwards.
func TestTheTableHasNoCircle(t *testing.T) {
	t.Parallel()
	table := allowed(t)
	var visit func(name string, path []string)
	visit = func(name string, path []string) {
		if slices.Contains(path, name) {
			t.Fatalf("a circle: %v", append(path, name))
		}
		for _, next := range table[name] {
			visit(next, append(slices.Clone(path), name))
		}
	}
	for name := range table {
		if !strings.HasSuffix(name, "server") && !strings.HasSuffix(name, "cli") && name != "internal/cenotetest" {
			visit(name, nil)
		}
	}
}

func TestLibrariesStayWithTheirOwners(t *testing.T) {
	t.Parallel()
	_, files := sources(t)
	for _, s := range files {
		if s.test {
			continue
		}
		for _, p := range s.imports() {
			for library, who := range owners {
				if (p == library || strings.HasPrefix(p, library+"/")) && !within(s.dir, who) {
					t.Errorf("%s imports %s, which belongs to %v", s.name, p, who)
				}
			}
		}
	}
}

func TestTimeIsGivenJSONIsReadExactlyAndTheTerminalIsLeftAlone(t *testing.T) {
	t.Parallel()
	fset, files := sources(t)
	for _, s := range files {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			switch name := pkg.Name + "." + sel.Sel.Name; name {
			case "json.Unmarshal", "json.NewDecoder": // without regard to case, and the last of two members counts
				if !within(s.dir, []string{"internal/wire", "internal/model", "cmd/", "client", "examples/", "packaging"}) {
					t.Errorf("%s: %s: decode with wire.Unmarshal, which compares names exactly", fset.Position(n.Pos()), name)
				}
			case "time.Now", "time.Since":
				if !within(s.dir, clocks) {
					t.Errorf("%s: %s: take the time as a parameter", fset.Position(n.Pos()), name)
				}
			case "fmt.Print", "fmt.Printf", "fmt.Println":
				if !within(s.dir, printers) {
					t.Errorf("%s: %s: log, or return an error", fset.Position(n.Pos()), name)
				}
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	_, files := sources(t)
	said := map[string]bool{}
	for _, s := range files {
		if !strings.HasSuffix(s.name, "_test.go") {
			said[s.dir] = said[s.dir] || s.file.Doc != nil
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("no file of %s has a package comment", dir)
		}
	}
}

// TestNoFileNamesARegistry keeps the places from which one developer's machine fetches packages out of the repository.
// TestTheArchitectureNamesEveryPackage keeps the table of docs/architecture.md complete. A package below one of the table may go by its last word.
func TestTheArchitectureNamesEveryPackage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		name, _, _ := strings.Cut(layer, ":")
		if strings.HasPrefix(name, "examples/") {
			continue
		}
		known := strings.Contains(string(text), "`"+name+"`")
		if parent := path.Dir(name); strings.Contains(string(text), "`"+parent+"`") {
			known = known || strings.Contains(string(text), "`"+path.Base(name)+"`")
		}
		if !known {
			t.Errorf("docs/architecture.md lacks %s", name)
		}
	}
}

func TestNoFileNamesARegistry(t *testing.T) {
	t.Parallel()
	hosts := registryHosts(t)
	resolved := regexp.MustCompile(`(?m)^\s*"resolved":`)
	setting := regexp.MustCompile(`(?m)^\s*(@[\w-]+:)?registry\s*=|_auth`)
	for _, name := range committed(t) {
		content, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			continue // deleted, not yet committed
		}
		base := path.Base(name)
		if base == "package-lock.json" && resolved.Match(content) {
			t.Errorf("%s names the addresses of packages; make it with the .npmrc beside it", name)
		}
		if base == ".npmrc" && setting.Match(content) {
			t.Errorf("%s sets a registry or a credential", name)
		}
		if base == "package-lock.json" {
			if _, err := os.Stat(filepath.Join("..", path.Dir(name), ".npmrc")); err != nil {
				t.Errorf("%s has no .npmrc beside it: %v", name, err)
			}
		}
		for _, host := range hosts {
			if strings.Contains(string(content), host) {
				t.Errorf("%s names the package host of this machine", name)
			}
		}
	}
}

// registryHosts are the hosts from which this machine fetches Go modules and npm packages.
func registryHosts(t *testing.T) []string {
	t.Helper()
	var hosts []string
	for _, command := range [][]string{{"go", "env", "GOPROXY"}, {"npm", "config", "get", "registry"}} {
		cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
		said, err := cmd.Output()
		if err != nil {
			t.Logf("%v: %v", command, err)
			continue
		}
		for _, word := range strings.FieldsFunc(string(said), func(r rune) bool { return strings.ContainsRune(",| \n", r) }) {
			if u, err := url.Parse(word); err == nil && len(u.Hostname()) > 3 && u.Hostname() != "localhost" && !strings.HasPrefix(u.Hostname(), "127.") {
				hosts = append(hosts, u.Hostname())
			}
		}
	}
	return hosts
}

// committed lists the files that are, or would be, in the repository.
func committed(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	cmd.Dir = ".."
	said, err := cmd.Output()
	if err != nil {
		t.Skipf("not a git work tree: %v", err)
	}
	names := strings.Split(strings.TrimSuffix(string(said), "\x00"), "\x00")
	if len(names) < 10 {
		t.Fatalf("git knows only %d files", len(names))
	}
	return names
}
