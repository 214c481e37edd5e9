package verify_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/client/verify"
)

const (
	poolID   = "us-east-1_Abc123XyZ"
	amazon   = "https://cognito-idp.us-east-1.amazonaws.com/" + poolID
	clientID = "1example23456789abcdefghij"
)

var (
	now    = time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC)
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return k
	})
)

type doc = map[string]any

// access are the claims of an access token, and id those of an ID token.
func access() doc {
	return doc{
		"iss": amazon, "sub": "11111111-2222-4333-8444-555555555555", "token_use": "access", "client_id": clientID, "username": "ann",
		"scope": "aws.cognito.signin.user.admin api/read", "cognito:groups": []string{"admin", "staff"},
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "auth_time": now.Unix(),
	}
}

func id() doc {
	c := access()
	delete(c, "client_id")
	delete(c, "username")
	delete(c, "scope")
	c["token_use"], c["aud"], c["cognito:username"] = "id", clientID, "ann"
	return c
}

func with(c doc, changes doc) doc {
	c = maps.Clone(c)
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

// sign makes a token. Without a kid in the header there is none.
func sign(t testing.TB, alg jose.SignatureAlgorithm, key any, kid string, payload []byte) string {
	t.Helper()
	o := &jose.SignerOptions{}
	if kid != "" {
		o = o.WithHeader("kid", kid)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	must(t, err)
	signed, err := s.Sign(payload)
	must(t, err)
	text, err := signed.CompactSerialize()
	must(t, err)
	return text
}

func signed(t testing.TB, claims doc) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	must(t, err)
	return sign(t, jose.RS256, rsaKey(), "one=", payload)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keySet is the JSON of public keys by their ids.
func keySet(t testing.TB, keys map[string]any) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	for kid, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key, KeyID: kid, Use: "sig"})
	}
	text, err := json.Marshal(set)
	must(t, err)
	return text
}

// offline is a configuration that needs no network.
func offline(t testing.TB) verify.Config {
	t.Helper()
	return verify.Config{
		PoolID: poolID, Rule: verify.Rule{ClientIDs: []string{clientID}}, Keys: keySet(t, map[string]any{"one=": rsaKey().Public()}),
		Now: func() time.Time { return now },
	}
}

func verifier(t testing.TB, configs ...verify.Config) *verify.Verifier {
	t.Helper()
	v, err := verify.New(configs...)
	must(t, err)
	return v
}

func TestTokensOfAPoolAreVerified(t *testing.T) {
	t.Parallel()
	v := verifier(t, offline(t))
	got, err := v.Verify(t.Context(), signed(t, access()))
	must(t, err)
	if got.Username != "ann" || got.ClientID != clientID || got.Use != verify.Access || !slices.Equal(got.Scopes, []string{"aws.cognito.signin.user.admin", "api/read"}) ||
		!slices.Equal(got.Groups, []string{"admin", "staff"}) || !got.Expires.Equal(now.Add(time.Hour)) || got.KeyID != "one=" || got.Issuer != amazon {
		t.Errorf("the access token is %+v", got)
	}
	got, err = v.Verify(t.Context(), signed(t, with(id(), doc{"custom:team": "blue"})))
	must(t, err)
	var custom struct {
		Team string `json:"custom:team"`
	}
	must(t, got.Decode(&custom))
	if got.Username != "ann" || got.ClientID != clientID || got.Use != verify.ID || custom.Team != "blue" || !got.AuthTime.Equal(now) {
		t.Errorf("the ID token is %+v, of team %s", got, custom.Team)
	}
}

