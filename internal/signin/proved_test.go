package signin

import (
	"testing"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestAProvidersUserSignsInWithoutAPassword(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, &wire.SetUserPoolMfaConfigInput{
		MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)},
	})
	r := Request{Pool: p, Client: clients[0], By: ByPage}
	for _, c := range []struct {
		name   string
		change func(*user.User)
		code   fault.Code // "": signs in
	}{
		{"of the provider alone", func(u *user.User) { u.Status, u.Password = user.ExternalProvider, nil }, ""},
		{"linked to one with a temporary password", func(u *user.User) { u.Status = user.ForceChangePassword }, ""},
		{"unconfirmed", func(u *user.User) { u.Status = user.Unconfirmed }, fault.UserNotConfirmed},
		{"disabled", func(u *user.User) { u.Enabled = false }, fault.NotAuthorized},
	} {
		u := b.user(t, p, uuid.NewString(), c.change)
		b.update(t, func(tx *store.Tx) error { // by somebody who tries passwords
			return tx.SaveCounter(p.ID, user.Subject(u.ID), user.SignInFailure, user.Counter{Count: 20, Since: *b.now, Last: *b.now})
		})
		o, err := b.StartProved(t.Context(), Proved{Request: r, User: u})
		if c.code != "" {
			if !fault.Is(err, c.code) {
				t.Errorf("%s: %+v, %v", c.name, o, err)
			}
			continue
		}
		if err != nil || o.Grant == nil || o.Grant.First != ByProvider || o.Grant.UserID != u.ID {
			t.Errorf("%s: %+v, %v", c.name, o, err)
		}
	}
}

func TestPagesSignInWhateverFlowsTheClientAllows(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	b.user(t, p, "ann", nil)
	c := *clients[0]
	c.Settings.ExplicitAuthFlows = []string{"ALLOW_REFRESH_TOKEN_AUTH"}
	start := func(by Door) (*Outcome, error) {
		return b.Start(t.Context(), Start{
			Request: Request{Pool: p, Client: &c, By: by}, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": "ann", "PASSWORD": password},
		})
	}
	if o, err := start(ByPage); err != nil || o.Grant == nil {
		t.Errorf("on a page: %+v, %v", o, err)
	}
	if o, err := start(ByClient); !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("by the API: %+v, %v", o, err)
	}
}
