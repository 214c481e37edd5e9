package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// Contents is a pool with all that lasts in it, to be written elsewhere. What is under way (codes, sign-ins, sessions, counters) does not
// belong to it.
type Contents struct {
	Pool            *pool.Pool
	Clients         []*pool.Client
	ResourceServers []pool.ResourceServer
	Domains         []*pool.Domain
	Providers       []*pool.Provider
	SAMLKeys        []*pool.SAMLKey
	Looks           []*pool.UICustomization
	Brandings       []*pool.Branding
	Terms           []*pool.Terms
	Groups          []pool.Group
	Users           []*user.User
	Memberships     []Membership
	Devices         []*user.Device
	Passkeys        []*user.Passkey
}

// Membership is a user in a group.
type Membership struct {
	UserID, Group string
	Created       time.Time
}

// lasting are the tables that Contents is made of; passing are those of a pool that it leaves out. A test wants each table in one.
var (
	lasting = []string{
		"clients", "resource_servers", "domains", "identity_providers", "provider_identifiers", "identities", "saml_keys",
		"ui_customizations", "login_brandings", "terms", "signing_keys", "pool_groups", "memberships", "sign_in_names", "user_search", "users", "devices", "passkeys",
	}
	passing = []string{
		"user_imports", "user_import_parts", "user_import_logs",
		"deleted_groups", "codes", "passkey_challenges", "counters", "challenges", "consumed", "authorization_codes", "browser_sessions",
		"revoked_origins", "rotated", "sessions", "auth_events", "provider_visits", "log_records",
	}
)

// Contents loads a pool with at most the given number of users; pool.NotFound when there is none.
func (tx *Tx) Contents(poolID string, most int) (c *Contents, err error) {
	c = &Contents{}
	if c.Pool, err = tx.Pool(poolID); err != nil {
		return nil, err
	}
	p := c.Pool
	if c.Users, err = tx.Users(p, user.Query{Limit: most + 1}); err != nil {
		return nil, err
	}
	if len(c.Users) > most {
		return nil, fmt.Errorf("pool %s has more than %d users", poolID, most)
	}
	if c.Clients, err = tx.Clients(p, "", 0); err != nil {
		return nil, err
	}
	if c.ResourceServers, err = tx.ResourceServers(p, "", 0); err != nil {
		return nil, err
	}
	if err := tx.loadPublished(c); err != nil {
		return nil, err
	}
	if c.Groups, err = tx.Groups(p.ID, "", 0); err != nil {
		return nil, err
	}
	c.Memberships, err = collect(tx.query(`select m.user_id, m.group_name, m.created from memberships m cross join pool_groups g
		where m.pool_id = $1 and g.pool_id = m.pool_id and g.group_name = m.group_name and g.generation = m.generation`, p.ID),
		func(r scanner) (m Membership, err error) {
			var created int64
			err = r.Scan(&m.UserID, &m.Group, &created)
			m.Created = fromMicros(created)
			return m, err
		})
	if err != nil {
		return nil, err
	}
	for _, u := range c.Users {
		devices, err := tx.Devices(p, u.ID, "", 0)
		if err != nil {
			return nil, err
		}
		passkeys, err := tx.Passkeys(p, u.ID, time.Time{}, "", 0)
		if err != nil {
			return nil, err
		}
		c.Devices, c.Passkeys = append(c.Devices, devices...), append(c.Passkeys, passkeys...)
	}
	return c, nil
}

// loadPublished loads what others see of the pool: where it is, who signs in to it from elsewhere, what its pages look like.
func (tx *Tx) loadPublished(c *Contents) error {
	var errs [5]error
	c.Domains, errs[0] = tx.PoolDomains(c.Pool.ID)
	c.Providers, errs[1] = tx.Providers(c.Pool, "", 0)
	c.Looks, errs[2] = tx.UICustomizations(c.Pool)
	c.Brandings, errs[3] = tx.Brandings(c.Pool)
	c.Terms, errs[4] = tx.PoolTerms(c.Pool, "", 0)
	for _, use := range []pool.SAMLUse{pool.SignsSAML, pool.EncryptsSAML} {
		key, err := tx.SAMLKey(c.Pool, use)
		if err != nil {
			return err
		}
		if key != nil {
			c.SAMLKeys = append(c.SAMLKeys, key)
		}
	}
	return errors.Join(errs[:]...)
}

