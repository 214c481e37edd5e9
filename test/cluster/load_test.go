//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	writers  = 6
	pause    = 100 * time.Millisecond // between a writer's users: the test is about faults, not about load
	answered = 45 * time.Second       // nobody waits longer for an answer

	password    = "Corr3ct-horse!"
	newPassword = "N3w-battery-staple!"
)

// load is clients at work, through HAProxy.
type load struct {
	*ledger
	s    *stack
	stop func()
}

var lives atomic.Int64

// startLoad has clients work until stop is called.
func (s *stack) startLoad(t *testing.T) *load {
	t.Helper()
	l := &load{ledger: &ledger{}, s: s}
	done := make(chan struct{})
	var working sync.WaitGroup
	for range writers {
		working.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(pause):
					l.life(t.Context(), lives.Add(1))
				}
			}
		})
	}
	l.stop = sync.OnceFunc(func() { close(done); working.Wait() })
	t.Cleanup(l.stop)
	return l
}

// acknowledged waits until so many more changes are.
func (l *load) acknowledged(t *testing.T, more int) {
	t.Helper()
	count := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.moments)
	}
	enough := count() + more
	await(t, "clients get on", func() bool { return count() >= enough })
}

// life makes a user, confirms and changes it.
func (l *load) life(ctx context.Context, number int64) {
	ctx, cancel := context.WithTimeout(ctx, 4*answered)
	defer cancel()
	e := &entry{name: fmt.Sprint("user", number), phone: l.s.phones.next(), password: password}
	l.open(e)
	_, err := l.s.api.SignUp(ctx, &idp.SignUpInput{
		ClientId: &l.s.client, Username: &e.name, Password: new(password), UserAttributes: []types.AttributeType{{Name: new("phone_number"), Value: &e.phone}},
	})
	if !l.did(e, "signing up", err) {
		return
	}
	there := func(ctx context.Context, api *idp.Client) error {
		_, err := api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &l.s.pool, Username: &e.name})
		return wantSuccess(err)
	}
	e.holds("the user is there", there)
	_, err = l.s.api.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: &l.s.client, Username: &e.name, ConfirmationCode: new(l.s.phones.take(e.phone))})
	if !l.did(e, "confirming", err) {
		e.doubtful = false // neither outcome undoes that the user is there
		return
	}
	got, err := l.s.signIn(ctx, l.s.api, l.s.client, e.name, e.password)
	if err != nil && !isDoubt(err) {
		l.complain("%s: signing in was refused: %v", e.name, err)
	}
	if err != nil {
		return
	}
	ways[int(number)%len(ways)](ctx, l, e, got)
}

// signIn signs a user in with a password.
func (s *stack) signIn(ctx context.Context, api *idp.Client, client, name, password string) (*types.AuthenticationResultType, error) {
	out, err := api.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil {
		return nil, err
	}
	if out.AuthenticationResult == nil {
		return nil, errors.New("a challenge instead of tokens: " + string(out.ChallengeName))
	}
	return out.AuthenticationResult, nil
}

// refresh uses a refresh token of the client that does not rotate.
func (s *stack) refresh(ctx context.Context, api *idp.Client, token string) error {
	_, err := api.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &s.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": token},
	})
	return err
}
