package sdk_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/test/sdk"
)

// TestJavaScript runs each file of js against a server of its own, so that one may move its clock without the others noticing.
func TestJavaScript(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	node := sdk.Program(t, "node")
	sdk.InstallPackages(t, "js")
	files, err := filepath.Glob("js/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in js: %v", err)
	}
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".test.mjs")
			t.Run(name, func(t *testing.T) {
				srv, lambda := sdk.StartWithLambda(t, db)
				runNode(t, node, file, srv, []*os.File{lambda}, "CENOTE_TEST_LAMBDA_FD=3") // the first that is inherited
			})
		}
		t.Run("jwt_verify with the issuer of AWS", func(t *testing.T) {
			runNode(t, node, "js/jwt_verify.test.mjs", sdk.StartWithAWSIssuer(t, db), nil, "CENOTE_AWS_ISSUER=1")
		})
	})
}

// TestBrowser runs the judges that need a browser: passkeys, which only a page can make, people on the sign-in pages, and applications that send
// people there. Their server is on localhost, since an address of numbers can have no passkeys; a certificate lets applications that know
// HTTPS alone have a proxy in front of it.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	node, browser := sdk.Program(t, "node"), sdk.Program(t, "chromium", "chromium-browser", "google-chrome")
	sdk.InstallPackages(t, "js")
	sdk.InstallPackages(t, "browser")
	files, err := filepath.Glob("browser/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in browser: %v", err)
	}
	certificate, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	cenotetest.WriteCertificate(t, certificate, key, 1, time.Now().Add(time.Hour))
	env := []string{"CENOTE_TEST_CHROMIUM=" + browser, "CENOTE_TEST_CERTIFICATE=" + certificate, "CENOTE_TEST_KEY=" + key}
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".test.mjs")
			t.Run(name, func(t *testing.T) {
				start := sdk.StartOnLocalhost
				if name == "account" {
					start = sdk.StartWithAccountPages
				}
				runNode(t, node, file, start(t, db), nil, env...)
			})
		}
	})
}

var passed = regexp.MustCompile(`(?m)^ℹ pass [1-9]\d*$`)

// runNode runs one test file to its end and shows what it says. The process inherits the open files.
func runNode(t *testing.T, node, file string, srv *cenotetest.Server, open []*os.File, env ...string) {
	t.Helper()
	var said bytes.Buffer
	folder, name := filepath.Split(file)
	cmd := exec.CommandContext(t.Context(), node, "--test-force-exit", "--test-reporter=spec", "--test-reporter-destination=stdout", name)
	cmd.Dir = folder
	cmd.Env = append(append(sdk.Env(srv), "NODE_NO_WARNINGS=1", "NO_COLOR=1"), env...)
	cmd.ExtraFiles = open
	cmd.Stdout = io.MultiWriter(&said, t.Output())
	cmd.Stderr = t.Output()
	if err := cmd.Run(); err != nil {
		t.Errorf("node %s: %v", file, err)
	}
	if !passed.Match(said.Bytes()) {
		t.Errorf("node %s reported no passed test", file)
	}
}
