package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/cli"
)

const (
	ann      = "ann@example.com"
	password = "Passw0rd!"
)

// desk is a person at a terminal: a home of one's own, and a server.
type desk struct {
	srv *cenotetest.Server
	env []string
	dir string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	srv := cenotetest.Start(t)
	return &desk{srv: srv, dir: t.TempDir(), env: []string{"CENOTE_URL=" + srv.URL, "CENOTE_POOL_ID=" + srv.PoolID, "CENOTE_CLIENT_ID=" + srv.ClientID}}
}

// user runs `cenote user ...` with lines of input.
func (d *desk) user(t *testing.T, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaint bytes.Buffer
	code = cli.Run(t.Context(), append(append([]string{"user"}, args...), "--session-file", filepath.Join(d.dir, "sessions.json")),
		cli.System{In: strings.NewReader(input), Out: &out, Err: &complaint, Env: d.env})
	return out.String(), complaint.String(), code
}

// ok runs a command that must succeed and returns what it prints.
func (d *desk) ok(t *testing.T, input string, args ...string) string {
	t.Helper()
	stdout, stderr, code := d.user(t, input, args...)
	if code != 0 {
		t.Fatalf("cenote user %v exits with %d: %s", args, code, stderr)
	}
	return stdout
}

// signedIn signs ann up and in.
func (d *desk) signedIn(t *testing.T) {
	t.Helper()
	d.ok(t, password+"\n", "sign-up", ann)
	d.ok(t, "", "confirm", ann, d.srv.Code(t, ann))
	if out := d.ok(t, password+"\n", "sign-in", ann); !strings.HasPrefix(out, "signed in as ") {
		t.Errorf("sign-in prints %q", out)
	}
	d.env = nil // from now on, the place of the last sign-in counts
}

func TestAUserSignsUpInAndOutInATerminal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, stderr, code := d.user(t, "", "whoami"); code != 3 || !strings.Contains(stderr, "nobody is signed in; run 'cenote user sign-in'") {
		t.Errorf("before the sign-in whoami exits with %d: %s", code, stderr)
	}
	d.signedIn(t)
	who := d.ok(t, "", "whoami")
	if !strings.Contains(who, "email            ann@example.com\n") {
		t.Errorf("whoami prints\n%s", who)
	}
	if token := d.ok(t, "", "token"); strings.Count(token, ".") != 2 {
		t.Errorf("token prints %q", token)
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(d.ok(t, "", "token", "--id", "--claims")), &claims); err != nil || claims["email"] != ann || claims["token_use"] != "id" {
		t.Errorf("the claims are %v, %v", claims, err)
	}
	d.srv.Advance(t, 2*time.Hour) // the tokens have expired for the server
	fresh := d.ok(t, "", "token", "--refresh")
	if again := d.ok(t, "", "token"); again != fresh {
		t.Error("a refresh is not kept")
	}
	d.ok(t, "", "attributes", "--set", "name=Ann", "--set", "locale=de")
	d.ok(t, "", "attributes", "--delete", "locale")
	if got := d.ok(t, "", "attributes"); !strings.Contains(got, "name             Ann\n") || strings.Contains(got, "locale") {
		t.Errorf("the attributes are\n%s", got)
	}
	d.ok(t, password+"\nN3w-password\n", "passwd")
	if info, err := os.Stat(filepath.Join(d.dir, "sessions.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the sessions: %v, %v", info, err)
	}
	d.ok(t, "", "sign-out")
	if _, _, code := d.user(t, "", "token"); code != 3 {
		t.Errorf("after the sign-out token exits with %d", code)
	}
	if _, stderr, code := d.user(t, password+"\n", "sign-in", ann); code != 1 || !strings.Contains(stderr, "NotAuthorizedException") {
		t.Errorf("the old password exits with %d: %s", code, stderr)
	}
	d.ok(t, "N3w-password\n", "sign-in", ann)
	if _, _, code := d.user(t, "no\n", "delete"); code != 1 {
		t.Errorf("delete without consent exits with %d", code)
	}
	d.ok(t, "", "delete", "--yes")
	if _, _, code := d.user(t, "N3w-password\n", "sign-in", ann); code != 1 {
		t.Errorf("a deleted user signs in: %d", code)
	}
}

