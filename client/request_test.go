package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
)

// recorder answers nothing and keeps what was asked.
type recorder struct{ url, body string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	r.url, r.body = req.URL.String(), string(body)
	return nil, errors.Join(err, errors.New("no network"))
}

func TestTheEndpointComesFromTheConfigurationTheEnvironmentOrTheRegion(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "")
	t.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "")
	asked := func(configured, pool string) string {
		t.Helper()
		var r recorder
		p, err := client.NewPool(client.Config{PoolID: pool, ClientID: "c", Endpoint: configured, HTTPClient: &http.Client{Transport: &r}})
		must(t, err)
		if _, err := p.User("ann").SignIn(t.Context(), client.SignIn{Password: password}); err == nil {
			t.Error("signed in without a network")
		}
		return strings.TrimSuffix(r.url, "/")
	}
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
	check(asked("", "us-east-1_Abc123XyZ"), "https://cognito-idp.us-east-1.amazonaws.com")
	check(asked("", "cn-north-1_Abc123XyZ"), "https://cognito-idp.cn-north-1.amazonaws.com.cn")
	t.Setenv("AWS_ENDPOINT_URL", "https://all.example.com")
	check(asked("", "us-east-1_Abc123XyZ"), "https://all.example.com")
	t.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "https://pools.example.com")
	check(asked("", "us-east-1_Abc123XyZ"), "https://pools.example.com")
	check(asked("https://id.example.com/", "us-east-1_Abc123XyZ"), "https://id.example.com")
}

func TestTheServerLearnsTheContextOfTheUser(t *testing.T) {
	t.Parallel()
	a := live(t, setup{
		pool: func(p *idp.CreateUserPoolInput) {
			p.UserPoolTier = types.UserPoolTierTypePlus
			p.UserPoolAddOns = &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeAudit}
		},
		app: func(c *idp.CreateUserPoolClientInput) {
			c.EnablePropagateAdditionalUserContextData, c.GenerateSecret = new(true), true
		},
		config: func(c *client.Config) {
			c.UserContext = func(string) client.UserContext { return client.UserContext{IPAddress: "192.0.2.1"} }
		},
	})
	a.addUser(t, "ann")
	signIn(t, a.Pool, "ann")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) { // events are written behind the answers
		events, err := a.admin.AdminListUserAuthEvents(t.Context(), &idp.AdminListUserAuthEventsInput{UserPoolId: new(a.ID()), Username: new("ann")})
		must(t, err)
		if len(events.AuthEvents) > 0 && events.AuthEvents[0].EventContextData != nil {
			if got := aws.ToString(events.AuthEvents[0].EventContextData.IpAddress); got != "192.0.2.1" {
				t.Errorf("the sign-in came from %s", got)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the events are %+v", events.AuthEvents)
		}
	}
}

func TestTheContextOfTheUserIsSent(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{"fingerprint of ann", ""} {
		var r recorder
		p, err := client.NewPool(client.Config{
			PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: "https://id.example.com", HTTPClient: &http.Client{Transport: &r},
			UserContext: func(username string) client.UserContext {
				if encoded == "" {
					return client.UserContext{}
				}
				return client.UserContext{EncodedData: "fingerprint of " + username, IPAddress: "192.0.2.1"}
			},
		})
		must(t, err)
		_, err = p.User("ann").SignIn(t.Context(), client.SignIn{Password: password, Parameters: map[string]string{"TARGET_ACR_VALUES": "high"}})
		if err == nil {
			t.Error("signed in without a network")
		}
		if !strings.Contains(r.body, `"TARGET_ACR_VALUES":"high"`) || strings.Contains(r.body, password) {
			t.Errorf("sent %s", r.body)
		}
		const context = `"UserContextData":{"EncodedData":"fingerprint of ann","IpAddress":"192.0.2.1"}`
		if strings.Contains(r.body, context) != (encoded != "") || strings.Contains(r.body, "UserContextData") != (encoded != "") {
			t.Errorf("sent %s", r.body)
		}
	}
}
