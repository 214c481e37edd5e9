//go:build linux

// Package libcrypto runs the build whose signatures are made by the system's OpenSSL, next to the one that needs no library.
package libcrypto

import (
	"debug/elf"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/client/verify"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

// build builds the command with the tag.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cenote")
	cmd := exec.Command("go", "build", "-tags", "libcrypto", "-o", path, "github.com/cenote-id/cenote/cmd/cenote")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, said)
	}
	return path
}

// needs lists the libraries that a program is linked to.
func needs(t *testing.T, path string) []string {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	return libraries
}

// system finds a library of the system, as the dynamic linker does.
func system(t *testing.T, name string) string {
	t.Helper()
	for _, pattern := range []string{"/lib/*-linux-gnu/", "/usr/lib/*-linux-gnu/", "/lib64/", "/usr/lib64/"} {
		if found, _ := filepath.Glob(pattern + name); len(found) > 0 {
			return found[0]
		}
	}
	t.Skipf("this system has no %s", name)
	return ""
}

func TestTheBuildWithTheTagSignsByLibcryptoAndFallsBack(t *testing.T) {
	t.Parallel()
	program := build(t)
	if got := needs(t, cenotetest.Binary(t)); len(got) != 0 {
		t.Errorf("the static build needs %v", got)
	}
	if got := needs(t, program); !slices.Contains(got, "libc.so.6") && !slices.Contains(got, "libdl.so.2") || slices.Contains(got, "libcrypto.so.3") {
		t.Errorf("the build with the tag needs %v: want libc, and libcrypto only while it runs", got)
	}

	wrong, broken := t.TempDir(), t.TempDir()
	if err := os.Symlink(system(t, "libm.so.6"), filepath.Join(wrong, "libcrypto.so.3")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "libcrypto.so.3"), []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ libraries, signer, doctor, log string }{
		"the library of the system": {"", "libcrypto 3.", "ok    signatures     by libcrypto 3.", `"msg":"libcrypto signs tokens"`},
		"another library":           {wrong, "crypto/rsa", "warn  signatures     by crypto/rsa", "it has no function "},
		"a file that is none":       {broken, "crypto/rsa", "warn  signatures     by crypto/rsa", "load libcrypto.so.3: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var env []string
			if tc.libraries != "" {
				env = []string{"LD_LIBRARY_PATH=" + tc.libraries}
			}
			p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Program: program, Env: env})
			signIn(t, p)
			_, metrics := cenotetest.Get(t, http.DefaultClient, p.URL+"/metrics")
			if !strings.Contains(metrics, `cenote_signer{implementation="`+tc.signer) || signing(metrics) != 1 {
				t.Errorf("the metrics do not say that %s signs:\n%s", tc.signer, metrics)
			}
			if strings.Count(p.Log(), tc.log) != 1 {
				t.Errorf("the log lacks one line with %q:\n%s", tc.log, p.Log())
			}
			doctor := exec.Command(program, "doctor", "--data-dir", p.DataDir, "--listen", "127.0.0.1:0")
			doctor.Env, doctor.Dir = append(os.Environ(), env...), p.DataDir
			if said, _ := doctor.CombinedOutput(); !strings.Contains(string(said), tc.doctor) {
				t.Errorf("doctor says:\n%s", said)
			}
			if code := p.Stop(t); code != 0 { // signals reach a program that runs on the C library's threads
				t.Errorf("SIGTERM ends it with %d:\n%s", code, p.Log())
			}
		})
	}
}

// signing counts the implementations that the metrics say are in use.
func signing(metrics string) (n int) {
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "cenote_signer{") && strings.HasSuffix(line, " 1\n") {
			n++
		}
	}
	return n
}

// signIn signs in with the password and over SRP, and verifies the tokens.
func signIn(t *testing.T, p *cenotetest.Process) {
	t.Helper()
	const name, password = "ann", "Corr3ct-horse!"
	api := p.SDK()
	made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("people")})
	must(t, err)
	id := made.UserPool.Id
	app, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: id, ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	must(t, err)
	_, err = api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: id, Username: aws.String(name), MessageAction: "SUPPRESS"})
	must(t, err)
	_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: id, Username: aws.String(name), Password: aws.String(password), Permanent: true})
	must(t, err)
	people, err := client.NewPool(client.Config{PoolID: *id, ClientID: *app.UserPoolClient.ClientId, Endpoint: p.URL})
	must(t, err)
	verifier, err := verify.New(verify.Config{Issuer: p.URL + "/" + *id, Rule: verify.Rule{ClientIDs: []string{*app.UserPoolClient.ClientId}}})
	must(t, err)
	for _, flow := range []client.Flow{client.FlowSRP, client.FlowPassword} {
		for range 3 { // the first signature of each key is checked; the later ones are the library's alone
			result, err := people.User(name).SignIn(t.Context(), client.SignIn{Flow: flow, Password: password})
			must(t, err)
			for _, token := range []string{result.Session.IDToken.JWT(), result.Session.AccessToken.JWT()} {
				if _, err := verifier.Verify(t.Context(), token); err != nil {
					t.Errorf("%s: %v", flow, err)
				}
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
