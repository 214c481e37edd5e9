package authorize

import (
	"context"
	"net/url"
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// SignOutRequest says where a browser goes after it has been signed out.
type SignOutRequest struct {
	Pool     *pool.Pool
	Client   *pool.Client
	Location string   // one of the client's LogoutURLs, with the state if one was sent to post_logout_redirect_uri
	Login    *Request // in place of a location: the person signs in again

	query url.Values // which names the location
}

// Query returns the request as it can be asked again.
func (o *SignOutRequest) Query() string {
	if o.Login != nil {
		return o.Login.Query()
	}
	return o.query.Encode()
}

// Target is where the browser goes, below the address of the pool's pages unless it is an address of the client.
func (o *SignOutRequest) Target() string {
	if o.Login != nil {
		return "/login?" + o.Login.Query()
	}
	return o.Location
}

// SignOutRequest reads a request to /logout: with logout_uri (or post_logout_redirect_uri of OpenID Connect RP-Initiated Logout 1.0) the
// browser goes there, with redirect_uri and response_type to the sign-in page. An address that is not the client's is never gone to; as on
// the service, a wrong logout_uri is as good as none.
func (s *Service) SignOutRequest(ctx context.Context, poolID string, q url.Values) (*SignOutRequest, error) {
	q = withoutEmpty(q)
	if _, found := doubled(q); found {
		return nil, &Refusal{Code: InvalidRequest, Text: "A parameter is included more than once."}
	}
	id := q.Get("client_id")
	if id == "" {
		id = s.clientOfHint(ctx, q.Get("id_token_hint"))
	}
	p, c, err := s.client(ctx, poolID, id)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, noClient(id)
	}
	out := &SignOutRequest{Pool: p, Client: c}
	if to := q.Get("logout_uri"); to != "" && slices.Contains(c.Settings.LogoutURLs, to) {
		out.Location, out.query = to, url.Values{"client_id": {c.ID}, "logout_uri": {to}}
		return out, nil
	}
	if to := q.Get("post_logout_redirect_uri"); to != "" && slices.Contains(c.Settings.LogoutURLs, to) {
		if hinted := s.clientOfHint(ctx, q.Get("id_token_hint")); hinted != "" && hinted != c.ID { // OpenID Connect RP-Initiated Logout 1.0, section 2
			return nil, &Refusal{Code: InvalidRequest, Text: "The id_token_hint was issued to another client."}
		}
		out.query = url.Values{"client_id": {c.ID}, "post_logout_redirect_uri": {to}}
		list := parameters{}
		if q.Has("state") {
			out.query.Set("state", q.Get("state"))
			list.add("state", q.Get("state"))
			to = (&Request{RedirectURI: to}).answer(list)
		}
		out.Location = to
		return out, nil
	}
	if q.Get("redirect_uri") == "" && !(s.AccountPages && q.Get("response_type") == AccountType) {
		return nil, &Refusal{Code: InvalidRequest, Text: "Required String parameter 'redirect_uri' is not present"}
	}
	if q.Get("response_type") == "" {
		return nil, &Refusal{Code: InvalidRequest, Text: "Required String parameter 'response_type' is not present"}
	}
	q.Del("logout_uri")
	q.Del("post_logout_redirect_uri")
	q.Del("id_token_hint")
	q.Del("identity_provider") // none can be asked for here (documented): the person has just left one
	q.Del("idp_identifier")
	if out.Login, err = s.Request(ctx, poolID, q); err != nil {
		return nil, err
	}
	return out, nil
}

// clientOfHint returns the client that an ID token of ours was issued to, whatever its age; empty when it is none.
func (s *Service) clientOfHint(ctx context.Context, hint string) string {
	return s.Tokens.HintedClient(hint, func(clientID string) *pool.Pool {
		p, _, err := s.client(ctx, "", clientID)
		if err != nil {
			return nil // as good as a hint that says nothing
		}
		return p
	})
}

// enabled reports whether the OAuth endpoints serve the client.
func enabled(c *pool.Client) bool {
	return wire.Value(c.Settings.AllowedOAuthFlowsUserPoolClient, false)
}