func TestOtherTokensAreRefused(t *testing.T) {
	t.Parallel()
	good := signed(t, access())
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	claims, err := json.Marshal(access())
	must(t, err)
	of := func(changes doc) string { return signed(t, with(access(), changes)) }
	tests := map[string]struct {
		token string
		want  error
	}{
		"nothing":                             {"", verify.ErrMalformed},
		"two parts":                           {header + "." + payload, verify.ErrMalformed},
		"five parts":                          {good + ".a.b", verify.ErrMalformed},
		"no base64":                           {"!." + rest, verify.ErrMalformed},
		"a megabyte":                          {strings.Repeat("a", 1<<20), verify.ErrMalformed},
		"claims that are no object":           {sign(t, jose.RS256, rsaKey(), "one=", []byte(`[]`)), verify.ErrMalformed},
		"claims that are null":                {sign(t, jose.RS256, rsaKey(), "one=", []byte(`null`)), verify.ErrMalformed},
		"an expiry that is a text":            {of(doc{"exp": "soon"}), verify.ErrMalformed},
		"no expiry":                           {of(doc{"exp": nil}), verify.ErrMalformed},
		"groups that are a text":              {of(doc{"cognito:groups": "admin"}), verify.ErrMalformed},
		"an audience that is a number":        {of(doc{"aud": 7}), verify.ErrMalformed},
		"no signature":                        {header + "." + payload + ".", verify.ErrSignature},
		"another's signature":                 {sign(t, jose.RS256, other, "one=", claims), verify.ErrSignature},
		"changed claims":                      {header + "." + strings.SplitN(of(doc{"username": "bob"}), ".", 3)[1] + "." + signature, verify.ErrSignature},
		"the algorithm none":                  {"eyJhbGciOiJub25lIiwia2lkIjoib25lPSJ9." + payload + ".", verify.ErrAlgorithm},
		"the public key as a symmetric one":   {sign(t, jose.HS256, keySet(t, map[string]any{"one=": rsaKey().Public()}), "one=", claims), verify.ErrAlgorithm},
		"an algorithm of another kind of key": {sign(t, jose.ES256, must1(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), "one=", claims), verify.ErrAlgorithm},
		"no key":                              {sign(t, jose.RS256, rsaKey(), "", claims), verify.ErrMalformed},
		"an unknown key":                      {sign(t, jose.RS256, rsaKey(), "two=", claims), verify.ErrKey},
		"another pool":                        {of(doc{"iss": amazon[:len(amazon)-1] + "Q"}), verify.ErrIssuer},
		"an issuer that goes on":              {of(doc{"iss": amazon + "/"}), verify.ErrIssuer},
		"an issuer in another case":           {of(doc{"iss": nil, "ISS": amazon}), verify.ErrIssuer},
		"an expired one":                      {of(doc{"exp": now.Unix()}), verify.ErrExpired},
		"one that expired long ago":           {of(doc{"exp": -1e30}), verify.ErrExpired},
		"one that expires beyond all times":   {of(doc{"exp": 1e300}), verify.ErrExpired},
		"a later one":                         {of(doc{"nbf": now.Unix() + 1}), verify.ErrNotYet},
		"no use":                              {of(doc{"token_use": nil}), verify.ErrUse},
		"a use that is none":                  {of(doc{"token_use": "refresh"}), verify.ErrUse},
		"another client":                      {of(doc{"client_id": "other"}), verify.ErrClient},
		"another client, with our audience":   {of(doc{"client_id": "other", "aud": clientID}), verify.ErrClient},
		"no client":                           {of(doc{"client_id": nil}), verify.ErrClient},
		"an ID token for another client":      {signed(t, with(id(), doc{"aud": "other", "client_id": clientID})), verify.ErrClient},
	}
	v := verifier(t, offline(t))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := v.Verify(t.Context(), tt.token)
			if !errors.Is(err, tt.want) || !errors.Is(err, verify.ErrInvalid) || got != nil {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestRules(t *testing.T) {
	t.Parallel()
	refusesAll := errors.New("not today")
	tests := map[string]struct {
		change func(*verify.Config)
		more   []verify.Rule
		claims doc
		want   error
	}{
		"the use":                    {func(c *verify.Config) { c.Rule.Use = verify.Access }, nil, access(), nil},
		"another use":                {func(c *verify.Config) { c.Rule.Use = verify.ID }, nil, access(), verify.ErrUse},
		"another use of this call":   {nil, []verify.Rule{{Use: verify.Access}}, id(), verify.ErrUse},
		"one of several clients":     {func(c *verify.Config) { c.Rule.ClientIDs = []string{"other", clientID} }, nil, id(), nil},
		"any client":                 {func(c *verify.Config) { c.Rule.ClientIDs, c.AnyClient = nil, true }, nil, with(id(), doc{"aud": "any"}), nil},
		"an audience of several":     {nil, nil, with(id(), doc{"aud": []string{"other", clientID}}), nil},
		"one of the scopes":          {nil, []verify.Rule{{Scopes: []string{"api/write", "api/read"}}}, access(), nil},
		"another scope":              {nil, []verify.Rule{{Scopes: []string{"api"}}}, access(), verify.ErrScope},
		"a scope of an ID token":     {func(c *verify.Config) { c.Rule.Scopes = []string{"api/read"} }, nil, id(), verify.ErrScope},
		"one of the groups":          {nil, []verify.Rule{{Groups: []string{"admin"}}, {Groups: []string{"staff"}}}, id(), nil},
		"another group":              {nil, []verify.Rule{{Groups: []string{"admin"}}, {Groups: []string{"root"}}}, id(), verify.ErrGroup},
		"a group in another case":    {nil, []verify.Rule{{Groups: []string{"Admin"}}}, id(), verify.ErrGroup},
		"the program's own check":    {func(c *verify.Config) { c.Check = func(context.Context, *verify.Token) error { return refusesAll } }, nil, access(), refusesAll},
		"clocks that are apart":      {func(c *verify.Config) { c.Leeway = time.Minute }, nil, with(access(), doc{"exp": now.Unix() - 59, "nbf": now.Unix() + 59}), nil},
		"clocks that are too far":    {func(c *verify.Config) { c.Leeway = time.Minute }, nil, with(access(), doc{"exp": now.Unix() - 60}), verify.ErrExpired},
		"a pool in several regions":  {nil, nil, with(access(), doc{"iss": strings.Replace(amazon, "cognito-idp", "issuer-cognito-idp", 1)}), nil},
		"a pool of another server":   {func(c *verify.Config) { c.Issuer = "https://id.example.com/" + poolID }, nil, with(access(), doc{"iss": "https://id.example.com/" + poolID}), nil},
		"a pool moved from Amazon":   {func(c *verify.Config) { c.Issuer = "https://id.example.com/" + poolID }, nil, access(), verify.ErrIssuer},
		"an issuer that is no pool":  {func(c *verify.Config) { c.PoolID, c.Issuer = "", "https://idp.example.com" }, nil, doc{"iss": "https://idp.example.com", "aud": clientID, "exp": now.Unix() + 1}, nil},
		"a machine without a user":   {nil, nil, with(access(), doc{"username": nil, "sub": clientID}), nil},
		"an access token's audience": {nil, nil, with(access(), doc{"aud": "https://api.example.com"}), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := offline(t)
			if tt.change != nil {
				tt.change(&c)
			}
			token, err := verifier(t, c).Verify(t.Context(), signed(t, tt.claims), tt.more...)
			if !errors.Is(err, tt.want) || (token == nil) != (tt.want != nil) {
				t.Errorf("got %v, %v, want %v", token, err, tt.want)
			}
		})
	}
}

func TestEveryAlgorithmOfTheKeysIsAccepted(t *testing.T) {
	t.Parallel()
	keys := map[jose.SignatureAlgorithm]any{
		jose.RS256: rsaKey(), jose.RS384: rsaKey(), jose.RS512: rsaKey(), jose.PS256: rsaKey(),
		jose.ES256: must1(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), jose.ES384: must1(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		jose.ES512: must1(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)), jose.EdDSA: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)),
	}
	public := map[string]any{}
	for alg, key := range keys {
		public[string(alg)] = key.(interface{ Public() crypto.PublicKey }).Public()
	}
	c := offline(t)
	c.Keys = keySet(t, public)
	v := verifier(t, c)
	payload, err := json.Marshal(access())
	must(t, err)
	for alg, key := range keys {
		if _, err := v.Verify(t.Context(), sign(t, alg, key, string(alg), payload)); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
	if _, err := v.Verify(t.Context(), sign(t, jose.ES256, keys[jose.ES256], "ES384", payload)); !errors.Is(err, verify.ErrAlgorithm) {
		t.Errorf("a key of another curve: %v", err)
	}
	// a key that names its algorithm signs by no other
	named, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: rsaKey().Public(), KeyID: "one=", Algorithm: "RS256"}}})
	must(t, err)
	c.Keys = named
	if _, err := verifier(t, c).Verify(t.Context(), sign(t, jose.RS512, rsaKey(), "one=", payload)); !errors.Is(err, verify.ErrAlgorithm) {
		t.Errorf("another algorithm than that of the key: %v", err)
	}
}

