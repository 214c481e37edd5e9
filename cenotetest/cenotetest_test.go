package cenotetest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/cenotetest"
)

const (
	ann      = "ann@example.com"
	password = "Passw0rd!"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Ten lines: a user signs up and confirms with the code in the inbox.
func TestATestHasAServerOfItsOwn(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	c := srv.SDK()
	_, err := c.SignUp(t.Context(), &idp.SignUpInput{ClientId: &srv.ClientID, Username: aws.String(ann), Password: aws.String(password)})
	must(t, err)
	code := srv.Code(t, ann)
	_, err = c.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &srv.ClientID, Username: aws.String(ann), ConfirmationCode: &code})
	must(t, err)
	signIn(t, srv, srv.ClientID)
}

func signUp(t *testing.T, srv *cenotetest.Server, clientID string) {
	t.Helper()
	_, err := srv.SDK().SignUp(t.Context(), &idp.SignUpInput{ClientId: &clientID, Username: aws.String(ann), Password: aws.String(password)})
	must(t, err)
	code := srv.Code(t, ann)
	_, err = srv.SDK().ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &clientID, Username: aws.String(ann), ConfirmationCode: &code})
	must(t, err)
}

func try(t *testing.T, srv *cenotetest.Server, clientID string) (*idp.InitiateAuthOutput, error) {
	t.Helper()
	return srv.SDK().InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": ann, "PASSWORD": password},
	})
}

func signIn(t *testing.T, srv *cenotetest.Server, clientID string) string {
	t.Helper()
	out, err := try(t, srv, clientID)
	must(t, err)
	return *out.AuthenticationResult.AccessToken
}

func TestAHundredServersRunAtOnceAndShareNothing(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	seen := sync.Map{}
	for i := range 100 {
		all.Go(func() {
			srv := cenotetest.Start(t)
			if _, twice := seen.LoadOrStore(srv.URL, i); twice {
				t.Errorf("two servers at %s", srv.URL)
			}
			_, err := srv.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &srv.PoolID, Username: aws.String(ann), MessageAction: "SUPPRESS"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestAFork(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	signUp(t, srv, srv.ClientID)
	_, err := srv.SDK().CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &srv.PoolID, GroupName: aws.String("admins")})
	must(t, err)
	_, err = srv.SDK().AdminAddUserToGroup(t.Context(), &idp.AdminAddUserToGroupInput{UserPoolId: &srv.PoolID, GroupName: aws.String("admins"), Username: aws.String(ann)})
	must(t, err)

	fork := srv.Fork(t, "")
	if fork.ID == srv.PoolID || fork.ClientID == srv.ClientID || fork.Clients[srv.ClientID] != fork.ClientID {
		t.Fatalf("the fork is %+v", fork)
	}
	token := signIn(t, srv, fork.ClientID)
	if user, err := srv.SDK().GetUser(t.Context(), &idp.GetUserInput{AccessToken: &token}); err != nil || *user.Username == "" {
		t.Errorf("the user of the fork: %v", err)
	}
	groups, err := srv.SDK().AdminListGroupsForUser(t.Context(), &idp.AdminListGroupsForUserInput{UserPoolId: &fork.ID, Username: aws.String(ann)})
	must(t, err)
	if len(groups.Groups) != 1 || *groups.Groups[0].UserPoolId != fork.ID {
		t.Errorf("groups in the fork: %+v", groups.Groups)
	}
	_, err = srv.SDK().AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &fork.ID, Username: aws.String(ann)})
	must(t, err)
	signIn(t, srv, srv.ClientID) // the original has its own
	described, err := srv.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &fork.ID})
	must(t, err)
	if !strings.HasSuffix(*described.UserPool.Arn, "/"+fork.ID) || *described.UserPool.Id != fork.ID {
		t.Errorf("the fork says it is %s, %s", *described.UserPool.Id, *described.UserPool.Arn)
	}
	res, err := http.Get(srv.URL + "/" + fork.ID + "/.well-known/jwks.json")
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusOK {
		t.Errorf("the keys of the fork: %s", res.Status)
	}
}

func TestAResetTakesAllBack(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	pool := srv.PoolID
	for range 2 { // also when the pool itself was deleted
		signUp(t, srv, srv.ClientID)
		srv.Fork(t, "")
		srv.Advance(t, 48*time.Hour)
		_, err := srv.SDK().DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &pool})
		must(t, err)
		srv.Reset(t)
		if ahead := time.Until(srv.Now()); ahead > time.Minute {
			t.Errorf("the clock is %s ahead", ahead)
		}
		if n := len(srv.Messages("")); n > 0 {
			t.Errorf("%d messages are left", n)
		}
		pools, err := srv.SDK().ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(10)})
		must(t, err)
		if len(pools.UserPools) != 1 || *pools.UserPools[0].Id != pool {
			t.Errorf("the pools are %+v", pools.UserPools)
		}
		if _, err := try(t, srv, srv.ClientID); err == nil {
			t.Error("the user is still there")
		}
	}
}

const seedFile = `
pools:
  - name: shop
    id: us-east-1_Shop12345
    settings:
      UsernameAttributes: [email]
      AutoVerifiedAttributes: [email]
    clients:
      - name: web
        id: shopweb1
        settings: { ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH] }
    groups:
      - name: admins
        settings: { Precedence: 1, Description: may do all }
    users:
      - username: ann@example.com
        password: Passw0rd!
        attributes: { email: ann@example.com, email_verified: "true" }
        groups: [admins]
      - username: bob@example.com
        disabled: true
  - name: plain
`

func TestASeedFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pool.yaml")
	must(t, os.WriteFile(file, []byte(seedFile), 0o600))
	srv := cenotetest.Start(t, cenotetest.Seed(file))
	id, clients := srv.Seeded(t, "shop")
	if id != "us-east-1_Shop12345" || fmt.Sprint(clients) != "map[web:shopweb1]" {
		t.Errorf("the pool is %s with %v", id, clients)
	}
	signIn(t, srv, "shopweb1")
	signIn(t, srv, srv.Fork(t, id).ClientID)
	users, err := srv.SDK().ListUsersInGroup(t.Context(), &idp.ListUsersInGroupInput{UserPoolId: &id, GroupName: aws.String("admins")})
	must(t, err)
	if len(users.Users) != 1 {
		t.Errorf("admins: %+v", users.Users)
	}
	bob, err := srv.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &id, Username: aws.String("bob@example.com")})
	must(t, err)
	if bob.Enabled {
		t.Error("bob is enabled")
	}
	_, err = srv.SDK().DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &id})
	must(t, err)
	srv.Reset(t)
	signIn(t, srv, "shopweb1")
}
