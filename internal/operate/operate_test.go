package operate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
)

func TestKeysAreMadeAndDeletedWhileAServerRuns(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir))
	k, err := d.CreateKey(t.Context(), operate.KeyRequest{Name: "ci"})
	must(t, err)
	api := cenotetest.Dial(srv.URL, k.ID, k.Secret)
	list := func() string {
		_, err := api.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
		return cenotetest.CodeOf(t, err)
	}
	if got := list(); got != "" {
		t.Fatalf("a new key is answered %s", got)
	}
	must(t, d.DeleteKey(t.Context(), k.ID))
	cenotetest.Eventually(t, "a deleted key is refused", func() bool { return list() == "UnrecognizedClientException" })
}

func TestAKeyDoesWhatItsPolicyAllows(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	root := srv.SDK()
	mine, err := root.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("mine")})
	must(t, err)
	theirs, err := root.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("theirs")})
	must(t, err)
	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir))
	k, err := d.CreateKey(t.Context(), operate.KeyRequest{Name: "reader", Operations: []string{"Describe*", "ListUsers"}, Pools: []string{*mine.UserPool.Id}})
	must(t, err)
	api := cenotetest.Dial(srv.URL, k.ID, k.Secret)
	describe := func(id *string) string {
		_, err := api.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: id})
		return cenotetest.CodeOf(t, err)
	}
	if got := describe(mine.UserPool.Id); got != "" {
		t.Errorf("what is allowed is answered %s", got)
	}
	if got := describe(theirs.UserPool.Id); got != "AccessDeniedException" {
		t.Errorf("another pool is answered %q", got)
	}
	_, err = api.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: mine.UserPool.Id})
	if err == nil || !strings.Contains(err.Error(), "arn:aws:iam::000000000000:user/reader is not authorized to perform: cognito-idp:DeleteUserPool") {
		t.Errorf("another operation is answered %v", err)
	}
}

func TestAKeyThatWouldBeUselessIsRefused(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir))
	for _, tc := range []struct {
		name    string
		request operate.KeyRequest
		want    string
	}{
		{"no name", operate.KeyRequest{}, "the name of a key is 1 to 64 letters, digits and +=,.@_-"},
		{"a name with a space", operate.KeyRequest{Name: "a b"}, "the name of a key is 1 to 64 letters, digits and +=,.@_-"},
		{"the name of the root key", operate.KeyRequest{Name: "root"}, "the name root is that of the first key; choose another one"},
		{"an operation that is misspelt", operate.KeyRequest{Name: "a", Operations: []string{"AdminGetUsr"}}, `no operation is called "AdminGetUsr"`},
		{"a pattern of another service", operate.KeyRequest{Name: "a", Operations: []string{"s3:*"}}, `no operation is called "s3:*"`},
		{"a pool that does not exist", operate.KeyRequest{Name: "a", Pools: []string{"us-east-1_AAAAAAAAA"}}, "User pool us-east-1_AAAAAAAAA does not exist."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := d.CreateKey(t.Context(), tc.request)
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestRotatedKeysSignOnceTheyArePublishedAndTheOldOnesStillVerify(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	api := srv.SDK()
	name, password := "ann@example.com", "Corr3ct-horse!"
	_, err := api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &srv.PoolID, Username: &name, MessageAction: "SUPPRESS"})
	must(t, err)
	_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &srv.PoolID, Username: &name, Password: &password, Permanent: true})
	must(t, err)
	signIn := func() string {
		out, err := api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: &srv.ClientID, AuthFlow: "USER_PASSWORD_AUTH",
			AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
		})
		must(t, err)
		return *out.AuthenticationResult.AccessToken
	}
	head := func(token string) string { h, _, _ := strings.Cut(token, "."); return h }
	before := signIn()
	until, err := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir)).RotateKeys(t.Context(), srv.PoolID)
	must(t, err)
	srv.Advance(t, 3*time.Second)
	cenotetest.Eventually(t, "tokens are signed with the new key", func() bool { return head(signIn()) != head(before) })
	for _, token := range []string{before, signIn()} {
		_, err := api.GetUser(t.Context(), &idp.GetUserInput{AccessToken: &token})
		must(t, err)
	}
	keys := func() int {
		_, body := cenotetest.Get(t, http.DefaultClient, srv.URL+"/"+srv.PoolID+"/.well-known/jwks.json")
		return strings.Count(body, `"kid"`)
	}
	if got := keys(); got != 4 {
		t.Errorf("%d keys are published, want the old pair and the new one", got)
	}
	srv.Advance(t, operate.KeyOverlap+1)
	if got := keys(); got != 2 {
		t.Errorf("%d keys are published after %s, want the new pair", got, until)
	}
}

// A policy that is not read exactly would allow more than it says.
func TestPoliciesAreReadExactly(t *testing.T) {
	t.Parallel()
	good, err := operate.ReadPolicy(store.AccessKey{Policy: []byte(`{"operations":["List*"],"pools":["a_b"]}`)})
	if err != nil || !good.Allows("cognito-idp", "ListUsers", "a_b") || good.Allows("cognito-idp", "AdminGetUser", "a_b") {
		t.Errorf("%v, %v", good, err)
	}
	for _, text := range []string{
		`{"Operations":["List*"]}`, `{"operations":["List*"],"operations":["*"]}`, "{\"pool\u017f\":[]}", `{"operations":["*"],"conditions":{}}`, `{`, `[]`, `"x"`,
	} {
		p, err := operate.ReadPolicy(store.AccessKey{Policy: []byte(text)})
		if err == nil || p.Unlimited() || p.Allows("cognito-idp", "ListUsers", "a_b") {
			t.Errorf("the policy %s is read as %+v, %v", text, p, err)
		}
	}
}
