package flows

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/client/srp"
	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/credential"
)

const devicePassword = "Corr3ct-horse!"

// deviceApp is an application whose pool may track devices.
type deviceApp struct {
	*idp.Client
	srv    *cenotetest.Server
	pool   string
	client string
	offset time.Duration // how far the server's clock is ahead
	totp   string        // secret of ann's software token; "" when there is none
}

// tracked is a device as its owner keeps it.
type tracked struct{ key, group, secret string }

func tracking(challenge, prompt bool) *types.DeviceConfigurationType {
	return &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: challenge, DeviceOnlyRememberedOnUserPrompt: prompt}
}

// newDeviceApp starts a server with a pool, a client and the user ann.
func newDeviceApp(t testing.TB, srv *cenotetest.Server, c *types.DeviceConfigurationType) *deviceApp {
	t.Helper()
	if srv == nil {
		srv = cenotetest.Start(t, cenotetest.Options{})
	}
	a := &deviceApp{Client: srv.SDK(), srv: srv}
	pool := map[string]any{"PoolName": "devices"}
	if c != nil { // by hand: the SDK leaves out what is false
		pool["DeviceConfiguration"] = map[string]bool{
			"ChallengeRequiredOnNewDevice": c.ChallengeRequiredOnNewDevice, "DeviceOnlyRememberedOnUserPrompt": c.DeviceOnlyRememberedOnUserPrompt,
		}
	}
	a.pool, _ = a.raw(t, "CreateUserPool", pool)["UserPool"].(map[string]any)["Id"].(string)
	client, err := a.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &a.pool, ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH",
		}, PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
	})
	deviceMust(t, err)
	a.client = *client.UserPoolClient.ClientId
	a.addUser(t, "ann")
	return a
}

func (a *deviceApp) addUser(t testing.TB, name string) {
	t.Helper()
	_, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &a.pool, Username: &name, MessageAction: "SUPPRESS"})
	deviceMust(t, err)
	_, err = a.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &a.pool, Username: &name, Password: aws.String(devicePassword), Permanent: true,
	})
	deviceMust(t, err)
}

func (a *deviceApp) advance(t testing.TB, d time.Duration) {
	t.Helper()
	a.srv.Advance(t, d)
	a.offset += d
}

func (a *deviceApp) stamp() string { return srp.FormatTimestamp(time.Now().Add(a.offset)) }

func deviceMust(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// deviceRefused checks that an operation was refused with the exception and the text; an empty text is not compared.
func deviceRefused(t testing.TB, err error, code, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || text != "" && e.ErrorMessage() != text {
		t.Fatalf("got %v, want %s %q", err, code, text)
	}
}

const noDevice = "Device does not exist."

// params builds parameters of names and values; pairs with an empty value are left out.
func deviceParams(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

func (a *deviceApp) password(ctx context.Context, name, deviceKey string) (*idp.InitiateAuthOutput, error) {
	return a.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &a.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: deviceParams("USERNAME", name, "PASSWORD", devicePassword, "DEVICE_KEY", deviceKey),
	})
}

// signIn signs a user in with a password and without a device, and returns the tokens.
func (a *deviceApp) signIn(t testing.TB, name string) *types.AuthenticationResultType {
	t.Helper()
	out, err := a.password(t.Context(), name, "")
	deviceMust(t, err)
	if out.AuthenticationResult != nil {
		return out.AuthenticationResult
	}
	if out.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
		t.Fatalf("the sign-in of %s goes on with %s", name, out.ChallengeName)
	}
	return a.answer(t, out.ChallengeName, out.Session, deviceParams("USERNAME", name, "SOFTWARE_TOKEN_MFA_CODE", a.code(t))).AuthenticationResult
}

func (a *deviceApp) respond(
	ctx context.Context, c types.ChallengeNameType, session *string, responses map[string]string,
) (*idp.RespondToAuthChallengeOutput, error) {
	return a.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
		ClientId: &a.client, ChallengeName: c, Session: session, ChallengeResponses: responses,
	})
}

func (a *deviceApp) answer(
	t testing.TB, c types.ChallengeNameType, session *string, responses map[string]string,
) *idp.RespondToAuthChallengeOutput {
	t.Helper()
	out, err := a.respond(t.Context(), c, session, responses)
	deviceMust(t, err)
	return out
}

// code returns the next code of ann's software token; each counts once, so the clock moves on.
func (a *deviceApp) code(t testing.TB) string {
	t.Helper()
	a.advance(t, 30*time.Second)
	code, err := totp.GenerateCode(a.totp, time.Now().Add(a.offset))
	deviceMust(t, err)
	return code
}

