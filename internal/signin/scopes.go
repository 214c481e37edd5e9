package signin

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// existingScopes leaves out the scopes that no resource server has any more: a sign-in, and each refresh of it, may have been granted them long ago.
func (m *Machine) existingScopes(ctx context.Context, p *pool.Pool, granted []string) ([]string, error) {
	custom := func(scope string) bool { return !pool.StandardScope(scope) }
	if !slices.ContainsFunc(granted, custom) {
		return granted, nil
	}
	var existing []string
	err := m.Store.View(ctx, func(tx *store.Tx) (err error) {
		existing, err = tx.ExistingScopes(p, granted)
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(granted), func(scope string) bool { return custom(scope) && !slices.Contains(existing, scope) }), nil
}
