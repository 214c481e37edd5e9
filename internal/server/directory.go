package server

import (
	"context"
	"log/slog"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// directory is where limits find pools and accounts. While the database fails it finds nothing, and the operations fail themselves.
type directory struct {
	store  *store.Store
	tokens *token.Issuer
	log    *slog.Logger
}

func (d *directory) Pool(ctx context.Context, id string) *pool.Pool {
	p, err := d.store.Pool(ctx, id)
	return d.found(p, err)
}

func (d *directory) PoolOfClient(ctx context.Context, clientID string) *pool.Pool {
	p, _, err := d.store.Client(ctx, clientID)
	return d.found(p, err)
}

func (d *directory) PoolOfToken(ctx context.Context, accessToken string) *pool.Pool {
	t, err := d.tokens.ParseAccess(accessToken)
	if err != nil {
		return nil
	}
	p := d.PoolOfClient(ctx, t.ClientID)
	if p == nil {
		return nil
	}
	if _, err := d.tokens.Verify(t, p); err != nil {
		return nil
	}
	return p
}

func (d *directory) HasProvisioned(ctx context.Context) bool {
	some, err := d.store.HasProvisionedLimits(ctx)
	return some || err != nil // the limits themselves are not known either, which is told there
}

func (d *directory) Provisioned(ctx context.Context, account, region string) map[string]int64 {
	limits, err := d.store.ProvisionedLimits(ctx, account, region)
	if err != nil {
		d.log.Error("the limits of an account are not known: its requests are not limited", "error", err)
	}
	return limits
}

func (d *directory) found(p *pool.Pool, err error) *pool.Pool {
	switch {
	case err == nil:
		return p
	case !fault.Is(err, fault.ResourceNotFound) && !fault.Is(err, fault.InvalidParameter): // no pool's id or client's can be such a text
		d.log.Error("the pool of a request is not known: the request is not limited", "error", err)
	}
	return nil
}
