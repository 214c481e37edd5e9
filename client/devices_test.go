package client_test

import (
	"errors"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
)

// liveWithDevices is a pool with optional TOTP, for which remembered devices stand in, and the user ann, who has it turned on.
func liveWithDevices(t testing.TB, prompt, secret bool) (a *app, totpSecret string) {
	t.Helper()
	a = live(t, setup{
		pool: func(p *idp.CreateUserPoolInput) {
			p.DeviceConfiguration = &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: prompt}
			p.AliasAttributes = []types.AliasAttributeType{"email"}
		},
		app: func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = secret },
		mfa: &idp.SetUserPoolMfaConfigInput{
			MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		},
		config: func(c *client.Config) { c.DeviceName = "test device" },
	})
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	ann := signIn(t, a.another(), "ann")
	token, err := ann.AssociateSoftwareToken(t.Context())
	must(t, err)
	signedIn(t)(token.Verify(t.Context(), a.code(t, token.Secret), ""))
	must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{Enabled: true, Preferred: true}}))
	a.advance(t, 31e9)
	return a, token.Secret
}

func TestARememberedDeviceStandsInForTheSecondFactor(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]bool{"a public client": false, "a client with a secret": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, token := liveWithDevices(t, false, secret)
			ann := a.User("ann")
			code := asked[*client.CodeRequired](t)(ann.SignIn(t.Context(), client.SignIn{Password: password}))
			r, err := code.Answer(t.Context(), a.code(t, token))
			signedIn(t)(r, err)
			if r.UserConfirmationNecessary {
				t.Error("the pool asks the user, though it remembers every device")
			}
			key, err := ann.DeviceKey(t.Context())
			must(t, err)
			d, err := ann.Device(t.Context())
			must(t, err)
			if key == "" || d.Key != key || !has(d.Attributes, "device_name", "test device") {
				t.Errorf("the device %s is %+v", key, d)
			}
			for _, flow := range []client.Flow{client.FlowSRP, client.FlowPassword, client.FlowChoice} {
				s := signedIn(t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: flow, Password: password}))
				if s.AccessToken.Claims()["device_key"] != key {
					t.Errorf("%s: the token is of the device %v", flow, s.AccessToken.Claims()["device_key"])
				}
			}
			signedIn(t)(a.User("ann@example.com").SignIn(t.Context(), client.SignIn{Password: password})) // tells the real name, and so the device
			_, err = ann.RefreshSession(t.Context())
			must(t, err)
		})
	}
}

func TestADeviceThatTheServerForgotIsDropped(t *testing.T) {
	t.Parallel()
	for _, flow := range []client.Flow{client.FlowSRP, client.FlowPassword, client.FlowChoice} {
		t.Run(string(flow), func(t *testing.T) {
			t.Parallel()
			a, token := liveWithDevices(t, false, false)
			ann := a.User("ann")
			in := client.SignIn{Flow: flow, Password: password}
			signedIn(t)(asked[*client.CodeRequired](t)(ann.SignIn(t.Context(), in)).Answer(t.Context(), a.code(t, token)))
			key, err := ann.DeviceKey(t.Context())
			must(t, err)
			_, err = a.admin.AdminForgetDevice(t.Context(), &idp.AdminForgetDeviceInput{UserPoolId: new(a.ID()), Username: new("ann"), DeviceKey: &key})
			must(t, err)
			a.advance(t, 31e9)
			code := asked[*client.CodeRequired](t)(a.User("ann").SignIn(t.Context(), in))
			signedIn(t)(code.Answer(t.Context(), a.code(t, token)))
			if fresh, err := ann.DeviceKey(t.Context()); err != nil || fresh == "" || fresh == key {
				t.Errorf("the device is %q, was %q, error %v", fresh, key, err)
			}
			signedIn(t)(a.User("ann").SignIn(t.Context(), in))
		})
	}
}

func TestUsersAreAskedWhetherToRememberADevice(t *testing.T) {
	t.Parallel()
	a, token := liveWithDevices(t, true, false)
	ann := a.User("ann")
	again := func() { // a code counts once
		t.Helper()
		a.advance(t, 31e9)
		signedIn(t)(asked[*client.CodeRequired](t)(ann.SignIn(t.Context(), client.SignIn{Password: password})).Answer(t.Context(), a.code(t, token)))
	}
	code := asked[*client.CodeRequired](t)(ann.SignIn(t.Context(), client.SignIn{Password: password}))
	r, err := code.Answer(t.Context(), a.code(t, token))
	signedIn(t)(r, err)
	if !r.UserConfirmationNecessary {
		t.Error("the user is not asked")
	}
	again()
	must(t, ann.RememberDevice(t.Context()))
	signIn(t, a.Pool, "ann")
	must(t, ann.DoNotRememberDevice(t.Context()))
	again()

	signedIn(t)(asked[*client.CodeRequired](t)(func() (*client.Result, error) {
		a.advance(t, 31e9)
		return a.another().User("ann").SignIn(t.Context(), client.SignIn{Password: password})
	}()).Answer(t.Context(), a.code(t, token)))
	first, err := ann.ListDevices(t.Context(), 1, "")
	must(t, err)
	if len(first.Devices) != 1 || first.NextToken == "" {
		t.Fatalf("a page of one is %+v", first)
	}
	all, err := ann.ListDevices(t.Context(), 0, "")
	must(t, err)
	key, err := ann.DeviceKey(t.Context())
	must(t, err)
	if len(all.Devices) < 2 || all.NextToken != "" {
		t.Fatalf("all devices are %+v", all)
	}
	for _, d := range all.Devices {
		if d.Created.IsZero() || d.LastAuthenticated.IsZero() {
			t.Errorf("%+v has no times", d)
		}
		if d.Key != key {
			must(t, ann.ForgetSpecificDevice(t.Context(), d.Key))
		}
	}
	if left, err := ann.DeviceKey(t.Context()); left != key || err != nil {
		t.Errorf("forgetting another device left %q, error %v", left, err)
	}
	must(t, ann.ForgetDevice(t.Context()))
	if _, err := ann.Device(t.Context()); !errors.Is(err, client.ErrNoDevice) {
		t.Errorf("the forgotten device: %v", err)
	}
	none, err := ann.ListDevices(t.Context(), 0, "")
	must(t, err)
	if len(none.Devices) != 0 {
		t.Errorf("left over: %+v", none.Devices)
	}
}
