package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
)

// spy counts and delays requests by operation.
type spy struct {
	mu     sync.Mutex
	counts map[string]int
	before func(operation string) error
	after  func(operation string) error
}

func (s *spy) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.mu.Lock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[operation]++
	before, after := s.before, s.after
	s.mu.Unlock()
	if before != nil {
		if err := before(operation); err != nil {
			return nil, err
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && after != nil {
		if err := after(operation); err != nil {
			_ = res.Body.Close()
			return nil, err
		}
	}
	return res, err
}

func (s *spy) count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[operation]
}

func (s *spy) use(before, after func(string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

func (s *spy) config(c *client.Config) { c.HTTPClient = &http.Client{Transport: s} }

const refreshing = "GetTokensFromRefreshToken"

func rotating(c *idp.CreateUserPoolClientInput) {
	c.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled, RetryGracePeriodSeconds: new(int32(0))}
	c.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}
}

func TestASessionIsRefreshedOnceForAllCallers(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*idp.CreateUserPoolClientInput){
		"rotation": rotating, "no rotation": nil, "a client with a secret": func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s spy
			var refreshes atomic.Int32
			a := live(t, setup{app: change, config: func(c *client.Config) {
				s.config(c)
				c.OnRefresh = func(_ context.Context, u *client.User, s *client.Session, err error) {
					if u.Username() != "ann" || s == nil || err != nil {
						t.Errorf("refreshed %s: %v", u.Username(), err)
					}
					refreshes.Add(1)
				}
			}})
			a.addUser(t, "ann")
			ann := signIn(t, a.Pool, "ann")
			before, err := ann.Session(t.Context())
			must(t, err)
			for range 3 { // each turn needs the token of the turn before where it rotates
				a.advance(t, 59*time.Minute+30*time.Second) // not expired yet, but about to
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						s, err := a.User("ann").Session(t.Context())
						if err != nil || s.AccessToken.JWT() == before.AccessToken.JWT() {
							t.Errorf("the session is the old one: %v, error %v", err == nil, err)
						}
					})
				}
				wg.Wait()
				after, err := ann.Session(t.Context())
				must(t, err)
				if change != nil && name == "rotation" && after.RefreshToken == before.RefreshToken {
					t.Error("the refresh token has not rotated")
				}
				before = after
			}
			if n := s.count(refreshing); n != 3 || refreshes.Load() != 3 {
				t.Errorf("%d refreshes were sent and %d told, want 3", n, refreshes.Load())
			}
			fresh, err := ann.RefreshSession(t.Context())
			must(t, err)
			if fresh.AccessToken.JWT() == before.AccessToken.JWT() {
				t.Error("RefreshSession has refreshed nothing")
			}
		})
	}
}

func TestARefusedRefreshEndsTheSession(t *testing.T) {
	t.Parallel()
	var told error
	a := live(t, setup{config: func(c *client.Config) {
		c.OnRefresh = func(_ context.Context, _ *client.User, s *client.Session, err error) {
			if s != nil {
				t.Error("a refused refresh gives a session")
			}
			told = err
		}
	}})
	a.addUser(t, "ann")
	ann := signIn(t, a.Pool, "ann")
	must(t, signIn(t, a.another(), "ann").GlobalSignOut(t.Context()))
	a.advance(t, 2*time.Hour)
	_, err := ann.Session(t.Context())
	refused[*types.NotAuthorizedException](t, err)
	refused[*types.NotAuthorizedException](t, told)
	if !errors.Is(err, client.ErrNotAuthenticated) {
		t.Errorf("got %v, want ErrNotAuthenticated", err)
	}
	if _, err := ann.StoredSession(t.Context()); !errors.Is(err, client.ErrNoSession) {
		t.Errorf("the session is still stored: %v", err)
	}
	if _, err := a.CurrentUser(t.Context()); !errors.Is(err, client.ErrNoSession) {
		t.Errorf("the current user is still known: %v", err)
	}
}

func TestAFailedRefreshLosesNothing(t *testing.T) {
	t.Parallel()
	var s spy
	a := live(t, setup{config: s.config})
	a.addUser(t, "ann")
	ann := signIn(t, a.Pool, "ann")
	old, err := ann.Session(t.Context())
	must(t, err)
	a.advance(t, 59*time.Minute+30*time.Second)
	down := errors.New("the network is down")
	s.use(func(string) error { return down }, nil)
	kept, err := ann.Session(t.Context())
	must(t, err)
	if kept.AccessToken.JWT() != old.AccessToken.JWT() {
		t.Error("another session came from nowhere")
	}
	if n := s.count(refreshing); n < 2 {
		t.Errorf("the refresh was tried %d times", n)
	}
	a.advance(t, time.Hour)
	_, err = ann.Session(t.Context())
	if !errors.Is(err, down) || errors.Is(err, client.ErrNotAuthenticated) || client.Code(err) != client.NetworkError {
		t.Errorf("got %v", err)
	}
	s.use(nil, nil)
	_, err = ann.Session(t.Context())
	must(t, err)
}

