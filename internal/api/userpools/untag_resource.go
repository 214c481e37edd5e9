package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// UntagResource removes the tags with the keys from the user pool that the ARN names. Keys that it does not have are ignored.
func (s *Service) UntagResource(ctx context.Context, in *wire.UntagResourceInput) (*wire.UntagResourceOutput, error) {
	err := s.changeTagged(ctx, in.ResourceArn, func(p *pool.Pool) error {
		p.RemoveTags(in.TagKeys)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.UntagResourceOutput{}, nil
}
