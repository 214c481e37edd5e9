package audit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// TestNoSecretIsRecorded sends secrets and personal data in every member that takes them, and looks for them.
func TestNoSecretIsRecorded(t *testing.T) {
	t.Parallel()
	onBoth(t, map[string]string{"audit": "all", "allow-private-providers": "true"}, func(t *testing.T, s *site) {
		ctx, pool := t.Context(), s.pool(t)
		const mark = "Zq7-distinct-"
		secret := func(name string) *string { return aws.String(mark + name + "-0123456789aA!") }
		metadata := map[string]string{"note": *secret("metadata")}
		client, err := s.api.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{
			UserPoolId: &pool, ClientName: aws.String("app"), GenerateSecret: true, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		})
		must(t, err)
		own := "Zq7distinctclientsecret0123456789"
		_, err = s.api.AddUserPoolClientSecret(ctx, &idp.AddUserPoolClientSecretInput{UserPoolId: &pool, ClientId: client.UserPoolClient.ClientId, ClientSecret: &own})
		must(t, err)
		_, err = s.api.CreateIdentityProvider(ctx, &idp.CreateIdentityProviderInput{
			UserPoolId: &pool, ProviderName: aws.String("Upstream"), ProviderType: "OIDC",
			ProviderDetails: map[string]string{
				"client_id": "app", "client_secret": *secret("provider"), "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": "https://idp.example.com",
				"authorize_url": "https://idp.example.com/a", "token_url": "https://idp.example.com/t", "attributes_url": "https://idp.example.com/u", "jwks_uri": "https://idp.example.com/j",
			},
		})
		must(t, err)
		_, err = s.api.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
			UserPoolId: &pool, Username: aws.String("ana"), TemporaryPassword: secret("temporary"), MessageAction: "SUPPRESS", ClientMetadata: metadata,
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(mark + "email@example.com")}},
			ValidationData: []types.AttributeType{{Name: aws.String("proof"), Value: secret("validation")}},
		})
		must(t, err)
		_, err = s.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &pool, Username: aws.String("ana"), Password: secret("password"), Permanent: true})
		must(t, err)
		_, err = s.api.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &pool, Username: aws.String("ana"), ClientMetadata: metadata, UserAttributes: []types.AttributeType{{Name: aws.String("address"), Value: secret("address")}},
		})
		must(t, err)
		_, err = s.api.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
			UserPoolId: &pool, ClientId: client.UserPoolClient.ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", ClientMetadata: metadata,
			AuthParameters: map[string]string{"USERNAME": "ana", "PASSWORD": *secret("wrong"), "SECRET_HASH": *secret("hash")},
		})
		wantCode(t, err, "NotAuthorizedException")
		// Passwords that the policy refuses are recorded as failures, without them.
		_, err = s.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &pool, Username: aws.String("ana"), Password: aws.String("zq7-distinct-weak"), Permanent: true})
		wantCode(t, err, "InvalidPasswordException")

		acts, text := s.acts(t)
		if len(acts) < 10 {
			t.Fatalf("the log is\n%s", text)
		}
		seen := map[string]string{"the log": text, "the table": s.ok(t, "audit", "--limit", "0"), "the stream": s.streamed(t)}
		for where, text := range seen {
			for _, secret := range []string{mark, own, "zq7-distinct-weak", *client.UserPoolClient.ClientSecret, s.SecretAccessKey} {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %s:\n%s", where, secret, text)
				}
			}
		}
		for _, hidden := range []string{`"ProviderDetails":"[hidden]"`, `"ClientSecret":"[hidden]"`, `"TemporaryPassword":"[hidden]"`, `"address":"[hidden]"`} {
			if !strings.Contains(text, hidden) {
				t.Errorf("the log does not say %s:\n%s", hidden, text)
			}
		}
	})
}

func (s *site) credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey}, nil
}
