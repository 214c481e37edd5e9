package user_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// offering returns a pool with the mode and factors: "sms", "totp", "email".
func offering(mode string, factors ...string) *pool.Pool {
	p := &pool.Pool{ID: "us-east-1_Abc123XyZ", Settings: wire.UserPoolType{MfaConfiguration: mode}, Mfa: pool.MfaSettings{Set: true}}
	for _, f := range factors {
		switch f {
		case "sms":
			p.Settings.SmsConfiguration, p.Mfa.SMS = &wire.SmsConfigurationType{}, &wire.SmsMfaConfigType{}
		case "totp":
			p.Mfa.SoftwareToken = &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)}
		case "email":
			p.Mfa.Email = &wire.EmailMfaConfigType{}
		}
	}
	return p
}

// holder returns a user with what is named: phone, email, "email verified", token, and "uses sms" and so on.
func holder(p *pool.Pool, has ...string) *user.User {
	u := user.New(p, "id", "alice", user.Confirmed, time.Unix(0, 0))
	for _, h := range has {
		switch h {
		case "phone":
			u.Attributes["phone_number"] = "+15555550100"
		case "email", "email verified":
			u.Attributes["email"] = "alice@example.com"
			if h != "email" {
				u.Attributes["email_verified"] = "true"
			}
		case "token":
			u.Factors.TOTP = &user.TOTP{Secret: "JBSWY3DPEHPK3PXP"}
		case "uses sms":
			u.Factors.UsesSMS = true
		case "uses legacy sms":
			u.Factors.LegacySMS = true
		case "uses token":
			u.Factors.UsesTOTP = true
		case "uses email":
			u.Factors.UsesEmail = true
		}
	}
	return u
}

