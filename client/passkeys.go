package client

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
)

// Passkey is a registered passkey of a user.
type Passkey struct {
	ID             string
	Name           string
	RelyingPartyID string
	Attachment     string // "platform", "cross-platform", or ""
	Transports     []string
	Created        time.Time
}

// StartPasskeyRegistration returns PublicKeyCredentialCreationOptions for navigator.credentials.create of a browser.
func (u *User) StartPasskeyRegistration(ctx context.Context) (json.RawMessage, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	out, err := call(ctx, "StartWebAuthnRegistration", u.pool.sdk.StartWebAuthnRegistration, &idp.StartWebAuthnRegistrationInput{AccessToken: token})
	if err != nil {
		return nil, err
	}
	var options map[string]any
	if out.CredentialCreationOptions == nil {
		return nil, ErrProtocol
	}
	if err := out.CredentialCreationOptions.UnmarshalSmithyDocument(&options); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// CompletePasskeyRegistration registers the credential that the browser made: the JSON of a RegistrationResponse.
func (u *User) CompletePasskeyRegistration(ctx context.Context, credential json.RawMessage) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(credential, &fields); err != nil {
		return err
	}
	_, err = call(ctx, "CompleteWebAuthnRegistration", u.pool.sdk.CompleteWebAuthnRegistration, &idp.CompleteWebAuthnRegistrationInput{
		AccessToken: token, Credential: document.NewLazyDocument(fields),
	})
	return err
}

// Passkeys returns all passkeys of the signed-in user.
func (u *User) Passkeys(ctx context.Context) ([]Passkey, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	var list []Passkey
	in := &idp.ListWebAuthnCredentialsInput{AccessToken: token}
	for len(list) < maxPasskeys {
		out, err := call(ctx, "ListWebAuthnCredentials", u.pool.sdk.ListWebAuthnCredentials, in)
		if err != nil {
			return nil, err
		}
		for _, c := range out.Credentials {
			list = append(list, Passkey{
				ID: aws.ToString(c.CredentialId), Name: aws.ToString(c.FriendlyCredentialName), RelyingPartyID: aws.ToString(c.RelyingPartyId),
				Attachment: aws.ToString(c.AuthenticatorAttachment), Transports: c.AuthenticatorTransports, Created: aws.ToTime(c.CreatedAt),
			})
		}
		if aws.ToString(out.NextToken) == "" || len(out.Credentials) == 0 {
			return list, nil
		}
		in.NextToken = out.NextToken
	}
	return list, nil
}

// maxPasskeys ends the pages of a server that never does; the service allows twenty.
const maxPasskeys = 1000

// DeletePasskey removes a passkey of the signed-in user.
func (u *User) DeletePasskey(ctx context.Context, id string) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	_, err = call(ctx, "DeleteWebAuthnCredential", u.pool.sdk.DeleteWebAuthnCredential, &idp.DeleteWebAuthnCredentialInput{
		AccessToken: token, CredentialId: &id,
	})
	return err
}
