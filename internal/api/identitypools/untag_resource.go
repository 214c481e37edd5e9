package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// UntagResource removes tags of the identity pool that the ARN names.
func (s *Service) UntagResource(ctx context.Context, in *wire.IdentityUntagResourceInput) (*wire.IdentityUntagResourceOutput, error) {
	err := s.changeTagged(ctx, in.ResourceArn, func(p *identity.Pool) error { p.RemoveTags(in.TagKeys); return nil })
	if err != nil {
		return nil, err
	}
	return &wire.IdentityUntagResourceOutput{}, nil
}