// requireTOTP turns MFA on and gives ann a software token.
func (a *deviceApp) requireTOTP(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	configure := func(mode types.UserPoolMfaType) {
		_, err := a.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &a.pool, MfaConfiguration: mode, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		})
		deviceMust(t, err)
	}
	configure(types.UserPoolMfaTypeOptional)
	access := a.signIn(t, "ann").AccessToken
	secret, err := a.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{AccessToken: access})
	deviceMust(t, err)
	a.totp = *secret.SecretCode
	_, err = a.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{AccessToken: access, UserCode: aws.String(a.code(t))})
	deviceMust(t, err)
	configure(types.UserPoolMfaTypeOn)
}

// confirm confirms the new device of a sign-in.
func (a *deviceApp) confirm(t testing.TB, in *types.AuthenticationResultType) (*tracked, *idp.ConfirmDeviceOutput) {
	t.Helper()
	if in.NewDeviceMetadata == nil {
		t.Fatal("the tokens come without the metadata of a new device")
	}
	d := &tracked{key: *in.NewDeviceMetadata.DeviceKey, group: *in.NewDeviceMetadata.DeviceGroupKey, secret: "device secret of " + *in.NewDeviceMetadata.DeviceKey}
	out, err := a.ConfirmDevice(t.Context(), &idp.ConfirmDeviceInput{
		AccessToken: in.AccessToken, DeviceKey: &d.key, DeviceName: aws.String("Ann's phone"), DeviceSecretVerifierConfig: d.verifier(),
	})
	deviceMust(t, err)
	return d, out
}

// verifier makes what a device sends of its secret: integers with a zero byte before a top bit.
func (d *tracked) verifier() *types.DeviceSecretVerifierConfigType {
	v := credential.NewVerifier(d.group, d.key, d.secret)
	text := func(b []byte) *string {
		if b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return aws.String(base64.StdEncoding.EncodeToString(b))
	}
	return &types.DeviceSecretVerifierConfigType{Salt: text(v.Salt), PasswordVerifier: text(v.V)}
}

// prove is the device's half of the SRP after DEVICE_SRP_AUTH; it returns the responses to DEVICE_PASSWORD_VERIFIER.
func (a *deviceApp) prove(t testing.TB, d *tracked, name string, session *string) map[string]string {
	t.Helper()
	e := srp.NewEphemeral()
	out := a.answer(t, types.ChallengeNameTypeDeviceSrpAuth, session, deviceParams("USERNAME", name, "DEVICE_KEY", d.key, "SRP_A", e.A()))
	if out.ChallengeName != types.ChallengeNameTypeDevicePasswordVerifier {
		t.Fatalf("DEVICE_SRP_AUTH goes on with %s", out.ChallengeName)
	}
	p := out.ChallengeParameters
	if p["DEVICE_KEY"] != d.key || p["USERNAME"] != name {
		t.Errorf("DEVICE_PASSWORD_VERIFIER names %q and %q", p["DEVICE_KEY"], p["USERNAME"])
	}
	return a.proofOf(t, e, d.group, d.key, d.secret, p, deviceParams("USERNAME", name, "DEVICE_KEY", d.key))
}

// proofOf adds the proof of a secret to the responses.
func (a *deviceApp) proofOf(
	t testing.TB, e *srp.Ephemeral, scope, id, secret string, p, responses map[string]string,
) map[string]string {
	t.Helper()
	block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
	deviceMust(t, err)
	stamp := a.stamp()
	proof, err := e.Proof(scope, id, secret, p["SALT"], p["SRP_B"], block, stamp)
	deviceMust(t, err)
	responses["PASSWORD_CLAIM_SECRET_BLOCK"], responses["PASSWORD_CLAIM_SIGNATURE"] = p["SECRET_BLOCK"], proof
	responses["TIMESTAMP"] = stamp
	return responses
}

// srp starts an SRP sign-in and returns the responses to PASSWORD_VERIFIER.
func (a *deviceApp) srp(t testing.TB, name, deviceKey string) map[string]string {
	t.Helper()
	e := srp.NewEphemeral()
	out, err := a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.client, AuthFlow: types.AuthFlowTypeUserSrpAuth,
		AuthParameters: deviceParams("USERNAME", name, "SRP_A", e.A(), "DEVICE_KEY", deviceKey),
	})
	deviceMust(t, err)
	_, poolName, _ := strings.Cut(a.pool, "_")
	return a.proofOf(t, e, poolName, out.ChallengeParameters["USER_ID_FOR_SRP"], devicePassword, out.ChallengeParameters, deviceParams("USERNAME", name))
}

// claim reads a claim of a token that is a text.
func deviceClaim(t testing.TB, token *string, name string) string {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(*token, ".")[1])
	deviceMust(t, err)
	var claims map[string]any
	deviceMust(t, json.Unmarshal(payload, &claims))
	text, _ := claims[name].(string)
	return text
}

