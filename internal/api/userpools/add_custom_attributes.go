package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AddCustomAttributes adds attributes to the schema of a user pool, all or none. They are known as custom:<name>, and as
// dev:custom:<name> when only administrators may write them; they can be neither changed nor removed.
func (s *Service) AddCustomAttributes(ctx context.Context, in *wire.AddCustomAttributesInput) (*wire.AddCustomAttributesOutput, error) {
	err := s.changePool(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) error {
		if err := checkNoImport(tx, p); err != nil {
			return err
		}
		return p.AddAttributes(in.CustomAttributes, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.AddCustomAttributesOutput{}, nil
}
