package client_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/client/verify"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestTokensOfALiveServerAreVerified(t *testing.T) {
	t.Parallel()
	for name, aws := range map[string]bool{"with an issuer of its own": false, "with the issuer of AWS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := live(t, setup{options: cenotetest.Options{AWSIssuer: aws}})
			a.addUser(t, "ann")
			ann := signIn(t, a.Pool, "ann")
			if ann.Pool() != a.Pool {
				t.Error("the user is of another pool")
			}
			s, err := ann.Session(t.Context())
			must(t, err)
			c := verify.Config{PoolID: a.ID(), Rule: verify.Rule{ClientIDs: []string{a.ClientID()}}}
			keys := a.srv.URL + "/" + a.ID() + "/.well-known/jwks.json"
			if aws {
				c.JWKSURL = keys
			} else {
				c.Issuer = a.srv.URL + "/" + a.ID()
			}
			online, err := verify.New(c)
			must(t, err)
			must(t, online.Fetch(t.Context()))
			res, err := http.Get(keys)
			must(t, err)
			c.Keys, err = io.ReadAll(res.Body)
			must(t, errors.Join(err, res.Body.Close()))
			offline, err := verify.New(c)
			must(t, err)
			for use, token := range map[verify.Use]client.Token{verify.ID: s.IDToken, verify.Access: s.AccessToken} {
				for _, v := range []*verify.Verifier{online, offline} {
					got, err := v.Verify(t.Context(), token.JWT(), verify.Rule{Use: use})
					must(t, err)
					if got.Username != "ann" || got.ClientID != a.ClientID() || !got.Expires.Equal(token.Expires()) || !got.IssuedAt.Equal(token.IssuedAt()) {
						t.Errorf("the %s token is %+v", use, got)
					}
				}
			}
			if _, err := online.Verify(t.Context(), s.RefreshToken); !errors.Is(err, verify.ErrInvalid) {
				t.Errorf("a refresh token: %v", err)
			}
		})
	}
}
