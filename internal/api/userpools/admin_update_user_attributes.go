package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminUpdateUserAttributes changes attributes of a user. An administrator may also say that an address is verified; else a code
// goes to a new address where the pool verifies the attribute by itself.
func (s *Service) AdminUpdateUserAttributes(
	ctx context.Context, in *wire.AdminUpdateUserAttributesInput,
) (*wire.AdminUpdateUserAttributesOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	attributes := attributeMap(in.UserAttributes)
	var sent []parcel
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		sent, err = s.changeAttributes(tx, p, nil, u, attributes)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, x := range sent {
		x.metadata = in.ClientMetadata
		err := s.send(ctx, x)
		if fault.Is(err, fault.CodeDeliveryFailure) {
			// The change is made and the operation declares no delivery failure; the user can ask for another code.
			s.Log.WarnContext(ctx, "code not delivered", "pool", p.ID, "error", err)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return &wire.AdminUpdateUserAttributesOutput{}, nil
}
