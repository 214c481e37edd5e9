package external

import (
	"errors"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestWhatProvidersSayAboutPeopleIsMasked(t *testing.T) {
	t.Parallel()
	s, p := newService(t, t.TempDir()+"/cenote.db")
	r := &authorize.Request{Pool: p, Client: &pool.Client{ID: "app"}}
	v := &pool.Provider{Name: "Corp", Settings: wire.IdentityProviderType{AttributeMapping: map[string]string{
		"email": "mail", "email_verified": "verified", "name": "name", "phone_number": "phone", "nickname": "nick", "custom:token": "id_token",
	}}}
	account := &federate.Account{Subject: "Ann.Example", Claims: federate.Claims{
		"mail": "ann@example.com", "verified": "true", "name": "Ann Example", "phone": "+12345671234", "nick": "", "id_token": "eyJ", "unmapped": "secret",
	}}
	refused := (&authorize.Refusal{Code: authorize.InvalidRequest, Text: "Already found an entry for username corp_ann.example"}).Because(errors.New("Ann.Example is taken"))
	ctx := caller.With(t.Context(), caller.Caller{RequestID: "quoted"})
	for _, c := range []struct {
		reveal bool
		want   string
	}{
		{false, "invalid_request|Already found an entry for username corp_A***|A*** is taken|quoted|A***|a***@e***|true|A***|+*******1234||[hidden]"},
		{true, "invalid_request|Already found an entry for username corp_ann.example|Ann.Example is taken|quoted|Ann.Example|ann@example.com|true|Ann Example|+12345671234||[hidden]"},
	} {
		s.Reveal = c.reveal
		if err := s.note(ctx, r, v, account, nil, refused); !errors.Is(err, refused) {
			t.Errorf("the error became %v", err)
		}
		must(t, s.Store.View(ctx, func(tx *store.Tx) error {
			all, err := tx.ProviderVisits(p, "Corp")
			if err != nil {
				return err
			}
			got := all[0]
			a := got.Attributes
			text := strings.Join([]string{
				got.Outcome, got.Text, got.Cause, got.Request, got.Subject, a["email"], a["email_verified"], a["name"], a["phone_number"], a["nickname"], a["custom:token"],
			}, "|")
			if text != c.want || len(a) != 6 {
				t.Errorf("reveal %v:\n%s, want\n%s", c.reveal, text, c.want)
			}
			return nil
		}))
	}
}
