package signin

import (
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
)

// pretendDestination shows where a code would go if there were a user with the name.
func pretendDestination(p *pool.Pool, contact, name string) string {
	return notify.Pretend(p, contact, name).Destination
}
