package flows

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// doc is a JSON object.
type doc = map[string]any

// site is a pool with a client as seen from a place: an address and a browser. Its calls are plain JSON, for the operations and members
// that the SDK does not know yet.
type site struct {
	srv    *cenotetest.Server
	pool   string
	client string
	ip     string // as a trusted proxy tells it
	agent  string
}

const (
	sitePassword = "Corr3ct-horse!"

	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
	firefoxOnLinux  = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
)

// newSite starts a server with a pool and a client of these settings, beside the usual ones.
func newSite(t testing.TB, settings map[string]string, pool, client doc) *site {
	t.Helper()
	return siteOn(t, cenotetest.Options{Settings: settings}, pool, client)
}

// siteOn is newSite on a server of these options.
func siteOn(t testing.TB, o cenotetest.Options, pool, client doc) *site {
	t.Helper()
	given := map[string]string{"trusted-proxies": "127.0.0.1"}
	maps.Copy(given, o.Settings)
	o.Settings = given
	s := &site{srv: cenotetest.Start(t, o), ip: "192.0.2.10", agent: chromeOnWindows}
	p := doc{"PoolName": "site"}
	maps.Copy(p, pool)
	s.pool = s.must(t, "CreateUserPool", p)["UserPool"].(doc)["Id"].(string)
	s.client = s.newClient(t, client)
	return s
}

func (s *site) newClient(t testing.TB, settings doc) string {
	t.Helper()
	c := doc{"UserPoolId": s.pool, "ClientName": "app", "PreventUserExistenceErrors": "ENABLED", "ExplicitAuthFlows": []string{
		"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH",
	}}
	maps.Copy(c, settings)
	return s.must(t, "CreateUserPoolClient", c)["UserPoolClient"].(doc)["ClientId"].(string)
}

// from is the site as seen from elsewhere.
func (s *site) from(ip, agent string) *site {
	other := *s
	other.ip, other.agent = ip, agent
	return &other
}

// refusal is the exception that an operation answered; the zero value is a success.
type refusal struct{ Code, Message string }

// call calls an operation and returns its answer, or why it was refused.
func (s *site) call(t testing.TB, operation string, in doc) (doc, refusal) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.srv.URL+"/", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("User-Agent", s.agent)
	r.Header.Set("X-Forwarded-For", s.ip)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out := doc{}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	if res.StatusCode == http.StatusOK {
		return out, refusal{}
	}
	code, _ := out["__type"].(string)
	message, _ := out["message"].(string)
	return nil, refusal{code, message}
}

// must is call for an operation that succeeds.
func (s *site) must(t testing.TB, operation string, in doc) doc {
	t.Helper()
	out, no := s.call(t, operation, in)
	if no != (refusal{}) {
		t.Fatalf("%s: %s: %s", operation, no.Code, no.Message)
	}
	return out
}

// refused is call for an operation that is refused; an empty message is not compared.
func (s *site) refused(t testing.TB, operation string, in doc, want refusal) {
	t.Helper()
	_, no := s.call(t, operation, in)
	if no.Code != want.Code || want.Message != "" && no.Message != want.Message {
		t.Errorf("%s: got %+v, want %+v", operation, no, want)
	}
}

// addUser makes a confirmed user with the attributes, as name and value.
func (s *site) addUser(t testing.TB, name string, attributes ...string) {
	t.Helper()
	var list []doc
	for i := 0; i < len(attributes); i += 2 {
		list = append(list, doc{"Name": attributes[i], "Value": attributes[i+1]})
	}
	s.must(t, "AdminCreateUser", doc{"UserPoolId": s.pool, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": list})
	s.must(t, "AdminSetUserPassword", doc{"UserPoolId": s.pool, "Username": name, "Password": sitePassword, "Permanent": true})
}

func (s *site) passwordOf(name, password string) doc {
	return doc{"ClientId": s.client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": doc{"USERNAME": name, "PASSWORD": password}}
}

// signIn signs a user in, by the password alone, and returns the tokens.
func (s *site) signIn(t testing.TB, name string) doc {
	t.Helper()
	out := s.must(t, "InitiateAuth", s.passwordOf(name, sitePassword))
	tokens, ok := out["AuthenticationResult"].(doc)
	if !ok {
		t.Fatalf("the sign-in goes on with %v", out["ChallengeName"])
	}
	return tokens
}

// refresh exchanges a refresh token.
func (s *site) refresh(tokens doc) doc {
	return doc{"ClientId": s.client, "RefreshToken": tokens["RefreshToken"]}
}

// list returns a member of an answer that is a list of objects.
func list(out doc, member string) []doc {
	var all []doc
	items, _ := out[member].([]any)
	for _, i := range items {
		all = append(all, i.(doc))
	}
	return all
}
