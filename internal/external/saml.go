package external

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"net/url"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// consumer is where SAML providers send responses to.
func (s *Service) consumer(p *pool.Pool) string { return s.Base(p) + "/saml2/idpresponse" }

// beginSAML returns how the browser leaves for a SAML provider. The id of the request is that of the visit.
func (s *Service) beginSAML(ctx context.Context, p *pool.Pool, v *pool.Provider, w pending, state string) (*federate.Departure, error) {
	m, err := s.metadata(ctx, p, v)
	if err != nil {
		return nil, err
	}
	q := federate.SAMLRequest{ID: w.ID, Entity: federate.SAMLEntity(p), Consumer: s.consumer(p), Relay: state, Now: s.Now()}
	if v.Settings.ProviderDetails["RequestSigningAlgorithm"] != "" {
		key, err := s.Keys.SAMLKey(ctx, s.Store, p, pool.SignsSAML)
		if err != nil {
			return nil, err
		}
		q.Signer = key
	}
	return q.Leave(m)
}

// errUnasked is the answer to a response that nobody asked for, where none is taken. The text is the service's (observed).
var errUnasked = &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Invalid samlResponse or relayState from identity provider"}

// ReturnSAML signs in who comes back from a SAML provider with a response. relay is the state of a visit, or what the provider says about a
// person whom nobody has sent. Its error is a *authorize.Refusal, or a failure of ours.
func (s *Service) ReturnSAML(ctx context.Context, poolID, browser, response, relay string) (*Arrival, error) {
	switch {
	case relay == "":
		return nil, &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Required String parameter 'RelayState' is not present"}
	case response == "":
		return nil, &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Required String parameter 'SAMLResponse' is not present"}
	}
	if q, err := url.ParseQuery(relay); err == nil && q.Has("client_id") {
		return s.unasked(ctx, poolID, response, q)
	}
	if !isState(relay) { // the provider's own, such as where its page of applications leads
		return nil, errUnasked
	}
	w, p, err := s.open(ctx, poolID, relay, toSignIn, browser)
	if err != nil {
		return nil, err
	}
	r, v, err := s.resume(ctx, w, p)
	if err != nil {
		return nil, err
	}
	if v.Settings.ProviderType != "SAML" {
		return nil, errState
	}
	return s.takeResponse(ctx, r, v, response, w.ID)
}

// unasked takes a response that answers no request. The provider and the client must both be made for it, and the client for nothing else.
func (s *Service) unasked(ctx context.Context, poolID, response string, q url.Values) (*Arrival, error) {
	r, err := s.Authorize.Request(ctx, poolID, q)
	if err != nil {
		return nil, err
	}
	if r.Provider == "" || r.Provider == pool.CognitoProvider {
		return nil, errUnasked
	}
	v, err := s.provider(ctx, r.Pool, r.Provider)
	if err != nil {
		return nil, err
	}
	if !v.Flag("IDPInit") || v.Settings.ProviderType != "SAML" {
		return nil, errUnasked
	}
	for _, name := range r.Client.Settings.SupportedIdentityProviders {
		other, err := s.provider(ctx, r.Pool, name)
		if err != nil || other.Settings.ProviderType != "SAML" {
			return nil, errUnasked
		}
	}
	return s.takeResponse(ctx, r, v, response, "")
}

// takeResponse reads a response and signs in whom it is about.
func (s *Service) takeResponse(ctx context.Context, r *authorize.Request, v *pool.Provider, response, request string) (*Arrival, error) {
	account, session, err := s.readResponse(ctx, r, v, response, request)
	if err != nil {
		return nil, s.note(ctx, r, v, nil, nil, s.refused(r, v, err))
	}
	a, err := s.arrive(ctx, r, v, account)
	if err == nil {
		a.SAML = session
	}
	return a, err
}

// readResponse returns who a response is about, once: its assertion is remembered, on every node, until it would be refused anyway.
func (s *Service) readResponse(
	ctx context.Context, r *authorize.Request, v *pool.Provider, response, request string,
) (*federate.Account, *federate.SAMLSession, error) {
	m, err := s.metadata(ctx, r.Pool, v)
	if err != nil {
		return nil, nil, err
	}
	var decrypter *rsa.PrivateKey
	if v.Flag("EncryptedResponses") {
		key, err := s.Keys.SAMLKey(ctx, s.Store, r.Pool, pool.EncryptsSAML)
		if err != nil {
			return nil, nil, err
		}
		decrypter = key.Private
	}
	account, assertion, err := federate.SAMLResponse{
		Metadata: m, Audiences: []string{federate.SAMLEntity(r.Pool)}, Consumers: []string{s.consumer(r.Pool)}, Request: request, Decrypter: decrypter, Now: s.Now(),
	}.Account(response)
	if err != nil {
		return nil, nil, err
	}
	first := false
	sum := sha256.Sum256([]byte(v.Name + "\x00" + assertion.ID))
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		first, err = tx.Consume(r.Pool.ID, "assertion "+hex.EncodeToString(sum[:]), assertion.Expires)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if !first {
		return nil, nil, &federate.Refusal{Text: "SAML Assertion has been used before."}
	}
	return account, &assertion.Session, nil
}
