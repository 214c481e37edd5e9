package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest/passkeytest"
	"github.com/cenote-id/cenote/internal/fault"
)

var (
	party  = Party{ID: "example.com"}
	strict = Party{ID: "example.com", VerifiesUser: true}
	owner  = Owner{Handle: []byte("11111111-2222-4333-8444-555555555555"), Name: "ann"}
)

// device is an authenticator with one credential, and the browser in front of it.
type device struct {
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
	rp   virtualwebauthn.RelyingParty
}

func newDevice(t testing.TB, kind virtualwebauthn.KeyType, origin string) *device {
	t.Helper()
	return &device{
		auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: owner.Handle}),
		key:  passkeytest.NewKey(t, kind), rp: virtualwebauthn.RelyingParty{ID: party.ID, Origin: origin},
	}
}

func (d *device) create(challenge []byte) []byte {
	return []byte(virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, virtualwebauthn.AttestationOptions{Challenge: challenge}))
}

func (d *device) get(challenge []byte) []byte {
	return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, virtualwebauthn.AssertionOptions{Challenge: challenge}))
}

// edit changes members of a credential; a name with a dot is one of its response.
func edit(t testing.TB, credential []byte, changes map[string]any) []byte {
	t.Helper()
	var outer map[string]any
	if err := json.Unmarshal(credential, &outer); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		into := outer
		if member, ok := strings.CutPrefix(name, "response."); ok {
			into, name = outer["response"].(map[string]any), member
		}
		if value == nil {
			delete(into, name)
		} else {
			into[name] = value
		}
	}
	b, err := json.Marshal(outer)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// flip changes one bit of a base64url member of the response.
func flip(t testing.TB, credential []byte, name string, at int) []byte {
	t.Helper()
	var outer struct {
		Response map[string]any `json:"response"`
	}
	if err := json.Unmarshal(credential, &outer); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(outer.Response[name].(string))
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(raw)
	}
	raw[at] ^= 1
	return edit(t, credential, map[string]any{"response." + name: encode(raw)})
}

