package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// SignUp says whom to register. Only Username is always needed; a pool without passwords needs no Password.
type SignUp struct {
	hide
	Username       string
	Password       string `json:"-"`
	Attributes     []Attribute
	ValidationData []Attribute       // for the pre sign-up trigger
	ClientMetadata map[string]string // for all triggers
}

// SignedUp is a registered user.
type SignedUp struct {
	User         *User
	Sub          string        // the user's id
	Confirmed    bool          // no ConfirmRegistration is needed
	CodeDelivery *CodeDelivery // where the confirmation code was sent, or nil
}

// SignUp registers a user.
func (p *Pool) SignUp(ctx context.Context, s SignUp) (*SignedUp, error) {
	out, err := call(ctx, "SignUp", p.sdk.SignUp, &idp.SignUpInput{
		ClientId: &p.config.ClientID, Username: &s.Username, Password: optional(s.Password), SecretHash: p.secretHash(s.Username),
		UserAttributes: sdkAttributes(s.Attributes), ValidationData: sdkAttributes(s.ValidationData), ClientMetadata: s.ClientMetadata,
		UserContextData: p.userContext(s.Username),
	})
	if err != nil {
		return nil, err
	}
	u := p.User(s.Username)
	u.swapRegistration(aws.ToString(out.Session))
	return &SignedUp{User: u, Sub: aws.ToString(out.UserSub), Confirmed: out.UserConfirmed, CodeDelivery: codeDelivery(out.CodeDeliveryDetails)}, nil
}

// ConfirmRegistration gives the code that the registered user was sent. With forceAliasCreation the user takes over an e-mail address or phone number
// that another user of the pool has as an alias.
func (u *User) ConfirmRegistration(ctx context.Context, code string, forceAliasCreation bool) error {
	username := u.Username()
	session := u.swapRegistration("")
	out, err := call(ctx, "ConfirmSignUp", u.pool.sdk.ConfirmSignUp, &idp.ConfirmSignUpInput{
		ClientId: &u.pool.config.ClientID, Username: &username, SecretHash: u.pool.secretHash(username), ConfirmationCode: &code,
		ForceAliasCreation: forceAliasCreation, Session: optional(session), ClientMetadata: u.metadata, UserContextData: u.pool.userContext(username),
	})
	if err != nil {
		u.swapRegistration(session)
		return err
	}
	u.swapRegistration(aws.ToString(out.Session))
	return nil
}

// ResendConfirmationCode sends the code of a registration again.
func (u *User) ResendConfirmationCode(ctx context.Context) (*CodeDelivery, error) {
	username := u.Username()
	out, err := call(ctx, "ResendConfirmationCode", u.pool.sdk.ResendConfirmationCode, &idp.ResendConfirmationCodeInput{
		ClientId: &u.pool.config.ClientID, Username: &username, SecretHash: u.pool.secretHash(username), ClientMetadata: u.metadata,
		UserContextData: u.pool.userContext(username),
	})
	if err != nil {
		return nil, err
	}
	return codeDelivery(out.CodeDeliveryDetails), nil
}
