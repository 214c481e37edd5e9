package sdk_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/test/sdk"
)

const exchanger = "Corr3ct-horse!"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestGoAndJavaScriptShareAStore lets amazon-cognito-identity-js and the Go client take turns on one session file: sessions and devices of
// either serve the other.
func TestGoAndJavaScriptShareAStore(t *testing.T) {
	t.Parallel()
	node := sdk.Program(t, "node")
	sdk.InstallPackages(t, "js")
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		srv := sdk.Start(t, db)
		admin := srv.SDK()
		made, err := admin.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
			PoolName: aws.String("shared"), DeviceConfiguration: &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true},
		})
		must(t, err)
		app, err := admin.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: made.UserPool.Id, ClientName: aws.String("app")})
		must(t, err)
		_, err = admin.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: made.UserPool.Id, MfaConfiguration: types.UserPoolMfaTypeOptional,
			SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		})
		must(t, err)
		_, err = admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: made.UserPool.Id, Username: aws.String("ann"), MessageAction: "SUPPRESS",
			UserAttributes: []types.AttributeType{{Name: aws.String("nickname"), Value: aws.String("Ännchen 💧")}},
		})
		must(t, err)
		_, err = admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
			UserPoolId: made.UserPool.Id, Username: aws.String("ann"), Password: aws.String(exchanger), Permanent: true,
		})
		must(t, err)

		file := filepath.Join(t.TempDir(), "sessions.json")
		js := func(step string) {
			t.Helper()
			cmd := exec.CommandContext(t.Context(), node, "exchange.mjs", step, file, *made.UserPool.Id, *app.UserPoolClient.ClientId, "ann", exchanger)
			cmd.Dir, cmd.Env = "js", sdk.Env(srv)
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("JavaScript, %s: %v\n%s", step, err, said)
			}
		}
		storage, err := client.NewFileStorage(file)
		must(t, err)
		pool, err := client.NewPool(client.Config{
			PoolID: *made.UserPool.Id, ClientID: *app.UserPoolClient.ClientId, Endpoint: srv.URL, Storage: storage,
		})
		must(t, err)

		js("sign-in")
		ann, err := pool.CurrentUser(t.Context())
		must(t, err)
		before, err := ann.Session(t.Context())
		must(t, err)
		if ann.Username() != "ann" || before.ClockDrift.Abs() > time.Minute {
			t.Errorf("the current user is %s, with a drift of %s", ann.Username(), before.ClockDrift)
		}
		deviceOfJS, err := ann.DeviceKey(t.Context())
		must(t, err)
		token, err := ann.AssociateSoftwareToken(t.Context())
		must(t, err)
		code, err := totp.GenerateCode(token.Secret, time.Now())
		must(t, err)
		_, err = token.Verify(t.Context(), code, "")
		must(t, err)
		must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{Enabled: true, Preferred: true}}))
		result, err := ann.SignIn(t.Context(), client.SignIn{Password: exchanger}) // by the device of JavaScript
		must(t, err)
		if result.Session == nil || deviceOfJS == "" {
			t.Fatalf("the device of JavaScript does not stand in for the second factor: %v", result.Challenge)
		}
		js("factor")
		_, err = ann.RefreshSession(t.Context())
		must(t, err)
		_, err = ann.FetchData(t.Context())
		must(t, err)
		js("session")
		js("refresh")
		after, err := ann.Session(t.Context())
		must(t, err)
		if after.AccessToken.JWT() == before.AccessToken.JWT() {
			t.Error("JavaScript has refreshed another session")
		}
		_, err = ann.Attributes(t.Context())
		must(t, err)

		must(t, ann.ForgetDevice(t.Context()))
		must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{}}))
		result, err = ann.SignIn(t.Context(), client.SignIn{Password: exchanger}) // a device of Go's own
		must(t, err)
		if result.Session == nil {
			t.Fatalf("asked %s", result.Challenge.Name())
		}
		if fresh, err := ann.DeviceKey(t.Context()); err != nil || fresh == "" || fresh == deviceOfJS {
			t.Fatalf("the device is %q, was %q, error %v", fresh, deviceOfJS, err)
		}
		must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{Enabled: true, Preferred: true}}))
		js("device")
	})
}

// TestGoAndJavaScriptReadEachOthersCookies compares the names and values that both give to a cookie.
func TestGoAndJavaScriptReadEachOthersCookies(t *testing.T) {
	t.Parallel()
	node := sdk.Program(t, "node")
	sdk.InstallPackages(t, "js")
	const key, value = "CognitoIdentityServiceProvider.c.ann@example.com (Ä).userData", `{"a": "ü;=,+%\"/[]"}`
	w := httptest.NewRecorder()
	s, err := client.NewCookieStorage(w, httptest.NewRequest(http.MethodGet, "/", nil), client.CookieOptions{Domain: "example.com"})
	must(t, err)
	must(t, s.Set(t.Context(), map[string]string{key: value}))
	ours, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), "; ")
	cmd := exec.CommandContext(t.Context(), node, "exchange.mjs", "cookies", ours, "us-east-1_Abc123XyZ", "c")
	cmd.Dir = "js"
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("JavaScript: %v\n%s", err, said)
	}
	theirs, attributes, _ := strings.Cut(strings.TrimSpace(string(said)), "; ")
	if theirs != ours {
		t.Errorf("JavaScript sets %s, Go sets %s", theirs, ours)
	}
	if !strings.Contains(attributes, "path=/") || !strings.Contains(attributes, "secure") || !strings.Contains(attributes, "domain=example.com") {
		t.Errorf("JavaScript sets the attributes %s", attributes)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", theirs)
	s, err = client.NewCookieStorage(httptest.NewRecorder(), r, client.CookieOptions{})
	must(t, err)
	items, err := s.Get(t.Context(), key)
	must(t, err)
	if items[key] != value {
		t.Errorf("Go reads %q", items[key])
	}
}

// TestGRPCExample runs the tests of examples/grpc, which is a module of its own so that nothing else depends on gRPC. Its go.mod may lag behind
// that of the repository; a copy is brought up to date.
func TestGRPCExample(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a module of its own")
	}
	const folder = "../../examples/grpc"
	copied := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(copied, name), text, 0o600))
	}
	run := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = folder
		return cmd.CombinedOutput()
	}
	modfile := "-modfile=" + filepath.Join(copied, "go.mod")
	if said, err := run("list", modfile, "-mod=mod", "-deps", "-test", "."); err != nil {
		if os.Getenv(sdk.EnvRequireClients) == "1" {
			t.Fatalf("the modules of the example cannot be had: %v\n%s", err, said)
		}
		t.Skipf("the modules of the example cannot be had: %s", said)
	}
	if said, err := run("test", modfile, "-mod=mod", "-count=1", "."); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
