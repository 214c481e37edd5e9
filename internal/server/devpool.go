package server

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/api/userpools"
	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/wire"
)

const (
	inboxPath    = "/_cenote/inbox"
	triggersPath = "/_cenote/triggers"

	// devName is what the ready pool and its client are called, and the names under which their ids are kept.
	devName       = "dev"
	metaDevPool   = "dev.pool"
	metaDevClient = "dev.client"
)

// newDev prepares a development server. Everybody may do everything there, so it must not be reachable from elsewhere.
func newDev(o Options) (*Dev, error) {
	if !config.IsLoopback(o.Config.Listen) {
		return nil, o.Config.Wrong("listen", errors.New("a development server accepts anybody, so it listens on 127.0.0.1, [::1] or localhost only"))
	}
	d := &Dev{Inbox: message.NewInbox(), Triggers: trigger.NewRecords(), Clock: o.Clock}
	if d.Clock == nil {
		d.Clock = clock.New()
	}
	return d, nil
}

// TriggersURL is where people read what functions were asked on a development server.
func (s *Server) TriggersURL() string { return s.URL + triggersPath }

// InboxURL is where people read the messages of a development server.
func (s *Server) InboxURL() string { return s.URL + inboxPath }

// ensurePool finds the ready pool and client, or makes them: users sign up with an e-mail address, by any flow. Their ids stay the same
// as long as the data does, so that an application needs them once.
func (d *Dev) ensurePool(ctx context.Context, s *userpools.Service) error {
	if found, err := d.findPool(ctx, s); found || err != nil {
		return err
	}
	p, err := s.CreateUserPool(ctx, &wire.CreateUserPoolInput{
		PoolName:               devName,
		UsernameAttributes:     []string{"email"},
		AutoVerifiedAttributes: []string{"email"},
	})
	if err != nil {
		return err
	}
	c, err := s.CreateUserPoolClient(ctx, &wire.CreateUserPoolClientInput{
		UserPoolId: p.UserPool.Id,
		ClientName: devName,
		ExplicitAuthFlows: []string{
			"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		},
		PreventUserExistenceErrors: "ENABLED",
	})
	if err != nil {
		return err
	}
	d.PoolID, d.ClientID = p.UserPool.Id, c.UserPoolClient.ClientId
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetMeta(metaDevPool, d.PoolID); err != nil {
			return err
		}
		return tx.SetMeta(metaDevClient, d.ClientID)
	})
}

// findPool looks for the pool and client of an earlier start. They may have been deleted since, or made for another region.
func (d *Dev) findPool(ctx context.Context, s *userpools.Service) (found bool, err error) {
	var poolID, clientID string
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if poolID, _, err = tx.Meta(metaDevPool); err != nil {
			return err
		}
		clientID, _, err = tx.Meta(metaDevClient)
		return err
	})
	if err != nil || poolID == "" {
		return false, err
	}
	p, c, err := s.Store.Client(ctx, clientID)
	switch {
	case fault.Is(err, fault.ResourceNotFound):
		return false, nil
	case err != nil:
		return false, err
	case p.ID != poolID || p.Region() != s.Region:
		return false, nil
	}
	d.PoolID, d.ClientID = p.ID, c.ID
	return true, nil
}
