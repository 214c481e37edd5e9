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
	servers, next, err := poolPage(ctx, s, in.UserPoolId, in.NextToken, scope, pageSize(in.MaxResults, maxResourceServers),
		(*store.Tx).ResourceServers, func(r pool.ResourceServer) string { return r.Settings.Identifier })
	if err != nil {
		return nil, err
	}
	out := &wire.ListResourceServersOutput{NextToken: next, ResourceServers: []wire.ResourceServerType{}}
	for _, r := range servers {
		out.ResourceServers = append(out.ResourceServers, r.Settings)
	}
	return out, nil
}