// writePublished stores what loadPublished loaded.
func (tx *Tx) writePublished(c *Contents) error {
	var errs []error
	for _, d := range c.Domains {
		errs = append(errs, tx.InsertDomain(d))
	}
	for _, v := range c.Providers {
		errs = append(errs, tx.InsertProvider(c.Pool, v))
	}
	for _, k := range c.SAMLKeys {
		errs = append(errs, tx.SaveSAMLKey(c.Pool, k))
	}
	for _, u := range c.Looks {
		errs = append(errs, tx.SaveUICustomization(c.Pool, u))
	}
	for _, b := range c.Brandings {
		errs = append(errs, tx.InsertBranding(c.Pool, b))
	}
	for _, t := range c.Terms {
		errs = append(errs, tx.InsertTerms(c.Pool, t))
	}
	return errors.Join(errs...)
}

// Write stores the contents under their ids, which must be free, with a data key of their own.
func (tx *Tx) Write(c *Contents) error {
	p := c.Pool
	if err := tx.InsertPool(p); err != nil {
		return err
	}
	for _, client := range c.Clients {
		if err := tx.InsertClient(p, client); err != nil {
			return err
		}
	}
	for _, r := range c.ResourceServers {
		if err := tx.InsertResourceServer(p, r); err != nil {
			return err
		}
	}
	if err := tx.writePublished(c); err != nil {
		return err
	}
	for _, g := range c.Groups {
		if err := tx.InsertGroup(g); err != nil {
			return err
		}
	}
	for _, u := range c.Users {
		if err := tx.InsertUser(p, u); err != nil {
			return err
		}
	}
	for _, m := range c.Memberships {
		if err := tx.AddMember(p.ID, m.Group, m.UserID, m.Created); err != nil {
			return err
		}
	}
	for _, d := range c.Devices {
		if _, err := tx.InsertDevice(p, d); err != nil {
			return err
		}
	}
	for _, k := range c.Passkeys {
		if _, err := tx.InsertPasskey(p, k); err != nil {
			return err
		}
	}
	return nil
}

// Erase removes a pool with every row of it at once, and frees its ids. Unlike DeletePool it is for pools that nobody else is working on.
func (tx *Tx) Erase(poolID string) error {
	clients, err := collect(tx.query(`select client_id from clients where pool_id = $1`, poolID),
		func(r scanner) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return err
	}
	for _, id := range clients {
		tx.changed.client(id)
	}
	tx.changed.pool(poolID)
	for _, table := range append([]string{"pools", "deleted_pools"}, pooledTables()...) {
		if _, err := tx.exec(`delete from `+table+` where pool_id = $1`, poolID); err != nil {
			return fmt.Errorf("erase pool %s: %w", poolID, err)
		}
	}
	return nil
}

// pooledTables are the tables with rows of a pool.
func pooledTables() []string {
	names := make([]string, len(pooled))
	for i, sw := range pooled {
		names[i] = sw.table
	}
	return names
}

// Rename gives the contents another pool id and their clients other ids. What hashes the pool's name, the passwords of users, holds only
// where the part after the underscore stays the same.
func (c *Contents) Rename(poolID string, clientID func(old string) string) {
	c.Pool.Rename(poolID)
	renamed := map[string]string{pool.AllClients: pool.AllClients}
	for _, client := range c.Clients {
		old := client.ID
		client.PoolID, client.ID = poolID, clientID(old)
		renamed[old] = client.ID
		client.Settings.UserPoolId, client.Settings.ClientId = poolID, client.ID
	}
	for i := range c.ResourceServers {
		c.ResourceServers[i].PoolID, c.ResourceServers[i].Settings.UserPoolId = poolID, poolID
	}
	c.Domains = nil
	for _, v := range c.Providers {
		v.PoolID, v.Settings.UserPoolId = poolID, poolID
	}
	for _, u := range c.Looks {
		u.Rename(poolID, renamed[u.ClientID])
	}
	for _, b := range c.Brandings {
		b.PoolID, b.ClientID, b.Settings.UserPoolId = poolID, renamed[b.ClientID], poolID
	}
	for _, t := range c.Terms {
		t.PoolID, t.Settings.UserPoolId, t.Settings.ClientId = poolID, poolID, renamed[t.Settings.ClientId]
	}
	for i := range c.Groups {
		c.Groups[i].PoolID = poolID
	}
	for _, u := range c.Users {
		u.PoolID = poolID
	}
	for _, d := range c.Devices {
		d.PoolID = poolID
	}
	for _, k := range c.Passkeys {
		k.PoolID = poolID
	}
}
