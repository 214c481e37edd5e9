package flows

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/passkeytest"
)

const (
	passkeyParty  = "example.com"
	passkeyOrigin = "https://login.example.com"
)

// newPasskeyApp starts a server with a pool that signs in by passkey, a client and the user ann.
func newPasskeyApp(t testing.TB, srv *cenotetest.Server, c *types.WebAuthnConfigurationType) *deviceApp {
	t.Helper()
	if srv == nil {
		srv = cenotetest.Start(t, cenotetest.Options{})
	}
	a := newDeviceApp(t, srv, nil)
	_, err := a.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &a.pool, Policies: &types.UserPoolPolicyType{
		SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "WEB_AUTHN"}},
	}})
	deviceMust(t, err)
	if c != nil {
		_, err = a.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &a.pool, MfaConfiguration: types.UserPoolMfaTypeOff, WebAuthnConfiguration: c,
		})
		deviceMust(t, err)
	}
	return a
}

func partyConfig(verification types.UserVerificationType) *types.WebAuthnConfigurationType {
	return &types.WebAuthnConfigurationType{RelyingPartyId: aws.String(passkeyParty), UserVerification: verification}
}

// authenticator is a software authenticator with one key, and the browser in front of it.
type authenticator struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
	rp  virtualwebauthn.RelyingParty
}

func newAuthenticator(t testing.TB, kind virtualwebauthn.KeyType) *authenticator {
	t.Helper()
	return &authenticator{
		Authenticator: virtualwebauthn.NewAuthenticator(), key: passkeytest.NewKey(t, kind),
		rp: virtualwebauthn.RelyingParty{ID: passkeyParty, Origin: passkeyOrigin},
	}
}

// startPasskey begins a registration and returns its options as they came.
func (a *deviceApp) startPasskey(t testing.TB, access *string) string {
	t.Helper()
	out, err := a.StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: access})
	deviceMust(t, err)
	text, err := out.CredentialCreationOptions.MarshalSmithyDocument()
	deviceMust(t, err)
	return string(text)
}

// create answers the options of a registration.
func (d *authenticator) create(t testing.TB, options string) string {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(options)
	deviceMust(t, err)
	d.Options.UserHandle = []byte(parsed.UserID)
	return virtualwebauthn.CreateAttestationResponse(d.rp, d.Authenticator, d.key, *parsed)
}

// get answers the options of a sign-in.
func (d *authenticator) get(t testing.TB, options string) string {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	deviceMust(t, err)
	return virtualwebauthn.CreateAssertionResponse(d.rp, d.Authenticator, d.key, *parsed)
}

func (a *deviceApp) completePasskey(t testing.TB, access *string, credential string) error {
	t.Helper()
	var value map[string]any
	deviceMust(t, json.Unmarshal([]byte(credential), &value))
	_, err := a.CompleteWebAuthnRegistration(t.Context(), &idp.CompleteWebAuthnRegistrationInput{
		AccessToken: access, Credential: document.NewLazyDocument(value),
	})
	return err
}

func (a *deviceApp) addPasskey(t testing.TB, access *string, d *authenticator) {
	t.Helper()
	deviceMust(t, a.completePasskey(t, access, d.create(t, a.startPasskey(t, access))))
}

// choose starts a sign-in by choice.
func (a *deviceApp) choose(t testing.TB, name, preferred string) *idp.InitiateAuthOutput {
	t.Helper()
	out, err := a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.client, AuthFlow: types.AuthFlowTypeUserAuth,
		AuthParameters: deviceParams("USERNAME", name, "PREFERRED_CHALLENGE", preferred),
	})
	deviceMust(t, err)
	return out
}

// asked starts a sign-in by passkey and returns its options and session.
func (a *deviceApp) asked(t testing.TB) (options string, session *string) {
	t.Helper()
	out := a.choose(t, "ann", "WEB_AUTHN")
	if out.ChallengeName != types.ChallengeNameTypeWebAuthn {
		t.Fatalf("a preferred passkey is answered by %s", out.ChallengeName)
	}
	return out.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"], out.Session
}

