package external

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// note keeps what became of a sign-in for the operator, and returns the error as it is. Whether that succeeds concerns nobody who signs in.
// account is nil when the provider has said nothing that holds.
func (s *Service) note(ctx context.Context, r *authorize.Request, v *pool.Provider, account *federate.Account, a *Arrival, err error) error {
	visit := pool.ProviderVisit{
		ID: uuid.NewString(), Provider: v.Name, Time: s.Now(), Client: r.Client.ID, Outcome: "OK", Request: caller.From(ctx).RequestID,
	}
	hide := func(text string) string { return federate.Cut(text, maxNoted) }
	if account != nil {
		visit.Subject, visit.Attributes = account.Subject, s.shownAttributes(v, account.Claims)
		if !s.Reveal {
			visit.Subject = maskText(account.Subject)
			hide = func(text string) string {
				return federate.Cut(strings.NewReplacer(account.Subject, visit.Subject, strings.ToLower(account.Subject), visit.Subject).Replace(text), maxNoted)
			}
		}
	}
	var no *authorize.Refusal
	switch {
	case errors.As(err, &no):
		visit.Outcome, visit.Text = no.Code, hide(no.Text)
		if cause := errors.Unwrap(no); cause != nil {
			visit.Cause = hide(cause.Error())
		}
	case err != nil:
		visit.Outcome, visit.Cause = authorize.ServerError, hide(err.Error())
	default:
		visit.User = a.UserID
		if a.Grant == nil {
			visit.Outcome = string(a.Challenge)
		}
	}
	if kept := s.Store.Update(ctx, func(tx *store.Tx) error { return tx.AddProviderVisit(r.Pool, visit) }); kept != nil {
		s.Log.WarnContext(ctx, "sign-in by a provider not noted", "pool", r.Pool.ID, "provider", v.Name, "error", kept)
	}
	return err
}

// shownAttributes returns the attributes that the mapping makes of the claims. Tokens of the provider are never shown.
func (s *Service) shownAttributes(v *pool.Provider, claims federate.Claims) map[string]string {
	shown := claims.Mapped(v)
	for name, value := range shown {
		switch claim := v.Settings.AttributeMapping[name]; {
		case federate.IsToken(claim):
			shown[name] = "[hidden]"
		case !s.Reveal:
			shown[name] = maskAttribute(name, value)
		}
	}
	return shown
}

// maskAttribute leaves of a value what tells an operator whether the right one has come.
func maskAttribute(name, value string) string {
	switch {
	case value == "" || value == "true" || value == "false":
		return value
	case name == pool.Phone:
		return credential.MaskPhone(value)
	case strings.Contains(value, "@"):
		return credential.MaskEmail(value)
	}
	return maskText(value)
}

// maskText leaves the first letter of a text.
func maskText(text string) string {
	for _, letter := range text {
		return string(letter) + "***"
	}
	return ""
}

// maxNoted bounds the texts of a note.
const maxNoted = 300
