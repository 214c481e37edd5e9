package token

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

var start = time.Date(2026, 9, 5, 9, 8, 7, 0, time.UTC)

// fixture is a pool with a client and a signed-in user, on a clock that the test moves.
type fixture struct {
	issuer *Issuer
	grant  Grant
	now    time.Time
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{now: start}
	f.issuer = &Issuer{PublicURL: "http://127.0.0.1:4310", Now: func() time.Time { return f.now }}
	p, err := pool.New(&wire.CreateUserPoolInput{PoolName: "test"}, "us-east-1", "000000000000", start)
	if err != nil {
		t.Fatal(err)
	}
	if p.Keys, err = NewKeyMaker(f.issuer.Now, 0).Pair(); err != nil {
		t.Fatal(err)
	}
	secret := make([]byte, seal.KeySize)
	rand.Read(secret)
	master, err := seal.NewMaster(secret)
	if err != nil {
		t.Fatal(err)
	}
	if p.Key, _, err = master.NewKey(); err != nil {
		t.Fatal(err)
	}
	u := user.New(p, "6f9b1d5e-0000-7000-8000-000000000001", "ann", user.Confirmed, start)
	for name, value := range map[string]string{
		"email": "ann@example.com", "email_verified": "true", "address": "1 Main St", "updated_at": "1700000000", "custom:level": "7",
	} {
		u.Attributes[name] = value
	}
	c := &pool.Client{PoolID: p.ID, ID: "1example23456789abcdefghij"}
	f.grant = Grant{Pool: p, Client: c, User: u, SignIn: NewSignIn(u, start), Scopes: []string{UserScope}}
	return f
}

