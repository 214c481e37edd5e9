package userpools

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// showPool returns the pool as CreateUserPool and DescribeUserPool show it: the settings, how many users there are, and the levels of
// authentication by all their names.
func showPool(tx *store.Tx, p *pool.Pool) (*wire.UserPoolType, error) {
	users, err := tx.CountUsers(p.ID)
	if err != nil {
		return nil, err
	}
	shown := p.Settings
	shown.EstimatedNumberOfUsers, shown.AcrConfiguration = &users, p.AcrLevels()
	return &shown, nil
}

// showClient returns the client as Create, Describe and Update show it: the settings, and the secret if there is one.
func showClient(c *pool.Client) *wire.UserPoolClientType {
	shown := c.Settings
	shown.ClientSecret = c.ShownSecret()
	return &shown
}

// showSecret returns the description of a client secret. Its value is never part of it.
func showSecret(s pool.Secret) wire.ClientSecretDescriptorType {
	return wire.ClientSecretDescriptorType{ClientSecretId: s.ID, ClientSecretCreateDate: wire.At(s.Created)}
}

// showGroup returns the group as all operations show it.
func showGroup(g pool.Group) wire.GroupType {
	return wire.GroupType{
		GroupName:        g.Name,
		UserPoolId:       g.PoolID,
		Description:      g.Description,
		RoleArn:          g.RoleARN,
		Precedence:       g.Precedence,
		LastModifiedDate: wire.At(g.Modified),
		CreationDate:     wire.At(g.Created),
	}
}

// showGroups returns a page of groups.
func showGroups(groups []pool.Group) []wire.GroupType {
	shown := []wire.GroupType{}
	for _, g := range groups {
		shown = append(shown, showGroup(g))
	}
	return shown
}
