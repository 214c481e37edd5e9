package soak

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

const (
	people   = 100 // users who are always there
	workers  = 8
	password = "Corr3ct-horse!"
)

// load is what clients do to a server: the same population all along, though single users come and go.
type load struct {
	server       *cenotetest.Process
	api          *idp.Client
	pool, client string
	done         atomic.Int64 // operations that were answered
	changes      atomic.Int64 // of these, those that leave rows behind for a while by design: a revocation, a user who came and went, a failure
}

func newLoad(t *testing.T, server *cenotetest.Process) *load {
	t.Helper()
	l := &load{server: server, api: server.SDK()}
	pool, err := l.api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("people")})
	must(t, err)
	made, err := l.api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: new("app"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	must(t, err)
	l.pool, l.client = *pool.UserPool.Id, *made.UserPoolClient.ClientId
	_, err = l.api.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &l.pool, GroupName: new("staff")})
	must(t, err)
	for i := range people {
		must(t, l.add(t.Context(), person(i)))
	}
	return l
}

func person(i int) string { return fmt.Sprintf("person-%d", i%people) }

func (l *load) add(ctx context.Context, name string) error {
	_, err := l.api.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: &l.pool, Username: &name, MessageAction: "SUPPRESS",
		UserAttributes: []types.AttributeType{{Name: new("email"), Value: new(name + "@example.com")}, {Name: new("email_verified"), Value: new("true")}},
	})
	if err != nil {
		return err
	}
	_, err = l.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &l.pool, Username: &name, Password: new(password), Permanent: true})
	return err
}

// run sends so many rounds per second for the duration and takes a sample every hundredth of it.
func (l *load) run(t *testing.T, duration time.Duration, rate int, w *watch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	rounds := make(chan int)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for i := range rounds {
				if err := l.round(t.Context(), i); err != nil {
					t.Errorf("round %d: %v", i, err)
					cancel()
				}
			}
		})
	}
	tick, sample := time.NewTicker(time.Second/time.Duration(rate)), time.NewTicker(max(duration/100, time.Second/2))
	defer tick.Stop()
	defer sample.Stop()
	for i := 0; ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-sample.C:
			w.sample(t, l.done.Load(), l.changes.Load())
		case <-tick.C:
			select {
			case rounds <- i:
				i++
			case <-ctx.Done():
			}
		}
	}
	close(rounds)
	working.Wait()
	w.sample(t, l.done.Load(), l.changes.Load())
}

// round is one thing that a client does.
func (l *load) round(ctx context.Context, i int) error {
	kinds := []func(context.Context, int) error{
		l.signInAndOut, l.signInOverSRP, l.mistype, l.changeProfile, l.comeAndGo, l.lookAround, l.joinAndLeave, l.openPages,
	}
	return kinds[i%len(kinds)](ctx, i/len(kinds))
}

// count notes an answer. wanted is the exception that it has to be; empty for a success.
func (l *load) count(err error, wanted string) error {
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == wanted {
		err = nil
	} else if err == nil && wanted != "" {
		return fmt.Errorf("succeeds, want %s", wanted)
	}
	if err == nil {
		l.done.Add(1)
	}
	return err
}

func (l *load) initiate(ctx context.Context, flow types.AuthFlowType, parameters map[string]string) (*types.AuthenticationResultType, error) {
	out, err := l.api.InitiateAuth(ctx, &idp.InitiateAuthInput{ClientId: &l.client, AuthFlow: flow, AuthParameters: parameters})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func (l *load) signInAndOut(ctx context.Context, i int) error {
	got, err := l.initiate(ctx, "USER_PASSWORD_AUTH", map[string]string{"USERNAME": person(i), "PASSWORD": password})
	if err := l.count(err, ""); err != nil {
		return err
	}
	_, err = l.initiate(ctx, "REFRESH_TOKEN_AUTH", map[string]string{"REFRESH_TOKEN": *got.RefreshToken})
	if err := l.count(err, ""); err != nil {
		return err
	}
	_, err = l.api.RevokeToken(ctx, &idp.RevokeTokenInput{ClientId: &l.client, Token: got.RefreshToken})
	if err := l.count(err, ""); err != nil {
		return err
	}
	l.changes.Add(1)
	_, err = l.initiate(ctx, "REFRESH_TOKEN_AUTH", map[string]string{"REFRESH_TOKEN": *got.RefreshToken})
	return l.count(err, "NotAuthorizedException")
}

func (l *load) signInOverSRP(ctx context.Context, i int) error {
	app, err := client.NewPool(client.Config{PoolID: l.pool, ClientID: l.client, Endpoint: l.server.URL})
	if err != nil {
		return err
	}
	_, err = app.User(person(i)).SignIn(ctx, client.SignIn{Password: password})
	return l.count(err, "")
}

// mistype is a wrong name, which locks nobody out.
func (l *load) mistype(ctx context.Context, i int) error {
	_, err := l.initiate(ctx, "USER_PASSWORD_AUTH", map[string]string{"USERNAME": fmt.Sprint("nobody-", i), "PASSWORD": "Wr0ng-password!"})
	l.changes.Add(1)
	return l.count(err, "UserNotFoundException")
}

func (l *load) changeProfile(ctx context.Context, i int) error {
	name := person(i)
	_, err := l.api.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &l.pool, Username: &name, UserAttributes: []types.AttributeType{{Name: new("name"), Value: new(fmt.Sprint("Name ", i))}},
	})
	return l.count(err, "")
}

func (l *load) comeAndGo(ctx context.Context, i int) error {
	name := fmt.Sprint("guest-", i)
	if err := l.count(l.add(ctx, name), ""); err != nil {
		return err
	}
	got, err := l.initiate(ctx, "USER_PASSWORD_AUTH", map[string]string{"USERNAME": name, "PASSWORD": password})
	if err := l.count(err, ""); err != nil {
		return err
	}
	_, err = l.api.DeleteUser(ctx, &idp.DeleteUserInput{AccessToken: got.AccessToken})
	l.changes.Add(1)
	return l.count(err, "")
}

func (l *load) lookAround(ctx context.Context, i int) error {
	out, err := l.api.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &l.pool, Filter: new(fmt.Sprintf(`email = "%s@example.com"`, person(i)))})
	if err := l.count(err, ""); err != nil {
		return err
	}
	if len(out.Users) != 1 {
		return fmt.Errorf("%s is found %d times", person(i), len(out.Users))
	}
	_, err = l.api.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &l.pool, Limit: new(int32(60))})
	return l.count(err, "")
}

func (l *load) joinAndLeave(ctx context.Context, i int) error {
	name := person(i)
	_, err := l.api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &l.pool, Username: &name, GroupName: new("staff")})
	if err := l.count(err, ""); err != nil {
		return err
	}
	_, err = l.api.AdminRemoveUserFromGroup(ctx, &idp.AdminRemoveUserFromGroupInput{UserPoolId: &l.pool, Username: &name, GroupName: new("staff")})
	return l.count(err, "")
}

func (l *load) openPages(ctx context.Context, _ int) error {
	for _, path := range []string{"/readyz", "/" + l.pool + "/.well-known/openid-configuration", "/" + l.pool + "/.well-known/jwks.json"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.server.URL+path, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", path, res.Status)
		}
		l.done.Add(1)
	}
	return nil
}