func TestActiveFactors(t *testing.T) {
	t.Parallel()
	all := []string{"sms", "totp", "email"}
	for _, c := range []struct {
		name   string
		mode   string
		offers []string
		has    []string
		want   []pool.Factor
	}{
		{"where MFA is off nothing is asked for", "OFF", all, []string{"phone", "uses sms", "token", "uses token"}, nil},
		{"where it is optional a verified token alone does not count", "OPTIONAL", all, []string{"token"}, nil},
		{"where it is optional addresses alone do not count", "OPTIONAL", all, []string{"phone", "email verified"}, nil},
		{"where it is optional what is turned on counts", "OPTIONAL", all, []string{"phone", "token", "uses token"}, []pool.Factor{pool.TOTP}},
		{"the settings before preferences count too", "OPTIONAL", all, []string{"phone", "uses legacy sms"}, []pool.Factor{pool.SMSMFA}},
		{
			"several that are turned on come in one order", "OPTIONAL", all,
			[]string{"email verified", "uses email", "token", "uses token", "phone", "uses sms"},
			[]pool.Factor{pool.SMSMFA, pool.TOTP, pool.EmailOTP},
		},
		{"a factor that the pool stopped offering is not asked for", "OPTIONAL", []string{"totp"}, []string{"phone", "uses sms"}, nil},
		{"a token is asked for even so", "OPTIONAL", []string{"sms"}, []string{"token", "uses token"}, []pool.Factor{pool.TOTP}},
		{
			"a factor that lost its address is no way around MFA", "OPTIONAL", all,
			[]string{"uses sms"},
			[]pool.Factor{pool.SMSMFA},
		},
		{
			"an e-mail factor does not move to an unverified address", "OPTIONAL", all,
			[]string{"email", "uses email", "token", "uses token"},
			[]pool.Factor{pool.TOTP},
		},
		{
			"a factor that lost its address is left out beside another", "OPTIONAL", all,
			[]string{"uses sms", "token", "uses token"},
			[]pool.Factor{pool.TOTP},
		},
		{"where it is required nothing set up is nothing", "ON", all, nil, nil},
		{"where it is required a phone number alone counts", "ON", all, []string{"phone"}, []pool.Factor{pool.SMSMFA}},
		{"where it is required a verified e-mail address alone counts", "ON", all, []string{"email verified"}, []pool.Factor{pool.EmailOTP}},
		{"an unverified e-mail address alone never counts", "ON", all, []string{"email"}, nil},
		{"a phone number does not count where text messages are not offered", "ON", []string{"totp"}, []string{"phone"}, nil},
		{"where it is required a verified token counts", "ON", all, []string{"token"}, []pool.Factor{pool.TOTP}},
		{
			"a verified token that nobody turned on stands beside a phone number", "ON", all,
			[]string{"token", "phone"},
			[]pool.Factor{pool.SMSMFA, pool.TOTP},
		},
		{"what is turned on goes before an address alone", "ON", all, []string{"token", "uses token", "phone"}, []pool.Factor{pool.TOTP}},
		{
			"a verified token counts beside what is turned on", "ON", all,
			[]string{"token", "phone", "uses sms", "email verified"},
			[]pool.Factor{pool.SMSMFA, pool.TOTP},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := offering(c.mode, c.offers...)
			if diff := cmp.Diff(c.want, holder(p, c.has...).ActiveFactors(p)); diff != "" {
				t.Errorf("factors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrefer(t *testing.T) {
	t.Parallel()
	on, off := wire.Ptr(true), wire.Ptr(false)
	for _, c := range []struct {
		name   string
		has    []string
		before pool.Factor // preferred
		wanted []user.Preference
		err    string
		want   []string
		prefer pool.Factor
	}{
		{
			name: "a token that was never verified cannot be turned on", wanted: []user.Preference{{Factor: pool.TOTP, Enabled: true}},
			err: "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA",
		},
		{
			name: "text messages need a phone number", wanted: []user.Preference{{Factor: pool.SMSMFA, Enabled: true}},
			err: "User does not have delivery config set to turn on SMS_MFA",
		},
		{
			name: "e-mail needs an address", wanted: []user.Preference{{Factor: pool.EmailOTP, Enabled: true}},
			err: "User does not have delivery config set to turn on EMAIL_OTP",
		},
		{
			name: "turning off always works", wanted: []user.Preference{{Factor: pool.TOTP}, {Factor: pool.SMSMFA}, {Factor: pool.EmailOTP}},
		},
		{
			name: "a factor is turned on and preferred", has: []string{"token"}, wanted: []user.Preference{{pool.TOTP, true, on}},
			want: []string{"SOFTWARE_TOKEN_MFA"}, prefer: pool.TOTP,
		},
		{
			name: "two preferred ones are refused and change nothing", has: []string{"token", "phone", "uses sms"}, before: pool.SMSMFA,
			wanted: []user.Preference{{pool.TOTP, true, on}, {pool.SMSMFA, true, on}},
			err:    "Only one MFA method can be preferred.", want: []string{"SMS_MFA"}, prefer: pool.SMSMFA,
		},
		{
			name: "a factor that is off cannot be preferred", has: []string{"token"}, wanted: []user.Preference{{pool.TOTP, false, on}},
			err: "SOFTWARE_TOKEN_MFA must be enabled to be the preferred MFA method.",
		},
		{
			name: "a new preferred one replaces the old", has: []string{"token", "phone", "uses sms"}, before: pool.SMSMFA,
			wanted: []user.Preference{{pool.TOTP, true, on}}, want: []string{"SMS_MFA", "SOFTWARE_TOKEN_MFA"}, prefer: pool.TOTP,
		},
		{
			name: "turning off drops the preference", has: []string{"token", "phone", "uses sms", "uses token"}, before: pool.SMSMFA,
			wanted: []user.Preference{{Factor: pool.SMSMFA}}, want: []string{"SOFTWARE_TOKEN_MFA"},
		},
		{
			name: "not preferred drops the preference", has: []string{"phone", "uses sms"}, before: pool.SMSMFA,
			wanted: []user.Preference{{pool.SMSMFA, true, off}}, want: []string{"SMS_MFA"},
		},
		{
			name: "no word about the preference leaves it", has: []string{"phone", "uses sms"}, before: pool.SMSMFA,
			wanted: []user.Preference{{Factor: pool.SMSMFA, Enabled: true}}, want: []string{"SMS_MFA"}, prefer: pool.SMSMFA,
		},
		{
			name: "text messages of old settings are turned off as well", has: []string{"phone", "uses legacy sms"},
			wanted: []user.Preference{{Factor: pool.SMSMFA}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := offering("OPTIONAL", "sms", "totp", "email")
			u := holder(p, c.has...)
			u.Factors.Preferred = c.before
			err := u.Prefer(c.wanted, time.Unix(9, 0))
			if got := messageOf(t, err); got != c.err {
				t.Errorf("got %q, want %q", got, c.err)
			}
			if diff := cmp.Diff(c.want, u.EnabledFactors()); diff != "" {
				t.Errorf("enabled (-want +got):\n%s", diff)
			}
			if u.Factors.Preferred != c.prefer {
				t.Errorf("preferred is %q, want %q", u.Factors.Preferred, c.prefer)
			}
			if c.err == "" && slices.ContainsFunc(c.wanted, func(w user.Preference) bool { return w.Factor == pool.SMSMFA && !w.Enabled }) && u.Factors.LegacySMS {
				t.Error("text messages of old settings are still on")
			}
		})
	}
}

// messageOf returns the message of an InvalidParameterException, "" for none.
func messageOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if !fault.Is(err, fault.InvalidParameter) {
		t.Fatalf("got %v", err)
	}
	return err.(*fault.Error).Message //nolint:errorlint // Prefer returns it bare
}

func TestAPasskeyStandsForTwoFactorsAsPoolAndUserWant(t *testing.T) {
	t.Parallel()
	p := offering("ON", "totp")
	u := holder(p, "token")
	if u.PasskeyCountsAsTwo(p) {
		t.Error("the pool takes it for one")
	}
	if err := u.PreferPasskey(p, true, time.Unix(1, 0)); !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("turned on in a pool that takes it for one: %v", err)
	}
	p.Mfa.WebAuthn = &wire.WebAuthnConfigurationType{FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION"}
	if !u.PasskeyCountsAsTwo(p) {
		t.Error("without a word of the user the pool decides")
	}
	if err := u.PreferPasskey(p, false, time.Unix(1, 0)); err != nil || u.PasskeyCountsAsTwo(p) {
		t.Errorf("turned off: %v", err)
	}
	if err := u.PreferPasskey(p, true, time.Unix(1, 0)); err != nil || !u.PasskeyCountsAsTwo(p) {
		t.Errorf("turned on: %v", err)
	}
	if err := holder(p).PreferPasskey(p, true, time.Unix(1, 0)); !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("turned on as the only factor: %v", err)
	}
}

func TestAContactThatIsASecondFactorDoesNotRecover(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		mode         string
		has          []string
		email, phone bool // guarded
	}{
		{"nothing is guarded where MFA is off", "OFF", []string{"phone", "email verified", "uses email"}, false, false},
		{"a factor that is turned on guards its contact", "OPTIONAL", []string{"phone", "email verified", "uses email"}, true, false},
		{"old settings guard the phone number", "OPTIONAL", []string{"phone", "email verified", "uses legacy sms"}, false, true},
		{"the only address guards where MFA is required", "ON", []string{"email verified"}, true, false},
		{"of two addresses that stand by themselves none is locked out", "ON", []string{"phone", "email verified"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := offering(c.mode, "sms", "totp", "email")
			u := holder(p, c.has...)
			if u.GuardedBy(p, "email") != c.email || u.GuardedBy(p, "phone_number") != c.phone {
				t.Errorf("email %v, phone %v", u.GuardedBy(p, "email"), u.GuardedBy(p, "phone_number"))
			}
		})
	}
}

func TestTOTP(t *testing.T) {
	t.Parallel()
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSW"
	at := time.Unix(1788599287, 0) // its code is 526964
	code := func(at time.Time) string {
		c, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if code(at) != "526964" {
		t.Fatal("the library makes another code")
	}
	if s := user.NewTOTPSecret(); len(s) != 52 || s == user.NewTOTPSecret() {
		t.Errorf("secret %q", s)
	}
	u := holder(offering("ON", "totp"))
	if err := u.AdoptTOTP(u.Factors.Pending, "526964", "", at); !fault.Is(err, fault.SoftwareTokenMFANotFound) {
		t.Errorf("adopted without a secret: %v", err)
	}
	u.HandOutTOTP(secret, at)
	err := u.AdoptTOTP(secret, "000000", "phone", at)
	if !fault.Is(err, fault.EnableSoftwareTokenMFA) || err.Error() != "EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA" {
		t.Errorf("a wrong first code: %v", err)
	}
	if u.Factors.TOTP != nil || u.Factors.Pending != secret {
		t.Error("a wrong first code changed something")
	}
	if err := u.AdoptTOTP(u.Factors.Pending, "526964", "phone", at); err != nil || u.Factors.Pending != "" || u.Factors.TOTP.Name != "phone" {
		t.Fatalf("adopt: %v", err)
	}
	if u.Factors.UsesTOTP {
		t.Error("an adopted token is turned on by itself")
	}
	for _, c := range []struct {
		name string
		code string
		at   time.Time
		want string
	}{
		{"the code that verified the token is used up", "526964", at, "ExpiredCodeException: Your software token has already been used once."},
		{"an older code is used up with it", code(at.Add(-30 * time.Second)), at, "ExpiredCodeException: Your software token has already been used once."},
		{"another code is wrong", "111111", at, "CodeMismatchException: Invalid code received for user"},
		{"a code of two steps ahead is wrong", code(at.Add(60 * time.Second)), at, "CodeMismatchException: Invalid code received for user"},
		{"the next step counts before its time", code(at.Add(30 * time.Second)), at, ""},
		{"and once only", code(at.Add(30 * time.Second)), at.Add(30 * time.Second), "ExpiredCodeException: Your software token has already been used once."},
		{"a code counts for a step after its time", code(at.Add(90 * time.Second)), at.Add(120 * time.Second), ""},
		{"but not for two", code(at.Add(150 * time.Second)), at.Add(210 * time.Second), "CodeMismatchException: Invalid code received for user"},
	} {
		got := ""
		if err := u.UseTOTP(c.code, c.at); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	u.Factors.UsesTOTP, u.Factors.Preferred = true, pool.TOTP
	u.HandOutTOTP("ANOTHER", at)
	if u.DropTOTP(at); u.Factors != (user.Factors{}) {
		t.Errorf("dropped, and %+v is left", u.Factors)
	}
}

func TestAuthFactors(t *testing.T) {
	t.Parallel()
	p := offering("OPTIONAL", "totp")
	p.Settings.Policies = &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"}}}
	u := holder(p, "phone", "email verified", "token")
	u.Attributes["phone_number_verified"] = "true"
	u.Password = &user.Password{}
	if diff := cmp.Diff([]string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN"}, u.AuthFactors(p, 1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !u.NeedsNoPassword(p) || holder(p, "email").NeedsNoPassword(p) {
		t.Error("an address signs in once it is verified")
	}
	if got := holder(p, "email").AuthFactors(p, 0); got != nil {
		t.Errorf("got %v", got)
	}
}
