package oauth

import (
	"context"
	"net/http"
	"slices"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// token exchanges a grant for tokens (RFC 6749, section 3.2).
func (d *Door) token(w http.ResponseWriter, r *http.Request) error {
	tokens, err := d.exchange(w, r)
	if err != nil {
		status := http.StatusBadRequest
		if codeOf(err) == authorize.NotFound {
			status = http.StatusNotFound // as the others on a host that no pool has
		}
		return answerError(w, status, err)
	}
	return answer(w, http.StatusOK, struct {
		ID        string `json:"id_token,omitempty"`
		Access    string `json:"access_token"`
		Refresh   string `json:"refresh_token,omitempty"`
		ExpiresIn int64  `json:"expires_in"`
		Type      string `json:"token_type"`
	}{tokens.ID, tokens.Access, tokens.Refresh, tokens.ExpiresIn, "Bearer"})
}

func (d *Door) exchange(w http.ResponseWriter, r *http.Request) (*token.Tokens, error) {
	ctx := r.Context()
	poolID, err := d.pool(r)
	if err != nil {
		return nil, err
	}
	f, err := readForm(w, r)
	if err != nil {
		return nil, err
	}
	operation := "GetTokensFromRefreshToken"
	if f.Get("grant_type") == "client_credentials" {
		operation = "GetClientToken"
	}
	if !d.Limits.Allow(ctx, operation, f.clientID, "") {
		return nil, tooMany
	}
	p, c, err := d.Authorize.Client(ctx, poolID, f.clientID, f.secret)
	if err != nil {
		return nil, err
	}
	return d.grant(ctx, p, c, f)
}

// grant looks at the grant that a client shows.
func (d *Door) grant(ctx context.Context, p *pool.Pool, c *pool.Client, f *form) (*token.Tokens, error) {
	missing := &authorize.Refusal{Code: authorize.InvalidRequest}
	switch f.Get("grant_type") {
	case "authorization_code":
		if !wire.Value(c.Settings.AllowedOAuthFlowsUserPoolClient, false) || !slices.Contains(c.Settings.AllowedOAuthFlows, "code") {
			return nil, &authorize.Refusal{Code: authorize.UnauthorizedClient}
		}
		e := authorize.Exchange{Code: f.Get("code"), RedirectURI: f.Get("redirect_uri"), Verifier: f.Get("code_verifier")}
		if e.Code == "" || e.RedirectURI == "" {
			return nil, missing
		}
		return d.Authorize.Exchange(ctx, p, c, e)
	case "refresh_token":
		if f.Get("refresh_token") == "" {
			return nil, missing
		}
		return d.Authorize.Refresh(ctx, p, c, f.Get("refresh_token"))
	case "client_credentials":
		metadata, err := clientMetadata(f.Get("aws_client_metadata"))
		if err != nil {
			return nil, err
		}
		return d.Authorize.ClientCredentials(ctx, p, c, f.Get("scope"), metadata)
	case "":
		return nil, missing
	}
	return nil, &authorize.Refusal{Code: authorize.UnsupportedGrantType}
}

// clientMetadata reads aws_client_metadata: a JSON object of texts, for the functions behind triggers.
func clientMetadata(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	var metadata map[string]string
	if err := wire.Unmarshal([]byte(text), &metadata); err != nil || metadata == nil {
		return nil, &authorize.Refusal{Code: authorize.InvalidRequest, Text: "aws_client_metadata is not valid."}
	}
	return metadata, nil
}
