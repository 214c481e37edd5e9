package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// LookupDeveloperIdentity finds the identity of a developer's user, or the users of an identity. With both, it tells whether they belong
// together, and answers them as they were asked for (documented).
func (s *Service) LookupDeveloperIdentity(ctx context.Context, in *wire.LookupDeveloperIdentityInput) (*wire.LookupDeveloperIdentityOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	own := p.Settings.Pool.DeveloperProviderName
	if in.IdentityId == "" && in.DeveloperUserIdentifier == "" {
		return nil, fault.New(fault.InvalidParameter, "Please provide an IdentityId or a DeveloperUserIdentifier.")
	}
	scope := []string{"LookupDeveloperIdentity", p.ID, in.IdentityId, in.DeveloperUserIdentifier}
	cursor, err := s.paging().Read(in.NextToken, scope, 1)
	if err != nil {
		return nil, err
	}
	id := in.IdentityId
	var i *identity.Identity
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		if in.DeveloperUserIdentifier != "" {
			holder, err := tx.LinkHolder(p.ID, identity.Link{Provider: own, Subject: in.DeveloperUserIdentifier})
			if err != nil {
				return err
			}
			if holder == "" {
				return fault.New(fault.ResourceNotFound, "Developer user identifier not found.")
			}
			if id != "" && id != holder {
				return fault.New(fault.ResourceConflict, "The developer user identifier belongs to another identity.")
			}
			id = holder
		}
		i, err = tx.Identity(id)
		if err == nil && i.PoolID != p.ID {
			err = identity.NotFound(id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.IdentityId != "" && in.DeveloperUserIdentifier != "" {
		return &wire.LookupDeveloperIdentityOutput{IdentityId: i.ID, DeveloperUserIdentifierList: []string{in.DeveloperUserIdentifier}}, nil
	}
	out := &wire.LookupDeveloperIdentityOutput{IdentityId: i.ID, DeveloperUserIdentifierList: []string{}}
	for _, l := range i.Logins {
		if l.Provider == own && l.Subject > cursor[0] {
			out.DeveloperUserIdentifierList = append(out.DeveloperUserIdentifierList, l.Subject)
		}
	}
	if limit := int(wire.Value(in.MaxResults, 60)); len(out.DeveloperUserIdentifierList) > limit {
		out.DeveloperUserIdentifierList = out.DeveloperUserIdentifierList[:limit]
		if out.NextToken, err = s.paging().Token(scope, out.DeveloperUserIdentifierList[limit-1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