// reclient puts other client data into a credential.
func reclient(t testing.TB, credential []byte, changes map[string]any) []byte {
	t.Helper()
	var outer struct {
		Response map[string]any `json:"response"`
	}
	var client map[string]any
	if err := json.Unmarshal(credential, &outer); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(outer.Response["clientDataJSON"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &client); err != nil {
		t.Fatal(err)
	}
	maps.Copy(client, changes)
	raw, err = json.Marshal(client)
	if err != nil {
		t.Fatal(err)
	}
	return edit(t, credential, map[string]any{"response.clientDataJSON": encode(raw)})
}

func register(t testing.TB, d *device) Credential {
	t.Helper()
	challenge := NewChallenge()
	c, err := party.Register(challenge, d.create(challenge))
	if err != nil {
		t.Fatalf("register: %v", err)
	}
	return *c
}

func TestARegisteredPasskeySignsIn(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]virtualwebauthn.KeyType{"ES256": virtualwebauthn.KeyTypeEC2, "RS256": virtualwebauthn.KeyTypeRSA} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDevice(t, kind, "https://login.example.com:8443")
			d.key.Counter = 7
			c := register(t, d)
			if !bytes.Equal(c.ID, d.key.ID) || c.SignCount != 7 || c.BackupEligible || c.BackedUp {
				t.Errorf("registered %+v", c)
			}
			d.key.Counter = 9
			challenge := NewChallenge()
			used, err := strict.Verify(challenge, owner.Handle, []Credential{register(t, newDevice(t, kind, "https://example.com")), c}, d.get(challenge))
			if err != nil {
				t.Fatal(err)
			}
			want := c
			want.SignCount = 9
			if diff := cmp.Diff(&want, used); diff != "" {
				t.Errorf("after a sign-in (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatABrowserTellsOfAPasskeyIsKept(t *testing.T) {
	t.Parallel()
	d := newDevice(t, virtualwebauthn.KeyTypeEC2, "https://example.com")
	d.auth.Options.BackupEligible, d.auth.Options.BackupState = true, true
	challenge := NewChallenge()
	full := edit(t, d.create(challenge), map[string]any{
		"authenticatorAttachment":     "platform",
		"clientExtensionResults":      map[string]any{"credProps": map[string]any{"rk": true}, "somethingNew": map[string]any{"a": 1}},
		"response.transports":         []string{"internal", "hybrid", "cable", "telepathy", "internal"},
		"response.publicKeyAlgorithm": -7, "response.authenticatorData": "AAAA", "response.publicKey": "AAAA",
	})
	c, err := party.Register(challenge, full)
	if err != nil {
		t.Fatal(err)
	}
	want := &Credential{
		ID: d.key.ID, PublicKey: c.PublicKey, Transports: []string{"internal", "hybrid"}, Attachment: "platform", BackupEligible: true, BackedUp: true,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
}

func TestAForgedRegistrationIsRefused(t *testing.T) {
	t.Parallel()
	const origin = "https://example.com"
	challenge := NewChallenge()
	from := func(change func(d *device)) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			d := newDevice(t, virtualwebauthn.KeyTypeEC2, origin)
			change(d)
			return d.create(challenge)
		}
	}
	mend := func(changes map[string]any) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			return edit(t, newDevice(t, virtualwebauthn.KeyTypeEC2, origin).create(challenge), changes)
		}
	}
	client := func(changes map[string]any) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			return reclient(t, newDevice(t, virtualwebauthn.KeyTypeEC2, origin).create(challenge), changes)
		}
	}
	for name, c := range map[string]struct {
		make func(t *testing.T) []byte
		code fault.Code
	}{
		"no JSON":                       {func(*testing.T) []byte { return []byte("x") }, fault.InvalidParameter},
		"an empty object":               {func(*testing.T) []byte { return []byte("{}") }, fault.InvalidParameter},
		"null":                          {func(*testing.T) []byte { return []byte("null") }, fault.InvalidParameter},
		"nothing":                       {func(*testing.T) []byte { return nil }, fault.InvalidParameter},
		"more than there can be":        {func(*testing.T) []byte { return []byte(`{"id":"` + strings.Repeat("a", maxResponse) + `"}`) }, fault.InvalidParameter},
		"an id that is another's":       {mend(map[string]any{"id": "AAAA", "rawId": "AAAA"}), fault.InvalidParameter},
		"an id that differs from rawId": {mend(map[string]any{"id": "AAAA"}), fault.InvalidParameter},
		"no response":                   {mend(map[string]any{"response": nil}), fault.InvalidParameter},
		"no attestation object":         {mend(map[string]any{"response.attestationObject": nil}), fault.InvalidParameter},
		"a wrong type":                  {mend(map[string]any{"type": "password"}), fault.InvalidParameter},
		"a credential that is not stored": {
			mend(map[string]any{"clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": false}}}), fault.InvalidParameter,
		},
		"a damaged attestation": {
			func(t *testing.T) []byte {
				return flip(t, newDevice(t, virtualwebauthn.KeyTypeEC2, origin).create(challenge), "attestationObject", 60)
			}, fault.InvalidParameter,
		},
		"the client data of a sign-in":        {client(map[string]any{"type": "webauthn.get"}), fault.InvalidParameter},
		"client data that was not attested":   {client(map[string]any{"androidPackageName": "x"}), fault.InvalidParameter},
		"another challenge":                   {client(map[string]any{"challenge": encode(NewChallenge())}), fault.WebAuthnChallengeNotFound},
		"another origin":                      {from(func(d *device) { d.rp.Origin = "https://example.org" }), fault.WebAuthnOriginNotAllowed},
		"an origin that ends alike":           {from(func(d *device) { d.rp.Origin = "https://evilexample.com" }), fault.WebAuthnOriginNotAllowed},
		"an origin without TLS":               {from(func(d *device) { d.rp.Origin = "http://example.com" }), fault.WebAuthnOriginNotAllowed},
		"a frame of another site":             {client(map[string]any{"crossOrigin": true}), fault.WebAuthnOriginNotAllowed},
		"another relying party":               {from(func(d *device) { d.rp.ID = "login.example.com" }), fault.WebAuthnRelyingPartyMismatch},
		"a user who was not present":          {from(func(d *device) { d.auth.Options.UserNotPresent = true }), fault.InvalidParameter},
		"a user who was not verified":         {from(func(d *device) { d.auth.Options.UserNotVerified = true }), fault.WebAuthnCredentialNotSupported},
		"a backup of what is never backed up": {from(func(d *device) { d.auth.Options.BackupState = true }), fault.InvalidParameter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := strict.Register(challenge, c.make(t)); !fault.Is(err, c.code) {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
	t.Run("an unverified user is enough where verification is only preferred", func(t *testing.T) {
		t.Parallel()
		if _, err := party.Register(challenge, from(func(d *device) { d.auth.Options.UserNotVerified = true })(t)); err != nil {
			t.Error(err)
		}
	})
}

func TestAForgedSignInIsRefused(t *testing.T) {
	t.Parallel()
	d := newDevice(t, virtualwebauthn.KeyTypeEC2, "https://example.com")
	d.key.Counter = 5
	c := register(t, d)
	challenge := NewChallenge()
	d.key.Counter = 6
	good := d.get(challenge)
	with := func(change func(d *device)) []byte {
		other := *d
		change(&other)
		return other.get(challenge)
	}
	for name, tc := range map[string]struct {
		response []byte
		code     fault.Code
	}{
		"no JSON":                        {[]byte("x"), fault.InvalidParameter},
		"an empty object":                {[]byte("{}"), fault.InvalidParameter},
		"no signature":                   {edit(t, good, map[string]any{"response.signature": nil}), fault.NotAuthorized},
		"a damaged signature":            {flip(t, good, "signature", -1), fault.NotAuthorized},
		"damaged flags":                  {flip(t, good, "authenticatorData", 32), fault.NotAuthorized},
		"a raised counter":               {flip(t, good, "authenticatorData", 33), fault.NotAuthorized},
		"changed client data":            {reclient(t, good, map[string]any{"extra": 1}), fault.NotAuthorized},
		"another challenge":              {d.get(NewChallenge()), fault.NotAuthorized},
		"the answer to a registration":   {d.create(challenge), fault.InvalidParameter},
		"another credential":             {with(func(o *device) { o.key = passkeytest.NewKey(t, virtualwebauthn.KeyTypeEC2) }), fault.NotAuthorized},
		"another key under the id":       {with(func(o *device) { o.key.Key = passkeytest.NewKey(t, virtualwebauthn.KeyTypeEC2).Key }), fault.NotAuthorized},
		"another user's handle":          {with(func(o *device) { o.auth.Options.UserHandle = []byte("x") }), fault.NotAuthorized},
		"another origin":                 {with(func(o *device) { o.rp.Origin = "https://example.org" }), fault.NotAuthorized},
		"another relying party":          {with(func(o *device) { o.rp.ID = "example.org" }), fault.NotAuthorized},
		"a user who was not present":     {with(func(o *device) { o.auth.Options.UserNotPresent = true }), fault.NotAuthorized},
		"a user who was not verified":    {with(func(o *device) { o.auth.Options.UserNotVerified = true }), fault.NotAuthorized},
		"a counter that stands still":    {with(func(o *device) { o.key.Counter = 5 }), fault.NotAuthorized},
		"a counter that is gone":         {with(func(o *device) { o.key.Counter = 0 }), fault.NotAuthorized},
		"a key that became another kind": {with(func(o *device) { o.auth.Options.BackupEligible = true }), fault.NotAuthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := strict.Verify(challenge, owner.Handle, []Credential{c}, tc.response); !fault.Is(err, tc.code) {
				t.Errorf("got %v, want %s", err, tc.code)
			}
		})
	}
	if _, err := strict.Verify(challenge, owner.Handle, []Credential{c}, good); err != nil {
		t.Errorf("the good one: %v", err)
	}
	unnamed := with(func(o *device) { o.auth.Options.UserHandle = nil })
	if _, err := strict.Verify(challenge, owner.Handle, []Credential{c}, unnamed); err != nil {
		t.Errorf("without a handle: %v", err)
	}
}

