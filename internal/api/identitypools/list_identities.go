package identitypools

import (
	"context"
	"strconv"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListIdentities lists the identities of a pool, a page of MaxResults at a time.
func (s *Service) ListIdentities(ctx context.Context, in *wire.ListIdentitiesInput) (*wire.ListIdentitiesOutput, error) {
	hide := wire.Value(in.HideDisabled, false)
	scope := []string{"ListIdentities", in.IdentityPoolId, strconv.FormatBool(hide)}
	cursor, err := s.paging().Read(in.NextToken, scope, 1)
	if err != nil {
		return nil, err
	}
	limit := int(in.MaxResults)
	var list []*identity.Identity
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if _, err = tx.IdentityPool(in.IdentityPoolId); err != nil {
			return err
		}
		list, err = tx.Identities(in.IdentityPoolId, cursor[0], limit+1, hide)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListIdentitiesOutput{IdentityPoolId: in.IdentityPoolId, Identities: []wire.IdentityDescription{}}
	if len(list) > limit {
		list = list[:limit]
		if out.NextToken, err = s.paging().Token(scope, list[limit-1].ID); err != nil {
			return nil, err
		}
	}
	for _, i := range list {
		out.Identities = append(out.Identities, *showIdentity(i))
	}
	return out, nil
}
