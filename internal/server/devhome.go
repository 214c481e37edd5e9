package server

import (
	"cmp"
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// The bounds of an overview: it is read at a glance.
const (
	overviewPools   = 20
	overviewClients = 20
	overviewUsers   = 10
	overviewLooked  = 500 // users among which the newest are looked for
)

// overview shows what a development server holds, the ready pool first.
func (s *Server) overview(ctx context.Context) (dev.Overview, error) {
	o := dev.Overview{Endpoint: s.URL, Region: s.options.Config.Region}
	err := s.data.View(ctx, func(tx *store.Tx) error {
		pools, err := tx.Pools("", 0)
		if err != nil {
			return err
		}
		rank := func(p *pool.Pool) int {
			if p.ID == s.Dev.PoolID {
				return 0
			}
			return 1
		}
		slices.SortStableFunc(pools, func(a, b *pool.Pool) int { return cmp.Compare(rank(a), rank(b)) })
		shown := pools[:min(len(pools), overviewPools)]
		o.Pools, o.More = make([]dev.OverviewPool, len(shown)), len(pools)-len(shown)
		for i, p := range shown {
			if o.Pools[i], err = s.overviewPool(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	return o, err
}

func (s *Server) overviewPool(tx *store.Tx, p *pool.Pool) (dev.OverviewPool, error) {
	users, err := tx.CountUsers(p.ID)
	if err != nil {
		return dev.OverviewPool{}, err
	}
	known := s.URL + "/" + p.ID + "/.well-known/"
	o := dev.OverviewPool{
		ID: p.ID, Name: p.Settings.Name, Users: int(users), MFA: p.MFA(), Discovery: known + "openid-configuration", Keys: known + "jwks.json",
		FirstFactors: p.Settings.Policies.SignInPolicy.AllowedFirstAuthFactors,
		Clients:      []dev.OverviewClient{}, Newest: []dev.OverviewUser{}, Triggers: []dev.OverviewTrigger{},
	}
	clients, err := tx.Clients(p, "", overviewClients)
	if err != nil {
		return o, err
	}
	for _, c := range clients {
		o.Clients = append(o.Clients, dev.OverviewClient{ID: c.ID, Name: c.Settings.ClientName, Secret: len(c.Secrets) > 0, Flows: c.Flows()})
	}
	found, err := tx.Users(p, user.Query{Limit: overviewLooked})
	if err != nil {
		return o, err
	}
	slices.SortFunc(found, func(a, b *user.User) int { return b.Created.Compare(a.Created) })
	for _, u := range found[:min(len(found), overviewUsers)] {
		o.Newest = append(o.Newest, dev.OverviewUser{
			Username: u.Username, Contact: cmp.Or(u.Attributes["email"], u.Attributes["phone_number"]), Status: string(u.Status),
			Enabled: u.Enabled, Created: u.Created.UTC(),
		})
	}
	for _, t := range trigger.All() {
		if arn := trigger.Function(p.Settings.LambdaConfig, t); arn != "" {
			o.Triggers = append(o.Triggers, dev.OverviewTrigger{Name: string(t), Function: arn})
		}
	}
	return o, nil
}
