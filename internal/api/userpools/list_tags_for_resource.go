package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListTagsForResource shows the tags of the user pool that the ARN names.
func (s *Service) ListTagsForResource(ctx context.Context, in *wire.ListTagsForResourceInput) (*wire.ListTagsForResourceOutput, error) {
	out := &wire.ListTagsForResourceOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := poolByARN(tx, in.ResourceArn)
		if err != nil {
			return err
		}
		out.Tags = p.Settings.UserPoolTags
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
