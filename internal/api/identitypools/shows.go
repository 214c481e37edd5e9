package identitypools

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// show reads what an act of an administrator is about, for the audit log (trail.Show).
type show = func(tx *store.Tx, p *pool.Pool, of func(member string) string) (any, error)

// Shows says for each operation of administrators that changes an identity pool what to look at before and after it, by X-Amz-Target. An
// operation that is not listed is told by its parameters alone.
func (s *Service) Shows() map[string]show {
	all := make(map[string]show)
	for _, name := range []string{
		"CreateIdentityPool", "UpdateIdentityPool", "DeleteIdentityPool", "SetIdentityPoolRoles", "SetPrincipalTagAttributeMap", "TagResource", "UntagResource",
	} {
		o, _ := wire.Find(wire.IdentityPools, name)
		all[o.Target()] = showPoolActs
	}
	return all
}

func showPoolActs(tx *store.Tx, _ *pool.Pool, of func(string) string) (any, error) {
	id := of("IdentityPoolId")
	if arn := of("ResourceArn"); id == "" && arn != "" {
		var err error
		if id, err = poolOfARN(arn); err != nil {
			return nil, err
		}
	}
	p, err := tx.IdentityPool(id)
	if err != nil {
		return nil, err
	}
	return &p.Settings, nil
}
