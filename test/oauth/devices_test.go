package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// factorSite is a site whose pool tracks devices and asks for a software token, with the code that Ann's token shows.
func factorSite(t testing.TB, database string, devices *types.DeviceConfigurationType) (s *site, code func() string) {
	t.Helper()
	s = accountSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) { p.DeviceConfiguration = devices })
	s.authenticatorApps(t, "ON")
	b := newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Set up an authenticator app")
	secret := b.secret()
	code = func() string {
		s.Advance(t, time.Minute) // each code counts once
		return s.totp(t, secret)
	}
	b.submit("/login/continue", "code", code()).arrived()
	return s, code
}

// devices returns the keys of Ann's devices.
func (s *site) devices(t testing.TB) (keys []string) {
	t.Helper()
	out, err := s.SDK().AdminListDevices(t.Context(), &idp.AdminListDevicesInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
	must(t, err)
	for _, d := range out.Devices {
		keys = append(keys, *d.DeviceKey)
	}
	return keys
}

// again signs in with the password once more.
func (b *browser) again(s *site) *browser {
	b.t.Helper()
	return b.open(s.authorize("prompt", "login")).signIn("ann@example.com")
}

// asked checks that the second factor was asked for.
func (b *browser) asked() *browser {
	b.t.Helper()
	return b.shows("Enter the six digits that your authenticator app shows.")
}

func TestABrowserIsRememberedInsteadOfTheSecondFactor(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s, code := factorSite(t, database, &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true})
		before := len(s.devices(t))
		b := newBrowser(t).again(s).asked()
		if strings.Contains(b.page, "Remember this browser") {
			t.Error("the page asks for what the pool does by itself")
		}
		b.submit("/login/continue", "code", code()).arrived()
		keys := s.devices(t)
		if len(keys) != before+1 {
			t.Fatalf("%d devices, want %d", len(keys), before+1)
		}
		b.again(s).arrived()
		newBrowser(t).again(s).asked()

		b.open(s.account("/devices")).shows("Remembered devices", "(this browser)", "127.0.0.1")
		key := strings.Split(b.cookie(s, "cenote-device"), ":")[1]
		b.submit("/account/devices", "key", key).shows("Your changes have been saved.")
		b.again(s).asked().submit("/login/continue", "code", code()).arrived()
		b.again(s).arrived()
	})
}

// cookie returns the value of a cookie that the browser has.
func (b *browser) cookie(s *site, name string) string {
	b.t.Helper()
	at, err := url.Parse(s.URL)
	must(b.t, err)
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// setCookie gives the browser a cookie.
func (b *browser) setCookie(s *site, name, value string) {
	b.t.Helper()
	at, err := url.Parse(s.URL)
	must(b.t, err)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func TestACookieOfADeviceIsGoodForItsUserAlone(t *testing.T) {
	t.Parallel()
	s, code := factorSite(t, "", &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true})
	b := newBrowser(t).again(s).asked().submit("/login/continue", "code", code())
	for _, set := range b.header.Values("Set-Cookie") {
		if strings.HasPrefix(set, "cenote-device=") && (!strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax")) {
			t.Errorf("the cookie is set as %q", set)
		}
	}
	kept := b.cookie(s, "cenote-device")
	if kept == "" {
		t.Fatal("no cookie was set")
	}
	parts := strings.Split(kept, ":")
	s.addUser(t, "bob@example.com")
	for name, forged := range map[string]string{
		"another secret": parts[0] + ":" + parts[1] + ":" + strings.Repeat("A", len(parts[2])), "no secret": parts[0] + ":" + parts[1] + ":",
		"another pool": "us-east-1_000000000:" + parts[1] + ":" + parts[2], "rubbish": "x/:/::/:::/" + strings.Repeat("/", 300),
		"an unknown key": parts[0] + ":us-east-1_00000000-0000-4000-8000-000000000000:" + parts[2],
	} {
		other := newBrowser(t)
		other.setCookie(s, "cenote-device", forged)
		if other.again(s); !strings.Contains(other.page, "Enter the six digits") {
			t.Errorf("%s: the second factor is not asked for at %s", name, other.at)
		}
	}
	other := newBrowser(t)
	other.setCookie(s, "cenote-device", kept)
	other.open(s.authorize()).signIn("bob@example.com").shows("Set up an authenticator app")
	other.again(s).arrived() // it is Ann's
}

func TestABrowserIsRememberedIfItsUserWantsThat(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s, code := factorSite(t, database, &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true})
		if n := len(s.devices(t)); n != 0 {
			t.Fatalf("%d devices are remembered that nobody wanted", n)
		}
		b := newBrowser(t).again(s).asked().shows("Remember this browser")
		b.submit("/login/continue", "code", code(), "remember", "1").arrived()
		if n := len(s.devices(t)); n != 1 {
			t.Errorf("%d devices, want 1", n)
		}
		b.again(s).arrived()
	})
}

func TestADeviceThatIsOnlyTrackedDoesNotReplaceTheSecondFactor(t *testing.T) {
	t.Parallel()
	s, code := factorSite(t, "", &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true})
	b := newBrowser(t).again(s).asked().submit("/login/continue", "code", code(), "remember", "1")
	n := len(s.devices(t))
	if n != 1 {
		t.Errorf("%d devices, want 1", n)
	}
	b.again(s).asked().submit("/login/continue", "code", code()).arrived()
	if again := len(s.devices(t)); again != n {
		t.Errorf("the browser has become another device: %d, want %d", again, n)
	}
}

func TestTheBoxIsOnTheSignInPageWhereNotAllHaveASecondFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.DeviceConfiguration = &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true}
	})
	s.addUser(t, "ann@example.com")
	newBrowser(t).open(s.authorize()).shows("Remember this browser").submit("/login", "username", "ann@example.com", "password", password, "remember", "1").arrived()
	if n := len(s.devices(t)); n != 1 {
		t.Errorf("%d devices, want 1", n)
	}
}

func TestTokensOfThePagesAreRefreshedWithoutADevice(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.DeviceConfiguration = &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true}
		})
		s.addUser(t, "ann@example.com")
		code := newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
		refresh := s.tokens(t, code).token(t, "refresh_token")
		s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", refresh).token(t, "access_token")
	})
}
