package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// Refreshes reports whether the AuthFlow is a refresh: no sign-in, since nothing is proved anew.
func Refreshes(flow string) bool { return flow == "REFRESH_TOKEN_AUTH" || flow == "REFRESH_TOKEN" }

// StartRefresh is the refresh as an auth flow. It never issues a new refresh token; a client whose tokens rotate has to use
// GetTokensFromRefreshToken. Like Start, it tells the functions nothing of the client's metadata.
func (m *Machine) StartRefresh(ctx context.Context, s Start) (*token.Tokens, error) {
	if rotates, _ := s.Client.Rotates(); rotates {
		return nil, fault.New(fault.UnsupportedOperation, "Refresh token rotation is enabled for the client. Use GetTokensFromRefreshToken.")
	}
	if !s.Client.AllowsFlow("REFRESH_TOKEN_AUTH") {
		return nil, fault.New(fault.InvalidParameter, "REFRESH_TOKEN_AUTH is not enabled for the client.")
	}
	raw, err := required(s.Params, "REFRESH_TOKEN")
	if err != nil {
		return nil, err
	}
	hash := s.Params["SECRET_HASH"]
	if len(s.Client.Secrets) > 0 && hash == "" || len(s.Client.Secrets) == 0 && hash != "" {
		return nil, s.Client.CheckSecretHash("", hash)
	}
	by := Request{Pool: s.Pool, Client: s.Client, Device: s.Params["DEVICE_KEY"]}
	return m.refresh(ctx, by, raw, func(u *user.User) error {
		if len(s.Client.Secrets) == 0 || s.Client.HasSecret(hash) {
			return nil // some clients send the secret itself here, and the service takes it
		}
		return s.Client.CheckSecretHash(u.Username, hash)
	})
}

// Refresh exchanges a refresh token for new tokens (GetTokensFromRefreshToken, the token endpoint). The caller has checked the
// client's secret. A client whose tokens rotate gets a new refresh token, which lives for the rest of the old one's time. What
// was replaced stays dead when rotation is switched off.
func (m *Machine) Refresh(ctx context.Context, by Request, raw string) (*token.Tokens, error) {
	return m.refresh(ctx, by, raw, func(*user.User) error { return nil })
}

func (m *Machine) refresh(ctx context.Context, by Request, raw string, check func(*user.User) error) (*token.Tokens, error) {
	p, c := by.Pool, by.Client
	r, err := m.Tokens.OpenRefresh(p, c, raw)
	if err != nil {
		return nil, err
	}
	rotates, grace := c.Rotates()
	var u *user.User
	var groups []pool.Group
	var used time.Time // of the session, where the pool tracks them
	var browserID string
	err = m.Store.View(ctx, func(tx *store.Tx) (err error) {
		replaceable := r.JTI
		if rotates {
			replaceable = "" // rotate finds out, which knows the grace period
		}
		var dead bool
		if u, dead, err = tx.WithoutPasswords().UserOfRefresh(p, r.Subject, r.OriginJTI, replaceable); err != nil {
			return err
		}
		forgotten, err := tx.DeviceForgotten(p, r.DeviceKey)
		if err != nil {
			return err
		}
		if err := r.CheckUser(u, dead || forgotten); err != nil {
			return err
		}
		if err := checkDeviceOf(tx, p, r, by.Device); err != nil {
			return err
		}
		if p.TracksSessions() {
			if used, browserID, err = tx.SessionUsed(p.ID, u.ID, token.SessionID(r.OriginJTI)); err != nil {
				return err
			}
		}
		groups, err = tx.UserGroups(p.ID, u.ID, "", 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := check(u); err != nil {
		return nil, err
	}
	granted := token.Grant{Pool: p, Client: c, User: u, Groups: groups, SignIn: r.SignIn(), Scopes: r.Scopes, Hosted: r.Hosted, Audience: r.Audience}
	g := granted
	if g.Scopes, err = m.existingScopes(ctx, p, r.Scopes); err != nil {
		return nil, err
	}
	if err := m.tokenChanges(ctx, &g, by.Metadata, trigger.TokenGenerationRefreshTokens); err != nil {
		return nil, err // before the token is replaced: the client can try again
	}
	next := ""
	if rotates {
		if err := m.rotate(ctx, p, r, grace); err != nil {
			return nil, err
		}
		if next, err = m.Tokens.IssueRefresh(granted, r.Expires); err != nil {
			return nil, err
		}
	}
	tokens, err := m.Tokens.Issue(g)
	if err != nil {
		return nil, err
	}
	if next == "" {
		browserID = "" // its session is used by rotations alone (documented)
	}
	if err := m.touch(ctx, p, r, used, browserID); err != nil {
		return nil, err
	}
	tokens.Refresh = next
	return &tokens, nil
}

// rotate records that the token was exchanged. It may be exchanged again within the grace period, for a client that lost the
// answer; after that it is reuse: the token was stolen from its client, or by it. Then all tokens of the sign-in end, unless the operator
// keeps them (RFC 9700, section 4.14.2). Without a grace period the store alone decides which exchange is the first, whatever the clocks say.
func (m *Machine) rotate(ctx context.Context, p *pool.Pool, r *token.Refresh, grace time.Duration) error {
	return m.settle(ctx, func(tx *store.Tx) error {
		now := m.Now()
		earlier, err := tx.Rotate(p.ID, r.JTI, now, r.Expires)
		if err != nil {
			return err
		}
		if !earlier.IsZero() && (grace == 0 || !now.Before(earlier.Add(grace))) {
			return m.reused(tx, p, r)
		}
		return nil
	})
}

// reused ends the sign-in whose refresh token was used again. What it writes is kept beside the refusal.
func (m *Machine) reused(tx *store.Tx, p *pool.Pool, r *token.Refresh) error {
	if !m.KeepReused {
		if err := EndSignIn(tx, p.ID, r.Subject, r.OriginJTI, r.Expires); err != nil {
			return err
		}
	}
	return refusal{fault.New(fault.RefreshTokenReuse, "Refresh token has already been used.")}
}
