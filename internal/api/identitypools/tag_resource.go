package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// TagResource sets tags of the identity pool that the ARN names. A key that is there gets the new value.
func (s *Service) TagResource(ctx context.Context, in *wire.IdentityTagResourceInput) (*wire.IdentityTagResourceOutput, error) {
	if err := s.changeTagged(ctx, in.ResourceArn, func(p *identity.Pool) error { return p.AddTags(in.Tags) }); err != nil {
		return nil, err
	}
	return &wire.IdentityTagResourceOutput{}, nil
}