func passkeyAnswer(credential string) map[string]string {
	return map[string]string{"USERNAME": "ann", "CREDENTIAL": credential}
}

const webAuthn = types.ChallengeNameTypeWebAuthn

func TestAPasskeySignsIn(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	for name, kind := range map[string]virtualwebauthn.KeyType{"ES256": virtualwebauthn.KeyTypeEC2, "RS256": virtualwebauthn.KeyTypeRSA} {
		for _, verification := range []types.UserVerificationType{"required", "preferred"} {
			t.Run(name+", verification "+string(verification), func(t *testing.T) {
				t.Parallel()
				a := newPasskeyApp(t, srv, partyConfig(verification))
				access := a.signIn(t, "ann").AccessToken
				if got := a.choose(t, "ann", "WEB_AUTHN"); got.ChallengeName != "SELECT_CHALLENGE" || slices.Contains(got.AvailableChallenges, webAuthn) {
					t.Errorf("without a passkey: %s of %v", got.ChallengeName, got.AvailableChallenges)
				}
				d := newAuthenticator(t, kind)
				a.addPasskey(t, access, d)
				if got := a.choose(t, "ann", ""); !slices.Contains(got.AvailableChallenges, webAuthn) {
					t.Errorf("with a passkey: %v", got.AvailableChallenges)
				}
				for range 2 {
					options, session := a.asked(t)
					out := a.answer(t, webAuthn, session, passkeyAnswer(d.get(t, options)))
					if out.AuthenticationResult == nil || out.AuthenticationResult.RefreshToken == nil || out.ChallengeName != "" {
						t.Fatalf("a right passkey is answered by %s, %v", out.ChallengeName, out.AuthenticationResult)
					}
					if got := deviceClaim(t, out.AuthenticationResult.AccessToken, "username"); got != "ann" {
						t.Errorf("signed in as %s", got)
					}
				}
			})
		}
	}
}

func TestTheOptionsHaveTheNamesThatBrowsersRead(t *testing.T) {
	t.Parallel()
	a := newPasskeyApp(t, nil, partyConfig("required"))
	access := a.signIn(t, "ann").AccessToken
	sub := deviceClaim(t, access, "sub")
	d := newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
	a.addPasskey(t, access, d)
	id := base64.RawURLEncoding.EncodeToString(d.key.ID)
	options := a.raw(t, "StartWebAuthnRegistration", map[string]any{"AccessToken": *access})["CredentialCreationOptions"].(map[string]any)
	if c, err := base64.RawURLEncoding.DecodeString(options["challenge"].(string)); err != nil || len(c) != 32 {
		t.Errorf("challenge of %d bytes, %v", len(c), err)
	}
	delete(options, "challenge")
	key := map[string]any{"type": "public-key", "id": id}
	want := map[string]any{
		"timeout": 60000.0,
		"rp":      map[string]any{"id": passkeyParty, "name": passkeyParty},
		"user":    map[string]any{"id": base64.RawURLEncoding.EncodeToString([]byte(sub)), "name": "ann", "displayName": "ann"},
		"pubKeyCredParams": []any{
			map[string]any{"type": "public-key", "alg": -7.0}, map[string]any{"type": "public-key", "alg": -257.0},
		},
		"excludeCredentials":     []any{key},
		"authenticatorSelection": map[string]any{"requireResidentKey": true, "residentKey": "required", "userVerification": "required"},
	}
	if diff := cmp.Diff(want, options); diff != "" {
		t.Errorf("options of a registration (-want +got):\n%s", diff)
	}
	text, _ := a.asked(t)
	var asked map[string]any
	deviceMust(t, json.Unmarshal([]byte(text), &asked))
	delete(asked, "challenge")
	want = map[string]any{"timeout": 180000.0, "rpId": passkeyParty, "allowCredentials": []any{key}, "userVerification": "required"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("options of a sign-in (-want +got):\n%s", diff)
	}
}