// server gives out keys and counts how often.
type server struct {
	*httptest.Server
	fetched atomic.Int32
	handle  atomic.Value // http.HandlerFunc
}

func newServer(t testing.TB, handle http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.handle.Store(handle)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fetched.Add(1)
		s.handle.Load().(http.HandlerFunc)(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func serve(text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }
}

// online is a configuration whose keys are fetched, with a clock that can be moved.
func online(t testing.TB, s *server) (verify.Config, *atomic.Int64) {
	t.Helper()
	c, ahead := offline(t), new(atomic.Int64)
	c.Keys, c.JWKSURL = nil, s.URL
	c.Now = func() time.Time { return now.Add(time.Duration(ahead.Load())) }
	return c, ahead
}

func TestKeysAreFetchedOnceAndAgainForANewKeyWithinLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t, serve(keySet(t, map[string]any{"one=": rsaKey().Public()})))
	c, ahead := online(t, s)
	v := verifier(t, c)
	good := signed(t, access())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := v.Verify(t.Context(), good); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.fetched.Load(); n != 1 {
		t.Fatalf("the keys were fetched %d times", n)
	}
	payload, err := json.Marshal(access())
	must(t, err)
	forged := sign(t, jose.RS256, rsaKey(), "two=", payload)
	for range 20 {
		if _, err := v.Verify(t.Context(), forged); !errors.Is(err, verify.ErrKey) {
			t.Errorf("got %v", err)
		}
	}
	if n := s.fetched.Load(); n != 1 {
		t.Errorf("made-up keys had the keys fetched %d times", n)
	}
	s.handle.Store(serve(keySet(t, map[string]any{"one=": rsaKey().Public(), "two=": rsaKey().Public()})))
	ahead.Store(int64(10 * time.Second))
	for range 3 {
		if _, err := v.Verify(t.Context(), forged); err != nil {
			t.Errorf("a new key: %v", err)
		}
	}
	if n := s.fetched.Load(); n != 2 {
		t.Errorf("fetched %d times, want 2", n)
	}
	s.Close() // the known keys go on
	ahead.Store(int64(30 * time.Second))
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Errorf("offline: %v", err)
	}
	if _, err := v.Verify(t.Context(), sign(t, jose.RS256, rsaKey(), "three=", payload)); !errors.Is(err, verify.ErrKeys) || errors.Is(err, verify.ErrInvalid) {
		t.Errorf("a new key, offline: %v", err)
	}
}

