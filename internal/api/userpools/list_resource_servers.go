package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxResourceServers is the size of a page of resource servers when the caller names none, and the largest that can be asked for.
const maxResourceServers = 50

// ListResourceServers shows the resource servers of a user pool, a page at a time.
func (s *Service) ListResourceServers(
	ctx context.Context, in *wire.ListResourceServersInput,
) (*wire.ListResourceServersOutput, error) {
	scope := []string{"ListResourceServers", in.UserPoolId}
	limit := pageSize(in.MaxResults, maxResourceServers)
	var servers []pool.ResourceServer
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		cursor, err := s.readPageToken(in.NextToken, scope, 1)
		if err != nil {
			return err
		}
		servers, err = tx.ResourceServers(p, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListResourceServersOutput{ResourceServers: []wire.ResourceServerType{}}
	if len(servers) > limit {
		servers = servers[:limit]
		if out.NextToken, err = s.pageToken(scope, servers[limit-1].Settings.Identifier); err != nil {
			return nil, err
		}
	}
	for _, r := range servers {
		out.ResourceServers = append(out.ResourceServers, r.Settings)
	}
	return out, nil
}