func TestARegistrationThatIsRefusedLeavesTheWayOpen(t *testing.T) {
	t.Parallel()
	a := newPasskeyApp(t, nil, partyConfig("required"))
	ctx := t.Context()
	access := a.signIn(t, "ann").AccessToken
	good := newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
	deviceRefused(t, a.completePasskey(t, access, good.create(t, `{"challenge":"AAAA","user":{"id":"AAAA"}}`)), "WebAuthnChallengeNotFoundException", "")

	stale := a.startPasskey(t, access)
	options := a.startPasskey(t, access) // the second start gives the first up
	with := func(change func(d *authenticator)) string {
		d := newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
		change(d)
		return d.create(t, options)
	}
	for name, c := range map[string]struct{ credential, code, text string }{
		"of a start that was given up":       {good.create(t, stale), "WebAuthnChallengeNotFoundException", ""},
		"of another origin":                  {with(func(d *authenticator) { d.rp.Origin = "https://example.org" }), "WebAuthnOriginNotAllowedException", ""},
		"of a page without TLS":              {with(func(d *authenticator) { d.rp.Origin = "http://example.com" }), "WebAuthnOriginNotAllowedException", ""},
		"of another relying party":           {with(func(d *authenticator) { d.rp.ID = "login.example.com" }), "WebAuthnRelyingPartyMismatchException", ""},
		"that did not verify the user":       {with(func(d *authenticator) { d.Options.UserNotVerified = true }), "WebAuthnCredentialNotSupportedException", ""},
		"without the user":                   {with(func(d *authenticator) { d.Options.UserNotPresent = true }), "InvalidParameterException", "Credential data is not valid"},
		"that is an empty object":            {`{}`, "InvalidParameterException", "Credential data is not valid"},
		"with an attestation that is forged": {forgedAttestation(t, good.create(t, options)), "InvalidParameterException", "Credential data is not valid"},
	} {
		t.Run("a credential "+name, func(t *testing.T) {
			deviceRefused(t, a.completePasskey(t, access, c.credential), c.code, c.text)
		})
	}
	for name, value := range map[string]any{"text": "x", "a number": 1, "an array": []any{}, "null": nil} {
		out := a.raw(t, "CompleteWebAuthnRegistration", map[string]any{"AccessToken": *access, "Credential": value})
		if out["__type"] != "InvalidParameterException" {
			t.Errorf("a credential that is %s: %v", name, out)
		}
	}

	// The same user by another app client.
	client, err := a.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{
		UserPoolId: &a.pool, ClientName: aws.String("other"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
	})
	deviceMust(t, err)
	other := *a
	other.client = *client.UserPoolClient.ClientId
	deviceRefused(t, a.completePasskey(t, other.signIn(t, "ann").AccessToken, good.create(t, options)), "WebAuthnClientMismatchException", "")

	answer := good.create(t, options)
	deviceMust(t, a.completePasskey(t, access, answer))
	deviceRefused(t, a.completePasskey(t, access, answer), "WebAuthnChallengeNotFoundException", "") // once
	deviceRefused(t, a.completePasskey(t, access, good.create(t, a.startPasskey(t, access))), "InvalidParameterException", "")

	late := newAuthenticator(t, virtualwebauthn.KeyTypeEC2).create(t, a.startPasskey(t, access))
	a.advance(t, 5*time.Minute)
	deviceRefused(t, a.completePasskey(t, access, late), "WebAuthnChallengeNotFoundException", "")
}

// forgedAttestation changes the public key of a credential after it was attested.
func forgedAttestation(t testing.TB, credential string) string {
	t.Helper()
	var c map[string]any
	deviceMust(t, json.Unmarshal([]byte(credential), &c))
	response := c["response"].(map[string]any)
	raw, err := base64.RawURLEncoding.DecodeString(response["attestationObject"].(string))
	deviceMust(t, err)
	i := slices.IndexFunc(raw, func(b byte) bool { return b == 's' })
	i += strings.Index(string(raw[i:]), "sig") + 20 // within the signature
	raw[i] ^= 1
	response["attestationObject"] = base64.RawURLEncoding.EncodeToString(raw)
	out, err := json.Marshal(c)
	deviceMust(t, err)
	return string(out)
}