func TestKeysThatCannotBeHad(t *testing.T) {
	t.Parallel()
	many := map[string]any{}
	for i := range 101 {
		many[strings.Repeat("k", i+1)] = rsaKey().Public()
	}
	small, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: []byte("symmetric secret"), KeyID: "one="}}})
	must(t, err)
	private, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: rsaKey(), KeyID: "one="}}})
	must(t, err)
	encryption, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: rsaKey().Public(), KeyID: "one=", Use: "enc"}}})
	must(t, err)
	tests := map[string]http.HandlerFunc{
		"no JSON":               serve([]byte("<html>")),
		"no keys":               serve([]byte(`{}`)),
		"an empty set":          serve([]byte(`{"keys":[]}`)),
		"too many":              serve(keySet(t, many)),
		"symmetric ones":        serve(small),
		"private ones":          serve(private),
		"ones for encryption":   serve(encryption),
		"keys of unknown kinds": serve([]byte(`{"keys":[{"kty":"new","kid":"one="},7,null]}`)),
		"an error":              func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
		"a redirect":            func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"no end": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat(" ", 64<<10))); err != nil {
					return
				}
			}
		},
	}
	for name, handle := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, handle)
			c, ahead := online(t, s)
			v := verifier(t, c)
			for range 5 {
				if _, err := v.Verify(t.Context(), signed(t, access())); !errors.Is(err, verify.ErrKeys) || errors.Is(err, verify.ErrInvalid) {
					t.Errorf("got %v, want ErrKeys", err)
				}
			}
			if err := v.Fetch(t.Context()); !errors.Is(err, verify.ErrKeys) {
				t.Errorf("Fetch: %v", err)
			}
			if n := s.fetched.Load(); n > 2 { // both issuers of the pool have the same address here
				t.Errorf("fetched %d times", n)
			}
			s.handle.Store(serve(keySet(t, map[string]any{"one=": rsaKey().Public()})))
			ahead.Store(int64(10 * time.Second))
			must(t, v.Fetch(t.Context()))
			if _, err := v.Verify(t.Context(), signed(t, access())); err != nil {
				t.Errorf("after the issuer came back: %v", err)
			}
		})
	}
}

