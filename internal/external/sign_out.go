package external

import (
	"context"
	"errors"
	"net/url"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
)

// signedOutAt is where SAML providers send people back to who have signed out there.
func (s *Service) signedOutAt(p *pool.Pool) string { return s.Base(p) + "/saml2/logout" }

// BeginSignOut returns how the browser leaves to be signed out at the provider, too; nil where it does not: the provider does without it, is
// gone, or has no way to. browser is a secret that the browser keeps until it comes back.
func (s *Service) BeginSignOut(ctx context.Context, out *authorize.SignOutRequest, left *authorize.Elsewhere, browser string) (*federate.Departure, error) {
	v, err := s.signsOut(ctx, out.Pool, left.Provider)
	if err != nil || v == nil {
		return nil, err
	}
	m, err := s.metadata(ctx, out.Pool, v)
	if err != nil {
		return nil, err
	}
	key, err := s.Keys.SAMLKey(ctx, s.Store, out.Pool, pool.SignsSAML)
	if err != nil {
		return nil, err
	}
	w := s.newPending(out.Query(), v)
	state, err := w.seal(out.Pool, toSignOut, browser)
	if err != nil {
		return nil, err
	}
	return federate.LogoutRequest{
		ID: w.ID, Entity: federate.SAMLEntity(out.Pool), Relay: state, Session: left.Session, Signer: key, Now: s.Now(), Life: pendingLife,
	}.Leave(m)
}

// signsOut returns a provider that people are to be signed out at; nil for any other.
func (s *Service) signsOut(ctx context.Context, p *pool.Pool, name string) (*pool.Provider, error) {
	v, err := s.stored(ctx, p, name)
	switch {
	case fault.Is(err, fault.ResourceNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case v.Settings.ProviderType != "SAML" || !v.Flag("IDPSignout"):
		return nil, nil
	}
	return v, nil
}

// ReturnSignOut takes a browser that comes back from a provider with the answer to a request to sign out, and returns where it goes now: only
// where the request to sign out allows it, whatever the provider says. Its error is a *authorize.Refusal, or a failure of ours.
func (s *Service) ReturnSignOut(ctx context.Context, poolID, browser, response, relay string) (target string, err error) {
	switch {
	case relay == "":
		return "", &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Required String parameter 'RelayState' is not present"}
	case response == "":
		return "", &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Required String parameter 'SAMLResponse' is not present"}
	}
	w, p, err := s.open(ctx, poolID, relay, toSignOut, browser)
	if err != nil {
		return "", err
	}
	if err := s.use(ctx, w, p); err != nil {
		return "", err
	}
	v, err := s.signsOut(ctx, p, w.Provider)
	if err != nil {
		return "", err
	}
	if v == nil {
		return "", errState
	}
	m, err := s.metadata(ctx, p, v)
	if err != nil {
		return "", err
	}
	err = federate.LogoutResponse{Metadata: m, Consumer: s.signedOutAt(p), Request: w.ID}.Check(response)
	if no := new(federate.Refusal); errors.As(err, &no) {
		return "", (&authorize.Refusal{Code: authorize.ServerError, Text: "Invalid SAML response received: " + no.Text}).Because(err)
	}
	if err != nil {
		return "", err
	}
	q, err := url.ParseQuery(w.Query)
	if err != nil {
		return "", err
	}
	out, err := s.Authorize.SignOutRequest(ctx, p.ID, q)
	if err != nil {
		return "", err
	}
	return out.Target(), nil
}
