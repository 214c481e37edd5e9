package userpools

import (
	"context"
	"maps"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
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

// changeAttributes changes and saves a user's attributes and stores the codes that have to go out. The client is nil for
// administrators. A value that waits for its verification must not be somebody else's already.
func (s *Service) changeAttributes(tx *store.Tx, p *pool.Pool, c *pool.Client, u *user.User, attributes map[string]string) ([]parcel, error) {
	if err := user.CheckUpdate(p, u, attributes); err != nil {
		return nil, err
	}
	var out []parcel
	for _, contact := range u.Change(p, attributes, s.Now()) {
		value := attributes[contact]
		if p.IsUsernameAttribute(contact) || p.IsAlias(contact) && u.Pending[contact] != "" {
			holder, err := tx.NameHolder(p, user.Name{Kind: user.NameKind(contact), Value: p.Fold(value)})
			if err != nil {
				return nil, err
			}
			if holder != "" && holder != u.ID {
				return nil, user.AliasExists(contact)
			}
		}
		x := s.newParcel(p, c, u, message.UpdateAttribute, user.VerifyCode(contact), contact, value)
		if err := tx.SaveCode(p, u.ID, x.code); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, saveWithAliases(tx, p, u, false)
}
