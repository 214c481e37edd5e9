package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListTagsForResource shows the tags of the identity pool that the ARN names.
func (s *Service) ListTagsForResource(ctx context.Context, in *wire.IdentityListTagsForResourceInput) (*wire.IdentityListTagsForResourceOutput, error) {
	id, err := poolOfARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	p, err := s.pool(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.ARN() != in.ResourceArn {
		return nil, identity.PoolNotFound(id)
	}
	tags := p.Settings.Pool.IdentityPoolTags
	if tags == nil {
		tags = map[string]string{}
	}
	return &wire.IdentityListTagsForResourceOutput{Tags: tags}, nil
}