func TestAWrongPasskeyUsesNothingUp(t *testing.T) {
	t.Parallel()
	a := newPasskeyApp(t, nil, partyConfig("required"))
	ctx := t.Context()
	a.addUser(t, "bob")
	access := a.signIn(t, "ann").AccessToken
	d, bobs := newAuthenticator(t, virtualwebauthn.KeyTypeEC2), newAuthenticator(t, virtualwebauthn.KeyTypeRSA)
	d.key.Counter = 10
	a.addPasskey(t, access, d)
	a.addPasskey(t, a.signIn(t, "bob").AccessToken, bobs)

	options, session := a.asked(t)
	earlier, _ := a.asked(t)
	with := func(change func(d *authenticator)) string {
		other := *d
		other.key.Counter++
		change(&other)
		return other.get(t, options)
	}
	d.key.Counter++
	for name, c := range map[string]struct{ credential, code string }{
		"of another sign-in":           {d.get(t, earlier), "NotAuthorizedException"},
		"of another user":              {bobs.get(t, options), "NotAuthorizedException"},
		"of another user as one's own": {with(func(o *authenticator) { o.key.Key = bobs.key.Key }), "NotAuthorizedException"},
		"of another origin":            {with(func(o *authenticator) { o.rp.Origin = "https://example.com.evil" }), "NotAuthorizedException"},
		"of another relying party":     {with(func(o *authenticator) { o.rp.ID = "login.example.com" }), "NotAuthorizedException"},
		"that did not verify the user": {with(func(o *authenticator) { o.Options.UserNotVerified = true }), "NotAuthorizedException"},
		"without the user":             {with(func(o *authenticator) { o.Options.UserNotPresent = true }), "NotAuthorizedException"},
		"that was copied":              {with(func(o *authenticator) { o.key.Counter = 10 }), "NotAuthorizedException"},
		"with changed data": {
			strings.Replace(d.get(t, options), `"signature":"`, `"signature":"AAAA`, 1), "NotAuthorizedException",
		},
		"that is no credential": {`{"id":1}`, "InvalidParameterException"},
		"that is no JSON":       {`x`, "InvalidParameterException"},
	} {
		t.Run("a credential "+name, func(t *testing.T) {
			_, err := a.respond(ctx, webAuthn, session, passkeyAnswer(c.credential))
			deviceRefused(t, err, c.code, "")
		})
	}
	_, err := a.respond(ctx, webAuthn, session, map[string]string{"USERNAME": "ann"})
	deviceRefused(t, err, "InvalidParameterException", "Missing required parameter CREDENTIAL")
	_, err = a.respond(ctx, webAuthn, session, map[string]string{"USERNAME": "bob", "CREDENTIAL": d.get(t, options)})
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")

	right := passkeyAnswer(d.get(t, options))
	if out := a.answer(t, webAuthn, session, right); out.AuthenticationResult == nil {
		t.Fatalf("goes on with %s", out.ChallengeName)
	}
	_, err = a.respond(ctx, webAuthn, session, right)
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	options, session = a.asked(t)
	_, err = a.respond(ctx, webAuthn, session, passkeyAnswer(d.get(t, options))) // the counter stands where it stood
	deviceRefused(t, err, "NotAuthorizedException", "")
	d.key.Counter++
	a.advance(t, 3*time.Minute)
	_, err = a.respond(ctx, webAuthn, session, passkeyAnswer(d.get(t, options)))
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")
}

func TestAUserWhoIsAskedForAPasskeyMayChooseOtherwise(t *testing.T) {
	t.Parallel()
	a := newPasskeyApp(t, nil, partyConfig("preferred"))
	d := newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
	a.addPasskey(t, a.signIn(t, "ann").AccessToken, d)
	_, session := a.asked(t)
	out := a.answer(t, "SELECT_CHALLENGE", session, deviceParams("USERNAME", "ann", "ANSWER", "PASSWORD", "PASSWORD", devicePassword))
	if out.AuthenticationResult == nil {
		t.Errorf("a password instead: %s", out.ChallengeName)
	}
	selected := a.choose(t, "ann", "")
	next := a.answer(t, "SELECT_CHALLENGE", selected.Session, deviceParams("USERNAME", "ann", "ANSWER", "WEB_AUTHN"))
	if next.ChallengeName != webAuthn {
		t.Fatalf("a chosen passkey: %s", next.ChallengeName)
	}
	out = a.answer(t, "SELECT_CHALLENGE", next.Session, deviceParams("USERNAME", "ann", "ANSWER", "WEB_AUTHN",
		"CREDENTIAL", d.get(t, next.ChallengeParameters["CREDENTIAL_REQUEST_OPTIONS"])))
	if out.AuthenticationResult == nil {
		t.Errorf("the choice with the credential: %s", out.ChallengeName)
	}
}

