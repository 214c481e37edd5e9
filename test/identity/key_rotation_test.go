package identity_test

import (
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// publishedFor is how long a new key is published before it signs.
const publishedFor = 2 * time.Second

func TestTheKeyOfIdentitiesIsReplacedWithAnOverlap(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, options(database), nil)
		d := s.operator(t, database)
		if _, err := d.RotateIdentityKey(t.Context()); err == nil || err.Error() != "there is no such key yet: it is created with the first OpenID token of an identity" {
			t.Errorf("without a key the rotation answers %v", err)
		}
		before := s.register(t, "ann")
		first := keyOf(t, before)
		rotated := s.Now()
		_, err := d.RotateIdentityKey(t.Context())
		must(t, err)
		s.Advance(t, time.Second) // the server has looked again
		kids := s.kids(t)
		if len(kids) != 2 || kids[1] != first {
			t.Fatalf("after the rotation of %s the keys are %v", first, kids)
		}
		if kid := keyOf(t, s.register(t, "ann")); kid != first && s.Now().Sub(rotated) < publishedFor { // on a busy machine its time may have come
			t.Errorf("a key that nobody can know yet signs: %s", kid)
		}
		s.Advance(t, publishedFor+time.Second)
		after := s.register(t, "ann")
		if kid := keyOf(t, after); kid != kids[0] {
			t.Errorf("the replaced key still signs: %s", kid)
		}
		s.Restart(t)
		for name, token := range map[string]*ci.GetOpenIdTokenForDeveloperIdentityOutput{"replaced": before, "new": after} {
			if claims := verify(t, s.URL, *token.Token); claims["sub"] != *token.IdentityId {
				t.Errorf("the token of the %s key says %v", name, claims)
			}
			_, err := s.credentials(t, *token.IdentityId, map[string]string{"cognito-identity.amazonaws.com": *token.Token})
			must(t, err)
		}

		s.Advance(t, operate.KeyOverlap)
		if left := s.kids(t); !slices.Equal(left, kids[:1]) {
			t.Errorf("after the overlap the keys are %v, want %s alone", left, kids[0])
		}
		must(t, d.Sweep(t.Context(), s.Now()))
		must(t, d.View(t.Context(), func(tx *store.Tx) error {
			ring, err := tx.IdentityKeys()
			if err == nil && len(ring) != 1 {
				t.Errorf("%d keys are still in the database", len(ring))
			}
			return err
		}))
		verify(t, s.URL, *s.register(t, "ann").Token)
	})
}

func TestTheKeyOfIdentitiesIsReplacedByAge(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		o := options(database)
		if o.Settings == nil {
			o.Settings = map[string]string{}
		}
		o.Settings["signing-key-age"] = "2160h"
		s := newSite(t, o, nil)
		d := s.operator(t, database)
		due := func() bool {
			rotated, err := d.RotateDueIdentityKey(t.Context(), 2160*time.Hour)
			must(t, err)
			return rotated
		}
		if due() {
			t.Error("a key was made that nobody has asked for")
		}
		s.register(t, "ann")
		s.Advance(t, 2159*time.Hour)
		if due() {
			t.Error("the key was replaced before its age")
		}
		s.Advance(t, 2*time.Hour)
		s.Restart(t) // the server looks at its start, and makes four keys of user pools first
		for end := time.Now().Add(time.Minute); len(s.kids(t)) != 2; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the server does not replace the key")
			}
		}
		if due() {
			t.Error("the new key was replaced at once")
		}
	})
}

// TestANodeLearnsOfANewKeyOfIdentities has both nodes use the first key before.
func TestANodeLearnsOfANewKeyOfIdentities(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	one := newSite(t, options(database), nil)
	two := &site{Server: cenotetest.Start(t, cenotetest.Options{DataDir: one.DataDir, Settings: options(database).Settings}), pool: one.pool}
	first := one.register(t, "ann")
	if kids := two.kids(t); len(kids) != 1 || kids[0] != keyOf(t, first) {
		t.Fatalf("the other node publishes %v", kids)
	}
	_, err := one.operator(t, database).RotateIdentityKey(t.Context())
	must(t, err)
	one.Advance(t, publishedFor+time.Second)
	two.Advance(t, publishedFor+time.Second)
	if kids, want := two.kids(t), keyOf(t, one.register(t, "ann")); len(kids) != 2 || kids[0] != want {
		t.Errorf("the other node publishes %v, and %s signs", kids, want)
	}
}

// operator opens the database of the server as commands do, with the server's clock.
func (s *site) operator(t *testing.T, database string) *operate.Data {
	t.Helper()
	settings := []string{"data-dir=" + s.DataDir}
	if database != "" {
		settings = append(settings, "database="+database)
	}
	d, err := operate.OpenExisting(t.Context(), cenotetest.Settings(t, settings...), operate.DataOptions{Log: slog.New(slog.DiscardHandler), Now: s.Now})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

// register returns a token of a developer's user that lives as long as one can.
func (s *site) register(t *testing.T, user string) *ci.GetOpenIdTokenForDeveloperIdentityOutput {
	t.Helper()
	out, err := s.ids.GetOpenIdTokenForDeveloperIdentity(t.Context(), &ci.GetOpenIdTokenForDeveloperIdentityInput{
		IdentityPoolId: &s.pool, Logins: map[string]string{"login.example.com": user}, TokenDuration: ptr(int64(86400)),
	})
	must(t, err)
	return out
}

func keyOf(t *testing.T, out *ci.GetOpenIdTokenForDeveloperIdentityOutput) string {
	t.Helper()
	jws, err := jose.ParseSignedCompact(*out.Token, []jose.SignatureAlgorithm{jose.RS512})
	must(t, err)
	return jws.Signatures[0].Header.KeyID
}

// kids are the published keys, newest first.
func (s *site) kids(t *testing.T) (ids []string) {
	t.Helper()
	_, body := cenotetest.Get(t, http.DefaultClient, s.URL+"/.well-known/jwks_uri")
	var set jose.JSONWebKeySet
	must(t, wire.Unmarshal([]byte(body), &set))
	for _, k := range set.Keys {
		ids = append(ids, k.KeyID)
	}
	return ids
}
