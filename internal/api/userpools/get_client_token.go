package userpools

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetClientToken issues an access token to an app client that acts for itself, as the client_credentials grant does. The client's secret
// is what authorizes it.
func (s *Service) GetClientToken(ctx context.Context, in *wire.GetClientTokenInput) (*wire.GetClientTokenOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	switch {
	case !c.HasSecret(in.Secret):
		return nil, fault.Newf(fault.NotAuthorized, "Unable to verify client secret for client %s", c.ID)
	case !c.AllowsFlow("CLIENT_TOKEN_AUTH"):
		return nil, fault.New(fault.InvalidParameter, "CLIENT_TOKEN_AUTH is not enabled for the client.")
	}
	tokens, err := s.SignIn.ClientToken(ctx, signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata}, in.Scopes)
	if err != nil {
		return nil, declaredByClientToken(err)
	}
	return &wire.GetClientTokenOutput{ClientAuthenticationResult: &wire.ClientAuthenticationResultType{
		AccessToken: tokens.Access, ExpiresIn: &tokens.ExpiresIn, TokenType: "Bearer",
	}}, nil
}

// declaredByClientToken answers as InvalidParameterException what has an exception of its own elsewhere: the operation declares none for
// scopes and functions.
func declaredByClientToken(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	switch f.Code {
	case fault.ScopeDoesNotExist, fault.UnexpectedLambda, fault.UserLambdaValidation, fault.InvalidLambdaResponse:
		return fault.New(fault.InvalidParameter, f.Message).Because(err)
	}
	return err
}