func TestACallerThatGivesUpLeavesTheFetchToOthers(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}), make(chan struct{})
	keys := keySet(t, map[string]any{"one=": rsaKey().Public()})
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		_, _ = w.Write(keys)
	})
	c, _ := online(t, s)
	v := verifier(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	if _, err := v.Verify(ctx, signed(t, access())); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if _, err := v.Verify(t.Context(), signed(t, access())); err != nil {
		t.Error(err)
	}
	if n := s.fetched.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestConfigurationsAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*verify.Config){
		"no issuer":                 func(c *verify.Config) { c.PoolID = "" },
		"no client":                 func(c *verify.Config) { c.Rule.ClientIDs = nil },
		"any client, and this one":  func(c *verify.Config) { c.AnyClient = true },
		"a pool id that is none":    func(c *verify.Config) { c.PoolID = "evil.example.com/#_Abc" },
		"an issuer of another pool": func(c *verify.Config) { c.Issuer = "https://id.example.com/us-east-1_Other" },
		"a use that is none":        func(c *verify.Config) { c.Rule.Use = "refresh" },
		"a negative leeway":         func(c *verify.Config) { c.Leeway = -1 },
		"a leeway of an hour":       func(c *verify.Config) { c.Leeway = time.Hour },
		"keys by a file URL":        func(c *verify.Config) { c.Keys, c.JWKSURL = nil, "file:///etc/passwd" },
		"an issuer that is no URL":  func(c *verify.Config) { c.PoolID, c.Keys, c.Issuer = "", nil, "accounts.example.com" },
	}
	for name, change := range tests {
		c := offline(t)
		change(&c)
		if _, err := verify.New(c); !errors.Is(err, verify.ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := verify.New(); !errors.Is(err, verify.ErrConfig) {
		t.Errorf("nothing: got %v", err)
	}
	if _, err := verify.New(offline(t), offline(t)); !errors.Is(err, verify.ErrConfig) {
		t.Errorf("the same twice: got %v", err)
	}
	broken := offline(t)
	broken.Keys = []byte(`{}`)
	if _, err := verify.New(broken); !errors.Is(err, verify.ErrKeys) {
		t.Errorf("no keys: got %v", err)
	}
}

func TestSeveralIssuers(t *testing.T) {
	t.Parallel()
	second := offline(t)
	second.PoolID, second.Issuer, second.Rule.ClientIDs = "", "https://idp.example.com", []string{"other"}
	v := verifier(t, offline(t), second)
	_, err := v.Verify(t.Context(), signed(t, access()))
	must(t, err)
	foreign := doc{"iss": "https://idp.example.com", "aud": "other", "exp": now.Unix() + 1}
	_, err = v.Verify(t.Context(), signed(t, foreign))
	must(t, err)
	if _, err := v.Verify(t.Context(), signed(t, with(foreign, doc{"aud": clientID}))); !errors.Is(err, verify.ErrClient) {
		t.Errorf("the client of another issuer: %v", err)
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	down, _ := online(t, s)
	down.Issuer = "https://down.example.com/" + poolID
	v := verifier(t, offline(t), down)
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := verify.FromContext(r.Context())
		if !ok {
			t.Error("the request has no token")
			return
		}
		_, _ = w.Write([]byte(token.Username))
	})
	mux := http.NewServeMux()
	mux.Handle("GET /me", v.Middleware()(next))
	mux.Handle("GET /admin", v.Middleware(verify.Rule{Groups: []string{"root"}})(next))
	mux.Handle("GET /write", v.Middleware(verify.Rule{Scopes: []string{"api/write"}})(next))
	good := "Bearer " + signed(t, access())
	tests := map[string]struct {
		path, header, challenge string
		status                  int
	}{
		"a token":                  {"/me", good, "", 200},
		"the scheme in lower case": {"/me", "bearer  " + good[7:], "", 200},
		"no header":                {"/me", "", "Bearer", 401},
		"another scheme":           {"/me", "Basic YTpi", "Bearer", 401},
		"no token":                 {"/me", "Bearer ", "Bearer", 401},
		"two tokens":               {"/me", good + "," + good, `Bearer error="invalid_token"`, 401},
		"an expired token":         {"/me", "Bearer " + signed(t, with(access(), doc{"exp": 1})), `Bearer error="invalid_token"`, 401},
		"another group":            {"/admin", good, `Bearer error="insufficient_scope"`, 403},
		"another scope":            {"/write", good, `Bearer error="insufficient_scope"`, 403},
		"keys out of reach":        {"/me", "Bearer " + signed(t, with(access(), doc{"iss": down.Issuer})), "", 503},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, tt.path, nil)
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != tt.status || w.Header().Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("got %d, %q", w.Code, w.Header().Get("WWW-Authenticate"))
			}
			if tt.status == http.StatusOK && w.Body.String() != "ann" {
				t.Errorf("the handler saw %q", w.Body)
			}
		})
	}
}

