package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// TagResource sets tags of the user pool that the ARN names. A key that is there gets the new value.
func (s *Service) TagResource(ctx context.Context, in *wire.TagResourceInput) (*wire.TagResourceOutput, error) {
	err := s.changeTagged(ctx, in.ResourceArn, func(p *pool.Pool) error { return p.AddTags(in.Tags) })
	if err != nil {
		return nil, err
	}
	return &wire.TagResourceOutput{}, nil
}
