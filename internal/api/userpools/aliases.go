package userpools

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// saveWithAliases saves a user who may have gained an alias. An alias that somebody else holds is refused, or moves with force.
func saveWithAliases(tx *store.Tx, p *pool.Pool, u *user.User, force bool) error {
	return tx.WithAliases(p, u, force, tx.SaveUser)
}