// FuzzVerify looks for tokens that are accepted and were never signed.
func FuzzVerify(f *testing.F) {
	good := signed(f, access())
	header, rest, _ := strings.Cut(good, ".")
	payload, _, _ := strings.Cut(rest, ".")
	for _, token := range []string{
		good, good + ".", good[1:], header + "." + payload + ".", "eyJhbGciOiJub25lIn0." + payload + ".", "eyJhbGciOiJIUzI1NiIsImtpZCI6Im9uZT0ifQ." + rest,
		"e30.e30.", "..", `{"payload":"` + payload + `"}`, header + ".bnVsbA.AA", header + "..", " " + good, good + "\n",
	} {
		f.Add(token)
	}
	v := verifier(f, offline(f))
	var want doc
	must(f, json.Unmarshal(must1(json.Marshal(access())), &want))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := v.Verify(t.Context(), text)
		if err != nil {
			if token != nil || !errors.Is(err, verify.ErrInvalid) {
				t.Errorf("got %v, %v", token, err)
			}
			return
		}
		var got doc
		must(t, token.Decode(&got))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q is accepted (-signed +accepted):\n%s", text, diff)
		}
	})
}

// FuzzClaims lets the issuer sign anything.
func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"iss":"` + amazon + `","exp":1e999}`))
	f.Add([]byte(`{"iss":"` + amazon + `","exp":4e9,"token_use":"access","client_id":"` + clientID + `","cognito:groups":[null]}`))
	f.Add(must1(json.Marshal(access())))
	v := verifier(f, offline(f))
	f.Fuzz(func(t *testing.T, claims []byte) {
		token, err := v.Verify(t.Context(), sign(t, jose.RS256, rsaKey(), "one=", claims))
		if err != nil {
			if token != nil || !errors.Is(err, verify.ErrInvalid) {
				t.Errorf("got %v, %v", token, err)
			}
			return
		}
		if token.Issuer == "" || token.ClientID != clientID && !slices.Contains(token.Audience, clientID) || !token.Expires.After(now) {
			t.Errorf("%s is accepted as %+v", claims, token)
		}
	})
}
