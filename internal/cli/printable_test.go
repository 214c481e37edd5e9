package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// hostile is a name that a terminal would obey: colours, a window title, an eight-bit escape, a line of its own, and text from right to left.
const hostile = "Ann\x1b[31m\x1b]0;title\x07\u009b2J\r\nstatus\tCONFIRMED\u202egnp.exe"

func obeyed(text string) bool {
	return strings.ContainsAny(strings.ReplaceAll(text, "\n", ""), "\x1b\x07\u009b\r\t\u202e")
}

func TestATerminalDoesNotObeyTheNamesOfUsers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.signedIn(t)
	_, err := d.srv.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &d.srv.PoolID, Username: aws.String(ann), UserAttributes: []types.AttributeType{{Name: aws.String("name"), Value: aws.String(hostile)}},
	})
	must(t, err)
	o := office{[]string{"CENOTE_URL=" + d.srv.URL, "CENOTE_POOL_ID=" + d.srv.PoolID}}
	const want = `Ann\x1b[31m\x1b]0;title\a\u009b2J\r\nstatus\tCONFIRMED\u202egnp.exe`
	for name, text := range map[string]string{
		"whoami": d.ok(t, "", "whoami"), "attributes": d.ok(t, "", "attributes"), "users show": o.ok(t, "", "users", "show", ann),
	} {
		if obeyed(text) || !strings.Contains(text, want) {
			t.Errorf("%s prints %q", name, text)
		}
	}
	for name, text := range map[string]string{
		"whoami": d.ok(t, "", "whoami", "--json"), "token": d.ok(t, "", "token", "--id", "--claims"), "users show": o.ok(t, "", "users", "show", ann, "--json"),
	} {
		if obeyed(text) || !json.Valid([]byte(text)) {
			t.Errorf("%s --json prints %q", name, text)
		}
	}
	var claims struct{ Name string }
	must(t, json.Unmarshal([]byte(d.ok(t, "", "token", "--refresh", "--id", "--claims")), &claims))
	if claims.Name != hostile {
		t.Errorf("the JSON means %q", claims.Name)
	}
}

func TestATerminalDoesNotObeyAServer(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(hostile)
	must(t, err)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"NotAuthorizedException","message":` + string(text) + `}`))
	}))
	t.Cleanup(srv.Close)
	d := &desk{dir: t.TempDir(), env: []string{"CENOTE_URL=" + srv.URL, "CENOTE_POOL_ID=us-east-1_Abc123XyZ", "CENOTE_CLIENT_ID=c"}}
	_, said, code := d.user(t, password+"\n", "sign-in", ann)
	if code != 1 || obeyed(said) || strings.Count(said, "\n") != 1 {
		t.Errorf("sign-in exits with %d and says %q", code, said)
	}
	_, said, code = (office{d.env}).run(t, "", "users", "show", ann)
	if code != 1 || obeyed(said) || strings.Count(said, "\n") != 1 {
		t.Errorf("users show exits with %d and says %q", code, said)
	}
}
