package userpools

import (
	"net/url"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// host returns the name under which this server is reached.
func (s *Service) host() string {
	u, err := url.Parse(s.Tokens.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// showAlias returns the name that the record of a custom domain has to point to; "" for a prefix, which needs no record.
func showAlias(d *pool.Domain) string {
	if d.Kind == pool.PrefixDomain {
		return ""
	}
	return d.Settings.CloudFrontDistribution
}

// poolDomain returns a domain of the pool; pool.DomainNotFound when it has none with the name.
func poolDomain(tx *store.Tx, p *pool.Pool, name string) (*pool.Domain, error) {
	d, err := tx.Domain(name)
	if err != nil {
		return nil, err
	}
	if d == nil || d.PoolID != p.ID {
		return nil, pool.DomainNotFound()
	}
	return d, nil
}
