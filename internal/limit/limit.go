// Package limit bounds how often operations can be called: those that need no credentials per address, per app client and per user, and
// those of a category per account and region, as far as the account has set a limit.
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
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Rates are how many requests a second each kind of caller may send, for each kind of work; twice as many in a burst. Zero is no limit.
type Rates struct {
	Address int // per network address
	Client  int // per app client
	User    int // per user name in a pool
}

// Directory finds the pools that requests are for, and the limits of their accounts. What does not exist is nil.
type Directory interface {
	// Pool returns the pool with the id.
	Pool(ctx context.Context, id string) *pool.Pool
	// PoolOfClient returns the pool of an app client.
	PoolOfClient(ctx context.Context, clientID string) *pool.Pool
	// PoolOfToken returns the pool that has issued an access token, whose signature has been verified.
	PoolOfToken(ctx context.Context, accessToken string) *pool.Pool
	// HasProvisioned reports whether any account has set a limit.
	HasProvisioned(ctx context.Context) bool
	// Provisioned returns the limits that the account has set in the region: requests per second, by category.
	Provisioned(ctx context.Context, account, region string) map[string]int64
}

// Limits holds requests to their rates.
type Limits struct {
	address, client, user *buckets
	account               *buckets
	directory             Directory
	now                   func() time.Time
}

// New makes limits.
func New(r Rates, d Directory, now func() time.Time) *Limits {
	return &Limits{
		address: newBuckets(r.Address), client: newBuckets(r.Client), user: newBuckets(r.User),
		account:   newBuckets(1), // the limit itself is the share of the kind
		directory: d, now: now,
	}
}

// errTooMany is the answer for a request above a limit; SDKs try again after a while.
var errTooMany = fault.New(fault.TooManyRequests, "Rate exceeded")

// Wrap returns the operation behind the limits; one that is not limited comes back as it is.
func (l *Limits) Wrap(o api.Operation) api.Operation {
	k, limited := kinds[o.Name]
	_, provisioned := categories[o.Name]
	if !limited && !provisioned {
		return o
	}
	member, call := api.FindPoolMember(o.NewInput()), o.Call
	o.Call = func(ctx context.Context, in any) (any, error) {
		clientID, name := senderOf(in)
		if limited && !l.allow(ctx, k, clientID, name) {
			return nil, errTooMany
		}
		if provisioned && l.directory.HasProvisioned(ctx) && !l.allowAccount(ctx, o.Name, in, l.poolOf(ctx, member.Of(in), clientID, tokenOf(in))) {
			return nil, errTooMany
		}
		return call(ctx, in)
	}
	return o
}

// Allow reports whether a request that is no call of an operation may go on: it counts as a call of the named one by the client and the
// user; either may be empty.
func (l *Limits) Allow(ctx context.Context, operation, clientID, username string) bool {
	if k, limited := kinds[operation]; limited && !l.allow(ctx, k, clientID, username) {
		return false
	}
	return !l.directory.HasProvisioned(ctx) || l.allowAccount(ctx, operation, nil, l.poolOf(ctx, "", clientID, ""))
}

// allow takes a token from each bucket of the request. The most general one goes first, so that a flood from one address does not use up
// what others have with the same client.
func (l *Limits) allow(ctx context.Context, k kind, clientID, name string) bool {
	now := l.now()
	if ip := caller.From(ctx).SourceIP; ip != "" && !l.allowAddress(k, ip, now) {
		return false
	}
	if clientID == "" || l.user == nil && l.client == nil {
		return true
	}
	p := l.directory.PoolOfClient(ctx, clientID)
	if p == nil {
		return true // it is refused without any work
	}
	if name != "" && !l.user.allow(k, p.ID+" "+p.Fold(name), now) {
		return false
	}
	return l.client.allow(k, clientID, now)
}

// poolOf returns the pool that a request is for, by the first that it names; nil when there is none, and so nothing to protect.
func (l *Limits) poolOf(ctx context.Context, poolID, clientID, accessToken string) *pool.Pool {
	switch {
	case poolID != "":
		return l.directory.Pool(ctx, poolID)
	case clientID != "":
		return l.directory.PoolOfClient(ctx, clientID)
	case accessToken != "":
		return l.directory.PoolOfToken(ctx, accessToken)
	}
	return nil
}

// allowAccount takes a token from the bucket of the account that the pool belongs to, in the pool's region. A caller from another account
// is told that there is no such pool, and uses up nothing.
func (l *Limits) allowAccount(ctx context.Context, operation string, in any, p *pool.Pool) bool {
	if p == nil {
		return true
	}
	account, region := p.AccountID(), p.Region()
	if by := caller.From(ctx).AccountID; by != "" && by != account {
		return true
	}
	k, limited := provisionedKind(operation, in, l.directory.Provisioned(ctx, account, region))
	return !limited || l.account.allow(k, account+" "+region, l.now())
}

// Registration stands for an application that registers itself, which is no operation of the API.
const Registration = "registration"

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
	Registration:                signingUp,

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
