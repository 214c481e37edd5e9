package identitypool_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/client/identitypool"
)

const (
	poolID = "us-east-1:11111111-2222-4333-8444-555555555555"
	login  = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123XyZ"
)

// service plays the identity pools API; the answers to an operation are given in order, the last one for ever.
type service struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   []string
	last    map[string]any
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.asked = append(s.asked, operation)
	s.last = nil
	_ = json.NewDecoder(r.Body).Decode(&s.last)
	list := s.answers[operation]
	if len(list) > 1 {
		s.answers[operation] = list[1:]
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if strings.Contains(list[0], "__type") {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = w.Write([]byte(list[0]))
}

const (
	identified  = `{"IdentityId":"us-east-1:one"}`
	credentials = `{"IdentityId":"us-east-1:one","Credentials":{"AccessKeyId":"ASIA","SecretKey":"secret","SessionToken":"token","Expiration":4000000000}}`
	deleted     = `{"__type":"ResourceNotFoundException","message":"Identity 'us-east-1:one' not found."}`
)

// signedIn is a user with a session that nobody asked a server for.
func signedIn(t *testing.T) *client.User {
	t.Helper()
	p, err := client.NewPool(client.Config{PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: "http://127.0.0.1:1"})
	must(t, err)
	jwt := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":4000000000,"iat":1,"username":"ann"}`)) + ".AA"
	s, err := client.NewSession(jwt, jwt, "", time.Unix(1, 0))
	must(t, err)
	u := p.User("ann")
	must(t, u.SetSession(t.Context(), s))
	return u
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func provider(t *testing.T, s *service, u *client.User, change func(*identitypool.Config)) *identitypool.Provider {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	c := identitypool.Config{IdentityPoolID: poolID, Endpoint: srv.URL}
	if change != nil {
		change(&c)
	}
	p, err := identitypool.New(u, c)
	must(t, err)
	return p
}

func TestASessionIsExchangedForCredentials(t *testing.T) {
	t.Parallel()
	s := &service{answers: map[string][]string{"GetId": {identified}, "GetCredentialsForIdentity": {credentials}}}
	u := signedIn(t)
	p := provider(t, s, u, func(c *identitypool.Config) { c.RoleARN = "arn:aws:iam::000000000000:role/r" })
	want := aws.Credentials{
		AccessKeyID: "ASIA", SecretAccessKey: "secret", SessionToken: "token", Source: "CognitoIdentityPool", CanExpire: true, Expires: time.Unix(4000000000, 0).UTC(),
	}
	for range 2 {
		got, err := p.Retrieve(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	id, err := p.IdentityID(t.Context())
	must(t, err)
	session, err := u.Session(t.Context())
	must(t, err)
	sent, _ := s.last["Logins"].(map[string]any)
	if id != "us-east-1:one" || sent[login] != session.IDToken.JWT() || s.last["CustomRoleArn"] != "arn:aws:iam::000000000000:role/r" {
		t.Errorf("identity %s, sent %v", id, s.last)
	}
	if diff := cmp.Diff([]string{"GetId", "GetCredentialsForIdentity", "GetCredentialsForIdentity"}, s.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestADeletedIdentityIsReplacedOnce(t *testing.T) {
	t.Parallel()
	s := &service{answers: map[string][]string{"GetId": {identified}, "GetCredentialsForIdentity": {deleted, credentials}}}
	_, err := provider(t, s, nil, nil).Retrieve(t.Context())
	must(t, err)
	if s.last["Logins"] != nil {
		t.Errorf("a guest sends logins: %v", s.last)
	}
	s = &service{answers: map[string][]string{"GetId": {identified}, "GetCredentialsForIdentity": {deleted}}}
	_, err = provider(t, s, nil, nil).Retrieve(t.Context())
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || len(s.asked) != 4 {
		t.Errorf("got %v after %v", err, s.asked)
	}
}

func TestBadAnswersAndConfigurations(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]map[string][]string{
		"no identity":    {"GetId": {`{}`}},
		"no credentials": {"GetId": {identified}, "GetCredentialsForIdentity": {`{}`}},
		"half of them":   {"GetId": {identified}, "GetCredentialsForIdentity": {`{"Credentials":{"AccessKeyId":"ASIA","Expiration":4000000000}}`}},
		"no expiry":      {"GetId": {identified}, "GetCredentialsForIdentity": {`{"Credentials":{"AccessKeyId":"ASIA","SecretKey":"s"}}`}},
	} {
		if got, err := provider(t, &service{answers: answers}, nil, nil).Retrieve(t.Context()); !errors.Is(err, client.ErrProtocol) || got.HasKeys() {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, id := range []string{"", "us-east-1_Abc123XyZ", "evil.example.com/:1", "us-east-1:x y"} {
		if _, err := identitypool.New(nil, identitypool.Config{IdentityPoolID: id}); !errors.Is(err, identitypool.ErrConfig) {
			t.Errorf("%q: got %v", id, err)
		}
	}
	u := signedIn(t)
	must(t, u.SignOut(t.Context()))
	s := &service{}
	if _, err := provider(t, s, u, nil).Retrieve(t.Context()); !errors.Is(err, client.ErrNotAuthenticated) || len(s.asked) != 0 {
		t.Errorf("signed out: got %v after %v", err, s.asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := provider(t, s, nil, nil).Retrieve(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
