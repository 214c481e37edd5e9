package client

import (
	"context"
	"fmt"
	"image"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp"
)

// SoftwareToken is an authenticator app that is being set up.
type SoftwareToken struct {
	hide
	Secret string `json:"-"` // in base32, to be typed into the app

	user        *User
	accessToken *string
	setup       *MFASetup // nil when the user was signed in
	session     *string
}

// AssociateSoftwareToken begins to set up an authenticator app for the signed-in user. SoftwareToken.Verify ends it, and SetMFAPreference turns it
// on.
func (u *User) AssociateSoftwareToken(ctx context.Context) (*SoftwareToken, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	return u.associate(ctx, token, nil)
}

func (u *User) associate(ctx context.Context, accessToken *string, setup *MFASetup) (*SoftwareToken, error) {
	in := &idp.AssociateSoftwareTokenInput{AccessToken: accessToken}
	if setup != nil {
		in.Session = setup.session
	}
	out, err := call(ctx, "AssociateSoftwareToken", u.pool.sdk.AssociateSoftwareToken, in)
	if err != nil {
		return nil, err
	}
	return &SoftwareToken{Secret: aws.ToString(out.SecretCode), user: u, accessToken: accessToken, setup: setup, session: out.Session}, nil
}

// URI returns what authenticator apps read from a QR code. The issuer is the name of the application, the account that of the user.
func (t *SoftwareToken) URI(issuer, account string) string { return TOTPURI(t.Secret, issuer, account) }

// QR returns the URI as a QR code of size by size pixels.
func (t *SoftwareToken) QR(issuer, account string, size int) (image.Image, error) {
	key, err := otp.NewKeyFromURL(t.URI(issuer, account))
	if err != nil {
		return nil, err
	}
	return key.Image(size, size)
}

// Verify proves with a code that the app has the secret. The name of the device may be "". During a sign-in the result goes on with it; for a
// signed-in user it is the session. A wrong code leaves the token usable.
func (t *SoftwareToken) Verify(ctx context.Context, code, deviceName string) (*Result, error) {
	out, err := call(ctx, "VerifySoftwareToken", t.user.pool.sdk.VerifySoftwareToken, &idp.VerifySoftwareTokenInput{
		AccessToken: t.accessToken, Session: t.session, UserCode: &code, FriendlyDeviceName: optional(deviceName),
	})
	if err != nil {
		return nil, err
	}
	if out.Status != types.VerifySoftwareTokenResponseTypeSuccess {
		return nil, fmt.Errorf("%w: the status of the token is %q", ErrProtocol, out.Status)
	}
	if t.setup == nil {
		s, err := t.user.Session(ctx)
		return &Result{Session: s}, err
	}
	a := t.setup.attempt
	a.metadata = t.setup.ClientMetadata
	return a.respond(ctx, t.setup.name, out.Session, map[string]string{})
}

// TOTPURI returns the key URI of a TOTP secret, as authenticator apps read it from a QR code.
func TOTPURI(secret, issuer, account string) string {
	label, values := account, url.Values{"secret": {secret}}
	if issuer != "" {
		label = issuer + ":" + account
		values.Set("issuer", issuer)
	}
	// apps read a plus sign as itself, not as a space
	return "otpauth://totp/" + url.PathEscape(label) + "?" + strings.ReplaceAll(values.Encode(), "+", "%20")
}
