package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client/internal/bounded"
)

// refreshAhead is how long before it expires a session is refreshed: long enough for a request that is about to be sent with it.
const refreshAhead = time.Minute

// Session returns the stored session, refreshed if it has expired or is about to. The error is an ErrNotAuthenticated when the user has to
// sign in again; the storage is then empty. Any other failure leaves what is stored, and a session that has not expired yet is returned
// in spite of it. When the context ends, Session returns at once, and a refresh on its way still reaches the storage.
func (u *User) Session(ctx context.Context) (*Session, error) {
	s, err := u.StoredSession(ctx)
	if err != nil {
		return nil, err
	}
	now := u.pool.now()
	if s.ValidAt(now.Add(refreshAhead)) {
		return s, nil
	}
	fresh, err := u.refresh(ctx, s)
	if err == nil {
		return fresh, nil
	}
	if s.ValidAt(now) && ctx.Err() == nil && !errors.Is(err, ErrNotAuthenticated) {
		return s, nil
	}
	return nil, err
}

// RefreshSession refreshes the stored session, expired or not.
func (u *User) RefreshSession(ctx context.Context) (*Session, error) {
	s, err := u.StoredSession(ctx)
	if err != nil {
		return nil, err
	}
	return u.refresh(ctx, s)
}

// RefreshSessionWith gets a session for a refresh token that came another way, and stores it.
func (u *User) RefreshSessionWith(ctx context.Context, refreshToken string) (*Session, error) {
	return u.exchange(ctx, refreshToken)
}

// refresh replaces a session. Of many callers one does the work, in its own time: a caller that gives up does not lose a refresh token that
// the server has rotated already.
func (u *User) refresh(ctx context.Context, stale *Session) (*Session, error) {
	if _, ok := u.pool.storage.(requestBound); ok { // must not be written to when the request has ended
		return u.refreshOnce(ctx, stale)
	}
	done := u.pool.refreshing.DoChan(u.Username(), func() (any, error) {
		detached, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), bounded.Timeout, errSlow)
		defer cancel()
		return u.refreshOnce(detached, stale)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*Session), nil
	}
}

func (u *User) refreshOnce(ctx context.Context, stale *Session) (*Session, error) {
	if l, ok := u.pool.storage.(Locker); ok {
		unlock, err := l.Lock(ctx)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	s, err := u.StoredSession(ctx)
	if err != nil {
		return nil, err
	}
	if s.AccessToken.JWT() != stale.AccessToken.JWT() && s.ValidAt(u.pool.now().Add(refreshAhead)) {
		return s, nil // another process was faster
	}
	return u.exchange(ctx, s.RefreshToken)
}

// exchange gets a session for a refresh token and stores it. When the service refuses the token, it removes the session.
func (u *User) exchange(ctx context.Context, refreshToken string) (*Session, error) {
	s, err := u.requestRefresh(ctx, refreshToken)
	if err == nil {
		err = u.store(ctx, s, nil)
	}
	if slices.Contains([]string{"NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"}, Code(err)) {
		err = errors.Join(fmt.Errorf("%w: %w", ErrNotAuthenticated, err), u.forget(ctx))
	}
	if u.pool.config.OnRefresh != nil {
		u.pool.config.OnRefresh(ctx, u, s, err)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// requestRefresh asks for new tokens: by GetTokensFromRefreshToken, which works with and without rotation, or by the older way where the
// server lacks that operation.
func (u *User) requestRefresh(ctx context.Context, refreshToken string) (*Session, error) {
	if refreshToken == "" {
		return nil, fmt.Errorf("%w: there is no refresh token", ErrNotAuthenticated)
	}
	p, username := u.pool, u.Username()
	d, err := u.loadDevice(ctx)
	if err != nil {
		return nil, err
	}
	in := &idp.GetTokensFromRefreshTokenInput{
		ClientId: &p.config.ClientID, RefreshToken: &refreshToken, ClientSecret: optional(p.config.ClientSecret), ClientMetadata: u.metadata,
	}
	parameters := map[string]string{"REFRESH_TOKEN": refreshToken}
	if d != nil {
		in.DeviceKey, parameters["DEVICE_KEY"] = &d.key, d.key
	}
	if h := p.secretHash(username); h != nil {
		parameters["SECRET_HASH"] = *h
	}
	out, err := call(ctx, "GetTokensFromRefreshToken", p.sdk.GetTokensFromRefreshToken, in, repeated)
	if slices.Contains([]string{"UnknownOperationException", "UnsupportedOperationException"}, Code(err)) {
		old, err := call(ctx, "InitiateAuth", p.sdk.InitiateAuth, &idp.InitiateAuthInput{
			AuthFlow: types.AuthFlowTypeRefreshTokenAuth, ClientId: &p.config.ClientID, AuthParameters: parameters,
			ClientMetadata: u.metadata, UserContextData: p.userContext(username),
		}, repeated)
		if err != nil {
			return nil, err
		}
		return refreshed(old.AuthenticationResult, refreshToken, p.now())
	}
	if err != nil {
		return nil, err
	}
	return refreshed(out.AuthenticationResult, refreshToken, p.now())
}

func refreshed(r *types.AuthenticationResultType, refreshToken string, now time.Time) (*Session, error) {
	if r == nil {
		return nil, fmt.Errorf("%w: a refresh without tokens", ErrProtocol)
	}
	return newSession(r, refreshToken, now)
}

// repeated makes the SDK try a request again, with jitter, when the network or the server fails. Only what may happen twice gets it.
func repeated(o *idp.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 4, 5*time.Second
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			var refused interface{ HTTPStatusCode() int }
			return aws.BoolTernary(!errors.As(err, &refused) && !errors.Is(err, context.Canceled)) // no answer at all
		}))
	})
}
