package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListIdentityPools lists the ids and names of the identity pools, a page of MaxResults at a time.
func (s *Service) ListIdentityPools(ctx context.Context, in *wire.ListIdentityPoolsInput) (*wire.ListIdentityPoolsOutput, error) {
	region, account, err := api.Home(ctx, s.Region, s.AccountID)
	if err != nil {
		return nil, err
	}
	scope := []string{"ListIdentityPools", account, region}
	cursor, err := s.paging().Read(in.NextToken, scope, 1)
	if err != nil {
		return nil, err
	}
	limit := int(in.MaxResults)
	var pools []*identity.Pool
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		pools, err = tx.IdentityPools(account, region, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListIdentityPoolsOutput{IdentityPools: []wire.IdentityPoolShortDescription{}}
	if len(pools) > limit {
		pools = pools[:limit]
		if out.NextToken, err = s.paging().Token(scope, pools[limit-1].ID); err != nil {
			return nil, err
		}
	}
	for _, p := range pools {
		out.IdentityPools = append(out.IdentityPools, wire.IdentityPoolShortDescription{IdentityPoolId: p.ID, IdentityPoolName: p.Settings.Pool.IdentityPoolName})
	}
	return out, nil
}
