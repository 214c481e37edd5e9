package reliability_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// The steps of "A leaked master key" in docs/operators.md.
func TestALeakedMasterKeyIsRetired(t *testing.T) {
	t.Parallel()
	binary := cenotetest.Binary(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "master.key")
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{DataDir: dir})
	api := p.SDK()
	d := newDirectory(t, api)
	d.newUser(t, api, "ann")
	secret, err := api.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &d.pool, ClientName: new("with a secret"), GenerateSecret: true,
	})
	must(t, err)
	leaked, err := os.ReadFile(file)
	must(t, err)
	command := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), binary, append(args, "--data-dir", dir)...).CombinedOutput()
		if err != nil {
			t.Fatalf("cenote %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}

	fresh := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")) + "\n"
	must(t, os.WriteFile(file, append([]byte(fresh), leaked...), 0o600))
	p.Stop(t)
	p.Start(t)
	if said := command("key", "rotate-master"); !strings.Contains(said, "Nothing in the database needs an earlier master key") {
		t.Errorf("rotate-master says %q", said)
	}
	if said := command("key", "rotate-master"); !strings.Contains(said, "Nothing to do") || strings.Contains(said, "remove") {
		t.Errorf("with nothing to do, rotate-master says %q", said)
	}
	must(t, os.WriteFile(file, []byte(fresh), 0o600))
	p.Stop(t)
	p.Start(t)
	api = p.SDK()
	if _, err := d.signIn(t, api, "ann", password); err != nil {
		t.Errorf("sign-in under the new master key: %v", err)
	}

	// What the thief has read.
	document := func(path string) func() string {
		return func() string {
			_, body := cenotetest.Get(t, http.DefaultClient, p.URL+path)
			return body
		}
	}
	jwks, ofIdentities := document("/"+d.pool+"/.well-known/jwks.json"), document("/.well-known/jwks_uri")
	stolen, err := d.signIn(t, api, "ann", password)
	must(t, err)
	command("pool", "rotate-data-key", d.pool, "--overlap", "1m")
	data := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+dir))
	must(t, data.Sweep(t.Context(), time.Now().Add(2*time.Minute)))
	withinASecond(t, "refresh tokens of the old data key are refused", func() bool { return d.refresh(t, api, *stolen.RefreshToken) != nil })
	before, identitiesBefore := jwks(), ofIdentities()
	command("pool", "rotate-keys", d.pool)
	withinASecond(t, "the new signing keys are published", func() bool { return jwks() != before })
	command("key", "rotate-identity")
	withinASecond(t, "the new signing key of identities is published", func() bool { return ofIdentities() != identitiesBefore })
	_, err = api.AddUserPoolClientSecret(t.Context(), &cognitoidentityprovider.AddUserPoolClientSecretInput{UserPoolId: &d.pool, ClientId: secret.UserPoolClient.ClientId})
	must(t, err)
	_, err = api.AdminUserGlobalSignOut(t.Context(), &cognitoidentityprovider.AdminUserGlobalSignOutInput{UserPoolId: &d.pool, Username: new("ann")})
	must(t, err)
	made := command("key", "create", "--name", "root2")
	id, key := variable(made, "AWS_ACCESS_KEY_ID"), variable(made, "AWS_SECRET_ACCESS_KEY")
	command("key", "delete", p.AccessKeyID)
	withinASecond(t, "the old access key is refused", func() bool {
		_, err := api.ListUserPools(t.Context(), &cognitoidentityprovider.ListUserPoolsInput{MaxResults: new(int32(1))})
		return err != nil
	})
	again := cenotetest.Dial(p.URL, id, key)
	d.setPassword(t, again, "ann", password+"2", true)
	if _, err := d.signIn(t, again, "ann", password); err == nil {
		t.Error("the old password still signs in")
	}
	if _, err := d.signIn(t, again, "ann", password+"2"); err != nil {
		t.Errorf("sign-in with the new password: %v", err)
	}

	must(t, os.WriteFile(file, leaked, 0o600))
	out, err := exec.CommandContext(t.Context(), binary, "key", "list", "--data-dir", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the master key does not fit this database") {
		t.Errorf("the leaked key still opens the database: %v %s", err, out)
	}
}

// variable reads NAME=value out of what a command printed.
func variable(printed, name string) string {
	for line := range strings.Lines(printed) {
		if _, value, ok := strings.Cut(line, name+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
