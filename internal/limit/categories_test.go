package limit

import (
	"context"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// through makes requests while the clock stands still and returns how many of them got through.
func through(t *testing.T, l *Limits, ctx context.Context, operation string, in any, requests int) (n int) {
	t.Helper()
	facts, ok := wire.Find(wire.UserPools, operation)
	if !ok {
		t.Fatalf("there is no operation %s", operation)
	}
	o := l.Wrap(api.Operation{Operation: facts, Call: func(context.Context, any) (any, error) { n++; return nil, nil }})
	for range requests {
		if _, err := o.Call(ctx, in); err != nil && !fault.Is(err, fault.TooManyRequests) {
			t.Fatal(err)
		}
	}
	return n
}

// provisioned is limits without rates, of an account that has set one for a category.
func provisioned(category string, perSecond int64) (*Limits, *time.Time) {
	now := noon
	d := &directory{map[string]map[string]int64{"111111111111 us-east-1": {category: perSecond}}}
	return New(Rates{}, d, func() time.Time { return now }), &now
}

func TestProvisionedLimits(t *testing.T) {
	t.Parallel()
	const all = 40
	for _, tc := range []struct {
		name, category string
		by             caller.Caller
		operation      string
		in             any
		want           int // with a limit of 5 a second
	}{
		{"a sign-in", pool.UserAuthentication, caller.Caller{}, "InitiateAuth", &wire.InitiateAuthInput{ClientId: "app"}, 10},
		{"a sign-in by an administrator", pool.UserAuthentication, caller.Caller{}, "AdminInitiateAuth", &wire.AdminInitiateAuthInput{UserPoolId: "us-east-1_Ours"}, 10},
		{"an answer", pool.UserAuthentication, caller.Caller{}, "RespondToAuthChallenge", &wire.RespondToAuthChallengeInput{ClientId: "app", ChallengeName: "SMS_MFA"}, 30},
		{"a new password", pool.UserAuthentication, caller.Caller{}, "RespondToAuthChallenge", &wire.RespondToAuthChallengeInput{ClientId: "app", ChallengeName: "NEW_PASSWORD_REQUIRED"}, all},
		{"a sign-in while another category is limited", pool.UserCreation, caller.Caller{}, "InitiateAuth", &wire.InitiateAuthInput{ClientId: "app"}, all},
		{"a sign-in to another account", pool.UserAuthentication, caller.Caller{}, "InitiateAuth", &wire.InitiateAuthInput{ClientId: "theirs"}, all},
		{"a client that does not exist", pool.UserAuthentication, caller.Caller{}, "InitiateAuth", &wire.InitiateAuthInput{ClientId: "unknown"}, all},
		{"a user by their token", pool.UserRead, caller.Caller{}, "GetUser", &wire.GetUserInput{AccessToken: "good"}, 10},
		{"a forged token", pool.UserRead, caller.Caller{}, "GetUser", &wire.GetUserInput{AccessToken: "forged"}, all},
		{"an administrator", pool.UserRead, caller.Caller{AccountID: "111111111111"}, "AdminGetUser", &wire.AdminGetUserInput{UserPoolId: "us-east-1_Ours"}, 10},
		{"an administrator of another account", pool.UserRead, caller.Caller{AccountID: "222222222222"}, "AdminGetUser", &wire.AdminGetUserInput{UserPoolId: "us-east-1_Ours"}, all},
		{"a pool that does not exist", pool.UserRead, caller.Caller{}, "AdminGetUser", &wire.AdminGetUserInput{UserPoolId: "us-east-1_None"}, all},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l, now := provisioned(tc.category, 5)
			ctx := caller.With(t.Context(), tc.by)
			if got := through(t, l, ctx, tc.operation, tc.in, all); got != tc.want {
				t.Errorf("%d of %d got through, want %d", got, all, tc.want)
			}
			*now = now.Add(time.Second)
			if got, want := through(t, l, ctx, tc.operation, tc.in, all), tc.want/2; tc.want < all && got != want {
				t.Errorf("a second later %d got through, want %d", got, want)
			}
		})
	}
}

func TestACategoryHasOneBucketPerAccount(t *testing.T) {
	t.Parallel()
	l, _ := provisioned(pool.UserCreation, 5)
	if n := through(t, l, t.Context(), "SignUp", &wire.SignUpInput{ClientId: "app"}, 8); n != 8 {
		t.Fatalf("%d sign-ups got through", n)
	}
	if n := through(t, l, t.Context(), "AdminCreateUser", &wire.AdminCreateUserInput{UserPoolId: "us-east-1_Ours"}, 8); n != 2 {
		t.Errorf("%d more users got through, want 2", n)
	}
}

func TestRequestsThatAreNoOperationsCount(t *testing.T) {
	t.Parallel()
	l, _ := provisioned(pool.UserFederation, 5)
	n := 0
	for range 20 {
		if l.Allow(t.Context(), Federation, "app", "") {
			n++
		}
	}
	if n != 10 || !l.Allow(t.Context(), "InitiateAuth", "app", "") {
		t.Errorf("%d federated sign-ins got through, want 10", n)
	}
}

// Every operation with a category must tell its pool, or its limit could not hold.
func TestOperationsWithACategoryNameTheirPool(t *testing.T) {
	t.Parallel()
	for name, category := range categories {
		if name == Federation {
			continue
		}
		facts, ok := wire.Find(wire.UserPools, name)
		if !ok {
			t.Errorf("there is no operation %s", name)
			continue
		}
		in := facts.NewInput()
		if err := wire.Unmarshal([]byte(`{"ClientId":"app","AccessToken":"good","UserPoolId":"us-east-1_Ours"}`), in); err != nil {
			t.Fatal(err)
		}
		l, _ := provisioned(category, 5)
		if n := through(t, l, t.Context(), name, in, 40); n != 10 && n != 30 {
			t.Errorf("%s: %d requests got through", name, n)
		}
	}
}
