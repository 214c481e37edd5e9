package federate

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// What assertions for AWS name as their audience and their recipient (documented). Providers that people know from there need no other
// configuration.
const (
	awsAudience  = "urn:amazon:webservices"
	awsRecipient = "https://signin.aws.amazon.com/saml"
)

// SAMLLogin is what an assertion says that an application hands on as a login of an identity pool.
type SAMLLogin struct {
	Subject string
	ID      string    // of the assertion, unique among those of the provider
	Expires time.Time // from then on it would be refused
	Claims  map[string]any
}

// SAML verifies the response of a SAML provider that the operator has registered under the ARN: one for AWS, or for this server. It answers
// with the service's words.
func (v *Verifier) SAML(ctx context.Context, arn, raw string) (*SAMLLogin, error) {
	if _, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(raw), "")); err != nil {
		return nil, fault.New(fault.InvalidParameter, "Invalid base64 SAMLResponse")
	}
	m, err := v.Registered.Metadata(ctx, arn)
	if err != nil {
		return nil, fault.New(fault.ExternalService, "The identity provider could not be reached.").Because(err)
	}
	if m == nil {
		return nil, fault.New(fault.NotAuthorized, "Token is not from a supported provider of this identity pool.").
			Because(fmt.Errorf("the operator has not registered %s", arn))
	}
	account, assertion, err := SAMLResponse{
		Metadata: m, Audiences: []string{awsAudience, v.PublicURL}, Consumers: []string{awsRecipient, v.PublicURL}, HandedOn: true, Now: v.Now(),
	}.Account(raw)
	switch {
	case errors.Is(err, errExpired):
		return nil, refuse("Token expired").Because(err)
	case errors.Is(err, errAudience):
		return nil, fault.New(fault.NotAuthorized, "Incorrect token audience.").Because(err)
	case err != nil:
		return nil, refuse("Couldn't verify signed token.").Because(err)
	}
	login := &SAMLLogin{Subject: account.Subject, ID: assertion.ID, Expires: assertion.Expires, Claims: map[string]any{}}
	for name, values := range assertion.Attributes {
		all := make([]any, len(values))
		for i, value := range values {
			all[i] = value
		}
		if login.Claims[name] = all; len(all) == 1 {
			login.Claims[name] = values[0]
		}
	}
	login.Claims["sub"], login.Claims["iss"] = account.Subject, account.Issuer
	return login, nil
}
