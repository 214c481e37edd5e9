package signin

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// granted signs a user in by password and returns the grant as it comes back from a store.
func (b *bed) granted(t *testing.T, p *pool.Pool, c *pool.Client, name string) *Grant {
	t.Helper()
	o, err := b.Start(t.Context(), Start{
		Request: Request{Pool: p, Client: c}, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil || o.Grant == nil {
		t.Fatalf("sign in: %+v, %v", o, err)
	}
	text, err := json.Marshal(o.Grant)
	if err != nil {
		t.Fatal(err)
	}
	var kept Grant
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	return &kept
}

func TestAGrantIsRedeemedMinutesLater(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	ann := b.user(t, p, "ann", nil)
	signedIn := *b.now
	g := b.granted(t, p, clients[0], "ann")
	*b.now = b.now.Add(5 * time.Minute)
	b.update(t, func(tx *store.Tx) error {
		u, err := tx.UserByID(p, ann.ID)
		if err != nil {
			return err
		}
		u.Attributes.Set("name", "Ann")
		shop, err := pool.NewResourceServer(&wire.CreateResourceServerInput{
			UserPoolId: p.ID, Identifier: "shop", Name: "shop", Scopes: []wire.ResourceServerScopeType{{ScopeName: "read", ScopeDescription: "read"}},
		})
		if err != nil {
			return err
		}
		return errors.Join(tx.SaveUser(p, u), tx.InsertResourceServer(p, shop))
	})
	tokens, err := b.Redeem(t.Context(), p, clients[0], g, Terms{Scopes: []string{"openid", "shop/read"}, Nonce: "n-0S6", Audience: "https://shop.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	id, access := claims(t, tokens.ID), claims(t, tokens.Access)
	got := []any{id["sub"], id["nonce"], id["name"], id["auth_time"], id["event_id"], access["aud"], access["scope"], access["nonce"], access["auth_time"]}
	at := float64(signedIn.Unix())
	want := []any{ann.ID, "n-0S6", "Ann", at, g.EventID, "https://shop.example.com", "openid shop/read", nil, at}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	next, err := b.Refresh(t.Context(), Request{Pool: p, Client: clients[0]}, tokens.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if aud := claims(t, next.Access)["aud"]; aud != "https://shop.example.com" {
		t.Errorf("the audience after a refresh is %v", aud)
	}
}

func TestAGrantEndsWithItsGround(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	for _, c := range []struct {
		name   string
		change func(*user.User)
		code   fault.Code
	}{
		{"disabled", func(u *user.User) { u.Enabled = false }, fault.NotAuthorized},
		{"signed-out", func(u *user.User) { u.SignOutEverywhere(*b.now) }, fault.NotAuthorized},
		{"to-reset", func(u *user.User) { u.RequireReset(*b.now) }, fault.PasswordResetRequired},
		{"deleted", nil, fault.UserNotFound},
	} {
		u := b.user(t, p, c.name, nil)
		g := b.granted(t, p, clients[0], c.name)
		b.update(t, func(tx *store.Tx) error {
			if c.change == nil {
				return tx.DeleteUser(p, u)
			}
			c.change(u)
			return tx.SaveUser(p, u)
		})
		if tokens, err := b.Redeem(t.Context(), p, clients[0], g, Terms{Scopes: []string{token.UserScope}}); !fault.Is(err, c.code) {
			t.Errorf("%s since: %v, %v", c.name, tokens, err)
		}
	}
}

func TestAGrantIsForItsClient(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	b.user(t, p, "ann", nil)
	g := b.granted(t, p, clients[0], "ann")
	if _, err := b.Redeem(t.Context(), p, clients[1], g, Terms{}); !errors.Is(err, errInvalidSession) {
		t.Errorf("redeemed by another client: %v", err)
	}
}

// claims are what a token says; its signature is the concern of package token.
func claims(t *testing.T, raw string) map[string]any {
	t.Helper()
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &c); err != nil {
		t.Fatal(err)
	}
	return c
}