func TestOnlyRefreshesAndRevocationsAreRepeated(t *testing.T) {
	t.Parallel()
	var s spy
	a := live(t, setup{config: s.config})
	a.addUser(t, "ann")
	ann := signIn(t, a.Pool, "ann")
	lost := errors.New("the answer is lost")
	s.use(nil, func(string) error { return lost })
	if _, err := ann.SignIn(t.Context(), client.SignIn{Password: password}); !errors.Is(err, lost) || s.count("InitiateAuth") != 2 {
		t.Errorf("got %v after %d requests", err, s.count("InitiateAuth"))
	}
	if _, err := ann.Attributes(t.Context()); !errors.Is(err, lost) || s.count("GetUser") != 1 {
		t.Errorf("got %v after %d requests", err, s.count("GetUser"))
	}
	var once sync.Once
	s.use(nil, func(string) (err error) {
		once.Do(func() { err = lost })
		return err
	})
	must(t, ann.SignOutAndRevoke(t.Context()))
	if n := s.count("RevokeToken"); n != 2 {
		t.Errorf("revoked with %d requests, want 2", n)
	}
}

// TestACancelledRefreshIsNotLost gives up on a refresh whose rotating token the server has taken already.
func TestACancelledRefreshIsNotLost(t *testing.T) {
	t.Parallel()
	var s spy
	a := live(t, setup{app: rotating, config: s.config})
	a.addUser(t, "ann")
	ann := signIn(t, a.Pool, "ann")
	a.advance(t, 2*time.Hour)
	taken, release := make(chan struct{}), make(chan struct{})
	s.use(nil, func(operation string) error {
		if operation == refreshing {
			close(taken)
			<-release
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-taken
		cancel()
	}()
	if _, err := ann.Session(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want to be cancelled", err)
	}
	close(release)
	_, err := ann.Session(t.Context()) // joins the refresh, or finds what it stored
	must(t, err)
	if n := s.count(refreshing); n != 1 {
		t.Errorf("%d refreshes were sent", n)
	}
}

func TestSessionsMoveBetweenStorages(t *testing.T) {
	t.Parallel()
	a := live(t, setup{})
	a.addUser(t, "ann")
	s, err := signIn(t, a.Pool, "ann").Session(t.Context())
	must(t, err)
	elsewhere := a.another().User("ann")
	must(t, elsewhere.SetSession(t.Context(), s))
	if _, err := elsewhere.Attributes(t.Context()); err != nil {
		t.Error(err)
	}
	third := a.another().User("ann")
	got, err := third.RefreshSessionWith(t.Context(), s.RefreshToken)
	must(t, err)
	if logins := got.Logins(a.Pool); logins["cognito-idp.us-east-1.amazonaws.com/"+a.ID()] != got.IDToken.JWT() {
		t.Errorf("logins of %d providers", len(logins))
	}
	if _, err := third.Session(t.Context()); err != nil {
		t.Error(err)
	}
	again, err := client.NewSession(s.IDToken.JWT(), s.AccessToken.JWT(), s.RefreshToken, time.Now().Add(time.Hour))
	must(t, err)
	if again.ClockDrift < 59*time.Minute || !again.ValidAt(time.Now().Add(90*time.Minute)) || again.ValidAt(time.Now().Add(3*time.Hour)) {
		t.Errorf("a clock that is an hour ahead drifts by %s", again.ClockDrift)
	}
}

func TestSigningOut(t *testing.T) {
	t.Parallel()
	a := live(t, setup{app: func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true }})
	a.addUser(t, "ann")
	getUser := func(s *client.Session) error {
		_, err := a.admin.GetUser(t.Context(), &idp.GetUserInput{AccessToken: new(s.AccessToken.JWT())})
		return err
	}
	for name, tt := range map[string]struct {
		signOut func(*client.User) error
		alive   bool // the token afterwards
	}{
		"of-the-storage": {func(u *client.User) error { return u.SignOut(t.Context()) }, true},
		"with-revoking":  {func(u *client.User) error { return u.SignOutAndRevoke(t.Context()) }, false},
		"everywhere":     {func(u *client.User) error { return u.GlobalSignOut(t.Context()) }, false},
		"for-good":       {func(u *client.User) error { return u.Delete(t.Context()) }, false},
	} {
		a.addUser(t, name)
		u := signIn(t, a.Pool, name)
		s, err := u.Session(t.Context())
		must(t, err)
		must(t, tt.signOut(u))
		if _, err := u.Session(t.Context()); !errors.Is(err, client.ErrNoSession) {
			t.Errorf("%s: the session is still there: %v", name, err)
		}
		if err := getUser(s); (err == nil) != tt.alive {
			t.Errorf("%s: the access token afterwards: %v", name, err)
		}
	}
	if _, err := a.User("for-good").SignIn(t.Context(), client.SignIn{Password: password}); client.Code(err) != "NotAuthorizedException" {
		t.Errorf("a deleted user: %v", err)
	}
	if _, err := a.CurrentUser(t.Context()); !errors.Is(err, client.ErrNoSession) {
		t.Errorf("somebody is still current: %v", err)
	}
}

// TestAWrongClockStillSignsIn signs in on a machine whose clock is an hour behind that of the service, which says so in the header Date.
func TestAWrongClockStillSignsIn(t *testing.T) {
	t.Parallel()
	a := live(t, setup{config: func(c *client.Config) { c.HTTPClient = &http.Client{Transport: late{}} }})
	a.addUser(t, "ann")
	a.srv.Advance(t, time.Hour) // the offset of the client stays
	s := signedIn(t)(a.User("ann").SignIn(t.Context(), client.SignIn{Password: password}))
	if s.ClockDrift > -59*time.Minute {
		t.Errorf("the clock drifts by %s", s.ClockDrift)
	}
}

// late is a transport to a service whose clock is an hour ahead.
type late struct{}

func (late) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		res.Header.Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
	}
	return res, err
}
