package reliability_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// entry is what was acknowledged of one user. A change that was under way when the server died may or may not have happened, so the user is
// not asked about it; everything before it must be there.
type entry struct {
	name                string
	signedUp, confirmed bool
	underWay            bool   // a change after that
	password, old       string // the old one is refused
	deleted, disabled   bool
	revoked             string // a refresh token
	access              string // of a user who signed out everywhere
}

// ledger is what one writer was told.
type ledger struct {
	t       *testing.T
	api     *idp
	d       directory
	round   int
	entries []*entry
	acks    *atomic.Int64
}

// did notes the answer to a change. It reports false when the server has gone, or has failed.
func (l *ledger) did(e *entry, err error) bool {
	if err == nil {
		l.acks.Add(1)
		return true
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		l.t.Errorf("%s: %v", e.name, err)
	}
	return false
}

// write makes users and changes them until the server dies.
func (l *ledger) write(writer int) {
	for i := 0; l.user(writer, i); i++ {
	}
}

// user makes a user and changes it.
func (l *ledger) user(writer, i int) bool {
	e := &entry{name: fmt.Sprintf("u%d-%d-%d", l.round, writer, i), password: password}
	l.entries = append(l.entries, e)
	_, err := l.api.SignUp(l.t.Context(), &cognitoidentityprovider.SignUpInput{ClientId: &l.d.client, Username: &e.name, Password: &e.password})
	if e.signedUp = l.did(e, err); !e.signedUp {
		return false
	}
	_, err = l.api.AdminConfirmSignUp(l.t.Context(), &cognitoidentityprovider.AdminConfirmSignUpInput{UserPoolId: &l.d.pool, Username: &e.name})
	if e.confirmed = l.did(e, err); !e.confirmed {
		return false
	}
	return l.change(e, i%6)
}

// change changes a user in one way.
func (l *ledger) change(e *entry, way int) bool {
	ctx := l.t.Context()
	got, err := l.d.signIn(l.t, l.api, e.name, e.password)
	if !l.did(e, err) {
		return false
	}
	e.underWay = true
	switch way {
	case 0:
		_, err = l.api.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{UserPoolId: &l.d.pool, Username: &e.name, Password: new(newPassword), Permanent: true})
	case 1:
		_, err = l.api.ChangePassword(ctx, &cognitoidentityprovider.ChangePasswordInput{AccessToken: got.AccessToken, PreviousPassword: new(password), ProposedPassword: new(newPassword)})
	case 2:
		_, err = l.api.RevokeToken(ctx, &cognitoidentityprovider.RevokeTokenInput{ClientId: &l.d.client, Token: got.RefreshToken})
	case 3:
		_, err = l.api.DeleteUser(ctx, &cognitoidentityprovider.DeleteUserInput{AccessToken: got.AccessToken})
	case 4:
		_, err = l.api.AdminDisableUser(ctx, &cognitoidentityprovider.AdminDisableUserInput{UserPoolId: &l.d.pool, Username: &e.name})
	case 5:
		_, err = l.api.GlobalSignOut(ctx, &cognitoidentityprovider.GlobalSignOutInput{AccessToken: got.AccessToken})
	}
	if !l.did(e, err) {
		return false
	}
	e.underWay = false
	switch way {
	case 0, 1:
		e.password, e.old = newPassword, password
	case 2:
		e.revoked = *got.RefreshToken
	case 3:
		e.deleted = true
	case 4:
		e.disabled = true
	case 5:
		e.access, e.revoked = *got.AccessToken, *got.RefreshToken
	}
	return true
}

// check holds the server against what was acknowledged.
func (e *entry) check(t *testing.T, api *idp, d directory) {
	if !e.signedUp || e.underWay {
		return
	}
	_, found := api.AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &d.pool, Username: &e.name})
	if e.deleted {
		wantTold(t, e.name+", deleted", found, "User does not exist.")
		return
	}
	wantTold(t, e.name, found, "")
	if !e.confirmed {
		return // whether the confirmation happened is not known
	}
	if e.old != "" {
		_, err := d.signIn(t, api, e.name, e.old)
		wantTold(t, e.name+", the password before", err, "Incorrect username or password.")
	}
	if e.revoked != "" {
		wantTold(t, e.name+", a revoked token", d.refresh(t, api, e.revoked), "Refresh Token has been revoked")
	}
	if e.access != "" {
		_, err := api.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: &e.access})
		wantTold(t, e.name+", signed out", err, "Access Token has been revoked")
	}
	_, err := d.signIn(t, api, e.name, e.password)
	if e.disabled {
		wantTold(t, e.name+", disabled", err, "User is disabled.")
		return
	}
	wantTold(t, e.name+", signing in", err, "")
}

func TestAKilledServerHasLostNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const rounds, writers = 4, 12
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{})
	d := newDirectory(t, p.SDK())
	var all []*entry
	for round := range rounds {
		var acks atomic.Int64
		var done sync.WaitGroup
		ledgers := make([]*ledger, writers)
		api := p.SDK()
		for w := range writers {
			ledgers[w] = &ledger{t: t, api: api, d: d, round: round, acks: &acks}
			done.Go(func() { ledgers[w].write(w) })
		}
		killAfter(p, &acks, 50+random(t, 350))
		done.Wait()
		p.Start(t)
		var made []*entry
		for _, l := range ledgers {
			made = append(made, l.entries...)
		}
		for _, e := range made {
			e.check(t, p.SDK(), d)
		}
		all = append(all, made...)
		t.Logf("round %d: %d changes of %d users were acknowledged", round+1, acks.Load(), len(made))
	}
	if len(all) < rounds*10 {
		t.Errorf("only %d users were made, which proves little", len(all))
	}
	for _, e := range all[:len(all)/4] { // those of the first round have been through every kill
		e.check(t, p.SDK(), d)
	}
}

// killAfter kills the server when it has acknowledged so many changes: in the midst of others.
func killAfter(p *cenotetest.Process, acks *atomic.Int64, n int64) {
	for acks.Load() < n {
		time.Sleep(100 * time.Microsecond)
	}
	p.Kill()
}

func random(t *testing.T, n int64) int64 {
	t.Helper()
	r, err := rand.Int(rand.Reader, big.NewInt(n))
	must(t, err)
	return r.Int64()
}