func TestAPasskeyForTwoFactorsMustVerifyItsUser(t *testing.T) {
	t.Parallel()
	a := newPasskeyApp(t, nil, partyConfig("preferred"))
	ctx := t.Context()
	d, lax := newAuthenticator(t, virtualwebauthn.KeyTypeEC2), newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
	lax.Options.UserNotVerified = true
	access := a.signIn(t, "ann").AccessToken
	a.addPasskey(t, access, d)
	a.addPasskey(t, access, lax)
	_, waiting := a.asked(t)
	configure := func(factors types.WebAuthnFactorConfigurationType, mode types.UserPoolMfaType) error {
		c := partyConfig("preferred")
		c.FactorConfiguration = factors
		_, err := a.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &a.pool, MfaConfiguration: mode, WebAuthnConfiguration: c,
			SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		})
		return err
	}
	deviceMust(t, configure("SINGLE_FACTOR", types.UserPoolMfaTypeOptional))
	secret, err := a.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{AccessToken: access})
	deviceMust(t, err)
	a.totp = *secret.SecretCode
	_, err = a.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{AccessToken: access, UserCode: aws.String(a.code(t))})
	deviceMust(t, err)
	_, err = a.SetUserMFAPreference(ctx, &idp.SetUserMFAPreferenceInput{
		AccessToken: access, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true},
	})
	deviceMust(t, err)

	if out := a.choose(t, "ann", "WEB_AUTHN"); slices.Contains(out.AvailableChallenges, webAuthn) {
		t.Error("a passkey is offered to a user who needs a second factor")
	}
	_, err = a.respond(ctx, webAuthn, waiting, passkeyAnswer(`{}`))
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user.") // the second factor came since

	deviceMust(t, configure("MULTI_FACTOR_WITH_USER_VERIFICATION", types.UserPoolMfaTypeOn))
	options, session := a.asked(t)
	if !strings.Contains(options, `"userVerification":"required"`) {
		t.Errorf("options %s", options)
	}
	_, err = a.respond(ctx, webAuthn, session, passkeyAnswer(lax.get(t, options)))
	deviceRefused(t, err, "NotAuthorizedException", "")
	if out := a.answer(t, webAuthn, session, passkeyAnswer(d.get(t, options))); out.AuthenticationResult == nil {
		t.Errorf("goes on with %s", out.ChallengeName)
	}
}

