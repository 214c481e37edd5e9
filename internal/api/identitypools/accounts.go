package identitypools

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// home returns the region and the account in which the caller makes pools: those that the request is signed for and by, else those of the
// settings.
func (s *Service) home(ctx context.Context) (region, account string, err error) {
	c := caller.From(ctx)
	region, account = cmp.Or(c.Region, s.Region), cmp.Or(c.AccountID, s.AccountID)
	if !pool.IsRegion(region) {
		return "", "", fault.Newf(fault.InvalidParameter, "The region that the request is signed for has no valid form: %q", region)
	}
	return region, account, nil
}

// withinAccount makes a signed operation see only the pools of the caller's account.
func (s *Service) withinAccount(o api.Operation) api.Operation {
	if o.Auth != wire.SigV4 {
		return o
	}
	member, call := api.FindPoolMember(o.NewInput()), o.Call
	o.Call = func(ctx context.Context, in any) (any, error) {
		if id := member.Of(in); id != "" {
			if p, err := s.pool(ctx, id); err == nil && foreign(ctx, p) {
				return nil, identity.PoolNotFound(id)
			}
		}
		return call(ctx, in)
	}
	return o
}

// foreign reports whether a pool belongs to another account than the caller.
func foreign(ctx context.Context, p *identity.Pool) bool {
	account := caller.From(ctx).AccountID
	return account != "" && p.AccountID != account
}
