package wire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		target string
		found  bool
	}{
		"an operation of user pools":                 {"AWSCognitoIdentityProviderService.SignUp", true},
		"an operation of identity pools":             {"AWSCognitoIdentityService.GetId", true},
		"an operation under the other service":       {"AWSCognitoIdentityService.SignUp", false},
		"an unknown service":                         {"DynamoDB_20120810.GetItem", false},
		"a name without its service":                 {"SignUp", false},
		"names are compared with case":               {"AWSCognitoIdentityProviderService.signUp", false},
		"nothing":                                    {"", false},
		"a service without an operation":             {"AWSCognitoIdentityProviderService.", false},
		"an operation with something after its name": {"AWSCognitoIdentityProviderService.SignUp.X", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, found := wire.Lookup(c.target); found != c.found {
				t.Errorf("got %v, want %v", found, c.found)
			}
		})
	}
}

func TestOperationsCoverBothServices(t *testing.T) {
	t.Parallel()
	count := map[wire.Service]int{}
	auth := map[wire.Auth]int{}
	for _, o := range wire.Operations() {
		count[o.Service]++
		auth[o.Auth]++
		if found, ok := wire.Lookup(o.Target()); !ok || found != o {
			t.Errorf("Lookup(%s) does not give the operation back", o.Target())
		}
		if o.Input == nil || o.NewInput() == nil || o.NewOutput() == nil {
			t.Errorf("%s lacks shapes", o.Name)
		}
		if !slices.Contains(o.Errors, fault.InvalidParameter) {
			t.Errorf("%s does not declare the fault of its own validation", o.Name)
		}
	}
	if count[wire.UserPools] != 140 || count[wire.IdentityPools] != 23 {
		t.Errorf("got %v operations", count)
	}
	if auth[wire.SigV4] != 105+19 || auth[wire.Token] != 24 || auth[wire.None] != 11+4 {
		t.Errorf("got %v kinds of callers", auth)
	}
}

func TestDeclares(t *testing.T) {
	t.Parallel()
	signUp := operation(t, "SignUp")
	for code, want := range map[fault.Code]bool{
		fault.UsernameExists:   true,
		fault.Serialization:    true,
		fault.InternalError:    true,
		fault.TooManyRequests:  true,
		fault.AccessDenied:     true,
		fault.GroupExists:      false,
		fault.UserNotConfirmed: false,
	} {
		if got := signUp.Declares(code); got != want {
			t.Errorf("SignUp declares %s: got %v, want %v", code, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]int{
		fault.InvalidParameter: 400,
		fault.NotAuthorized:    400,
		fault.ResourceNotFound: 400,
		fault.TooManyRequests:  400,
		fault.Serialization:    400,
		fault.UnknownOperation: 400,
		fault.InternalError:    500,
		fault.InternalServer:   500,
		fault.RequestTooLarge:  413,
	} {
		if got := wire.Status(code); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
}

// Operations that are not built yet validate too: the orders are those recorded on the service.
func TestEnumerationsHaveTheServicesOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ operation, body, want string }{
		{
			"CreateIdentityProvider", `{"UserPoolId":"us-east-1_a","ProviderName":"p","ProviderType":"X","ProviderDetails":{}}`,
			"[Facebook, SAML, SignInWithApple, LoginWithAmazon, OIDC, Google]",
		},
		{"SetLogDeliveryConfiguration", `{"UserPoolId":"us-east-1_a","LogConfigurations":[{"LogLevel":"X","EventSource":"userAuthEvents"}]}`, "[ERROR, INFO]"},
		{
			"SetLogDeliveryConfiguration", `{"UserPoolId":"us-east-1_a","LogConfigurations":[{"LogLevel":"INFO","EventSource":"X"}]}`,
			"[userAuthEvents, userNotification]",
		},
		{"SetUserPoolMfaConfig", `{"UserPoolId":"us-east-1_a","MfaConfiguration":"X"}`, "[OPTIONAL, OFF, ON]"},
	} {
		o, ok := wire.Lookup("AWSCognitoIdentityProviderService." + tc.operation)
		if !ok {
			t.Fatal(tc.operation)
		}
		if _, err := o.Decode([]byte(tc.body)); err == nil || !strings.Contains(err.Error(), "enum value set: "+tc.want) {
			t.Errorf("%s: got %v, want %s", tc.operation, err, tc.want)
		}
	}
}
