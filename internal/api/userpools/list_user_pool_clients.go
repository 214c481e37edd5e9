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
	limit := pageSize(in.MaxResults, maxClients)
	var clients []*pool.Client
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		cursor, err := s.readPageToken(in.NextToken, scope, 1)
		if err != nil {
			return err
		}
		clients, err = tx.Clients(p, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListUserPoolClientsOutput{UserPoolClients: []wire.UserPoolClientDescription{}}
	if len(clients) > limit {
		clients = clients[:limit]
		if out.NextToken, err = s.pageToken(scope, clients[limit-1].ID); err != nil {
			return nil, err
		}
	}
	for _, c := range clients {
		if in.ClientType == "" || in.ClientType == c.Type() {
			out.UserPoolClients = append(out.UserPoolClients, wire.UserPoolClientDescription{
				ClientId: c.ID, UserPoolId: c.PoolID, ClientName: c.Settings.ClientName,
			})
		}
	}
	return out, nil
}
