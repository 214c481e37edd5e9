package store

import (
	"context"
	"sync"
	"time"
)

// patience is what one request has waited for the database, in all its transactions.
type patience struct {
	limit time.Duration

	mu     sync.Mutex
	waited time.Duration
	err    error // what the last wait in vain ended with
}

type patienceKey struct{}

// Patient has the transactions under the returned context wait for the database no longer than limit in total: a request makes several,
// and whoever sent it should hear of an outage before each of them has waited for RetryFor.
func Patient(ctx context.Context, limit time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, &patience{limit: limit})
}

// unhurried returns the context without the patience of its request, for work that several requests share.
func unhurried(ctx context.Context) context.Context {
	return context.WithValue(ctx, patienceKey{}, (*patience)(nil))
}

func patienceOf(ctx context.Context) *patience {
	p, _ := ctx.Value(patienceKey{}).(*patience)
	return p
}

// leastWait lets a request that has waited out an outage go on afterwards.
const leastWait = time.Second

// left returns how much of a wait is left to the request, or what used it up.
func (p *patience) left(wait time.Duration) (time.Duration, error) {
	if p == nil {
		return wait, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil && p.waited >= p.limit {
		return 0, p.err
	}
	return min(wait, max(p.limit-p.waited, leastWait)), nil
}

// spend notes a wait, and the error that it ended with, if any.
func (p *patience) spend(d time.Duration, err error) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waited += d
	if err != nil {
		p.err = err
	}
}
