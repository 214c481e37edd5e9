package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// RevokeToken revokes a refresh token and every access token that descends from the same sign-in. A token that is unknown, expired
// or revoked already is a success (RFC 7009, section 2.2). LINKED also signs the browser out that the tokens came through, where the
// pool tracks sessions; what else came through it stays.
func (s *Service) RevokeToken(ctx context.Context, in *wire.RevokeTokenInput) (*wire.RevokeTokenOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, fault.Newf(fault.InvalidParameter, "Invalid client id: %s", in.ClientId) // the operation declares no not-found
	}
	if err != nil {
		return nil, err
	}
	if err := checkPlainSecret(c, in.ClientSecret, fault.Unauthorized); err != nil {
		return nil, err
	}
	if !c.Revocable() {
		return nil, fault.New(fault.UnsupportedOperation, "Token revocation is not enabled for the client.")
	}
	if token.IsSigned(in.Token) {
		return nil, fault.New(fault.UnsupportedTokenType, "Only refresh tokens can be revoked.")
	}
	r, _ := s.Tokens.OpenRefresh(p, c, in.Token) // of an expired token too: access tokens that it gave may live still
	switch {
	case r == nil:
		return &wire.RevokeTokenOutput{}, nil // an unknown token is as good as revoked
	case r.ClientID != c.ID:
		return nil, fault.New(fault.Unauthorized, "The refresh token was issued to another client.")
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if in.RevokeAssociatedSessions == linked && p.TracksSessions() {
			_, browserID, err := tx.SessionUsed(p.ID, r.Subject, token.SessionID(r.OriginJTI))
			if err != nil {
				return err
			}
			if browserID != "" {
				if err := tx.RevokeBrowserSession(p.ID, r.Subject, browserID); err != nil {
					return err
				}
			}
		}
		return signin.EndSignIn(tx, p.ID, r.Subject, r.OriginJTI, r.Expires)
	})
	if err != nil {
		return nil, err
	}
	return &wire.RevokeTokenOutput{}, nil
}