func TestPasskeysAreListedAndDeleted(t *testing.T) {
	t.Parallel()
	a := newPasskeyApp(t, nil, partyConfig("required"))
	ctx := t.Context()
	a.addUser(t, "bob")
	access, bobs := a.signIn(t, "ann").AccessToken, a.signIn(t, "bob").AccessToken
	page := func(size int32, token *string) *idp.ListWebAuthnCredentialsOutput {
		t.Helper()
		out, err := a.ListWebAuthnCredentials(ctx, &idp.ListWebAuthnCredentialsInput{AccessToken: access, MaxResults: &size, NextToken: token})
		deviceMust(t, err)
		return out
	}
	if out := page(0, nil); len(out.Credentials) != 0 || out.NextToken != nil {
		t.Errorf("without a passkey: %v", out.Credentials)
	}
	var ids []string
	var last *authenticator
	for range 20 {
		last = newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
		a.addPasskey(t, access, last)
		ids = append(ids, base64.RawURLEncoding.EncodeToString(last.key.ID))
	}
	_, err := a.StartWebAuthnRegistration(ctx, &idp.StartWebAuthnRegistrationInput{AccessToken: access})
	deviceRefused(t, err, "LimitExceededException", "")
	var listed []string
	for token := (*string)(nil); ; {
		out := page(9, token)
		for _, c := range out.Credentials {
			listed = append(listed, *c.CredentialId)
			if *c.RelyingPartyId != passkeyParty || *c.FriendlyCredentialName == "" || c.AuthenticatorTransports == nil || c.CreatedAt == nil {
				t.Errorf("shown as %+v", c)
			}
		}
		if token = out.NextToken; token == nil {
			break
		}
	}
	if diff := cmp.Diff(ids, listed); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if got := page(0, nil); len(got.Credentials) != 20 || got.NextToken != nil {
		t.Errorf("%d passkeys on one page", len(got.Credentials))
	}

	remove := func(access *string, id string) error {
		_, err := a.DeleteWebAuthnCredential(ctx, &idp.DeleteWebAuthnCredentialInput{AccessToken: access, CredentialId: &id})
		return err
	}
	options, session := a.asked(t)
	deviceRefused(t, remove(bobs, ids[19]), "ResourceNotFoundException", "")
	deviceMust(t, remove(access, ids[19]))
	deviceRefused(t, remove(access, ids[19]), "ResourceNotFoundException", "")
	_, err = a.respond(ctx, webAuthn, session, passkeyAnswer(last.get(t, options)))
	deviceRefused(t, err, "NotAuthorizedException", "")
	a.addPasskey(t, access, newAuthenticator(t, virtualwebauthn.KeyTypeEC2)) // there is room again
}

func TestWhoAsksForPasskeys(t *testing.T) {
	t.Parallel()
	_, port, err := net.SplitHostPort(cenotetest.FreeAddress(t))
	deviceMust(t, err)
	named := cenotetest.Start(t, cenotetest.Options{Settings: map[string]string{"listen": "localhost:" + port}})
	t.Run("the host of the public URL, unless the pool says otherwise", func(t *testing.T) {
		t.Parallel()
		a := newPasskeyApp(t, named, nil)
		access := a.signIn(t, "ann").AccessToken
		d := newAuthenticator(t, virtualwebauthn.KeyTypeEC2)
		d.rp = virtualwebauthn.RelyingParty{ID: "localhost", Origin: "http://localhost:5173"}
		a.addPasskey(t, access, d)
		options, session := a.asked(t)
		if out := a.answer(t, webAuthn, session, passkeyAnswer(d.get(t, options))); out.AuthenticationResult == nil {
			t.Errorf("goes on with %s", out.ChallengeName)
		}
		_, err := a.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &a.pool, MfaConfiguration: types.UserPoolMfaTypeOff, WebAuthnConfiguration: partyConfig("preferred"),
		})
		deviceMust(t, err)
		if out := a.choose(t, "ann", "WEB_AUTHN"); slices.Contains(out.AvailableChallenges, webAuthn) {
			t.Error("a passkey of another relying party is offered")
		}
	})
	numbered := cenotetest.Start(t, cenotetest.Options{})
	t.Run("nobody, where there is no name", func(t *testing.T) {
		t.Parallel()
		a := newPasskeyApp(t, numbered, nil)
		access := a.signIn(t, "ann").AccessToken
		_, err := a.StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: access})
		deviceRefused(t, err, "WebAuthnConfigurationMissingException", "")
	})
	t.Run("nobody, where passkeys do not sign in", func(t *testing.T) {
		t.Parallel()
		a := newDeviceApp(t, numbered, nil)
		access := a.signIn(t, "ann").AccessToken
		_, err := a.StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: access})
		deviceRefused(t, err, "WebAuthnNotEnabledException", "")
		deviceRefused(t, a.completePasskey(t, access, `{}`), "WebAuthnNotEnabledException", "")
		out, err := a.ListWebAuthnCredentials(t.Context(), &idp.ListWebAuthnCredentialsInput{AccessToken: access})
		deviceMust(t, err)
		if len(out.Credentials) != 0 {
			t.Errorf("listed %v", out.Credentials)
		}
	})
}
