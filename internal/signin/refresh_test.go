package signin

import (
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// rotating makes a client whose refresh tokens rotate without a grace period.
func (b *bed) rotating(t *testing.T, p *pool.Pool) *pool.Client {
	t.Helper()
	c, err := pool.NewClient(p, pool.Offers{}, &wire.CreateUserPoolClientInput{
		UserPoolId: p.ID, ClientName: "rotating", ExplicitAuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH"},
		RefreshTokenRotation: &wire.RefreshTokenRotationType{Feature: "ENABLED"},
	}, *b.now)
	if err != nil {
		t.Fatal(err)
	}
	b.update(t, func(tx *store.Tx) error { return tx.InsertClient(p, c) })
	return c
}

func TestReuseOfARefreshTokenEndsItsSignIn(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		b := newBed(t)
		b.KeepReused = keeps
		p, _ := b.pool(t, wire.CreateUserPoolInput{}, nil)
		c := b.rotating(t, p)
		b.user(t, p, "ann", nil)
		r := Request{Pool: p, Client: c}
		signIn := func() *token.Tokens {
			t.Helper()
			tokens, err := b.Redeem(t.Context(), p, c, b.granted(t, p, c, "ann"), Terms{Scopes: []string{token.UserScope}})
			if err != nil {
				t.Fatal(err)
			}
			return tokens
		}
		stolen, other := signIn(), signIn()
		next, err := b.Refresh(t.Context(), r, stolen.Refresh)
		if err != nil {
			t.Fatal(err)
		}
		*b.now = b.now.Add(time.Second)
		if _, err := b.Refresh(t.Context(), r, stolen.Refresh); !fault.Is(err, fault.RefreshTokenReuse) {
			t.Errorf("reuse: %v", err)
		}
		if _, err := b.Refresh(t.Context(), r, next.Refresh); (err == nil) != keeps || !keeps && !fault.Is(err, fault.NotAuthorized) {
			t.Errorf("the token that replaced it, where reuse is tolerated (%v): %v", keeps, err)
		}
		if _, err := b.Bearer(t.Context(), next.Access); (err == nil) != keeps {
			t.Errorf("the access token, where reuse is tolerated (%v): %v", keeps, err)
		}
		if _, err := b.Refresh(t.Context(), r, other.Refresh); err != nil {
			t.Errorf("another sign-in of the user: %v", err)
		}
	}
}
