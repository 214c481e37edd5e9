// Package limit bounds how often the operations that need no credentials can be called: per address, per app client and per user.
//
// It stands before the operations: Limits.Wrap puts it around one. Each caller has a bucket of tokens for each kind of work, on this node
// alone; what must hold across nodes, the lockout after wrong passwords and the limits per hour, is counted in the store. Buckets live in
// maps of bounded size that forget what was not used of late (buckets.go), so that no stranger can fill the memory. Start with Wrap.
package limit

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// Rates are how many requests a second each kind of caller may send, for each kind of work; twice as many in a burst. Zero is no limit.
type Rates struct {
	Address int // per network address
	Client  int // per app client
	User    int // per user name in a pool
}

// Limits holds requests to their rates.
type Limits struct {
	address, client, user *buckets
	pool                  func(ctx context.Context, clientID string) (poolID string, fold func(name string) string, ok bool)
	now                   func() time.Time
}

// New makes limits. pool finds the pool of an app client and how it compares names; a client that does not exist has neither.
func New(r Rates, pool func(ctx context.Context, clientID string) (poolID string, fold func(string) string, ok bool), now func() time.Time) *Limits {
	return &Limits{address: newBuckets(r.Address), client: newBuckets(r.Client), user: newBuckets(r.User), pool: pool, now: now}
}

// errTooMany is the answer for a request above a limit; SDKs try again after a while.
var errTooMany = fault.New(fault.TooManyRequests, "Rate exceeded")

// Wrap returns the operation behind the limits; one that is not limited comes back as it is. A nil Limits limits nothing.
func (l *Limits) Wrap(o api.Operation) api.Operation {
	k, limited := kinds[o.Name]
	if l == nil || !limited {
		return o
	}
	call := o.Call
	o.Call = func(ctx context.Context, in any) (any, error) {
		clientID, name := senderOf(in)
		if !l.allow(ctx, k, clientID, name) {
			return nil, errTooMany
		}
		return call(ctx, in)
	}
	return o
}

// Allow reports whether a request that is no call of an operation may go on: it counts as a call of the named one by the client and the
// user; either may be empty. A nil Limits allows everything.
func (l *Limits) Allow(ctx context.Context, operation, clientID, username string) bool {
	k, limited := kinds[operation]
	return l == nil || !limited || l.allow(ctx, k, clientID, username)
}

// allow takes a token from each bucket of the request. The most general one goes first, so that a flood from one address does not use up
// what others have with the same client.
func (l *Limits) allow(ctx context.Context, k kind, clientID, name string) bool {
	now := l.now()
	if ip := caller.From(ctx).SourceIP; ip != "" && !l.allowAddress(k, ip, now) {
		return false
	}
	if clientID == "" {
		return true
	}
	poolID, fold, ok := l.pool(ctx, clientID)
	if !ok {
		return true // it is refused without any work
	}
	if name != "" && !l.user.allow(k, poolID+" "+fold(name), now) {
		return false
	}
	return l.client.allow(k, clientID, now)
}

// kind is a kind of work, with its share of the rates: the service gives answers to challenges three times the allowance.
type kind struct {
	name  string
	share float64
}

var (
	signingIn  = kind{"sign-in", 1}
	answering  = kind{"answer", 3}
	signingUp  = kind{"sign-up", 0.5}
	recovering = kind{"recovery", 0.5}
	refreshing = kind{"token", 1}
)

// kinds are the limited operations, by the categories of the service's quotas: those that anybody can call.
var kinds = map[string]kind{
	"InitiateAuth":              signingIn,
	"RespondToAuthChallenge":    answering,
	"SignUp":                    signingUp,
	"ConfirmSignUp":             signingUp,
	"ResendConfirmationCode":    signingUp,
	"ForgotPassword":            recovering,
	"ConfirmForgotPassword":     recovering,
	"GetTokensFromRefreshToken": refreshing,
	"GetClientToken":            refreshing,
	"RevokeToken":               refreshing,
	"UpdateAuthEventFeedback":   recovering,

	"GetId":                     refreshing,
	"GetOpenIdToken":            refreshing,
	"GetCredentialsForIdentity": refreshing,
	"UnlinkIdentity":            recovering,
}

// senderOf returns the app client and the user name that a request is from; either may be empty.
func senderOf(in any) (clientID, name string) {
	switch in := in.(type) {
	case *wire.InitiateAuthInput:
		return in.ClientId, in.AuthParameters["USERNAME"]
	case *wire.RespondToAuthChallengeInput:
		return in.ClientId, in.ChallengeResponses["USERNAME"]
	case *wire.SignUpInput:
		return in.ClientId, in.Username
	case *wire.ConfirmSignUpInput:
		return in.ClientId, in.Username
	case *wire.ResendConfirmationCodeInput:
		return in.ClientId, in.Username
	case *wire.ForgotPasswordInput:
		return in.ClientId, in.Username
	case *wire.ConfirmForgotPasswordInput:
		return in.ClientId, in.Username
	case *wire.GetClientTokenInput:
		return in.ClientId, ""
	case *wire.GetTokensFromRefreshTokenInput:
		return in.ClientId, ""
	case *wire.RevokeTokenInput:
		return in.ClientId, ""
	}
	return "", ""
}