func TestWhichOriginsMayUseAParty(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]bool{
		"https://example.com": true, "https://a.b.example.com:444": true, "https://EXAMPLE.com": true,
		"https://example.com/": false, "https://example.com?x": false, "https://u@example.com": false, "http://example.com": false,
		"https://example.com.evil": false, "https://xexample.com": false, "https://.": false, "https://": false, "": false, "null": false,
		"//example.com": false, "ftp://example.com": false, "http://localhost": false, "https://com": false, "https://example.com#f": false,
	} {
		if got := party.allows(origin); got != want {
			t.Errorf("%q: %v, want %v", origin, got, want)
		}
	}
	local := Party{ID: "localhost"}
	for origin, want := range map[string]bool{
		"http://localhost": true, "http://localhost:3000": true, "https://localhost:3000": true,
		"http://127.0.0.1:3000": false, "http://a.localhost": false, "http://localhost.evil": false,
	} {
		if got := local.allows(origin); got != want {
			t.Errorf("%q for localhost: %v, want %v", origin, got, want)
		}
	}
}

func TestTheWordsOfTheOptions(t *testing.T) {
	t.Parallel()
	known := []Credential{{ID: []byte{255, 254}, Transports: []string{"usb"}}, {ID: []byte{1}}}
	challenge := sha256.Sum256([]byte("challenge"))
	for name, c := range map[string]struct {
		got  func() ([]byte, error)
		want string
	}{
		"of a registration": {func() ([]byte, error) { return strict.CreationOptions(challenge[:], owner, known) }, `{
			"timeout":60000,
			"rp":{"id":"example.com","name":"example.com"},
			"user":{"id":"MTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1","name":"ann","displayName":"ann"},
			"pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}],
			"excludeCredentials":[{"type":"public-key","id":"__4"},{"type":"public-key","id":"AQ"}],
			"authenticatorSelection":{"requireResidentKey":true,"residentKey":"required","userVerification":"required"}}`},
		"of a sign-in": {func() ([]byte, error) { return party.RequestOptions(challenge[:], known, 3*time.Minute) }, `{
			"timeout":180000,"rpId":"example.com",
			"allowCredentials":[{"type":"public-key","id":"__4","transports":["usb"]},{"type":"public-key","id":"AQ"}],
			"userVerification":"preferred"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := c.got()
			if err != nil {
				t.Fatal(err)
			}
			var got, want map[string]any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			want["challenge"] = encode(challenge[:])
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRegister(f *testing.F) {
	challenge := NewChallenge()
	good := newDevice(f, virtualwebauthn.KeyTypeEC2, "https://example.com").create(challenge)
	f.Add(good)
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Fuzz(func(t *testing.T, response []byte) {
		c, err := party.Register(challenge, response)
		if err == nil && (len(c.ID) == 0 || len(c.ID) > 1023 || len(c.PublicKey) == 0) {
			t.Errorf("registered %+v", c)
		}
		if err != nil && fault.CodeOf(err) == "" {
			t.Errorf("an error that tells the caller nothing: %v", err)
		}
	})
}

func FuzzVerify(f *testing.F) {
	d := newDevice(f, virtualwebauthn.KeyTypeEC2, "https://example.com")
	known := []Credential{register(f, d)}
	f.Add(d.get(NewChallenge()))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}`))
	challenge := NewChallenge()
	f.Fuzz(func(t *testing.T, response []byte) {
		if _, err := party.Verify(challenge, owner.Handle, known, response); fault.CodeOf(err) == "" {
			t.Errorf("a response without the challenge was answered %v", err)
		}
	})
}

