package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxPools is the size of a page of pools when the caller names none, and the largest that can be asked for.
const maxPools = 60

// ListUserPools shows the user pools of the caller's account in the region that the request is signed for, a page of MaxResults at a time.
func (s *Service) ListUserPools(ctx context.Context, in *wire.ListUserPoolsInput) (*wire.ListUserPoolsOutput, error) {
	region, account, err := api.Home(ctx, s.Region, s.AccountID)
	if err != nil {
		return nil, err
	}
	if caller.From(ctx).AccountID == "" {
		account = "" // of no account, and so of all
	}
	scope := []string{"ListUserPools", region, account}
	cursor, err := s.readPageToken(in.NextToken, scope, 1)
	if err != nil {
		return nil, err
	}
	limit := pageSize(in.MaxResults, maxPools)
	var pools []*pool.Pool
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		pools, err = tx.PoolsIn(region, account, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListUserPoolsOutput{UserPools: []wire.UserPoolDescriptionType{}}
	if len(pools) > limit {
		pools = pools[:limit]
		if out.NextToken, err = s.pageToken(scope, pools[limit-1].ID); err != nil {
			return nil, err
		}
	}
	for _, p := range pools {
		out.UserPools = append(out.UserPools, wire.UserPoolDescriptionType{
			Id:               p.ID,
			Name:             p.Settings.Name,
			LambdaConfig:     p.Settings.LambdaConfig,
			LastModifiedDate: p.Settings.LastModifiedDate,
			CreationDate:     p.Settings.CreationDate,
		})
	}
	return out, nil
}
