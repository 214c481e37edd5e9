package federate_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
)

// answers stand in for servers, by host and path: a status and a body.
type answers map[string]struct {
	status int
	body   string
}

// RoundTrip implements http.RoundTripper. Only the token "good" is known.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	said := a[r.URL.Host+r.URL.Path]
	if r.URL.Query().Get("access_token") != "good" {
		said.status, said.body = http.StatusBadRequest, `{"error":"invalid_token"}`
	}
	return &http.Response{StatusCode: said.status, Body: io.NopCloser(strings.NewReader(said.body)), Request: r}, nil
}

func TestWhoseAccessTokenItIsIsAsked(t *testing.T) {
	t.Parallel()
	const facebook, amazon = "graph.facebook.com", "www.amazon.com"
	for name, c := range map[string]struct {
		provider, token string
		app, me         string // of Facebook; Amazon has one answer
		status          int
		want            fault.Code // empty: the token is ann's
	}{
		"Facebook":                                {facebook, "good", `{"id":"app"}`, `{"id":"ann"}`, 200, ""},
		"Facebook, a token of another app":        {facebook, "good", `{"id":"other"}`, `{"id":"ann"}`, 200, fault.NotAuthorized},
		"Facebook, an unknown token":              {facebook, "bad", `{"id":"app"}`, `{"id":"ann"}`, 200, fault.NotAuthorized},
		"Facebook, nobody's token":                {facebook, "good", `{"id":"app"}`, `{}`, 200, fault.NotAuthorized},
		"Facebook, a page":                        {facebook, "good", `{"id":"app"}`, `<html>`, 200, fault.ExternalService},
		"Facebook, a fault":                       {facebook, "good", `{"id":"app"}`, `{"id":"ann"}`, 503, fault.ExternalService},
		"Login with Amazon":                       {amazon, "good", `{"aud":"app","user_id":"ann"}`, "", 200, ""},
		"Login with Amazon, another app's token":  {amazon, "good", `{"aud":"other","user_id":"ann"}`, "", 200, fault.NotAuthorized},
		"Login with Amazon, an unknown token":     {amazon, "bad", `{"aud":"app","user_id":"ann"}`, "", 200, fault.NotAuthorized},
		"Login with Amazon, nobody's token":       {amazon, "good", `{"aud":"app"}`, "", 200, fault.NotAuthorized},
		"Login with Amazon, a page":               {amazon, "good", `<html>`, "", 200, fault.ExternalService},
		"a provider that nobody knows, any token": {"api.twitter.com", "good", "", "", 200, fault.NotAuthorized},
	} {
		v := federate.Verifier{HTTP: &http.Client{Transport: answers{
			"graph.facebook.com/app": {c.status, c.app}, "graph.facebook.com/me": {c.status, c.me}, "api.amazon.com/auth/o2/tokeninfo": {c.status, c.app},
		}}}
		claims, err := v.Social(t.Context(), c.provider, "app", c.token)
		if c.want == "" && (err != nil || claims["sub"] != "ann" || claims["aud"] != "app") || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, claims, err)
		}
	}
}
