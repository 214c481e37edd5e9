package userpools

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// home returns the region and the account in which the caller makes pools: those that the request is signed for and by, else those of
// the settings. The region becomes a part of ids, so not every text that can be signed will do.
func (s *Service) home(ctx context.Context) (region, account string, err error) {
	c := caller.From(ctx)
	region, account = cmp.Or(c.Region, s.Region), cmp.Or(c.AccountID, s.AccountID)
	if !pool.IsRegion(region) {
		return "", "", fault.Newf(fault.InvalidParameter, "The region that the request is signed for has no valid form: %q", region)
	}
	return region, account, nil
}

// withinAccount makes a signed operation see only the pools of the caller's account. The pool may be in any region.
func (s *Service) withinAccount(o api.Operation) api.Operation {
	if o.Auth != wire.SigV4 {
		return o
	}
	member, call := api.FindPoolMember(o.NewInput()), o.Call
	o.Call = func(ctx context.Context, in any) (any, error) {
		if err := s.checkAccount(ctx, member.Of(in)); err != nil {
			return nil, err
		}
		return call(ctx, in)
	}
	return o
}

// unlessGone returns an error other than that something does not exist.
func unlessGone(err error) error {
	if fault.Is(err, fault.ResourceNotFound) {
		return nil
	}
	return err
}
