package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// beginAuth begins a sign-in for InitiateAuth and AdminInitiateAuth, whose outputs have the same members.
func (s *Service) beginAuth(ctx context.Context, start signin.Start) (*wire.InitiateAuthOutput, error) {
	if signin.Refreshes(start.Flow) {
		tokens, err := s.SignIn.StartRefresh(ctx, start)
		if err != nil {
			return nil, err
		}
		return showSignedIn(tokens, nil), nil
	}
	o, err := s.SignIn.Start(ctx, start)
	if err != nil {
		return nil, err
	}
	start.Metadata = nil // told to PreAuthentication and UserMigration only, even when this one request completes the sign-in (observed)
	return s.authResult(ctx, start.Request, o)
}

// answerAuth answers a challenge for RespondToAuthChallenge and AdminRespondToAuthChallenge.
func (s *Service) answerAuth(ctx context.Context, answer signin.Answer) (*wire.InitiateAuthOutput, error) {
	o, err := s.SignIn.Answer(ctx, answer)
	if err != nil {
		return nil, err
	}
	return s.authResult(ctx, answer.Request, o)
}

// authResult shows a challenge, or redeems the grant that a sign-in ended in and shows the tokens.
func (s *Service) authResult(ctx context.Context, r signin.Request, o *signin.Outcome) (*wire.InitiateAuthOutput, error) {
	if o.Grant == nil {
		return &wire.InitiateAuthOutput{
			ChallengeName: string(o.Challenge), ChallengeParameters: o.Parameters, Session: o.Session, AvailableChallenges: o.Available,
		}, nil
	}
	terms := signin.Terms{Scopes: []string{token.UserScope}, Metadata: r.Metadata}
	tokens, err := s.SignIn.Redeem(ctx, r.Pool, r.Client, o.Grant, terms)
	if err != nil {
		return nil, err
	}
	return showSignedIn(tokens, o.Grant.NewDevice), nil
}

// showSignedIn shows tokens. Beside them there is neither a challenge nor a session, and the challenge parameters are an empty object:
// clients branch on that.
func showSignedIn(t *token.Tokens, d *signin.NewDevice) *wire.InitiateAuthOutput {
	shown := showTokens(t)
	if d != nil {
		shown.NewDeviceMetadata = &wire.NewDeviceMetadataType{DeviceKey: d.Key, DeviceGroupKey: d.GroupKey}
	}
	return &wire.InitiateAuthOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: shown}
}

func showTokens(t *token.Tokens) *wire.AuthenticationResultType {
	return &wire.AuthenticationResultType{
		AccessToken: t.Access, IdToken: t.ID, RefreshToken: t.Refresh, ExpiresIn: &t.ExpiresIn, TokenType: "Bearer",
	}
}