// seen shows a device to an administrator, its attributes as a map.
func (a *deviceApp) seen(t testing.TB, d *tracked) (*types.DeviceType, map[string]string) {
	t.Helper()
	out, err := a.AdminGetDevice(t.Context(), &idp.AdminGetDeviceInput{UserPoolId: &a.pool, Username: aws.String("ann"), DeviceKey: &d.key})
	deviceMust(t, err)
	attributes := map[string]string{}
	for _, x := range out.Device.DeviceAttributes {
		attributes[*x.Name] = *x.Value
	}
	return out.Device, attributes
}

func TestAPoolTracksDevicesAsItIsConfigured(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	for name, c := range map[string]struct {
		config                          *types.DeviceConfigurationType
		tracks, asks, remembers, trusts bool
	}{
		"without a configuration it does not":                {nil, false, false, false, false},
		"it remembers always, and a device replaces MFA":     {tracking(true, false), true, false, true, true},
		"it remembers always, and MFA stays":                 {tracking(false, false), true, false, true, false},
		"it remembers by request, and a device replaces MFA": {tracking(true, true), true, true, false, true},
		"it remembers by request, and MFA stays":             {tracking(false, true), true, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newDeviceApp(t, srv, c.config)
			in := a.signIn(t, "ann")
			if (in.NewDeviceMetadata != nil) != c.tracks {
				t.Fatalf("NewDeviceMetadata = %v", in.NewDeviceMetadata)
			}
			if !c.tracks {
				_, err := a.ListDevices(t.Context(), &idp.ListDevicesInput{AccessToken: in.AccessToken})
				deviceRefused(t, err, "InvalidUserPoolConfigurationException", "Device tracking not currently enabled for this pool.")
				_, err = a.AdminListDevices(t.Context(), &idp.AdminListDevicesInput{UserPoolId: &a.pool, Username: aws.String("ann")})
				deviceRefused(t, err, "InvalidUserPoolConfigurationException", "Device tracking not currently enabled for this pool.")
				if key := deviceClaim(t, in.AccessToken, "device_key"); key != "" {
					t.Errorf("device_key = %q", key)
				}
				_, err = a.password(t.Context(), "ann", "us-east-1_"+uuid.NewString())
				deviceMust(t, err) // nobody looks at the key
				return
			}
			d, confirmed := a.confirm(t, in)
			if confirmed.UserConfirmationNecessary != c.asks {
				t.Errorf("UserConfirmationNecessary = %v, want %v", confirmed.UserConfirmationNecessary, c.asks)
			}
			status := func() string {
				_, attributes := a.seen(t, d)
				return attributes["dev:device_remembered_status"]
			}
			if got := status() == "remembered"; got != c.remembers {
				t.Errorf("remembered %v, want %v", got, c.remembers)
			}
			expect := func(trusted bool) {
				t.Helper()
				out, err := a.password(t.Context(), "ann", d.key)
				deviceMust(t, err)
				if got := out.ChallengeName == types.ChallengeNameTypeDeviceSrpAuth; got != trusted {
					t.Errorf("the sign-in goes on with %q; want the device's own challenge: %v", out.ChallengeName, trusted)
				}
				if out.AuthenticationResult != nil && out.AuthenticationResult.NewDeviceMetadata != nil {
					t.Error("a known device got a new key")
				}
			}
			expect(c.trusts && c.remembers)
			for _, s := range []types.DeviceRememberedStatusType{"remembered", "not_remembered"} {
				_, err := a.UpdateDeviceStatus(t.Context(), &idp.UpdateDeviceStatusInput{AccessToken: in.AccessToken, DeviceKey: &d.key, DeviceRememberedStatus: s})
				deviceMust(t, err)
				if got := status(); got != string(s) {
					t.Errorf("status %q, want %q", got, s)
				}
				expect(c.trusts && s == "remembered")
			}
		})
	}
}

func TestANewDeviceHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, false))
	seen := map[string]bool{}
	for range 3 {
		in := a.signIn(t, "ann")
		key, group := *in.NewDeviceMetadata.DeviceKey, *in.NewDeviceMetadata.DeviceGroupKey
		if !regexp.MustCompile(`^us-east-1_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(key) || !regexp.MustCompile(`^-[\w-]{8}$`).MatchString(group) {
			t.Errorf("key %q, group %q", key, group)
		}
		if got := deviceClaim(t, in.AccessToken, "device_key"); got != key {
			t.Errorf("device_key = %q, want %q", got, key)
		}
		if got := deviceClaim(t, in.IdToken, "device_key"); got != "" {
			t.Errorf("the ID token has the device_key %q", got)
		}
		seen[key], seen[group] = true, true
	}
	if len(seen) != 6 {
		t.Error("keys came twice")
	}
	admin, err := a.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &a.pool, ClientId: &a.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: deviceParams("USERNAME", "ann", "PASSWORD", devicePassword),
	})
	deviceMust(t, err)
	d, _ := a.confirm(t, admin.AuthenticationResult)
	if _, attributes := a.seen(t, d); attributes["device_name"] != "Ann's phone" {
		t.Errorf("attributes %v", attributes)
	}
}

func TestOnlyADeviceOfTheUserIsConfirmed(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, false))
	ctx := t.Context()
	first, second := a.signIn(t, "ann"), a.signIn(t, "ann")
	d := &tracked{key: *first.NewDeviceMetadata.DeviceKey, group: *first.NewDeviceMetadata.DeviceGroupKey, secret: "s"}
	confirm := func(access *string, key string, v *types.DeviceSecretVerifierConfigType) error {
		_, err := a.ConfirmDevice(ctx, &idp.ConfirmDeviceInput{AccessToken: access, DeviceKey: &key, DeviceSecretVerifierConfig: v})
		return err
	}
	const wrongKey = "Invalid device key given."
	a.addUser(t, "bob")
	stranger := a.signIn(t, "bob")
	deviceRefused(t, confirm(stranger.AccessToken, d.key, d.verifier()), "InvalidParameterException", wrongKey)
	deviceRefused(t, confirm(first.AccessToken, "us-east-1_"+uuid.NewString(), d.verifier()), "InvalidParameterException", wrongKey)
	deviceRefused(t, confirm(first.AccessToken, d.key, nil), "InvalidParameterException", "")
	for _, broken := range []types.DeviceSecretVerifierConfigType{
		{}, {Salt: aws.String("!"), PasswordVerifier: d.verifier().PasswordVerifier}, {Salt: d.verifier().Salt, PasswordVerifier: aws.String("AA==")},
	} {
		deviceRefused(t, confirm(first.AccessToken, d.key, &broken), "InvalidParameterException", "")
	}
	deviceMust(t, confirm(first.AccessToken, d.key, d.verifier()))
	deviceRefused(t, confirm(first.AccessToken, d.key, d.verifier()), "DeviceKeyExistsException", "")
	_, err := a.ForgetDevice(ctx, &idp.ForgetDeviceInput{AccessToken: first.AccessToken, DeviceKey: &d.key})
	deviceMust(t, err)
	deviceRefused(t, confirm(first.AccessToken, d.key, d.verifier()), "InvalidParameterException", wrongKey)
	_, err = a.ForgetDevice(ctx, &idp.ForgetDeviceInput{AccessToken: first.AccessToken, DeviceKey: &d.key})
	deviceRefused(t, err, "ResourceNotFoundException", noDevice)

	// A client may keep the key of one sign-in, and confirm and use it with the tokens of another.
	kept := &tracked{key: *second.NewDeviceMetadata.DeviceKey, group: *second.NewDeviceMetadata.DeviceGroupKey, secret: "s"}
	third := a.signIn(t, "ann")
	deviceMust(t, confirm(third.AccessToken, kept.key, kept.verifier()))
	_, err = a.GetTokensFromRefreshToken(ctx, &idp.GetTokensFromRefreshTokenInput{ClientId: &a.client, RefreshToken: third.RefreshToken, DeviceKey: &kept.key})
	deviceMust(t, err)
}

// amazon-cognito-identity-js before version 5, pycognito and the official examples in Python answer DEVICE_SRP_AUTH without the session.
func TestADeviceIsAskedWithoutASession(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, false))
	a.requireTOTP(t)
	d, _ := a.confirm(t, a.signIn(t, "ann"))
	nothing := deviceParams("USERNAME", "ann", "DEVICE_KEY", d.key, "SRP_A", srp.NewEphemeral().A())
	_, err := a.respond(t.Context(), types.ChallengeNameTypeDeviceSrpAuth, nil, nothing)
	deviceRefused(t, err, "InvalidParameterException", "Missing required parameter Session") // nobody has given a password
	for range 2 {
		out, err := a.password(t.Context(), "ann", d.key)
		deviceMust(t, err)
		if out.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
			t.Fatalf("the password goes on with %s", out.ChallengeName)
		}
		done := a.answer(t, types.ChallengeNameTypeDevicePasswordVerifier, nil, a.prove(t, d, "ann", nil))
		if done.AuthenticationResult == nil || deviceClaim(t, done.AuthenticationResult.AccessToken, "device_key") != d.key {
			t.Errorf("the device's proof is answered by %s", done.ChallengeName)
		}
		_, err = a.respond(t.Context(), types.ChallengeNameTypeDeviceSrpAuth, nil, nothing)
		deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	}
}

func TestARememberedDeviceTakesThePlaceOfTheSecondFactor(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, false))
	a.requireTOTP(t)
	ctx := t.Context()
	d, _ := a.confirm(t, a.signIn(t, "ann"))
	other, _ := a.confirm(t, a.signIn(t, "ann"))
	start := func() *string {
		t.Helper()
		out := a.answer(t, types.ChallengeNameTypePasswordVerifier, nil, mergeDevice(a.srp(t, "ann", ""), d.key))
		if out.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
			t.Fatalf("PASSWORD_VERIFIER goes on with %s", out.ChallengeName)
		}
		if diff := cmp.Diff(map[string]string{"DEVICE_KEY": d.key, "USERNAME": "ann"}, out.ChallengeParameters); diff != "" {
			t.Errorf("DEVICE_SRP_AUTH (-want +got):\n%s", diff)
		}
		return out.Session
	}
	const wrong = "Incorrect username or password."
	verifier := types.ChallengeNameTypeDevicePasswordVerifier

	session := start()
	answer := a.prove(t, d, "ann", session)
	damaged := mergeDevice(answer, d.key)
	damaged["PASSWORD_CLAIM_SIGNATURE"] = base64.StdEncoding.EncodeToString(make([]byte, 32))
	_, err := a.respond(ctx, verifier, nil, damaged)
	deviceRefused(t, err, "NotAuthorizedException", wrong)
	_, err = a.respond(ctx, verifier, nil, mergeDevice(answer, other.key))
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
	again := a.prove(t, d, "ann", session)
	out := a.answer(t, verifier, nil, answer)
	if out.AuthenticationResult == nil || out.AuthenticationResult.NewDeviceMetadata != nil {
		t.Fatalf("the device's proof is answered by %s, %v", out.ChallengeName, out.AuthenticationResult)
	}
	if got := deviceClaim(t, out.AuthenticationResult.AccessToken, "device_key"); got != d.key {
		t.Errorf("device_key = %q, want %q", got, d.key)
	}
	for _, used := range []map[string]string{answer, again} {
		_, err = a.respond(ctx, verifier, nil, used)
		deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	}

	// A proof of the user's own SRP is none of the device, and the other way round.
	_, err = a.respond(ctx, verifier, nil, mergeDevice(a.srp(t, "ann", ""), d.key))
	deviceRefused(t, err, "NotAuthorizedException", wrong)
	_, err = a.respond(ctx, types.ChallengeNameTypePasswordVerifier, nil, a.prove(t, d, "ann", start()))
	deviceRefused(t, err, "NotAuthorizedException", wrong)

	// Another secret, and another device's.
	forged := *d
	forged.secret = "another"
	_, err = a.respond(ctx, verifier, nil, a.prove(t, &forged, "ann", start()))
	deviceRefused(t, err, "NotAuthorizedException", wrong)
	e := srp.NewEphemeral()
	_, err = a.respond(ctx, types.ChallengeNameTypeDeviceSrpAuth, start(), deviceParams("USERNAME", "ann", "DEVICE_KEY", other.key, "SRP_A", e.A()))
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
	_, err = a.respond(ctx, types.ChallengeNameTypeDeviceSrpAuth, start(), deviceParams("USERNAME", "ann", "SRP_A", e.A()))
	deviceRefused(t, err, "InvalidParameterException", "Missing required parameter DEVICE_KEY")

	// A device that is no longer remembered is not trusted, not even half-way.
	session = start()
	answer = a.prove(t, d, "ann", session)
	_, err = a.AdminUpdateDeviceStatus(ctx, &idp.AdminUpdateDeviceStatusInput{
		UserPoolId: &a.pool, Username: aws.String("ann"), DeviceKey: &d.key, DeviceRememberedStatus: "not_remembered",
	})
	deviceMust(t, err)
	_, err = a.respond(ctx, verifier, nil, answer)
	deviceRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
	out = a.answer(t, types.ChallengeNameTypePasswordVerifier, nil, mergeDevice(a.srp(t, "ann", ""), d.key))
	if out.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
		t.Fatalf("a device that is not remembered: %s", out.ChallengeName)
	}
	done := a.answer(t, out.ChallengeName, out.Session, deviceParams("USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", a.code(t)))
	if done.AuthenticationResult.NewDeviceMetadata != nil || deviceClaim(t, done.AuthenticationResult.AccessToken, "device_key") != d.key {
		t.Error("a confirmed device that is not remembered was taken for a new one")
	}
}

// mergeDevice returns a copy of the responses with the key of a device.
func mergeDevice(responses map[string]string, key string) map[string]string {
	out := map[string]string{"DEVICE_KEY": key}
	for name, value := range responses {
		if name != "DEVICE_KEY" {
			out[name] = value
		}
	}
	return out
}

// Clients answer an unknown device by dropping its key and sending the same answer again, so nothing may be used up by it.
func TestAnUnknownDeviceUsesNothingUp(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, false))
	a.addUser(t, "bob")
	ctx := t.Context()
	bobs, _ := a.confirm(t, a.signIn(t, "bob"))
	never := *a.signIn(t, "ann").NewDeviceMetadata.DeviceKey
	for name, key := range map[string]string{"that nobody has": "us-east-1_" + uuid.NewString(), "of another user": bobs.key, "that was not confirmed": never} {
		t.Run("a key "+name, func(t *testing.T) {
			_, err := a.password(ctx, "ann", key)
			deviceRefused(t, err, "ResourceNotFoundException", noDevice)

			responses := a.srp(t, "ann", key) // the start lets it pass: clients do not recover there
			_, err = a.respond(ctx, types.ChallengeNameTypePasswordVerifier, nil, mergeDevice(responses, key))
			deviceRefused(t, err, "ResourceNotFoundException", noDevice)
			out := a.answer(t, types.ChallengeNameTypePasswordVerifier, nil, responses)
			if out.AuthenticationResult == nil || out.AuthenticationResult.NewDeviceMetadata == nil {
				t.Errorf("without the key: %s, %v", out.ChallengeName, out.AuthenticationResult)
			}

			// Nobody learns by it who exists.
			_, err = a.respond(ctx, types.ChallengeNameTypePasswordVerifier, nil, mergeDevice(a.srp(t, "nobody", key), key))
			deviceRefused(t, err, "ResourceNotFoundException", noDevice)
		})
	}
	t.Run("a key of null is none", func(t *testing.T) {
		responses := map[string]any{"DEVICE_KEY": nil}
		for name, value := range a.srp(t, "ann", never) {
			responses[name] = value
		}
		out := a.raw(t, "RespondToAuthChallenge", map[string]any{
			"ClientId": a.client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses,
		})
		if out["AuthenticationResult"] == nil {
			t.Errorf("answered %v", out)
		}
	})
	t.Run("the answer to a second factor can be sent again", func(t *testing.T) {
		a.requireTOTP(t)
		out, err := a.password(ctx, "ann", "")
		deviceMust(t, err)
		responses := deviceParams("USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", a.code(t))
		_, err = a.respond(ctx, out.ChallengeName, out.Session, mergeDevice(responses, never))
		deviceRefused(t, err, "ResourceNotFoundException", noDevice)
		if done := a.answer(t, out.ChallengeName, out.Session, responses); done.AuthenticationResult == nil {
			t.Errorf("goes on with %s", done.ChallengeName)
		}
	})
}

// raw sends an operation as it is and returns the body of the answer.
func (a *deviceApp) raw(t testing.TB, operation string, in any) map[string]any {
	t.Helper()
	body, err := json.Marshal(in)
	deviceMust(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.srv.URL, bytes.NewReader(body))
	deviceMust(t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	keys := aws.Credentials{AccessKeyID: a.srv.AccessKeyID, SecretAccessKey: a.srv.SecretAccessKey}
	sum := sha256.Sum256(body)
	deviceMust(t, v4.NewSigner().SignHTTP(t.Context(), keys, req, hex.EncodeToString(sum[:]), "cognito-idp", "us-east-1", time.Now()))
	res, err := http.DefaultClient.Do(req)
	deviceMust(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	deviceMust(t, err)
	var out map[string]any
	deviceMust(t, json.Unmarshal(text, &out))
	return out
}

func TestTokensAreRefreshedByTheirDeviceOnly(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, nil)
	ctx := t.Context()
	refresh := func(in *types.AuthenticationResultType, key string) (*types.AuthenticationResultType, error) {
		flow, err := a.InitiateAuth(ctx, &idp.InitiateAuthInput{
			ClientId: &a.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
			AuthParameters: deviceParams("REFRESH_TOKEN", *in.RefreshToken, "DEVICE_KEY", key),
		})
		operation := &idp.GetTokensFromRefreshTokenInput{ClientId: &a.client, RefreshToken: in.RefreshToken}
		if key != "" {
			operation.DeviceKey = &key
		}
		out, err2 := a.GetTokensFromRefreshToken(ctx, operation)
		var one, two smithy.APIError
		if (err == nil) != (err2 == nil) || errors.As(err, &one) && errors.As(err2, &two) && one.ErrorMessage() != two.ErrorMessage() {
			t.Errorf("the flow answers %v, the operation %v", err, err2)
		}
		if err != nil {
			return nil, err
		}
		if flow.AuthenticationResult.NewDeviceMetadata != nil || out.AuthenticationResult.NewDeviceMetadata != nil {
			t.Error("a refresh made a new device")
		}
		return out.AuthenticationResult, nil
	}
	configure := func(c *types.DeviceConfigurationType) {
		_, err := a.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &a.pool, DeviceConfiguration: c})
		deviceMust(t, err)
	}
	const invalid, revoked = "Invalid Refresh Token", "Refresh Token has been revoked"

	before := a.signIn(t, "ann")
	configure(tracking(true, false))
	_, err := refresh(before, "")
	deviceMust(t, err) // of a time when no device had a key

	in, other := a.signIn(t, "ann"), a.signIn(t, "ann")
	key := *in.NewDeviceMetadata.DeviceKey
	_, err = refresh(in, key)
	deviceRefused(t, err, "NotAuthorizedException", invalid) // not confirmed
	d, _ := a.confirm(t, in)
	second, _ := a.confirm(t, other)
	_, err = refresh(in, "")
	deviceRefused(t, err, "NotAuthorizedException", invalid)
	_, err = refresh(in, second.key)
	deviceRefused(t, err, "NotAuthorizedException", invalid)
	_, err = refresh(in, "us-east-1_"+uuid.NewString())
	deviceRefused(t, err, "NotAuthorizedException", invalid)
	fresh, err := refresh(in, d.key)
	deviceMust(t, err)
	if got := deviceClaim(t, fresh.AccessToken, "device_key"); got != d.key {
		t.Errorf("device_key = %q, want %q", got, d.key)
	}

	_, err = a.AdminForgetDevice(ctx, &idp.AdminForgetDeviceInput{UserPoolId: &a.pool, Username: aws.String("ann"), DeviceKey: &d.key})
	deviceMust(t, err)
	_, err = refresh(in, d.key)
	deviceRefused(t, err, "NotAuthorizedException", revoked)
	_, err = refresh(other, second.key)
	deviceMust(t, err)
	configure(nil)
	_, err = refresh(in, "")
	deviceRefused(t, err, "NotAuthorizedException", revoked) // for good
	_, err = refresh(other, "")
	deviceMust(t, err) // nobody tracks devices any longer
}

func TestDevicesAreListedWithTheirUse(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, true))
	ctx := t.Context()
	var in *types.AuthenticationResultType
	var want []string
	var d *tracked
	for range 5 {
		in = a.signIn(t, "ann")
		d, _ = a.confirm(t, in)
		want = append(want, d.key)
	}
	slices.Sort(want)
	collect := func(page func(token *string) ([]types.DeviceType, *string, error)) (keys []string) {
		t.Helper()
		for token, calls := (*string)(nil), 0; ; calls++ {
			devices, next, err := page(token)
			deviceMust(t, err)
			for _, x := range devices {
				keys = append(keys, *x.DeviceKey)
			}
			if token = next; token == nil {
				if calls != 2 {
					t.Errorf("%d pages of two for five devices", calls+1)
				}
				return keys
			}
		}
	}
	own := collect(func(token *string) ([]types.DeviceType, *string, error) {
		out, err := a.ListDevices(ctx, &idp.ListDevicesInput{AccessToken: in.AccessToken, Limit: aws.Int32(2), PaginationToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Devices, out.PaginationToken, nil
	})
	admin := collect(func(token *string) ([]types.DeviceType, *string, error) {
		out, err := a.AdminListDevices(ctx, &idp.AdminListDevicesInput{UserPoolId: &a.pool, Username: aws.String("ann"), Limit: aws.Int32(2), PaginationToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Devices, out.PaginationToken, nil
	})
	if diff := cmp.Diff([][]string{want, want}, [][]string{own, admin}); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	_, err := a.ListDevices(ctx, &idp.ListDevicesInput{AccessToken: in.AccessToken, PaginationToken: aws.String("x")})
	deviceRefused(t, err, "InvalidParameterException", "")

	made, attributes := a.seen(t, d)
	arn := "arn:aws:cognito-idp:us-east-1:000000000000:owner/ann." + a.pool + "/device/" + d.key
	wantAttributes := map[string]string{
		"device_status": "valid", "device_name": "Ann's phone", "last_ip_used": "127.0.0.1", "dev:device_arn": arn,
		"dev:device_owner": "ann." + a.pool, "dev:device_remembered_status": "not_remembered",
	}
	if diff := cmp.Diff(wantAttributes, attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	a.advance(t, time.Minute)
	_, err = a.password(ctx, "ann", d.key)
	deviceMust(t, err)
	used, _ := a.seen(t, d)
	if !used.DeviceCreateDate.Equal(*made.DeviceCreateDate) || !used.DeviceLastModifiedDate.Equal(*made.DeviceLastModifiedDate) ||
		used.DeviceLastAuthenticatedDate.Sub(*made.DeviceLastAuthenticatedDate) < time.Minute {
		t.Errorf("a sign-in moved the times from %v, %v, %v to %v, %v, %v", made.DeviceCreateDate, made.DeviceLastModifiedDate,
			made.DeviceLastAuthenticatedDate, used.DeviceCreateDate, used.DeviceLastModifiedDate, used.DeviceLastAuthenticatedDate)
	}
	a.advance(t, time.Minute)
	_, err = a.UpdateDeviceStatus(ctx, &idp.UpdateDeviceStatusInput{AccessToken: in.AccessToken, DeviceKey: &d.key, DeviceRememberedStatus: "remembered"})
	deviceMust(t, err)
	changed, _ := a.seen(t, d)
	if changed.DeviceLastModifiedDate.Sub(*used.DeviceLastModifiedDate) < time.Minute || !changed.DeviceLastAuthenticatedDate.Equal(*used.DeviceLastAuthenticatedDate) {
		t.Error("a new status did not move the time of the last change alone")
	}
	mine, err := a.GetDevice(ctx, &idp.GetDeviceInput{AccessToken: in.AccessToken, DeviceKey: &d.key})
	deviceMust(t, err)
	for _, x := range mine.Device.DeviceAttributes {
		if strings.HasPrefix(*x.Name, "dev:") {
			t.Errorf("the user sees %s", *x.Name)
		}
	}
}

func TestDevicesAndUsersThatAreNotThere(t *testing.T) {
	t.Parallel()
	a := newDeviceApp(t, nil, tracking(true, false))
	ctx := t.Context()
	access := a.signIn(t, "ann").AccessToken
	key := "us-east-1_" + uuid.NewString()
	ann, nobody := aws.String("ann"), aws.String("nobody")
	for name, call := range map[string]func() error{
		"GetDevice": func() error {
			_, err := a.GetDevice(ctx, &idp.GetDeviceInput{AccessToken: access, DeviceKey: &key})
			return err
		},
		"ForgetDevice": func() error {
			_, err := a.ForgetDevice(ctx, &idp.ForgetDeviceInput{AccessToken: access, DeviceKey: &key})
			return err
		},
		"UpdateDeviceStatus": func() error {
			_, err := a.UpdateDeviceStatus(ctx, &idp.UpdateDeviceStatusInput{AccessToken: access, DeviceKey: &key})
			return err
		},
		"AdminGetDevice": func() error {
			_, err := a.AdminGetDevice(ctx, &idp.AdminGetDeviceInput{UserPoolId: &a.pool, Username: ann, DeviceKey: &key})
			return err
		},
		"AdminForgetDevice": func() error {
			_, err := a.AdminForgetDevice(ctx, &idp.AdminForgetDeviceInput{UserPoolId: &a.pool, Username: ann, DeviceKey: &key})
			return err
		},
		"AdminUpdateDeviceStatus": func() error {
			_, err := a.AdminUpdateDeviceStatus(ctx, &idp.AdminUpdateDeviceStatusInput{UserPoolId: &a.pool, Username: ann, DeviceKey: &key})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { deviceRefused(t, call(), "ResourceNotFoundException", noDevice) })
	}
	_, err := a.AdminGetDevice(ctx, &idp.AdminGetDeviceInput{UserPoolId: &a.pool, Username: nobody, DeviceKey: &key})
	deviceRefused(t, err, "ResourceNotFoundException", "User does not exist.") // the operation declares no other
	_, err = a.AdminListDevices(ctx, &idp.AdminListDevicesInput{UserPoolId: &a.pool, Username: nobody})
	deviceRefused(t, err, "ResourceNotFoundException", "User does not exist.")
	_, err = a.AdminForgetDevice(ctx, &idp.AdminForgetDeviceInput{UserPoolId: &a.pool, Username: nobody, DeviceKey: &key})
	deviceRefused(t, err, "UserNotFoundException", "User does not exist.")
	_, err = a.AdminUpdateDeviceStatus(ctx, &idp.AdminUpdateDeviceStatusInput{UserPoolId: &a.pool, Username: nobody, DeviceKey: &key})
	deviceRefused(t, err, "UserNotFoundException", "User does not exist.")
	if out := a.raw(t, "GetDevice", map[string]any{"DeviceKey": key}); out["__type"] != "NotAuthorizedException" {
		t.Errorf("without an access token: %v", out)
	}
}

// BenchmarkSRP compares a sign-in by SRP with one that goes on to the SRP of a remembered device.
func BenchmarkSRP(b *testing.B) {
	a := newDeviceApp(b, nil, tracking(true, false))
	d, _ := a.confirm(b, a.signIn(b, "ann"))
	b.Run("user", func(b *testing.B) {
		for b.Loop() {
			a.answer(b, types.ChallengeNameTypePasswordVerifier, nil, a.srp(b, "ann", ""))
		}
	})
	b.Run("user and device", func(b *testing.B) {
		for b.Loop() {
			out := a.answer(b, types.ChallengeNameTypePasswordVerifier, nil, mergeDevice(a.srp(b, "ann", ""), d.key))
			a.answer(b, types.ChallengeNameTypeDevicePasswordVerifier, nil, a.prove(b, d, "ann", out.Session))
		}
	})
}
