package pool

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestFlowsOfAClient(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ set, want []string }{
		"without any, the documented default": {nil, []string{"USER_SRP_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"}},
		"only those that are allowed":         {[]string{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH"}, []string{"USER_AUTH", "REFRESH_TOKEN_AUTH"}},
		"a legacy value adds to the default": {
			[]string{"ADMIN_NO_SRP_AUTH"}, []string{"USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &Client{Settings: wire.UserPoolClientType{ExplicitAuthFlows: tc.set}}
			if diff := cmp.Diff(tc.want, c.Flows()); diff != "" {
				t.Errorf("flows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewClientFillsInTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	c, err := NewClient(p, Offers{}, &wire.CreateUserPoolClientInput{UserPoolId: p.ID, ClientName: "app"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[a-z0-9]{26}$`).MatchString(c.ID) || len(c.Secrets) != 0 {
		t.Errorf("client %s with %d secrets", c.ID, len(c.Secrets))
	}
	want := wire.UserPoolClientType{
		UserPoolId: p.ID, ClientId: c.ID, ClientName: "app", CreationDate: wire.At(noon), LastModifiedDate: wire.At(noon),
		RefreshTokenValidity: wire.Ptr(int64(30)), AuthSessionValidity: wire.Ptr(int64(3)), EnableTokenRevocation: wire.Ptr(true),
		EnablePropagateAdditionalUserContextData: wire.Ptr(false), AllowedOAuthFlowsUserPoolClient: wire.Ptr(false),
	}
	if diff := cmp.Diff(want, c.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestClientRules(t *testing.T) {
	t.Parallel()
	hours := func(n int64) *int64 { return &n }
	tests := map[string]struct {
		in      wire.CreateUserPoolClientInput
		code    fault.Code // none: accepted
		message string
	}{
		"an access token of five minutes": {in: wire.CreateUserPoolClientInput{
			AccessTokenValidity: hours(5),
			TokenValidityUnits:  &wire.TokenValidityUnitsType{AccessToken: "minutes"},
		}},
		"an access token of four minutes": {wire.CreateUserPoolClientInput{
			AccessTokenValidity: hours(4),
			TokenValidityUnits:  &wire.TokenValidityUnitsType{AccessToken: "minutes"},
		}, fault.InvalidParameter, "Invalid range for token validity."},
		"an ID token of a day": {in: wire.CreateUserPoolClientInput{IdTokenValidity: hours(24)}},
		"an ID token of a day and more": {
			wire.CreateUserPoolClientInput{IdTokenValidity: hours(25)},
			fault.InvalidParameter,
			"Invalid range for token validity.",
		},
		"an ID token of 86400 hours": {
			wire.CreateUserPoolClientInput{IdTokenValidity: hours(86400)},
			fault.InvalidParameter,
			"Invalid range for token validity.",
		},
		"a refresh token of 3650 days": {in: wire.CreateUserPoolClientInput{RefreshTokenValidity: hours(3650)}},
		"a refresh token of 3651 days": {
			wire.CreateUserPoolClientInput{RefreshTokenValidity: hours(3651)},
			fault.InvalidParameter,
			"Invalid range for token validity.",
		},
		"a refresh token whose life does not fit a number": {
			wire.CreateUserPoolClientInput{RefreshTokenValidity: hours(315360000)},
			fault.InvalidParameter, "Invalid range for token validity.",
		},
		"a refresh token of an hour": {in: wire.CreateUserPoolClientInput{
			RefreshTokenValidity: hours(60),
			TokenValidityUnits:   &wire.TokenValidityUnitsType{RefreshToken: "minutes"},
		}},
		"a refresh token of less than an hour": {wire.CreateUserPoolClientInput{
			RefreshTokenValidity: hours(3599),
			TokenValidityUnits:   &wire.TokenValidityUnitsType{RefreshToken: "seconds"},
		}, fault.InvalidParameter, "Invalid range for token validity."},
		"an access token that outlives the refresh token": {
			wire.CreateUserPoolClientInput{
				AccessTokenValidity:  hours(2),
				RefreshTokenValidity: hours(1), TokenValidityUnits: &wire.TokenValidityUnitsType{RefreshToken: "hours"},
			},
			fault.InvalidParameter, "Invalid range for token validity.",
		},
		"old and new names of flows together": {
			wire.CreateUserPoolClientInput{ExplicitAuthFlows: []string{"ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"}}, fault.InvalidParameter, "",
		},
		"the refresh flow beside rotation": {wire.CreateUserPoolClientInput{
			ExplicitAuthFlows:    []string{"ALLOW_REFRESH_TOKEN_AUTH"},
			RefreshTokenRotation: &wire.RefreshTokenRotationType{Feature: "ENABLED"},
		}, fault.InvalidParameter, ""},
		"the refresh flow beside rotation that is off": {in: wire.CreateUserPoolClientInput{
			ExplicitAuthFlows: []string{"ALLOW_REFRESH_TOKEN_AUTH"}, RefreshTokenRotation: &wire.RefreshTokenRotationType{Feature: "DISABLED"},
		}},
		"rotation with the default flows": {in: wire.CreateUserPoolClientInput{
			RefreshTokenRotation: &wire.RefreshTokenRotationType{Feature: "ENABLED"},
		}},
		"reading what the schema has": {in: wire.CreateUserPoolClientInput{ReadAttributes: []string{"email_verified", "custom:team", "sub"}}},
		"reading what the schema has not": {
			wire.CreateUserPoolClientInput{ReadAttributes: []string{"custom:absent"}},
			fault.InvalidParameter, "Invalid read attributes specified while creating a client",
		},
		"writing the required and others": {in: wire.CreateUserPoolClientInput{WriteAttributes: []string{"email", "custom:team"}}},
		"writing without the required": {
			wire.CreateUserPoolClientInput{WriteAttributes: []string{"name"}},
			fault.InvalidParameter, "Invalid write attributes specified while creating a client",
		},
		"writing that something is verified": {
			wire.CreateUserPoolClientInput{WriteAttributes: []string{"email", "email_verified"}},
			fault.InvalidParameter, "Invalid write attributes specified while creating a client",
		},
		"writing what only administrators may": {
			wire.CreateUserPoolClientInput{WriteAttributes: []string{"email", "dev:custom:grade"}},
			fault.InvalidParameter, "Invalid write attributes specified while creating a client",
		},
		"a secret both generated and given": {wire.CreateUserPoolClientInput{
			GenerateSecret: wire.Ptr(true),
			ClientSecret:   "0123456789abcdefghijklmn",
		}, fault.InvalidParameter, ""},
		"context data from a public client": {
			wire.CreateUserPoolClientInput{EnablePropagateAdditionalUserContextData: wire.Ptr(true)},
			fault.InvalidParameter, "",
		},
		"context data from a client with a secret": {in: wire.CreateUserPoolClientInput{
			GenerateSecret:                           wire.Ptr(true),
			EnablePropagateAdditionalUserContextData: wire.Ptr(true),
		}},
	}
	p := newPool(t, wire.CreateUserPoolInput{Schema: []wire.SchemaAttributeType{
		{Name: "email", Required: wire.Ptr(true)},
		{Name: "team", AttributeDataType: "String"},
		{Name: "grade", AttributeDataType: "Number", DeveloperOnlyAttribute: wire.Ptr(true)},
	}})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.in.ClientName = "app"
			_, err := NewClient(p, Offers{}, &tt.in, noon)
			if tt.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, tt.code, tt.message)
		})
	}
}

func TestAbsentRefreshValidityIsThirtyDaysInAnyUnit(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	for unit, want := range map[string]int64{"": 30, "days": 30, "hours": 720, "minutes": 43200, "seconds": 2592000} {
		c, err := NewClient(p, Offers{}, &wire.CreateUserPoolClientInput{
			ClientName: "app", RefreshTokenValidity: wire.Ptr(int64(0)),
			TokenValidityUnits: &wire.TokenValidityUnitsType{RefreshToken: unit},
		}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if got := *c.Settings.RefreshTokenValidity; got != want || c.RefreshTokenLife() != 30*24*time.Hour {
			t.Errorf("in %s: got %d, a life of %v, want %d", unit, got, c.RefreshTokenLife(), want)
		}
	}
}

func TestClientUpdateResetsButKeepsNameAndSecret(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	c, err := NewClient(p, Offers{}, &wire.CreateUserPoolClientInput{
		ClientName: "app", ClientSecret: "0123456789abcdefghijklmn", AccessTokenValidity: wire.Ptr(int64(6)), ReadAttributes: []string{"email"},
		PreventUserExistenceErrors: "ENABLED", RefreshTokenRotation: &wire.RefreshTokenRotationType{Feature: "ENABLED"},
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if c.ShownSecret() != "0123456789abcdefghijklmn" || c.Settings.ClientSecret != "" {
		t.Errorf("shown secret %q, secret in the settings %q", c.ShownSecret(), c.Settings.ClientSecret)
	}
	refused(t, c.Update(p, Offers{}, &wire.UpdateUserPoolClientInput{WriteAttributes: []string{"sub"}}, noon), fault.InvalidParameter,
		"Invalid write attributes specified while updating a client")
	if !c.HidesUsers() {
		t.Error("a refused update changed the client")
	}
	later := noon.Add(time.Hour)
	if err := c.Update(p, Offers{}, &wire.UpdateUserPoolClientInput{ReadAttributes: []string{}}, later); err != nil {
		t.Fatal(err)
	}
	want := wire.UserPoolClientType{
		UserPoolId: p.ID, ClientId: c.ID, ClientName: "app", CreationDate: wire.At(noon), LastModifiedDate: wire.At(later),
		RefreshTokenValidity: wire.Ptr(int64(30)), AuthSessionValidity: wire.Ptr(int64(3)), EnableTokenRevocation: wire.Ptr(true),
		EnablePropagateAdditionalUserContextData: wire.Ptr(false), AllowedOAuthFlowsUserPoolClient: wire.Ptr(false),
	}
	if diff := cmp.Diff(want, c.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if c.ShownSecret() != "0123456789abcdefghijklmn" {
		t.Error("an update changed the secret")
	}
}

func TestChoiceBasedSignInNeedsATier(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{UserPoolTier: "LITE"})
	_, err := NewClient(p, Offers{}, &wire.CreateUserPoolClientInput{ClientName: "app", ExplicitAuthFlows: []string{"ALLOW_USER_AUTH"}}, noon)
	refused(t, err, fault.FeatureUnavailableInTier, "")
	refused(t, p.CheckTier(&Client{Settings: wire.UserPoolClientType{ExplicitAuthFlows: []string{"ALLOW_USER_AUTH"}}}),
		fault.FeatureUnavailableInTier, "")
	if err := p.CheckTier(&Client{}); err != nil {
		t.Error(err)
	}
}

func TestAPoolHasRoomForAThousandClients(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	in := &wire.CreateUserPoolClientInput{UserPoolId: p.ID, ClientName: "app"}
	c, err := RegisterClient(p, MaxClients-1, Offers{}, in, noon)
	if err != nil || !c.Registered() {
		t.Errorf("the last client is %v, error %v", c, err)
	}
	if _, err := RegisterClient(p, MaxClients, Offers{}, in, noon); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("one client too many: %v", err)
	}
}