// The library reads members without regard to case; what others would read differently is refused.
func TestCredentialsAreReadExactly(t *testing.T) {
	t.Parallel()
	d := newDevice(t, virtualwebauthn.KeyTypeEC2, "https://example.com")
	challenge := NewChallenge()
	made, err := party.Register(challenge, d.create(challenge))
	if err != nil {
		t.Fatal(err)
	}
	d.auth.AddCredential(d.key)
	signedIn := func(response []byte) error {
		_, err := party.Verify(challenge, owner.Handle, []Credential{*made}, response)
		return err
	}
	registered := func(response []byte) error {
		_, err := party.Register(challenge, response)
		return err
	}
	clientData := func(response []byte, change func(string) string) []byte {
		var outer struct {
			Response struct {
				Data string `json:"clientDataJSON"`
			} `json:"response"`
		}
		if err := json.Unmarshal(response, &outer); err != nil {
			t.Fatal(err)
		}
		data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(outer.Response.Data, "="))
		if err != nil {
			t.Fatal(err)
		}
		return edit(t, response, map[string]any{"response.clientDataJSON": base64.RawURLEncoding.EncodeToString([]byte(change(string(data))))})
	}
	for ceremony, c := range map[string]struct {
		make  func([]byte) []byte
		check func([]byte) error
	}{
		"registration": {d.create, registered}, "sign-in": {d.get, signedIn},
	} {
		if err := c.check(c.make(challenge)); err != nil {
			t.Fatalf("%s: %v", ceremony, err)
		}
		for what, change := range map[string]func(string) string{
			"another case":          func(s string) string { return strings.Replace(s, `"clientDataJSON"`, `"ClientDataJSON"`, 1) },
			"a doubled member":      func(s string) string { return strings.Replace(s, `{`, `{"type":"public-key",`, 1) },
			"a member in two cases": func(s string) string { return strings.Replace(s, `{`, `{"TYPE":"public-key",`, 1) },
			"a folded member":       func(s string) string { return strings.Replace(s, `{`, "{\"re\u017fponse\":{},", 1) },
			"a doubled inner member": func(s string) string {
				return strings.Replace(s, `"response":{`, `"response":{"clientDataJSON":"e30",`, 1)
			},
			"something behind the end": func(s string) string { return s + "{}" },
		} {
			if err := c.check([]byte(change(string(c.make(challenge))))); !fault.Is(err, fault.InvalidParameter) {
				t.Errorf("%s with %s: %v, want %s", ceremony, what, err, fault.InvalidParameter)
			}
		}
		for what, change := range map[string]func(string) string{
			"another case":     func(s string) string { return strings.Replace(s, `"origin"`, `"Origin"`, 1) },
			"a doubled origin": func(s string) string { return strings.Replace(s, `{`, `{"origin":"https://evil.example",`, 1) },
			"a second case":    func(s string) string { return strings.Replace(s, `{`, `{"ORIGIN":"https://evil.example",`, 1) },
			"a folded name":    func(s string) string { return strings.Replace(s, `{`, "{\"cro\u017fsOrigin\":false,", 1) },
		} {
			if err := c.check(clientData(c.make(challenge), change)); !fault.Is(err, fault.InvalidParameter) {
				t.Errorf("%s with client data with %s: %v, want %s", ceremony, what, err, fault.InvalidParameter)
			}
		}
	}
}
