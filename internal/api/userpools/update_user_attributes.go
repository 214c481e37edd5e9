package userpools

import (
	"context"
	"maps"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateUserAttributes changes attributes of the signed-in user, as far as the client may write them. A new e-mail address or phone
// number has to be verified: a code goes to it where the pool verifies the attribute by itself.
func (s *Service) UpdateUserAttributes(ctx context.Context, in *wire.UpdateUserAttributesInput) (*wire.UpdateUserAttributesOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	attributes := attributeMap(in.UserAttributes)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if by.Pool.Attribute(name) != nil && !by.Client.CanWrite(name) {
			return nil, user.UnauthorizedAttribute()
		}
	}
	var sent []parcel
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		sent, err = s.changeAttributes(tx, by.Pool, by.Client, u, attributes)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.UpdateUserAttributesOutput{CodeDeliveryDetailsList: []wire.CodeDeliveryDetailsType{}}
	for _, x := range sent {
		x.metadata = in.ClientMetadata
		err := s.send(ctx, x)
		if fault.Is(err, fault.LimitExceeded) { // not declared for this operation
			err = fault.New(fault.TooManyRequests, "Attempt limit exceeded, please try after some time.").Because(err)
		}
		if err != nil {
			return nil, err
		}
		out.CodeDeliveryDetailsList = append(out.CodeDeliveryDetailsList, *x.details())
	}
	return out, nil
}
