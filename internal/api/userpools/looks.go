package userpools

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// checkLookOf refuses a client that the pool does not have.
func checkLookOf(tx *store.Tx, p *pool.Pool, clientID string) error {
	if clientID == pool.AllClients {
		return nil
	}
	_, err := tx.Client(p, clientID)
	return err
}
