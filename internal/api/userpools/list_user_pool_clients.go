package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxClients is the size of a page of clients when the caller names none, and the largest that can be asked for.
const maxClients = 60

// ListUserPoolClients shows the app clients of a user pool, a page at a time. With ClientType it leaves out those of the other
// type, so that a page can be short or empty while there is a NextToken.
func (s *Service) ListUserPoolClients(ctx context.Context, in *wire.ListUserPoolClientsInput) (*wire.ListUserPoolClientsOutput, error) {
	scope := []string{"ListUserPoolClients", in.UserPoolId, in.ClientType}
	clients, next, err := poolPage(ctx, s, in.UserPoolId, in.NextToken, scope, pageSize(in.MaxResults, maxClients),
		(*store.Tx).Clients, func(c *pool.Client) string { return c.ID })
	if err != nil {
		return nil, err
	}
	out := &wire.ListUserPoolClientsOutput{NextToken: next, UserPoolClients: []wire.UserPoolClientDescription{}}
	for _, c := range clients {
		if in.ClientType == "" || in.ClientType == c.Type() {
			out.UserPoolClients = append(out.UserPoolClients, wire.UserPoolClientDescription{
				ClientId: c.ID, UserPoolId: c.PoolID, ClientName: c.Settings.ClientName,
			})
		}
	}
	return out, nil
}