// script writes lines to a command as it asks for them.
type script struct{ next func() string }

func (s script) Read(p []byte) (int, error) { return copy(p, s.next()), nil }

func TestTOTPIsSetUpWithAQRCodeAndAskedForAfterwards(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.signedIn(t)
	var out, said bytes.Buffer
	asked := script{func() string {
		_, rest, _ := strings.Cut(said.String(), "the secret: ")
		secret, _, _ := strings.Cut(rest, "\n")
		code, err := totp.GenerateCode(secret, d.srv.Now())
		if err != nil {
			t.Errorf("%v in %q", err, said.String())
		}
		return code + "\n"
	}}
	code := cli.Run(t.Context(), []string{"user", "mfa", "--set-up", "--prefer", "totp", "--session-file", filepath.Join(d.dir, "sessions.json")},
		cli.System{In: asked, Out: &out, Err: &said})
	if code != 0 || !strings.Contains(said.String(), "█") || !strings.Contains(said.String(), "▄") {
		t.Fatalf("mfa --set-up exits with %d:\n%s", code, said.String())
	}
	if got := d.ok(t, "", "mfa"); !strings.Contains(got, "SOFTWARE_TOKEN_MFA") {
		t.Errorf("mfa prints\n%s", got)
	}
	_, rest, _ := strings.Cut(said.String(), "the secret: ")
	secret, _, _ := strings.Cut(rest, "\n")
	d.srv.Advance(t, time.Minute)
	answer, err := totp.GenerateCode(secret, d.srv.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := d.user(t, password+"\n000000\n", "sign-in", ann); code != 1 || !strings.Contains(stderr, "CodeMismatchException") {
		t.Errorf("a wrong code exits with %d: %s", code, stderr)
	}
	d.ok(t, password+"\n"+answer+"\n", "sign-in", ann)
}

func TestAPoolThatRequiresASecondFactorHasItSetUpInTheTerminal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	seed := filepath.Join(d.dir, "pool.yaml")
	must(t, os.WriteFile(seed, []byte(`pools:
  - name: mfa
    id: us-east-1_Mfa123456
    settings: {}
    mfa: { MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true } }
    clients: [{ name: app, id: mfaapp, settings: { ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH] } }]
    users: [{ username: ann, password: Passw0rd! }]
`), 0o600))
	srv := cenotetest.Start(t, cenotetest.Seed(seed))
	var out, said bytes.Buffer
	lines := []func() string{
		func() string { return password + "\n" },
		func() string {
			_, rest, _ := strings.Cut(said.String(), "the secret: ")
			secret, _, _ := strings.Cut(rest, "\n")
			code, err := totp.GenerateCode(secret, srv.Now())
			if err != nil {
				t.Errorf("%v in %q", err, said.String())
			}
			return code + "\n"
		},
	}
	asked := script{func() string {
		next := lines[0]
		lines = lines[1:]
		return next()
	}}
	code := cli.Run(t.Context(), []string{"user", "sign-in", "ann", "--pool", "us-east-1_Mfa123456", "--client", "mfaapp", "--endpoint", srv.URL, "--session-file", filepath.Join(d.dir, "sessions.json")},
		cli.System{In: asked, Out: &out, Err: &said})
	if code != 0 || out.String() != "signed in as ann\n" || !strings.Contains(said.String(), "A second factor is required.\n") || !strings.Contains(said.String(), "█") {
		t.Errorf("exits with %d: %s\n%s", code, out.String(), said.String())
	}
}

