package federate

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// socialIssuers are the public providers that sign ID tokens.
var socialIssuers = map[string]string{"accounts.google.com": "https://accounts.google.com", "appleid.apple.com": "https://appleid.apple.com"}

// Social verifies a token of a public provider, by its key in Logins, for the application with the id, and returns claims with the subject
// as sub. Google and Apple sign ID tokens; Facebook and Amazon are asked whose access token it is, and for which application.
func (v *Verifier) Social(ctx context.Context, provider, application, raw string) (map[string]any, error) {
	if issuer, ok := socialIssuers[provider]; ok {
		return v.OIDC(ctx, issuer, raw, []string{application})
	}
	switch provider {
	case "graph.facebook.com":
		return v.facebook(ctx, application, raw)
	case "www.amazon.com":
		return v.amazon(ctx, application, raw)
	}
	return nil, refuse("Couldn't verify signed token.").Because(errUnsupported)
}

// facebook asks who the access token is of (Graph API, /app and /me).
func (v *Verifier) facebook(ctx context.Context, application, raw string) (map[string]any, error) {
	var app, me struct {
		ID string `json:"id"`
	}
	for path, into := range map[string]any{"app": &app, "me": &me} {
		if err := v.get(ctx, "https://graph.facebook.com/"+path+"?access_token="+url.QueryEscape(raw), "", into); err != nil {
			return nil, err
		}
	}
	if app.ID != application {
		return nil, fault.New(fault.NotAuthorized, "Incorrect token audience.")
	}
	return person(me.ID, app.ID)
}

// amazon asks who the access token is of (Login with Amazon, /auth/o2/tokeninfo).
func (v *Verifier) amazon(ctx context.Context, application, raw string) (map[string]any, error) {
	var info struct {
		Audience string `json:"aud"`
		UserID   string `json:"user_id"`
	}
	if err := v.get(ctx, "https://api.amazon.com/auth/o2/tokeninfo?access_token="+url.QueryEscape(raw), "", &info); err != nil {
		return nil, err
	}
	if info.Audience != application {
		return nil, fault.New(fault.NotAuthorized, "Incorrect token audience.")
	}
	return person(info.UserID, info.Audience)
}

// person returns the claims about somebody who has an id.
func person(id, application string) (map[string]any, error) {
	if id == "" {
		return nil, refuse("Missing a required claim: sub")
	}
	return map[string]any{"sub": id, "aud": application}, nil
}

// get reads a JSON document. A refusal of the provider is one of the token.
func (v *Verifier) get(ctx context.Context, address, bearer string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := v.HTTP.Do(r)
	if err != nil {
		return fault.New(fault.ExternalService, "The identity provider could not be reached.").Because(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= http.StatusInternalServerError {
		return fault.New(fault.ExternalService, "The identity provider could not be reached.").Because(fmt.Errorf("status %d", res.StatusCode))
	}
	if res.StatusCode != http.StatusOK {
		return refuse("Couldn't verify signed token.").Because(fmt.Errorf("status %d", res.StatusCode))
	}
	body, err := io.ReadAll(res.Body) // bounded by package outbound
	if err == nil {
		err = wire.Unmarshal(body, into)
	}
	if err != nil {
		return fault.New(fault.ExternalService, "The identity provider could not be reached.").Because(err)
	}
	return nil
}
