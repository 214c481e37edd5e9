package upgrade

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// TestNodesAreReplacedOneByOne runs both versions on one database, with users at both, and in the end goes back to the version before, which
// works as long as its successor does not forbid it.
func TestNodesAreReplacedOneByOne(t *testing.T) {
	t.Parallel()
	program := previous(t)
	database, data := pgtest.Start(t), t.TempDir()
	issuer := []string{"--aws-issuer"} // nodes have one issuer in common
	before := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Program: program, Database: database, DataDir: data, Args: issuer})
	f := remember(t, before.SDK())

	// A client of the old node goes on while the new one migrates the database.
	use := newUse(f, before.SDK())
	stop := use.start(t)
	after := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Database: database, DataDir: data, Args: issuer})
	reached := use.rounds.Load()
	waitFor(t, func() bool { return use.rounds.Load() > reached+3 }) // still, on the newer schema
	f.check(t, after.SDK())

	// What one acknowledges, the other knows.
	other := newUse(f, after.SDK())
	other.across = before.SDK()
	stopOther := other.start(t)
	waitFor(t, func() bool { return other.rounds.Load() > 3 })
	stopOther()
	stop()
	must(t, use.err)
	must(t, other.err)

	// The new node alone, then the old one again.
	before.Stop(t)
	f.stillHolds(t, after.SDK())
	before.Start(t)
	f.stillHolds(t, before.SDK())
	after.Stop(t)
	f.stillHolds(t, before.SDK())
	if made, err := before.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("of the version before")}); err != nil {
		t.Errorf("the version before cannot make a pool any more: %v", err)
	} else {
		after.Start(t)
		if _, err := after.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: made.UserPool.Id}); err != nil {
			t.Errorf("the newer version does not read it: %v", err)
		}
	}
}

// stillHolds is the part of check that can be asked again.
func (f facts) stillHolds(t *testing.T, api *idp.Client) {
	t.Helper()
	wantTold(t, "a refresh token", f.refresh(t, api, "ann", f.Refresh), "")
	wantTold(t, "a revoked refresh token", f.refresh(t, api, "ann", f.Revoked), "Refresh Token has been revoked")
	_, err := f.signIn(t, api, "dan", changed)
	wantTold(t, "dan", err, "")
	_, err = f.signIn(t, api, "eve", password)
	wantTold(t, "eve", err, "User is disabled.")
}

// use is a client that makes users, signs them in and deletes them.
type use struct {
	facts  facts
	api    *idp.Client
	across *idp.Client // where each user signs in; api when nil
	rounds atomic.Int64
	err    error // to be read after stop
}

func newUse(f facts, api *idp.Client) *use { return &use{facts: f, api: api} }

// start goes on until stop is called or something fails.
func (u *use) start(t *testing.T) (stop func()) {
	done := make(chan struct{})
	var working sync.WaitGroup
	working.Go(func() {
		for i := 0; u.err == nil; i++ {
			select {
			case <-done:
				return
			default:
			}
			if u.err = u.round(t, i); u.err == nil {
				u.rounds.Add(1)
			}
		}
	})
	return func() { close(done); working.Wait() }
}

func (u *use) round(t *testing.T, i int) error {
	name, at := fmt.Sprintf("guest-%p-%d", u, i), u.across
	if at == nil {
		at = u.api
	}
	_, err := u.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &u.facts.Pool, Username: &name, MessageAction: types.MessageActionTypeSuppress})
	if err != nil {
		return fmt.Errorf("create %s: %w", name, err)
	}
	_, err = at.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &u.facts.Pool, Username: &name, Password: new(password), Permanent: true})
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", name, err)
	}
	got, err := u.facts.signIn(t, u.api, name, password)
	if err != nil {
		return fmt.Errorf("sign %s in: %w", name, err)
	}
	if _, err := at.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AuthenticationResult.AccessToken}); err != nil {
		return fmt.Errorf("get %s: %w", name, err)
	}
	if _, err := at.DeleteUser(t.Context(), &idp.DeleteUserInput{AccessToken: got.AuthenticationResult.AccessToken}); err != nil {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the client does not go on")
		}
	}
}