// codeAfter returns what types the code of the next message: it may still be on its way when it is asked for.
func (d *desk) codeAfter(t *testing.T) func() string {
	t.Helper()
	before := len(d.srv.Messages(ann))
	return func() string {
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if got := d.srv.Messages(ann); len(got) > before {
				return got[0].Code + "\n"
			}
		}
		t.Errorf("no message came after %d", before)
		return "\n"
	}
}

func TestWhateverThePoolAsksIsAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.srv.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &d.srv.PoolID, Username: aws.String(ann), DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.ok(t, d.srv.Code(t, ann)+"\n"+password+"\n", "sign-in", ann) // a temporary password, then a new one

	_, err = d.srv.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &d.srv.PoolID, Username: aws.String(ann), UserAttributes: []types.AttributeType{{Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	asked := script{d.codeAfter(t)}
	var out, said bytes.Buffer
	code := cli.Run(t.Context(), []string{"user", "sign-in", ann, "--session-file", filepath.Join(d.dir, "other.json"), "--factor", "email_otp"},
		cli.System{In: asked, Out: &out, Err: &said, Env: d.env})
	if code != 0 || !strings.HasPrefix(out.String(), "signed in as ") {
		t.Errorf("a sign-in by e-mail exits with %d: %s%s", code, out.String(), said.String())
	}
	if _, stderr, code := d.user(t, "", "devices"); code != 1 || !strings.HasSuffix(stderr, "Device tracking not currently enabled for this pool.\n") {
		t.Errorf("devices of a pool without them exits with %d: %s", code, stderr)
	}
	forgot := script{}
	lines := []func() string{d.codeAfter(t), func() string { return "Th1rd-password\n" }}
	forgot.next = func() string {
		next := lines[0]
		lines = lines[1:]
		return next()
	}
	code = cli.Run(t.Context(), []string{"user", "forgot", ann, "--session-file", filepath.Join(d.dir, "sessions.json")}, cli.System{In: forgot, Out: &out, Err: &said, Env: d.env})
	if code != 0 {
		t.Fatalf("forgot exits with %d: %s", code, said.String())
	}
	d.ok(t, ann+"\nTh1rd-password\n", "sign-in")
	if got := d.ok(t, "", "whoami", "--json"); !strings.Contains(got, `"UserAttributes": [`) {
		t.Errorf("whoami --json prints %s", got)
	}
}

func TestUserCommandsFailClearly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		code int
		want string
	}{
		{"no pool", nil, []string{"whoami"}, 2, "cenote: error: --pool and --client are needed\n"},
		{"a pool that is none", []string{"CENOTE_POOL_ID=x", "CENOTE_CLIENT_ID=y"}, []string{"whoami"}, 1, "cenote: error: "},
		{"a flow that is none", d.env, []string{"sign-in", ann, "--flow", "magic"}, 2, "cenote: error: --flow: \"magic\" is none of choice, custom, password, srp\n"},
		{"an endpoint that is none", append([]string{"CENOTE_URL=localhost:4310"}, d.env[1:]...), []string{"whoami"}, 2, "cenote: error: --endpoint: \"localhost:4310\" is not an http or https URL\n"},
		{"a factor of another flow", d.env, []string{"sign-in", ann, "--flow", "srp", "--factor", "email_otp"}, 2, "cenote: error: --factor goes with --flow choice only\n"},
		{"no password", d.env, []string{"sign-in", ann}, 1, "cenote: error: no answer to \"Password\": standard input has ended\n"},
		{"no username", d.env, []string{"confirm", ann}, 2, "cenote: error: user confirm takes 2 arguments, not 1\n"},
		{"a server that is not there", append([]string{"CENOTE_URL=http://127.0.0.1:1"}, d.env[1:]...), []string{"resend", ann}, 4, "cenote: error: ResendConfirmationCode: NetworkError: Post \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			other := &desk{srv: d.srv, env: tc.env, dir: t.TempDir()}
			if _, stderr, code := other.user(t, "", tc.args...); code != tc.code || !strings.HasPrefix(stderr, tc.want) {
				t.Errorf("exits with %d: %q", code, stderr)
			}
		})
	}
}