func claims(t *testing.T, jwt string) map[string]any {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(jwt, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClaims(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	one, two := int64(1), int64(2)
	f.grant.Groups = []pool.Group{
		{Name: "late", Precedence: &two, RoleARN: "arn:aws:iam::000000000000:role/late"},
		{Name: "none"},
		{Name: "first", Precedence: &one, RoleARN: "arn:aws:iam::000000000000:role/first"},
	}
	tokens, err := f.issuer.Issue(f.grant)
	if err != nil {
		t.Fatal(err)
	}
	id, access := claims(t, tokens.ID), claims(t, tokens.Access)
	for _, c := range []map[string]any{id, access} {
		for _, name := range []string{"jti", "origin_jti", "event_id"} {
			if s, _ := c[name].(string); len(s) != 36 {
				t.Errorf("%s is %v, want a UUID", name, c[name])
			}
		}
		delete(c, "jti")
	}
	common := map[string]any{
		"sub": f.grant.User.ID, "iss": "http://127.0.0.1:4310/" + f.grant.Pool.ID, "origin_jti": f.grant.SignIn.OriginJTI,
		"event_id": f.grant.SignIn.EventID, "auth_time": float64(start.Unix()), "iat": float64(start.Unix()),
		"exp": float64(start.Add(time.Hour).Unix()), "cognito:groups": []any{"first", "late", "none"},
	}
	with := func(more map[string]any) map[string]any {
		for k, v := range common {
			more[k] = v
		}
		return more
	}
	wantID := with(map[string]any{
		"token_use": "id", "aud": "1example23456789abcdefghij", "cognito:username": "ann",
		"email": "ann@example.com", "email_verified": true, "address": map[string]any{"formatted": "1 Main St"},
		"updated_at": float64(1700000000), "custom:level": "7",
		"cognito:roles":          []any{"arn:aws:iam::000000000000:role/first", "arn:aws:iam::000000000000:role/late"},
		"cognito:preferred_role": "arn:aws:iam::000000000000:role/first",
	})
	wantAccess := with(map[string]any{
		"token_use": "access", "client_id": "1example23456789abcdefghij", "username": "ann", "scope": "aws.cognito.signin.user.admin",
	})
	if diff := cmp.Diff(wantID, id); diff != "" {
		t.Errorf("ID token (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantAccess, access); diff != "" {
		t.Errorf("access token (-want +got):\n%s", diff)
	}
	header, _ := base64.RawURLEncoding.DecodeString(strings.Split(tokens.ID, ".")[0])
	var h map[string]string
	if err := json.Unmarshal(header, &h); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"alg": "RS256", "kid": f.grant.Pool.Keys.Signing(pool.SignsID).ID}, h); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func TestUnreadableAttributesStayOutOfTheIDToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.grant.Client.Settings.ReadAttributes = []string{"email"}
	tokens, err := f.issuer.Issue(f.grant)
	if err != nil {
		t.Fatal(err)
	}
	c := claims(t, tokens.ID)
	for name, want := range map[string]bool{"email": true, "email_verified": false, "address": false, "custom:level": false} {
		if _, got := c[name]; got != want {
			t.Errorf("claim %s present: %v, want %v", name, got, want)
		}
	}
}

func TestAccessTokensAreVerified(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tokens, err := f.issuer.Issue(f.grant)
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(tokens.Access, ".")
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	other := newFixture(t)
	foreign, err := other.issuer.Issue(other.grant)
	if err != nil {
		t.Fatal(err)
	}
	hmacKey, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: make([]byte, 64)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := base64.RawURLEncoding.DecodeString(part[1])
	symmetric, err := hmacKey.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	hs256, _ := symmetric.CompactSerialize()
	refresh, err := f.issuer.IssueRefresh(f.grant, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		token string
		later time.Duration
		want  error
	}{
		"a good token":                       {tokens.Access, 0, nil},
		"a good token in its last second":    {tokens.Access, time.Hour - time.Second, nil},
		"an expired token":                   {tokens.Access, time.Hour, errExpired},
		"an ID token":                        {tokens.ID, 0, errInvalidAccess},
		"a refresh token":                    {refresh, 0, errInvalidAccess},
		"a token of another pool":            {foreign.Access, 0, errUnverified},
		"an altered payload":                 {part[0] + "." + encode(strings.Replace(string(payload), "ann", "bob", 1)) + "." + part[2], 0, errUnverified},
		"no signature":                       {part[0] + "." + part[1] + ".", 0, errUnverified},
		"the algorithm none":                 {encode(`{"alg":"none"}`) + "." + part[1] + ".", 0, errInvalidAccess},
		"a symmetric signature":              {hs256, 0, errInvalidAccess},
		"the ID token's key":                 {signedBy(t, f, pool.SignsID, payload), 0, errUnverified},
		"another issuer, with the right key": {signedBy(t, f, pool.SignsAccess, []byte(strings.Replace(string(payload), "127.0.0.1", "127.0.0.2", 1))), 0, errInvalidAccess},
		"nonsense":                           {"a.b.c", 0, errInvalidAccess},
		"nothing":                            {"", 0, errInvalidAccess},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer := &Issuer{PublicURL: f.issuer.PublicURL, Now: func() time.Time { return start.Add(tc.later) }}
			parsed, err := issuer.ParseAccess(tc.token)
			if err == nil {
				_, err = issuer.Verify(parsed, f.grant.Pool)
			}
			if tc.want == nil && err != nil || tc.want != nil && (err == nil || !strings.HasPrefix(err.Error(), tc.want.Error())) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// signedBy signs any payload with one of the fixture's keys.
func signedBy(t *testing.T, f *fixture, use pool.KeyUse, payload []byte) string {
	t.Helper()
	var c map[string]any
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	s, err := f.issuer.sign(f.grant.Pool.Keys.Signing(use), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignOutRevokesEarlierTokensAndNoLaterOnes(t *testing.T) {
	t.Parallel()
	for _, revocable := range []bool{true, false} {
		f := newFixture(t)
		f.grant.Client.Settings.EnableTokenRevocation = &revocable
		verify := func() (*Access, *Refresh) {
			t.Helper()
			tokens, err := f.issuer.Issue(f.grant)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := f.issuer.IssueRefresh(f.grant, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := f.issuer.ParseAccess(tokens.Access)
			if err != nil {
				t.Fatal(err)
			}
			a, err := f.issuer.Verify(parsed, f.grant.Pool)
			if err != nil {
				t.Fatal(err)
			}
			r, err := f.issuer.OpenRefresh(f.grant.Pool, f.grant.Client, raw)
			if err != nil {
				t.Fatal(err)
			}
			return a, r
		}
		access, refresh := verify()
		f.grant.User.SignOutEverywhere(f.now)
		if err := access.CheckUser(f.grant.User, false); !errors.Is(err, errRevoked) {
			t.Errorf("revocable %v: access token after the sign-out: %v", revocable, err)
		}
		if err := refresh.CheckUser(f.grant.User, false); !errors.Is(err, errRevokedRefresh) {
			t.Errorf("revocable %v: refresh token after the sign-out: %v", revocable, err)
		}
		if !revocable {
			f.now = f.now.Add(time.Second) // without origin_jti, whole seconds decide
		}
		f.grant.SignIn = NewSignIn(f.grant.User, f.now)
		access, refresh = verify()
		if err := access.CheckUser(f.grant.User, false); err != nil {
			t.Errorf("revocable %v: access token of the next sign-in: %v", revocable, err)
		}
		if err := refresh.CheckUser(f.grant.User, false); err != nil {
			t.Errorf("revocable %v: refresh token of the next sign-in: %v", revocable, err)
		}
		if err := access.CheckUser(f.grant.User, true); !errors.Is(err, errRevoked) {
			t.Errorf("a revoked origin: %v", err)
		}
	}
}

func TestRefreshTokensBelongToTheirClient(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	raw, err := f.issuer.IssueRefresh(f.grant, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Split(raw, ".")); n != 5 {
		t.Errorf("the token has %d parts, want 5", n)
	}
	if strings.ContainsFunc(raw, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.", r)
	}) {
		t.Error("the token has characters that clients refuse")
	}
	stranger := &pool.Client{PoolID: f.grant.Pool.ID, ID: "anotherclient"}
	if _, err := f.issuer.OpenRefresh(f.grant.Pool, stranger, raw); !errors.Is(err, errInvalidRefresh) {
		t.Errorf("another client: %v", err)
	}
	other := newFixture(t)
	if _, err := f.issuer.OpenRefresh(other.grant.Pool, f.grant.Client, raw); !fault.Is(err, fault.NotAuthorized) {
		t.Errorf("another pool: %v", err)
	}
	altered := raw[:len(raw)-30] + strings.Repeat("A", 8) + raw[len(raw)-22:]
	if _, err := f.issuer.OpenRefresh(f.grant.Pool, f.grant.Client, altered); !fault.Is(err, fault.NotAuthorized) {
		t.Errorf("an altered token: %v", err)
	}
	f.now = f.now.Add(30 * 24 * time.Hour)
	if _, err := f.issuer.OpenRefresh(f.grant.Pool, f.grant.Client, raw); !errors.Is(err, errExpiredRefresh) {
		t.Errorf("an old token: %v", err)
	}
}

func TestRetiredKeysVerifyUntilTheirTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tokens, err := f.issuer.Issue(f.grant)
	if err != nil {
		t.Fatal(err)
	}
	next, err := NewKeyMaker(f.issuer.Now, 0).Pair()
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.grant.Pool.Keys {
		f.grant.Pool.Keys[i].Retires = start.Add(10 * time.Minute)
	}
	f.grant.Pool.Keys = append(next, f.grant.Pool.Keys...)
	if n := len(JWKS(f.grant.Pool, f.now).Keys); n != 4 {
		t.Errorf("%d keys are shown during the overlap, want 4", n)
	}
	parsed, err := f.issuer.ParseAccess(tokens.Access)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.issuer.Verify(parsed, f.grant.Pool); err != nil {
		t.Errorf("during the overlap: %v", err)
	}
	f.now = start.Add(10 * time.Minute)
	if _, err := f.issuer.Verify(parsed, f.grant.Pool); !errors.Is(err, errUnverified) {
		t.Errorf("after the overlap: %v", err)
	}
	if n := len(JWKS(f.grant.Pool, f.now).Keys); n != 2 {
		t.Errorf("%d keys are shown after the overlap, want 2", n)
	}
}

func TestOriginJTICarriesTheCount(t *testing.T) {
	t.Parallel()
	for _, n := range []uint32{0, 1, 77, 1 << 31, 1<<32 - 1} {
		if got, ok := signOutsOf(newOriginJTI(n)); !ok || got != n {
			t.Errorf("count %d came back as %d, %v", n, got, ok)
		}
	}
	if _, ok := signOutsOf("6f9b1d5e-0000-4000-8000-000000000001"); ok {
		t.Error("a foreign UUID is taken for one of ours")
	}
}

func BenchmarkIssue(b *testing.B) {
	f := newFixture(b)
	for b.Loop() {
		if _, err := f.issuer.Issue(f.grant); err != nil {
			b.Fatal(err)
		}
	}
}

// A value that was stored before its form was checked must not keep its user from signing in.
func TestStoredValuesNeverStopASignIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.grant.Groups = []pool.Group{{Name: "plain", RoleARN: "arn:aws:iam::000000000000:role/plain"}}
	for value, want := range map[string]any{"007": float64(7), "+5": float64(5), "noon": "noon", "1e3": "1e3"} {
		f.grant.User.Attributes["updated_at"] = value
		f.grant.User.Attributes["identities"] = "[{" + value
		tokens, err := f.issuer.Issue(f.grant)
		if err != nil {
			t.Fatalf("updated_at %q: %v", value, err)
		}
		c := claims(t, tokens.ID)
		if c["updated_at"] != want || c["identities"] != "[{"+value {
			t.Errorf("updated_at %q is the claim %v, identities %v", value, c["updated_at"], c["identities"])
		}
		if got := c["cognito:preferred_role"]; got != f.grant.Groups[0].RoleARN {
			t.Errorf("the role of a group without precedence is preferred as %v", got)
		}
	}
}

// A function may have copied what a user typed into the name of a claim, and tokens of that kind may be about.
func TestClaimsAreReadExactly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tokens, err := f.issuer.Issue(f.grant)
	if err != nil {
		t.Fatal(err)
	}
	good, err := base64.RawURLEncoding.DecodeString(strings.Split(tokens.Access, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	key := signingKey(f.grant.Pool.Keys, pool.SignsAccess, f.now)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key.Private, KeyID: key.ID}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(payload string) (*Access, error) {
		jws, err := signer.Sign([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := jws.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := f.issuer.ParseAccess(raw)
		if err != nil {
			return nil, err
		}
		return f.issuer.Verify(parsed, f.grant.Pool)
	}
	with := func(members string) string { return strings.TrimSuffix(string(good), "}") + "," + members + "}" }
	want, err := check(string(good))
	if err != nil {
		t.Fatal(err)
	}
	for _, members := range []string{
		"\"\u017fub\":\"victim\"", `"SUB":"victim"`, `"Scope":"victim"`, `"USERNAME":"victim"`, "\"to\u212aen_use\":\"id\"", `"EXP":99999999999`,
		`"Origin_Jti":"x"`, `"CLIENT_ID":"x"`, `"Device_key":"x"`,
	} {
		got, err := check(with(members))
		if err != nil {
			t.Errorf("%s: %v", members, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s changes what the token says (-want +got):\n%s", members, diff)
		}
	}
	for _, members := range []string{
		`"sub":"victim"`, `"scope":"x"`, `"exp":99999999999`, `"token_use":"access"`, `"x":{"a":1,"a":2}`, `"s\u0075b":"victim"`, "\"x\":\"\xff\"",
	} {
		if _, err := check(with(members)); !fault.Is(err, fault.NotAuthorized) {
			t.Errorf("%s: got %v, want the token refused", members, err)
		}
	}
}

func TestEveryRefreshTokenHasItsKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	salts := map[string]bool{}
	for range 20 {
		raw, err := f.issuer.IssueRefresh(f.grant, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		jwe, err := jose.ParseEncryptedCompact(raw, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
		if err != nil {
			t.Fatal(err)
		}
		if jwe.Header.Algorithm != "dir" || jwe.Header.ExtraHeaders["cty"] != "JWT" {
			t.Errorf("header %+v", jwe.Header)
		}
		salts[jwe.Header.KeyID] = true
		if _, err := jwe.Decrypt(f.grant.Pool.Key.Derive("refresh token")); err == nil {
			t.Error("the key of all tokens opens it")
		}
		if _, err := f.issuer.OpenRefresh(f.grant.Pool, f.grant.Client, raw); err != nil {
			t.Error(err)
		}
	}
	if len(salts) != 20 || salts[""] {
		t.Errorf("%d salts for 20 tokens", len(salts))
	}
}

// Refresh tokens live for up to ten years, so those that earlier versions issued under one key still open.
func TestARefreshTokenOfAnEarlierVersionOpens(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	plain, err := json.Marshal(Refresh{JTI: "id", PoolID: f.grant.Pool.ID, ClientID: f.grant.Client.ID, Subject: "ann", Expires: f.now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: f.grant.Pool.Key.Derive("refresh token")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	jwe, err := enc.Encrypt(plain)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwe.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	if r, err := f.issuer.OpenRefresh(f.grant.Pool, f.grant.Client, raw); err != nil || r.Subject != "ann" {
		t.Errorf("%+v, %v", r, err)
	}
}
