package api

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Home returns the region and the account in which the caller makes and lists pools: those that the request is signed for and by, else the
// given ones, of the settings. The region becomes a part of ids, so not every text that can be signed will do.
func Home(ctx context.Context, region, account string) (inRegion, inAccount string, err error) {
	c := caller.From(ctx)
	inRegion, inAccount = cmp.Or(c.Region, region), cmp.Or(c.AccountID, account)
	if !pool.IsRegion(inRegion) {
		return "", "", fault.Newf(fault.InvalidParameter, "The region that the request is signed for has no valid form: %q", inRegion)
	}
	return inRegion, inAccount, nil
}

// Within makes a signed operation refuse the pools that the caller may not see: check gets the id of the pool that an input names, "" for
// none, and returns the refusal. The pool may be in any region.
func (o Operation) Within(check func(ctx context.Context, poolID string) error) Operation {
	if o.Auth != wire.SigV4 {
		return o
	}
	member, call := FindPoolMember(o.NewInput()), o.Call
	o.Call = func(ctx context.Context, in any) (any, error) {
		if err := check(ctx, member.Of(in)); err != nil {
			return nil, err
		}
		return call(ctx, in)
	}
	return o
}
