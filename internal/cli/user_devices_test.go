package cli_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/cli"
)

func TestDevicesAndSessionsAreManagedInATerminal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	made, err := d.srv.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("tracked"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
		DeviceConfiguration: &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true},
	})
	must(t, err)
	app, err := d.srv.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: made.UserPool.Id, ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	must(t, err)
	body := `{"UserPoolId":"` + *made.UserPool.Id + `","UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":10}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.srv.URL+"/", strings.NewReader(body)) // the SDK lacks the operation
	must(t, err)
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.SetUserPoolSessionConfiguration")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusOK {
		t.Fatalf("SetUserPoolSessionConfiguration: %s", res.Status)
	}
	d.srv.Advance(t, time.Second) // settings are looked at again
	d.env = []string{"CENOTE_URL=" + d.srv.URL, "CENOTE_POOL_ID=" + *made.UserPool.Id, "CENOTE_CLIENT_ID=" + *app.UserPoolClient.ClientId}

	d.ok(t, password+"\n", "sign-up", "bea", "--attribute", "email="+ann)
	again := d.codeAfter(t)
	d.ok(t, "", "resend", "bea")
	d.ok(t, "", "confirm", "bea", strings.TrimSpace(again()))
	if _, said, code := d.user(t, password+"\n", "sign-in", "bea"); code != 0 || !strings.Contains(said, "cenote user devices --remember") {
		t.Fatalf("sign-in exits with %d: %s", code, said)
	}
	var devices []struct{ Key string }
	list := func() int {
		t.Helper()
		if err := json.Unmarshal([]byte(d.ok(t, "", "devices", "--json")), &devices); err != nil {
			t.Fatal(err)
		}
		return len(devices)
	}
	if n := list(); n != 1 {
		t.Fatalf("%d devices, want 1", n)
	}
	for _, flag := range []string{"--remember", "--do-not-remember"} {
		d.ok(t, "", "devices", flag)
	}
	if got := d.ok(t, "", "devices"); !strings.Contains(got, devices[0].Key) || !strings.Contains(got, "this device") {
		t.Errorf("devices prints\n%s", got)
	}
	d.ok(t, "", "devices", "--forget", devices[0].Key)
	if n := list(); n != 0 {
		t.Errorf("%d devices after --forget, want none", n)
	}

	var out, said bytes.Buffer
	verify := script{d.codeAfter(t)}
	code := cli.Run(t.Context(), []string{"user", "attributes", "--verify", "email", "--session-file", filepath.Join(d.dir, "sessions.json")},
		cli.System{In: verify, Out: &out, Err: &said, Env: d.env})
	if code != 0 {
		t.Errorf("attributes --verify exits with %d: %s", code, said.String())
	}

	other := &desk{srv: d.srv, env: d.env, dir: t.TempDir()}
	other.ok(t, password+"\n", "sign-in", "bea")
	var sessions []struct{ ID string }
	if err := json.Unmarshal([]byte(d.ok(t, "", "sessions", "--json")), &sessions); err != nil || len(sessions) != 2 {
		t.Fatalf("sessions: %v, error %v", sessions, err)
	}
	table := d.ok(t, "", "sessions")
	for _, s := range sessions {
		if !strings.Contains(table, s.ID) {
			t.Errorf("sessions does not list %s:\n%s", s.ID, table)
		}
		_, said, code := d.user(t, "", "sessions", "--revoke", s.ID)
		if own := strings.Contains(said, "The current session can not be revoked"); own != (code != 0) {
			t.Errorf("sessions --revoke exits with %d: %s", code, said)
		}
	}
	d.ok(t, "", "whoami")
	if _, said, code := other.user(t, "", "token", "--refresh"); code == 0 {
		t.Errorf("a revoked session is refreshed: %s", said)
	}
}

func TestACustomChallengeIsAskedInATerminal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	const define = `exports.handler = async e => {
  const passed = e.request.session.some(s => s.challengeName === 'CUSTOM_CHALLENGE' && s.challengeResult)
  e.response = passed ? { issueTokens: true } : { challengeName: 'CUSTOM_CHALLENGE', issueTokens: false, failAuthentication: false }
  return e
}`
	const create = `exports.handler = async e => { e.response = { publicChallengeParameters: { question: '2+2' }, privateChallengeParameters: { answer: '4' } }; return e }`
	const check = `exports.handler = async e => { e.response = { answerCorrect: e.request.challengeAnswer === '4' }; return e }`
	var options []cenotetest.Option
	for name, text := range map[string]string{"DefineAuthChallenge": define, "CreateAuthChallenge": create, "VerifyAuthChallengeResponse": check} {
		at := filepath.Join(folder, name)
		must(t, os.Mkdir(at, 0o700))
		must(t, os.WriteFile(filepath.Join(at, "index.js"), []byte(text), 0o600))
		options = append(options, cenotetest.Function(name, at))
	}
	srv := cenotetest.Start(t, options...)
	d := &desk{srv: srv, dir: t.TempDir(), env: []string{"CENOTE_URL=" + srv.URL, "CENOTE_POOL_ID=" + srv.PoolID, "CENOTE_CLIENT_ID=" + srv.ClientID}}
	d.ok(t, password+"\n", "sign-up", ann)
	d.ok(t, "", "confirm", ann, srv.Code(t, ann))
	if _, said, code := d.user(t, "4\n", "sign-in", ann, "--flow", "custom"); code != 0 || !strings.Contains(said, "2+2") {
		t.Errorf("sign-in exits with %d: %s", code, said)
	}
}
